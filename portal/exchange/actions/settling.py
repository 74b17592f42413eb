"""Invoices that were paid where they came from: nothing of them is the client's to pay here."""

from collections.abc import Sequence

from portal import clock
from portal.access import Viewer
from portal.billing.actions.ledger import Item
from portal.billing.tables import EntryKind, PostingKind, Share
from portal.database import fetch
from portal.exchange import rows
from portal.exchange.actions import ledgers
from portal.exchange.actions.ledgers import Post
from portal.exchange.drafts import BillDraft
from portal.exchange.identifiers import Key
from portal.exchange.report import Report
from portal.exchange.upserts import Known
from portal.practice import queries as practices

DUE = """
SELECT l.id, l.client, l.client_due FROM service_line AS l JOIN encounter AS e ON e.id = l.encounter
 WHERE l.id = ANY({}::bigint[]) AND e.voided_at IS NULL
"""
REASON = "Paid where it came from"


async def settle(
    viewer: Viewer, owned: Sequence[tuple[BillDraft, int]], new: set[int], known: Known, report: Report
) -> set[int]:
    """Once for each invoice, under the ledger's lock. How and when it was paid is not known: it is an adjustment."""
    bills = [(draft, client) for draft, client in owned if draft.settles and draft.key and not draft.is_withdrawn]
    await known.look_up({_mark(draft) for draft, _ in bills})
    lines = sorted({row_id for draft, _ in bills for key in draft.settles or () if (row_id := known.get(key))})
    due: dict[int, dict[str, int]] = {}
    for batch in rows.in_batches(lines):
        due |= {row["id"]: row for row in await fetch(DUE, list(batch))}
    today = clock.today((await practices.practice(viewer)).time_zone)
    posts: list[Post] = []
    settled: dict[Key, int] = {}
    left = {line: row["client_due"] for line, row in due.items()}
    for draft, client in bills:
        ids = [row_id for key in draft.settles or () if (row_id := known.get(key)) and row_id in due]
        if known.get(_mark(draft)) or not ids:
            continue
        if any(due[line]["client"] != client for line in ids):
            report.problem(draft.place, "names services of another client: it settles nothing")
            continue
        items = [Item(EntryKind.ADJUSTMENT, Share.CLIENT, -left.pop(line, 0), line) for line in ids]
        if any(item.amount for item in items):
            posts.append(Post(client, PostingKind.ADJUSTMENT, today, items, reason=REASON))
        settled[_mark(draft)] = ids[0]
        if id(draft) not in new:
            tally = report.tally(draft.resource_type)
            tally.updated, tally.unchanged = tally.updated + 1, tally.unchanged - 1
    await ledgers.post(viewer, posts)
    await known.learn(settled)
    return {post.client for post in posts}


def _mark(draft: BillDraft) -> Key:
    """Known by its first service from then on, so that what is owed anew is not settled once more."""
    assert draft.key is not None
    return Key("invoice", draft.key.system, f"{draft.key.value}#settled")
