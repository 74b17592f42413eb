"""Staff decide about what was asked for."""

from asyncpg import ExclusionViolationError

from portal import audit, clock, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.appointments import kinds
from portal.appointments.actions import moving
from portal.appointments.reach import reached
from portal.appointments.tables import Appointment, State
from portal.clients import record
from portal.database import transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review
from portal.review.actions import Stale
from portal.review.kinds import reason_told


async def approve(viewer: Viewer, appointment_id: int, version: int) -> None:
    """It is booked, or moved. Raises `Stale`, and `Refused` where the time was given away meanwhile."""
    try:
        async with transaction():
            row = await _asked(viewer, appointment_id, version)
            if row.moves:
                await _put_in_place(viewer, row)
                await _settle(viewer, row, "moved")
            else:
                row.state, row.holds, row.held_until = State.BOOKED, True, None
                await _settle(viewer, row, "booked")
    except ExclusionViolationError as violation:
        raise Refused(
            {"": lazy("Somebody else has that time by now. Decline with a reason, or free the time first.")}
        ) from violation


async def _put_in_place(viewer: Viewer, row: Appointment) -> None:
    try:
        await moving.put_in_place(viewer, row, row.moves)
    except Refused as refusal:
        raise Refused(
            {"": lazy("The visit that this would move is not to come any more. Decline it, and say what to do.")}
        ) from refusal


async def decline(viewer: Viewer, appointment_id: int, version: int, common_reason: str, reason: str) -> None:
    """The client reads why. Raises `Stale`, and `Refused` without a reason."""
    if not common_reason and not reason:
        raise Refused(reason=lazy("Say what the client should do: choose a reason, or write one"))
    async with transaction():
        row = await _asked(viewer, appointment_id, version)
        row.state, row.holds, row.held_until = State.DECLINED, False, None
        row.common_reason, row.reason = common_reason, reason
        await _settle(viewer, row, "declined", reason_told(common_reason, reason))


async def answer_with_others(viewer: Viewer, appointment_id: int, version: int, words: str) -> Appointment:
    """Inside the transaction that offers other times in its stead. Raises `Stale`."""
    row = await _asked(viewer, appointment_id, version)
    row.state, row.holds, row.held_until = State.DECLINED, False, None
    row.common_reason, row.reason = kinds.OTHER, words
    await _settle(viewer, row, "offered", reason_told(kinds.OTHER, words))
    return row


async def acknowledge(viewer: Viewer, appointment_id: int) -> None:
    """What the client booked at once, or cancelled, has been looked at."""
    viewer.must(Permission.REVIEW_SETTLE)
    async with transaction():
        row = await _reached(viewer, appointment_id)
        if not await review.settle_items(viewer, [kinds.BOOKED.name, kinds.CANCELLED.name], row.id, "seen"):
            raise Stale
        await audit.record(viewer, "appointment.seen", client_id=row.client, subject_id=row.id)


async def _asked(viewer: Viewer, appointment_id: int, version: int) -> Appointment:
    """Locked, still open and still what was seen: first the chart, then the appointment, as everybody does."""
    viewer.must(Permission.REVIEW_SETTLE)
    await record.lock(viewer, (await _reached(viewer, appointment_id)).client)
    row = await _reached(viewer, appointment_id)
    if row.state != State.REQUESTED or row.version != version:
        raise Stale
    return row


async def _reached(viewer: Viewer, appointment_id: int) -> Appointment:
    found = await Appointment.objects().where(reached(viewer), Appointment.id == appointment_id).first()
    if found is None:
        raise NotFoundException
    return found


async def _settle(viewer: Viewer, row: Appointment, outcome: str, reason: str = "") -> None:
    row.decided_by, row.decided_at, row.version = viewer.staff_id, clock.now(), row.version + 1
    await row.save()
    await review.settle_items(viewer, kinds.ASKED, row.id, outcome, reason)
    await audit.record(viewer, f"appointment.{outcome}", client_id=row.client, subject_id=row.id)
    await outbox.record("appointment.answered", row.id, row.client)
