"""Related people and coverages: known by an identifier, or by what they say, within their client's chart."""

from collections.abc import Callable, Sequence

from piccolo.table import Table

from portal.access import Viewer
from portal.clients.names import folded
from portal.clients.tables import Coverage, RelatedPerson
from portal.exchange import rows
from portal.exchange.drafts import BelongingDraft, Draft
from portal.exchange.report import Report
from portal.exchange.upserts import Known, Row, upsert

Likeness = Callable[[Row], tuple[str, ...]]


async def put_related(viewer: Viewer, drafts: Sequence[BelongingDraft], known: Known, report: Report) -> set[int]:
    """The clients whose charts changed."""
    return await _put(RelatedPerson, "RelatedPerson", "related_person", drafts, _name, known, report)


async def put_coverages(viewer: Viewer, drafts: Sequence[BelongingDraft], known: Known, report: Report) -> set[int]:
    """The clients whose charts changed."""
    return await _put(Coverage, "Coverage", "coverage", drafts, _policy, known, report)


def _name(row: Row) -> tuple[str, ...]:
    return (folded(f"{row['given_name']} {row['family_name']}"),)


def _policy(row: Row) -> tuple[str, ...]:
    return (folded(row["payer"]), row["member_id"])


async def _put(
    table: type[Table], resource_type: str, kind: str, drafts: Sequence[BelongingDraft], likeness: Likeness,
    known: Known, report: Report,
) -> set[int]:  # fmt: skip
    await known.look_up([key for draft in drafts for key in (draft.key, draft.owner.key) if key])
    owned = []
    for draft in drafts:
        client_id = known.get(draft.owner.key)
        if client_id is None:
            report.problem(draft.place, f"{draft.owner.lost}: left out")
            report.tally(resource_type).skipped += 1
        else:
            draft.fields["client"] = client_id
            owned.append(draft)
    existing = await rows.locked(table, "client", sorted({draft.fields["client"] for draft in owned}))
    claimed = await known.claimed(kind, [row["id"] for row in existing])
    pairs = _matched(owned, existing, claimed, likeness, known)
    outcome = await upsert(table, pairs, report.tally(resource_type))
    await known.learn({draft.key: row_id for draft, row_id in zip(owned, outcome.ids, strict=True) if draft.key})
    altered = outcome.created | outcome.changed.keys()
    return {draft.fields["client"] for draft, row_id in zip(owned, outcome.ids, strict=True) if row_id in altered}


def _matched(
    drafts: Sequence[BelongingDraft], existing: Sequence[Row], claimed: set[int], likeness: Likeness, known: Known
) -> list[tuple[Draft, Row | None]]:
    """By key; else by likeness: what has a key takes no row that another key means, and no row is taken twice."""
    by_id = {row["id"]: row for row in existing}
    alike: dict[tuple[object, ...], list[Row]] = {}
    for one in existing:
        alike.setdefault((one["client"], *likeness(one)), []).append(one)
    taken = {row_id for draft in drafts if (row_id := known.get(draft.key))}
    pairs: list[tuple[Draft, Row | None]] = []
    for draft in drafts:
        row = by_id.get(known.get(draft.key) or 0)
        if row is None:
            off = taken | claimed if draft.key else taken
            row = next(
                (one for one in alike.get((draft.fields["client"], *draft.likeness), ()) if one["id"] not in off), None
            )
            if row is not None:
                taken.add(row["id"])
        pairs.append((draft, row))
    return pairs
