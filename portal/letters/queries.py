"""What became of a letter, for the screen where it was caused."""

from portal.access import Viewer
from portal.letters.tables import Delivery


async def of_subject(viewer: Viewer, kind: str, subject_id: int) -> Delivery | None:
    """The newest letter of this kind about this row; who may see the row may see this."""
    return await (
        Delivery.objects()
        .where(Delivery.kind == kind, Delivery.subject_id == subject_id)
        .order_by(Delivery.id, ascending=False)
        .first()
    )
