"""A client will not fill in or sign what was shared, and says why; staff look at it."""

from portal import clock, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.database import transaction
from portal.documents.actions import rows, steps
from portal.documents.actions.rows import become
from portal.documents.tables import DocumentState, Purpose
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review
from portal.review.actions import Stale
from portal.review.kinds import reason_told
from portal.signing.kinds import DECLINED


async def decline(viewer: Viewer, client_id: int, document_id: int, common_reason: str, reason: str) -> None:
    """Once. What was only to be read cannot be declined. Raises `Refused`."""
    if not common_reason:
        raise Refused(common_reason=lazy("Choose a reason"))
    async with transaction():
        row = await rows.of_client(viewer, client_id, document_id)
        if row.purpose == Purpose.READ:
            raise NotFoundException
        if (row.state, row.common_reason, row.reason) == (DocumentState.DECLINED, common_reason, reason):
            return
        row.common_reason, row.reason = common_reason, reason
        row.settled_by, row.settled_at = None, clock.now()
        await become(viewer, row, DocumentState.DECLINED)
        await steps.note(viewer, row, "declined", reason_told(common_reason, reason))
        url = f"/staff/documents/{row.id}/declining"
        await review.open_item(
            viewer, DECLINED.name, row.id, url, client_id, row.title, needs=Permission.DOCUMENT_SHARE
        )
        await outbox.record("document.declined", row.id, client_id)


async def acknowledge(viewer: Viewer, document_id: int) -> None:
    """Somebody has looked at it. Raises `Stale` where a colleague was quicker."""
    async with transaction():
        row = await rows.of_staff(viewer, document_id)
        if not await review.settle_items(viewer, [DECLINED.name], row.id, "seen"):
            raise Stale
        await steps.note(viewer, row, "seen")
