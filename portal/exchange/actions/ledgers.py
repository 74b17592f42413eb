"""Many postings at once, by the ledger's own rules: each account is locked, each cent is an entry that counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from portal import clock
from portal.access import Viewer
from portal.billing.actions.ledger import Item
from portal.billing.tables import Entry, Posting, PostingKind
from portal.database import fetch
from portal.exchange import rows

OPEN = """
INSERT INTO ledger_account (client, insurance_due, client_due, credit)
SELECT id, 0, 0, 0 FROM unnest({}::bigint[]) AS told(id) ORDER BY id ON CONFLICT DO NOTHING
"""
LOCK = "SELECT id FROM ledger_account WHERE client = ANY({}::bigint[]) ORDER BY client FOR UPDATE"


@dataclass
class Post:
    client: int
    kind: PostingKind
    counts_on: date
    items: list[Item] = field(default_factory=list)
    payment: int | None = None
    reason: str = ""


async def lock(viewer: Viewer, clients: Iterable[int]) -> None:
    """As `ledger.lock`, of all of them in one order: nobody else posts to them until the import ends."""
    for batch in rows.in_batches(sorted(set(clients))):
        await fetch(OPEN, list(batch))
        await fetch(LOCK, list(batch))


async def post(viewer: Viewer, posts: Sequence[Post]) -> list[int]:
    """Under `lock`, and what adds comes first, as `ledger.post` does. The ids of the postings."""
    told = [
        {
            "client": one.client, "kind": str(one.kind), "payment": one.payment, "counts_on": one.counts_on,
            "reason": one.reason, "made_at": clock.now(), "made_by": viewer.staff_id,
        }
        for one in posts
    ]  # fmt: skip
    ids = await rows.insert(Posting, told)
    entries = [
        {
            "posting": posting, "client": one.client, "line": item.line, "kind": str(item.kind),
            "share": str(item.share), "amount": item.amount, "reverses": item.reverses,
        }
        for one, posting in zip(posts, ids, strict=True)
        for item in sorted(one.items, key=lambda item: item.amount < 0)
        if item.amount
    ]  # fmt: skip
    await rows.insert(Entry, entries)
    return ids
