"""What insurers decided: paid, taken off, left to the client; each once, and never more than is waiting for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from portal import clock
from portal.access import Viewer
from portal.billing.actions.deciding import Part, items_of
from portal.billing.tables import Method, Payment, PostingKind
from portal.database import fetch
from portal.exchange import rows
from portal.exchange.actions import ledgers
from portal.exchange.actions.ledgers import Post
from portal.exchange.deciding import parts_of
from portal.exchange.drafts import BenefitDraft
from portal.exchange.identifiers import Key
from portal.exchange.mapping.amounts import Wrong
from portal.exchange.report import Report
from portal.exchange.upserts import Known, Row

KIND = "ExplanationOfBenefit"
LINES = """
SELECT l.id, l.client, l.charged, l.insurance_due, e.payer, e.voided_at IS NOT NULL AS is_void
  FROM service_line AS l JOIN encounter AS e ON e.id = l.encounter WHERE l.id = ANY({}::bigint[]) ORDER BY l.id
"""
POSTED = """
SELECT p.id, p.client, EXISTS (SELECT FROM posting AS r WHERE r.reverses = p.id) AS is_reversed,
       coalesce(-sum(e.amount) FILTER (WHERE e.kind = 'insurer_payment'), 0)::bigint AS paid,
       coalesce(-sum(e.amount) FILTER (WHERE e.kind = 'adjustment'), 0)::bigint AS adjusted,
       coalesce(sum(e.amount) FILTER (WHERE e.kind = 'transfer' AND e.share = 'client'), 0)::bigint AS "left"
  FROM posting AS p LEFT JOIN entry AS e ON e.posting = p.id WHERE p.id = ANY({}::bigint[]) GROUP BY p.id, p.client
"""
STAYS = "left as it is; reverse it here, if that is right"
TOGETHER = "decides about its services together: it was spread over them, the first ones first"
SOMEBODY = "Insurance"


@dataclass
class Decisions:
    """What is to be posted, in order; and the lines as they will stand then."""

    lines: dict[int, Row] = field(default_factory=dict)
    wanted: list[tuple[BenefitDraft, int, list[Part]]] = field(default_factory=list)


async def put_benefits(viewer: Viewer, drafts: Sequence[BenefitDraft], known: Known, report: Report) -> set[int]:
    """The clients about whom something was decided."""
    await known.look_up({key for draft in drafts for key in _keys(draft)})
    clients = {client for draft in drafts if (client := known.get(draft.owner.key))}
    await ledgers.lock(viewer, clients)
    found = Decisions(await _lines(drafts, known))
    posted = await _posted(drafts, known)
    tally = report.tally(KIND)
    for draft in drafts:
        before = posted.get(known.get(draft.key) or 0)
        try:
            if draft.is_withdrawn and (before is None or before["is_reversed"]):
                tally.skipped += 1
            elif draft.is_withdrawn:
                raise Wrong("does not count any more where it came from")
            elif before is not None:
                tally.unchanged += 1
                _compare(draft, before)
            else:
                _want(draft, found, known, report)
                tally.created += 1
        except Wrong as wrong:
            report.problem(draft.place, f"{wrong}: {STAYS if before else 'left out'}")
            tally.skipped += before is None
            tally.unchanged += draft.is_withdrawn
    await _store(viewer, found.wanted, found.lines, known)
    return {client for _, client, _ in found.wanted}


def _keys(draft: BenefitDraft) -> list[Key]:
    services = [one.service for one in draft.decided if one.service]
    return [draft.owner.key, *services, *draft.services, *([draft.key] if draft.key else [])]


async def _lines(drafts: Sequence[BenefitDraft], known: Known) -> dict[int, Row]:
    ids = {row_id for draft in drafts for key in _keys(draft) if key.kind == "claim" and (row_id := known.get(key))}
    found: dict[int, Row] = {}
    for batch in rows.in_batches(sorted(ids)):
        found |= {row["id"]: row for row in await fetch(LINES, list(batch))}
    return found


async def _posted(drafts: Sequence[BenefitDraft], known: Known) -> dict[int, Row]:
    found: dict[int, Row] = {}
    for batch in rows.in_batches(sorted({row_id for draft in drafts if (row_id := known.get(draft.key))})):
        found |= {row["id"]: row for row in await fetch(POSTED, list(batch))}
    return found


def _compare(draft: BenefitDraft, before: Row) -> None:
    """The money that was posted is compared; what was reversed or voided here is settled."""
    if not before["is_reversed"] and before["paid"] != draft.paid:
        raise Wrong("says another payment than when it was imported")


def _want(draft: BenefitDraft, found: Decisions, known: Known, report: Report) -> None:
    client = known.get(draft.owner.key)
    if client is None:
        raise Wrong(draft.owner.lost)
    told = [one.service for one in draft.decided if one.service] or draft.services
    lines = [found.lines.get(known.get(key) or 0) for key in told]
    if not draft.services and None in lines:
        raise Wrong("is about a service that was not imported")
    here = [line for line in lines if line is not None]
    if any(line["client"] != client for line in here):
        raise Wrong("is about another client's service")
    if any(line["is_void"] for line in here):
        raise Wrong("is about a service that was voided here")
    parts = parts_of(draft, here)
    for part in parts:
        found.lines[part.line]["insurance_due"] -= part.sum
    if draft.services and len(here) > 1:
        report.notice(draft.place, TOGETHER)
    found.wanted.append((draft, client, parts))


async def _store(
    viewer: Viewer, wanted: Sequence[tuple[BenefitDraft, int, list[Part]]], lines: dict[int, Row], known: Known
) -> None:
    payers = [draft.payer or lines[parts[0].line]["payer"] or SOMEBODY for draft, _, parts in wanted]
    payments = [
        {
            "client": client, "payer": payer, "method": str(Method.OTHER), "amount": draft.paid, "made_at": clock.now(),
            "reference": draft.reference, "received_on": draft.received_on, "taken_by": viewer.staff_id,
        }
        for (draft, client, _), payer in zip(wanted, payers, strict=True)
        if draft.paid
    ]  # fmt: skip
    paid = iter(await rows.insert(Payment, payments))
    posts = []
    for (draft, client, parts), payer in zip(wanted, payers, strict=True):
        assert draft.received_on is not None
        items = [item for part in parts for item in items_of(part)]
        payment = next(paid) if draft.paid else None
        posts.append(Post(client, PostingKind.INSURER, draft.received_on, items, payment, payer))
    ids = await ledgers.post(viewer, posts)
    await known.learn({draft.key: row_id for (draft, _, _), row_id in zip(wanted, ids, strict=True) if draft.key})
