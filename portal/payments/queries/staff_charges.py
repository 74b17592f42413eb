"""Charges that staff made to cards on file, as staff see them."""

from uuid import UUID

from portal.access import NotFoundException, Permission, Viewer
from portal.payments.tables import PaymentAttempt, Source


async def charge(viewer: Viewer, client_id: int, public: UUID) -> PaymentAttempt:
    """Not found outside one's reach."""
    viewer.must(Permission.CARD_CHARGE)
    row = await (
        PaymentAttempt.objects()
        .where(viewer.reaches(PaymentAttempt), PaymentAttempt.client == client_id, PaymentAttempt.public == public)
        .where(PaymentAttempt.source == Source.STAFF)
        .first()
    )
    if row is None:
        raise NotFoundException
    return row
