"""The practice cancels what was booked, and says why."""

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.appointments.actions import moving
from portal.appointments.tables import Appointment, State
from portal.database import transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review
from portal.review.actions import Stale
from portal.review.kinds import KINDS, reason_told
from portal.schedule import rules
from portal.schedule.actions.marking import locked
from portal.schedule.queries.visit import later_ones


async def call_off(
    viewer: Viewer, appointment_id: int, version: int, common_reason: str, reason: str, *, with_later: bool = False
) -> int:
    """One visit, or with all later ones of its series; the client reads why. Returns how many.

    Raises `Stale`, and `Refused` without a reason.
    """
    if not common_reason and not reason:
        raise Refused(reason=lazy("Say why: choose a reason, or write one"))
    async with transaction():
        row = await locked(viewer, appointment_id, version)
        if row.state not in rules.CANCELLABLE:
            raise Stale
        rows = await later_ones(viewer, row) if with_later else [row]
        if not rows:
            raise Stale
        for one in rows:
            await _call_off(viewer, one, common_reason, reason)
    return len(rows)


async def _call_off(viewer: Viewer, row: Appointment, common_reason: str, reason: str) -> None:
    row.state, row.holds, row.version, row.arrived_at = State.CANCELLED, False, row.version + 1, None
    row.common_reason, row.reason = common_reason, reason
    row.decided_by, row.decided_at, row.read_at = viewer.staff_id, clock.now(), None
    await row.save()
    await settle(viewer, row.id, "called_off", reason_told(common_reason, reason))
    await moving.end_moves(viewer, row, State.DECLINED, common_reason, reason)
    await audit.record(viewer, "appointment.called_off", client_id=row.client, subject_id=row.id)
    await outbox.record("appointment.called_off", row.id, row.client)


async def settle(viewer: Viewer, appointment_id: int, outcome: str, reason: str = "") -> None:
    """Whatever waits about it in the queue."""
    about = [name for name in KINDS if name.startswith("appointment.")]
    await review.settle_items(viewer, about, appointment_id, outcome, reason)
