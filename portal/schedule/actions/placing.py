"""The practice books visits, one or many that repeat, and moves them."""

from collections.abc import Sequence

from asyncpg import ExclusionViolationError

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.appointments.actions import moving
from portal.appointments.actions.moving import Placed
from portal.appointments.tables import Appointment, Series, State
from portal.clients import queries as clients
from portal.clients import record
from portal.database import fetch, transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.schedule import rules
from portal.schedule.actions.marking import locked
from portal.schedule.queries.clashes import clashes
from portal.schedule.queries.people import must_keep
from portal.schedule.queries.plans import Where, to_move

TAKEN = lazy("Somebody was quicker: that time is taken by now. Look again.")
NOTHING = lazy("Choose at least one visit")


async def book(
    viewer: Viewer, client_id: int, wanted: Sequence[Placed], *, every: str = "", note: str = "", link: str = ""
) -> int:
    """All of them or none; several are a series. Returns the first.

    Raises `Refused` at `time` where somebody has one of these times.
    """
    if not wanted:
        raise Refused(keep=NOTHING)
    for one in wanted:
        must_keep(viewer, one.clinician)
    await clients.client(viewer, client_id)
    try:
        async with transaction():
            await record.lock(viewer, client_id)
            await forget_holds(viewer, wanted)
            series = await _series(viewer, client_id, every) if len(wanted) > 1 else None
            rows = [await _place(viewer, client_id, one, series, note, link) for one in wanted]
            await outbox.record("appointment.placed", rows[0].id, client_id)
    except ExclusionViolationError as violation:
        raise await _refusal(viewer, client_id, wanted, []) from violation
    return int(rows[0].id)


async def move(
    viewer: Viewer, appointment_id: int, version: int, where: Where, *, only: Sequence[str] | None = None
) -> int:
    """To another time, place or person; with `only`, of its series those that are named. Returns how many went,
    which is none where nothing would change.

    Raises `Stale`, and `Refused` at `time` where somebody has one of these times: then all stay where they are.
    """
    must_keep(viewer, where.clinician)
    wanted: list[Placed] = []
    going: list[int] = []
    client_id = 0
    try:
        async with transaction():
            row = await locked(viewer, appointment_id, version)
            if row.state not in rules.STANDING:
                raise Stale
            client_id = row.client
            steps = await to_move(viewer, row, where, with_later=only is not None, only=only)
            steps = [one for one in steps if only is None or one.key in only]
            if steps and all(one.is_same for one in steps):
                return 0
            steps = [one for one in steps if not one.is_same]
            if any(one.placed is None for one in steps):
                raise Refused(time=lazy("The clock leaves this hour out on that night. Choose another time."))
            going, wanted = [int(one.key) for one in steps], [one.placed for one in steps if one.placed]
            if not going:
                raise Refused(keep=NOTHING)
            await forget_holds(viewer, wanted)
            await _go(viewer, going, wanted)
    except ExclusionViolationError as violation:
        raise await _refusal(viewer, client_id, wanted, going) from violation
    return len(going)


async def forget_holds(viewer: Viewer, wanted: Sequence[Placed]) -> None:
    """What somebody held and left is in nobody's way."""
    for one in wanted:
        await fetch(
            "DELETE FROM appointment WHERE state = 'held' AND held_until <= {} AND busy_from < {} AND busy_until > {}",
            clock.now(),
            one.busy_until,
            one.busy_from,
        )


async def _go(viewer: Viewer, going: Sequence[int], wanted: Sequence[Placed]) -> None:
    """The last first where they go to later times, so that none meets the one before it."""
    found = {row.id: row for row in await Appointment.objects().where(Appointment.id.is_in(list(going)))}
    pairs = [(found[one], to) for one, to in zip(going, wanted, strict=True)]
    if pairs[0][1].starts_at > pairs[0][0].starts_at:
        pairs.reverse()
    for row, to in pairs:
        await moving.move(viewer, row, to)


async def _series(viewer: Viewer, client_id: int, every: str) -> int:
    row = Series(client=client_id, every=every, made_by=viewer.staff_id, made_at=clock.now())
    await row.save()
    return int(row.id)


async def _place(viewer: Viewer, client_id: int, to: Placed, series: int | None, note: str, link: str) -> Appointment:
    now = clock.now()
    row = Appointment(
        client=client_id, clinician=to.clinician, site=to.site, type=to.type, contact_type=to.contact_type,
        starts_at=to.starts_at, ends_at=to.ends_at, busy_from=to.busy_from, busy_until=to.busy_until,
        time_zone=to.time_zone, state=State.BOOKED, series=series, made_at=now, decided_by=viewer.staff_id,
        decided_at=now, note=note, link=link,
    )  # fmt: skip
    await row.save()
    await audit.record(viewer, "appointment.placed", client_id=client_id, subject_id=row.id)
    return row


async def _refusal(viewer: Viewer, client_id: int, wanted: Sequence[Placed], but: Sequence[int]) -> Refused:
    """Outside the transaction, which is over: who it is that has the time."""
    found = await clashes(viewer, client_id, wanted, but)
    sentences = next(iter(found.values()), [TAKEN])
    return Refused(time=sentences[0])
