"""A client asks for the time that they hold, and may change their mind."""

from portal import audit, clock, outbox
from portal.access import Area, NotFoundException, Viewer
from portal.appointments import kinds
from portal.appointments.actions import moving
from portal.appointments.actions.holding import ASKED_ALREADY, must_book
from portal.appointments.actions.telling import tell
from portal.appointments.queries import offers, visits
from portal.appointments.settings import held_for
from portal.appointments.tables import Appointment, State
from portal.appointments.visit import seen_as
from portal.clients import record
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review

CHOSEN_SINCE = Refused({"": lazy("You have chosen another time since. Look at it, and send it again.")})


async def ask(viewer: Viewer, client_id: int, appointment_id: int, wish: str, seen: str = "") -> State:
    """What was held becomes a request, or a booking where the practice lets its type be booked at once.

    A second sending of the same changes nothing. Raises `Refused` where another time than the one that was `seen` is
    held by now, and at `slot` where too long was waited and the time
    has been given away.
    """
    await must_book(viewer, client_id)
    async with transaction():
        row = await own(viewer, client_id, appointment_id)
        if row.state in (State.REQUESTED, State.BOOKED, State.MOVED) and row.asked_by == viewer.account_id:
            return State(row.state)
        if row.state != State.HELD:
            raise Refused(slot=lazy("That time was held for ten minutes and is not any more. Choose it again."))
        if seen and seen != seen_as(row.starts_at):
            raise CHOSEN_SINCE
        await _must_have_room(viewer, client_id)
        row.wish, row.made_at, row.version = wish, clock.now(), row.version + 1
        if await offers.is_booked_at_once(viewer, row.type):
            await _book(viewer, row)
        else:
            await _request(viewer, row)
    return State(row.state)


async def keep_words(viewer: Viewer, client_id: int, appointment_id: int, wish: str) -> None:
    """What was written stays with what is held, while its client looks at other times."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    async with transaction():
        row = await own(viewer, client_id, appointment_id)
        if row.state == State.HELD:
            row.wish = wish
            await row.save([Appointment.wish])


async def withdraw(viewer: Viewer, client_id: int, appointment_id: int) -> None:
    """A request is taken back; where nobody has it any more, nothing is done."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    async with transaction():
        row = await own(viewer, client_id, appointment_id)
        if row.state != State.REQUESTED:
            return
        row.state, row.holds, row.held_until, row.version = State.WITHDRAWN, False, None, row.version + 1
        row.decided_at = clock.now()
        await row.save()
        await review.settle_items(viewer, kinds.ASKED, row.id, "withdrawn")
        await audit.record(viewer, "appointment.withdrawn", client_id=client_id, subject_id=row.id)
        await outbox.record("appointment.withdrawn", row.id, client_id)


async def mark_read(viewer: Viewer, client_id: int, appointment_id: int) -> None:
    """The client has seen the answer."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    await fetch(
        "UPDATE appointment SET read_at = {} WHERE client = {} AND id = {} AND read_at IS NULL"
        " AND decided_at IS NOT NULL",
        clock.now(),
        client_id,
        appointment_id,
    )


async def _must_have_room(viewer: Viewer, client_id: int) -> None:
    if full := await visits.too_many(viewer, client_id):
        raise Refused({"": full})


async def _book(viewer: Viewer, row: Appointment) -> None:
    """At once; what it moves gets its time. Staff are shown."""
    row.held_until = None
    if row.moves is None:
        row.state = State.BOOKED
        await row.save()
        await audit.record(viewer, "appointment.booked", client_id=row.client, subject_id=row.id)
        await outbox.record("appointment.booked", row.id, row.client)
        booked, before = row, None
    else:
        booked = await moving.put_in_place(viewer, row, row.moves)
        before = row.starts_at
    await tell(viewer, kinds.BOOKED, booked, instead_of=before)


async def _request(viewer: Viewer, row: Appointment) -> None:
    """For staff to decide. What moves a visit must be answered before that begins."""
    before = (await moving.movable(viewer, row.client, row.moves)).starts_at if row.moves else None
    ends = [clock.now() + await held_for(viewer), row.starts_at, *([before] if before else [])]
    row.state, row.held_until = State.REQUESTED, min(ends)
    with refusing(one_move_asked=ASKED_ALREADY):
        await row.save()
    await audit.record(viewer, "appointment.requested", client_id=row.client, subject_id=row.id)
    await outbox.record("appointment.requested", row.id, row.client)
    await tell(viewer, kinds.MOVE if row.moves else kinds.REQUESTED, row, instead_of=before)


async def own(viewer: Viewer, client_id: int, appointment_id: int) -> Appointment:
    """Locked: first the chart, then the appointment, as everybody does."""
    await record.lock(viewer, client_id)
    found = (
        await Appointment.objects()
        .where(
            viewer.reaches_as_client(Appointment, Area.APPOINTMENTS),
            Appointment.client == client_id,
            Appointment.id == appointment_id,
        )
        .lock_rows("UPDATE")
        .first()
    )
    if found is None:
        raise NotFoundException
    return found
