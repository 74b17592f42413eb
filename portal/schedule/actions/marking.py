"""What happened to a visit on its day."""

from asyncpg import ExclusionViolationError

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.appointments import kinds
from portal.appointments.actions import moving
from portal.appointments.settings import is_late
from portal.appointments.tables import Appointment, State
from portal.clients import record
from portal.database import fetch, transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review
from portal.review.actions import Stale
from portal.schedule import rules
from portal.schedule.queries.people import row_of

RECORDED = "SELECT id FROM encounter WHERE appointment = {} AND voided_at IS NULL"
TOO_EARLY: dict[str, object] = {
    "": lazy("It is too early for that: the visit is still to come."),
    State.LATE_CANCELLED: lazy("It is too early for a late cancellation. Cancel the visit, and say why."),
}


async def mark(viewer: Viewer, appointment_id: int, to: str, version: int) -> None:
    """Arrived, completed, no show, late cancellation; booked takes a mark away.

    Raises `Stale`, and `Refused` where that cannot be yet or the time has been given to somebody else.
    """
    try:
        async with transaction():
            row = await locked(viewer, appointment_id, version)
            if to not in rules.MARKS.get(row.state, ()):
                raise Refused({"": lazy("This cannot be marked so. Look at it again.")})
            if to == State.BOOKED and await fetch(RECORDED, row.id):
                raise Refused({"": lazy("This visit is on the client's account. Void what was recorded first.")})
            late = await is_late(viewer, row.starts_at)
            if not rules.may_mark(row.state, to, row.starts_at, row.time_zone, clock.now(), is_late=late):
                raise Refused({"": TOO_EARLY.get(to, TOO_EARLY[""])})
            await _mark(viewer, row, State(to))
    except ExclusionViolationError as violation:
        raise Refused({"": lazy("That time has been given to somebody else. Book another one.")}) from violation


async def locked(viewer: Viewer, appointment_id: int, version: int) -> Appointment:
    """Still what was seen: first the chart, then the appointment, as everybody does."""
    await record.lock(viewer, (await row_of(viewer, appointment_id)).client)
    row = await row_of(viewer, appointment_id, is_locked=True)
    if row.version != version:
        raise Stale
    return row


async def _mark(viewer: Viewer, row: Appointment, to: State) -> None:
    was, row.state, row.version = row.state, to, row.version + 1
    row.holds = to in rules.HOLDING
    if to == State.ARRIVED:
        row.arrived_at = clock.now()
    elif to != State.COMPLETED:
        row.arrived_at = None
    if to == State.LATE_CANCELLED:
        row.reason, row.common_reason, row.read_at = "", "", None
        row.decided_by, row.decided_at = viewer.staff_id, clock.now()
    is_back = was == State.LATE_CANCELLED and to == State.BOOKED
    if is_back:  # whoever cancelled it must know that it is on again
        row.reason, row.common_reason, row.read_at = "", "", None
        row.decided_by, row.decided_at = viewer.staff_id, clock.now()
    await row.save()
    if to != State.BOOKED:
        await moving.end_moves(viewer, row, State.DECLINED)
    await review.settle_items(viewer, [kinds.BOOKED.name, kinds.CANCELLED.name], row.id, "seen")
    act = "unmarked" if to == State.BOOKED else str(to)
    await audit.record(viewer, f"appointment.{act}", client_id=row.client, subject_id=row.id, was=was)
    what = "restored" if is_back else "late_cancelled" if to == State.LATE_CANCELLED else "marked"
    await outbox.record(f"appointment.{what}", row.id, row.client)
