"""Appointments and encounters: found again by identifier, or by who meets whom when; what was changed here stays."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from asyncpg import ExclusionViolationError

from portal import clock
from portal.access import Viewer
from portal.appointments import kinds
from portal.appointments.queries import said
from portal.appointments.settings import held_for
from portal.appointments.tables import Appointment, State
from portal.database import fetch, savepoint
from portal.exchange import rows
from portal.exchange.actions.clashes import Pair, clashing
from portal.exchange.actions.whereabouts import placed, put_types
from portal.exchange.drafts import VisitDraft
from portal.exchange.identifiers import Key
from portal.exchange.report import Report, Tally
from portal.exchange.upserts import Known, Row, upsert
from portal.review import actions as review

# An import writes round versions, and everybody else adds one: what is not round was changed here.
ROUND = 1000
TRIES = 3
COMPARED = (
    "client", "clinician", "site", "type", "contact_type", "starts_at", "ends_at", "busy_from", "busy_until",
    "time_zone", "state", "holds",
)  # fmt: skip
EXISTING = f"""
SELECT id, version, held_until, {", ".join(COMPARED)} FROM appointment WHERE id = ANY({{}}::bigint[])
 ORDER BY id FOR UPDATE
"""
ALIKE = """
SELECT DISTINCT ON (place) told.place, a.id
  FROM unnest({}::bigint[], {}::bigint[], {}::timestamptz[])
       WITH ORDINALITY AS told(client, clinician, starts_at, place)
  JOIN appointment AS a ON a.client = told.client AND a.starts_at = told.starts_at AND a.clinician = told.clinician
   AND a.state IN ('requested', 'booked', 'confirmed', 'arrived', 'completed', 'no_show')
 ORDER BY place, a.id
"""
ENDED = {State.BOOKED: "booked", State.EXPIRED: "expired"}


@dataclass
class Sorted:
    """What is to be written, beside the row that it changes; and what stands as it is, with its row."""

    pairs: list[Pair] = field(default_factory=list)
    standing: dict[Key, int] = field(default_factory=dict)


async def put_visits(
    viewer: Viewer, resource_type: str, drafts: Sequence[VisitDraft], known: Known, report: Report
) -> set[int]:
    """The clients whose visits changed."""
    tally = report.tally(resource_type)
    await known.look_up({key for draft in drafts for key in _keys(draft)})
    whole = await placed(viewer, drafts, known, report, tally)
    await put_types(viewer, whole)
    found = await _sorted(viewer, whole, known, report, tally)
    ids = await _store(viewer, found.pairs, report, tally)
    stored = [(draft, row, row_id) for (draft, row), row_id in zip(found.pairs, ids, strict=True) if row_id]
    await known.learn(found.standing | {draft.key: row_id for draft, _, row_id in stored if draft.key})
    for draft, row, row_id in stored:
        await _tell_staff(viewer, draft, row, row_id)
    return {draft.fields["client"] for draft, _, _ in stored}


def _keys(draft: VisitDraft) -> list[Key]:
    links = (draft.owner, draft.clinician, *draft.sites)
    return [*([draft.key] if draft.key else []), *(one.key for one in links)]


async def _sorted(viewer: Viewer, drafts: Sequence[VisitDraft], known: Known, report: Report, tally: Tally) -> Sorted:
    existing: dict[int, Row] = {}
    for batch in rows.in_batches(sorted({row_id for draft in drafts if (row_id := known.get(draft.key))})):
        existing |= {row["id"]: row for row in await fetch(EXISTING, list(batch))}
    alike = await _alike([draft for draft in drafts if known.get(draft.key) not in existing])
    others = await known.claimed("appointment", list(alike.values())) | await known.claimed(
        "encounter", list(alike.values())
    )
    found, waits = Sorted(), await held_for(viewer)
    for draft in drafts:
        row = existing.get(known.get(draft.key) or 0)
        if row is not None and row["client"] != draft.fields["client"]:
            report.problem(draft.place, "has the identifier of another client's visit: left out")
            tally.skipped += 1
        elif row is not None:
            _compare(draft, row, found, report, tally)
        elif (same := alike.get(id(draft))) is not None:
            _adopt(draft, same, found, others, tally)
        else:
            now = clock.now()
            draft.fields |= {"version": ROUND, "made_at": draft.made_at or now}
            if draft.fields["state"] == State.REQUESTED:
                draft.fields["held_until"] = min(now + waits, draft.fields["starts_at"])
            found.pairs.append((draft, None))
    return found


async def _alike(drafts: Sequence[VisitDraft]) -> dict[int, int]:
    """By the draft, a visit of the same two people at the same time: booked here, and come back from over there."""
    coming = [draft for draft in drafts if draft.fields["state"] not in (State.CANCELLED, State.EXPIRED)]
    found: dict[int, int] = {}
    for batch in rows.in_batches(coming):
        told = [[draft.fields[name] for draft in batch] for name in ("client", "clinician", "starts_at")]
        found |= {id(batch[row["place"] - 1]): row["id"] for row in await fetch(ALIKE, *told)}
    return found


def _adopt(draft: VisitDraft, row_id: int, found: Sorted, others: set[int], tally: Tally) -> None:
    """What was made here is known from now on and stays; what another resource made is that one's to change."""
    if row_id in others:
        tally.skipped += 1
    else:
        tally.unchanged += 1
        if draft.key:
            found.standing[draft.key] = row_id


