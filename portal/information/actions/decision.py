"""Staff decide: as it was asked for, with edits, or back to the client with a reason."""

import json

from portal import audit, clock, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.clients import images, record
from portal.clients.sections import SECTIONS
from portal.clients.sheets import Sheet, differences, photos_in, rebased
from portal.database import transaction
from portal.information import kinds
from portal.information.queries import digest
from portal.information.tables import ChangeRequest, ChangeState
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review
from portal.review.actions import Stale
from portal.review.kinds import reason_told


async def approve(viewer: Viewer, request_id: int, version: int, seen: str, edited: Sheet | None = None) -> None:
    """What the client changed goes on the record; the rest of it stays as it is now.

    `seen` is the record that the decision was made before; `edited` is the section as staff want it instead.
    Raises `Stale`, and `Refused` where it cannot be written.
    """
    async with transaction():
        row = await _held(viewer, request_id, version)
        section = SECTIONS[row.section]
        now = await record.sheet(viewer, row.client, section)
        if digest(now) != seen:
            raise Stale
        asked = rebased(section, now, json.loads(row.before), json.loads(row.after))
        wanted = asked if edited is None else edited
        await images.hold(viewer, row.client, photos_in(wanted))
        changes = differences(section, now, wanted)
        ids = await record.put(viewer, row.client, section, changes, request=row.id) if changes else {}
        row.settled = json.dumps({**await record.sheet(viewer, row.client, section), "ids": ids})
        is_edited = edited is not None and edited != asked
        await _settle(viewer, row, ChangeState.EDITED if is_edited else ChangeState.ACCEPTED)


async def give_back(viewer: Viewer, request_id: int, version: int, common_reason: str, reason: str) -> None:
    """Returned to the client, who reads why. Raises `Stale`, and `Refused` without a reason."""
    if not common_reason and not reason:
        raise Refused(reason=lazy("Say what the client should do: choose a reason, or write one"))
    async with transaction():
        row = await _held(viewer, request_id, version)
        row.common_reason, row.reason = common_reason, reason
        await _settle(viewer, row, ChangeState.RETURNED, reason_told(common_reason, reason))


async def acknowledge(viewer: Viewer, request_id: int) -> None:
    """A change that stands on the record already has been looked at."""
    viewer.must(Permission.REVIEW_SETTLE)
    async with transaction():
        row = await _reached(viewer, request_id)
        if row.state != ChangeState.APPLIED:
            raise NotFoundException
        if not await review.settle_items(viewer, [kinds.APPLIED.name], row.id, "seen"):
            raise Stale
        await audit.record(viewer, "information.seen", client_id=row.client, subject_id=row.id)


async def _held(viewer: Viewer, request_id: int, version: int) -> ChangeRequest:
    """Locked, still open and still what was seen: first the chart, then the request, as everybody does."""
    viewer.must(Permission.REVIEW_SETTLE)
    viewer.must(Permission.CLIENT_EDIT)
    await record.lock(viewer, (await _reached(viewer, request_id)).client)
    row = await _reached(viewer, request_id)
    if row.state != ChangeState.PENDING or row.version != version:
        raise Stale
    return row


async def _reached(viewer: Viewer, request_id: int) -> ChangeRequest:
    found = await ChangeRequest.objects().where(viewer.reaches(ChangeRequest), ChangeRequest.id == request_id).first()
    if found is None:
        raise NotFoundException
    return found


async def _settle(viewer: Viewer, row: ChangeRequest, state: ChangeState, reason: str = "") -> None:
    row.state, row.decided_by, row.decided_at = state, viewer.staff_id, clock.now()
    row.version += 1
    await row.save()
    await review.settle_items(viewer, [kinds.CHANGED.name], row.id, str(state), reason)
    await audit.record(viewer, f"information.{state}", client_id=row.client, subject_id=row.id)
    await outbox.record("information.answered", row.id, row.client)
