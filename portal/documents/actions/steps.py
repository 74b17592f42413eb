"""What happened to a document is noted with whoever did it, in the transaction of the act."""

from portal import audit, clock
from portal.access import Viewer
from portal.documents.rules import AS_PORTAL
from portal.documents.tables import Document, DocumentStep


async def note(viewer: Viewer, row: Document, step: str, detail: str = "") -> None:
    """And in the audit, which names neither its title nor a reason."""
    await DocumentStep(
        document=row.id,
        happened_at=clock.now(),
        step=step,
        account=viewer.account_id,
        staff=viewer.staff_id,
        actor=f"{AS_PORTAL}{viewer.reason}" if viewer.is_portal else viewer.name,
        address=viewer.address,
        detail=detail,
    ).save()
    await audit.record(viewer, f"document.{step}", client_id=row.client, subject_id=row.id)