def _compare(draft: VisitDraft, row: Row, found: Sorted, report: Report, tally: Tally) -> None:
    if draft.fields["state"] == row["state"] == State.REQUESTED:
        draft.fields["holds"] = row["holds"]  # how long a request keeps its time is decided here
    if all(draft.fields[name] == row[name] for name in COMPARED):
        tally.unchanged += 1
    elif row["version"] % ROUND:
        tally.unchanged += 1
        report.notice(draft.place, "was changed here since it was imported: left as it is")
    else:
        is_asked = draft.fields["state"] == State.REQUESTED
        draft.fields |= {"version": row["version"] + ROUND, "held_until": row["held_until"] if is_asked else None}
        found.pairs.append((draft, row))


async def _store(viewer: Viewer, pairs: Sequence[Pair], report: Report, tally: Tally) -> list[int]:
    """The ids, in order; 0 for what clashes. Whoever books meanwhile is quicker, and it is looked at again."""
    for left in reversed(range(TRIES)):
        refused = await clashing(viewer, pairs)
        fitting = [pair for at, pair in enumerate(pairs) if at not in refused]
        counted = Tally()
        try:
            async with savepoint():
                ids = iter((await upsert(Appointment, await _released(fitting), counted)).ids)
        except ExclusionViolationError:
            if not left:
                raise
        else:
            break
    for at, words in refused.items():
        report.problem(pairs[at][0].place, words)
    tally.created += counted.created
    tally.updated += counted.updated
    tally.skipped += len(refused)
    return [0 if at in refused else next(ids) for at in range(len(pairs))]


async def _released(pairs: Sequence[Pair]) -> list[Pair]:
    """Rows that change let go of their times first, so that two of them may change places."""
    changing = [row["id"] for _, row in pairs if row is not None]
    await fetch("UPDATE appointment SET state = 'requested', holds = false WHERE id = ANY({}::bigint[])", changing)
    free = {"state": str(State.REQUESTED), "holds": False}
    return [(draft, row if row is None else {**row, **free}) for draft, row in pairs]


async def _tell_staff(viewer: Viewer, draft: VisitDraft, row: Row | None, row_id: int) -> None:
    """A request is theirs to answer, as a client's own; one that was answered over there is not any more."""
    told = draft.fields
    if told["state"] == State.REQUESTED:
        when = told["starts_at"], told["time_zone"], told["contact_type"]
        about = await said.about(viewer, told["client"], told["clinician"], *when)
        await review.open_item(viewer, kinds.REQUESTED.name, row_id, kinds.address(row_id), told["client"], about)
    elif row is not None and row["state"] == State.REQUESTED:
        outcome = ENDED.get(told["state"], "withdrawn")
        await review.settle_items(viewer, [kinds.REQUESTED.name, kinds.OVERDUE.name], row_id, outcome)
