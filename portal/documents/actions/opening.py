"""A client opens what was shared."""

from portal import clock, outbox
from portal.access import Viewer
from portal.database import transaction
from portal.documents.actions import rows, steps
from portal.documents.actions.rows import become
from portal.documents.tables import DocumentState


async def opened(viewer: Viewer, client_id: int, document_id: int) -> None:
    """The first time counts; who reads it again changes nothing."""
    async with transaction():
        row = await rows.of_client(viewer, client_id, document_id)
        if row.state != DocumentState.PENDING:
            return
        row.opened_by, row.opened_at = viewer.account_id, clock.now()
        await become(viewer, row, DocumentState.OPENED)
        await steps.note(viewer, row, "opened")
        await outbox.record("document.opened", row.id, row.client)
