"""A client says that they come, or that they do not."""

from portal import audit, clock, outbox
from portal.access import Area, NotFoundException, Viewer
from portal.appointments import kinds
from portal.appointments.actions import moving
from portal.appointments.actions.booking import own
from portal.appointments.actions.moving import KEPT
from portal.appointments.actions.telling import tell
from portal.appointments.settings import is_late
from portal.appointments.tables import Appointment, State
from portal.appointments.visit import seen_as
from portal.database import transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review

MOVED = Refused({"": lazy("This appointment was moved meanwhile. Look at its new time first.")})


async def confirm(viewer: Viewer, client_id: int, appointment_id: int, seen: str = "") -> None:
    """Twice is as good as once. Raises `Refused` where the visit is not at the time that was `seen` any more."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    async with transaction():
        row = await _coming(viewer, client_id, appointment_id, seen=seen)
        if row.state == State.BOOKED:
            row.state, row.version = State.CONFIRMED, row.version + 1
            await row.save()
            await audit.record(viewer, "appointment.confirmed", client_id=client_id, subject_id=row.id)
            await outbox.record("appointment.confirmed", row.id, client_id)


async def cancel(viewer: Viewer, client_id: int, appointment_id: int, reason: str, seen: str = "") -> None:
    """The time is free at once and staff are shown; within the practice's window it is a late cancellation.

    Twice is as good as once. Raises `Refused` where the visit is not at the time that was `seen` any more.
    """
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    async with transaction():
        row = await _coming(viewer, client_id, appointment_id, seen=seen, gone=(State.CANCELLED, State.LATE_CANCELLED))
        if row.state in (State.CANCELLED, State.LATE_CANCELLED):
            return
        late = await is_late(viewer, row.starts_at)
        row.state, row.holds, row.version = State.LATE_CANCELLED if late else State.CANCELLED, False, row.version + 1
        row.reason, row.common_reason, row.decided_at, row.read_at = reason, "", clock.now(), clock.now()
        row.decided_by = None
        await row.save()
        await review.settle_items(viewer, [kinds.BOOKED.name], row.id, "withdrawn")
        await moving.end_moves(viewer, row, State.WITHDRAWN)
        await tell(viewer, kinds.CANCELLED, row)
        await audit.record(viewer, f"appointment.{row.state}", client_id=client_id, subject_id=row.id)
        await outbox.record("appointment.cancelled", row.id, client_id)


async def _coming(
    viewer: Viewer, client_id: int, appointment_id: int, *, seen: str, gone: tuple[State, ...] = ()
) -> Appointment:
    """Booked and not begun yet, or already what one asks for; anything else is not found."""
    row = await own(viewer, client_id, appointment_id)
    if row.state in gone:
        return row
    if row.state not in KEPT or row.starts_at <= clock.now():
        raise NotFoundException
    if seen and seen != seen_as(row.starts_at):
        raise MOVED
    return row
