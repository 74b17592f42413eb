"""A client chooses a time, which is theirs for a few minutes."""

from datetime import datetime, timedelta

from asyncpg import ExclusionViolationError

from portal import clock
from portal.access import Area, NotFoundException, Viewer
from portal.appointments.actions import moving
from portal.appointments.actions.moving import Placed
from portal.appointments.queries import offers
from portal.appointments.queries.openings import Calendar, Wish, openings
from portal.appointments.settings import clients_book
from portal.appointments.tables import Appointment, State
from portal.clients import record
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.refusal import Refused

HELD_WHILE_CHECKING = timedelta(minutes=10)
TAKEN = Refused(slot=lazy("That time was just taken. Choose another."))
TOGETHER = Refused(slot=lazy("You have another appointment at that time. Choose another."))
SAME = Refused(slot=lazy("Your appointment is at this time already. Choose another."))
ASKED_ALREADY = Refused(slot=lazy("You have asked to move this appointment already. Take that request back first."))
ANOTHER = Refused(slot=lazy("You have chosen another time at the same moment. Look at it again."))


async def hold(viewer: Viewer, client_id: int, wish: Wish, second: int) -> int:
    """Keeps a time for ten minutes while its client looks at it once more; what they held before is let go.

    `second` is of the epoch. Of those who are free, the client's own clinician comes first, or who has the visit that
    is to be moved: that may go where it overlaps itself. Returns the appointment.
    Raises `Refused` at `slot` where the time is gone or never was.
    """
    await must_book(viewer, client_id)
    found = await openings(viewer, client_id, wish)
    first = wish.moves.clinician_id if wish.moves else await _own_clinician(viewer, client_id, wish)
    for calendar in found.who(second, first):
        try:
            return await _hold(viewer, client_id, wish, calendar, second)
        except ExclusionViolationError as violation:
            if str(violation.constraint_name) == "client_is_here_once":
                raise TOGETHER from violation
    raise TAKEN


async def forget_holds(viewer: Viewer) -> None:
    """By the clock: what somebody held and left. Who comes back to it within the hour still finds it."""
    await fetch("DELETE FROM appointment WHERE state = 'held' AND held_until < {}", clock.now() - timedelta(hours=1))


async def _hold(viewer: Viewer, client_id: int, wish: Wish, calendar: Calendar, second: int) -> int:
    """Raises the violation where somebody was quicker, with everything as it was."""
    to, now = Placed.free(wish.offer, wish.contact_type, calendar, second), clock.now()
    async with transaction():
        await record.lock(viewer, client_id)
        row = await _held(viewer, client_id, to, now)
        row.asked_by, row.made_at, row.held_until = viewer.account_id, now, now + HELD_WHILE_CHECKING
        row.moves = wish.moves.id if wish.moves else None
        if wish.moves:
            await _leave_out(viewer, row, wish.moves.id)
        await fetch(
            "DELETE FROM appointment WHERE state = 'held' AND client <> {} AND clinician = {} AND held_until <= {}"
            " AND busy_from < {} AND busy_until > {}",
            client_id,
            calendar.clinician,
            now,
            row.busy_until,
            row.busy_from,
        )
        with refusing(one_time_held=ANOTHER, one_move_asked=ASKED_ALREADY):
            await row.save()
    return int(row.id)


async def _held(viewer: Viewer, client_id: int, to: Placed, now: datetime) -> Appointment:
    """What the client holds goes to that time: pages that show it stay good, and so does what was written there."""
    row = await Appointment.objects().where(Appointment.client == client_id, Appointment.state == State.HELD).first()
    if row is None:
        return Appointment(client=client_id, state=State.HELD, made_at=now, **vars(to))
    to.write(row)
    row.version += 1
    return row


async def _leave_out(viewer: Viewer, row: Appointment, original_id: int) -> None:
    """Of the same clinician's time, what the visit that moves has already."""
    original = await moving.movable(viewer, row.client, original_id)
    if original.clinician == row.clinician:
        row.busy_from, row.busy_until = moving.left_of(
            row.busy_from, row.busy_until, original.busy_from, original.busy_until
        )
        if row.busy_from >= row.busy_until:
            raise SAME


async def _own_clinician(viewer: Viewer, client_id: int, wish: Wish) -> int | None:
    return (await offers.around(viewer, client_id, wish.offer.id, wish.contact_type)).own


async def must_book(viewer: Viewer, client_id: int) -> None:
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    if not await clients_book(viewer):
        raise NotFoundException
