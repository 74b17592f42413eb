"""A client chooses a time, asks for it, and may change their mind."""

from datetime import UTC, datetime, timedelta

from asyncpg import ExclusionViolationError

from portal import audit, clock, outbox
from portal.access import Area, NotFoundException, Viewer
from portal.appointments import kinds
from portal.appointments.queries import offers
from portal.appointments.queries.openings import Calendar, Wish, openings
from portal.appointments.settings import MOST_OPEN, clients_book, held_for, number
from portal.appointments.tables import Appointment, State
from portal.clients import record
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review

HELD_WHILE_CHECKING = timedelta(minutes=10)
TAKEN = Refused(slot=lazy("That time was just taken. Choose another."))
TOGETHER = Refused(slot=lazy("You have another appointment at that time. Choose another."))
ANOTHER = Refused(slot=lazy("You have chosen another time at the same moment. Look at it again."))


async def hold(viewer: Viewer, client_id: int, wish: Wish, second: int) -> int:
    """Keeps a time for ten minutes while its client looks at it once more; what they held before is let go.

    `second` is of the epoch. Of those who are free, the client's own clinician comes first. Returns the appointment.
    Raises `Refused` at `slot` where the time is gone or never was.
    """
    await _must_book(viewer, client_id)
    found = await openings(viewer, client_id, wish)
    own = (await offers.around(viewer, client_id, wish.offer.id, wish.contact_type)).own
    for calendar in found.who(second, own):
        try:
            return await _hold(viewer, client_id, wish, calendar, second)
        except ExclusionViolationError as violation:
            if str(violation.constraint_name) == "client_is_here_once":
                raise TOGETHER from violation
    raise TAKEN


async def ask(viewer: Viewer, client_id: int, appointment_id: int, wish: str) -> State:
    """What was held becomes a request, or a booking where the practice lets its type be booked at once.

    A second sending of the same changes nothing. Raises `Refused` at `slot` where too long was waited and the time
    has been given away.
    """
    await _must_book(viewer, client_id)
    async with transaction():
        row = await own(viewer, client_id, appointment_id)
        if row.state in (State.REQUESTED, State.BOOKED) and row.asked_by == viewer.account_id:
            return State(row.state)
        if row.state != State.HELD:
            raise Refused(slot=lazy("That time was held for ten minutes and is not any more. Choose it again."))
        await _must_have_room(viewer, client_id)
        is_sure = await offers.is_booked_at_once(viewer, row.type)
        row.state, row.wish, row.version = State.BOOKED if is_sure else State.REQUESTED, wish, row.version + 1
        row.made_at = clock.now()
        row.held_until = None if is_sure else min(clock.now() + await held_for(viewer), row.starts_at)
        await row.save()
        what = "booked" if is_sure else "requested"
        await audit.record(viewer, f"appointment.{what}", client_id=client_id, subject_id=row.id)
        await outbox.record(f"appointment.{what}", row.id, client_id)
        kind = kinds.BOOKED if is_sure else kinds.REQUESTED
        about = kinds.about(row.starts_at, row.time_zone, row.contact_type)
        await review.open_item(viewer, kind.name, row.id, kinds.address(row.id), client_id, about)
    return State(row.state)


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
        await review.settle_items(viewer, [kinds.REQUESTED.name, kinds.OVERDUE.name], row.id, "withdrawn")
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


async def forget_holds(viewer: Viewer) -> None:
    """By the clock: what somebody held and left. Who comes back to it within the hour still finds it."""
    await fetch("DELETE FROM appointment WHERE state = 'held' AND held_until < {}", clock.now() - timedelta(hours=1))


async def _hold(viewer: Viewer, client_id: int, wish: Wish, calendar: Calendar, second: int) -> int:
    """Raises the violation where somebody was quicker, with everything as it was."""
    offer, now = wish.offer, clock.now()
    starts_at = datetime.fromtimestamp(second, UTC)
    ends_at = starts_at + timedelta(minutes=offer.length)
    row = Appointment(
        client=client_id,
        clinician=calendar.clinician,
        site=calendar.site,
        type=offer.id,
        contact_type=wish.contact_type,
        starts_at=starts_at,
        ends_at=ends_at,
        busy_from=starts_at - timedelta(minutes=offer.before),
        busy_until=ends_at + timedelta(minutes=offer.after),
        time_zone=calendar.zone,
        state=State.HELD,
        asked_by=viewer.account_id,
        made_at=now,
        held_until=now + HELD_WHILE_CHECKING,
    )
    async with transaction():
        await record.lock(viewer, client_id)
        await fetch(
            "DELETE FROM appointment WHERE state = 'held' AND (client = {} OR (clinician = {} AND held_until <= {}"
            " AND busy_from < {} AND busy_until > {}))",
            client_id,
            calendar.clinician,
            now,
            row.busy_until,
            row.busy_from,
        )
        with refusing(one_time_held=ANOTHER):
            await row.save()
    return int(row.id)


async def _must_book(viewer: Viewer, client_id: int) -> None:
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    if not await clients_book(viewer):
        raise NotFoundException


async def _must_have_room(viewer: Viewer, client_id: int) -> None:
    most = await number(viewer, MOST_OPEN)
    waiting = await Appointment.count().where(Appointment.client == client_id, Appointment.state == State.REQUESTED)
    if waiting >= most:
        raise Refused(
            {
                "": lazy(
                    "You have %(num)s requests that wait for the practice already. Take one back first, or call us.",
                    num=most,
                )
            }
        )


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
