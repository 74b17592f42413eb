"""What follows when a charge ends that nobody waited for: whose card it was is told that it did not go through."""

from portal import outbox
from portal.access import Viewer
from portal.payments import rules
from portal.payments.tables import PaymentAttempt

FAILED = "card_charge.failed"


async def tell(viewer: Viewer, row: PaymentAttempt) -> None:
    """Inside the transaction in which it ended."""
    if row.source in rules.OFF_SESSION and row.state in rules.NOT_PAID:
        await outbox.record(FAILED, row.id, row.client)
