"""What follows when a charge ends that nobody waited for: whose card it was is told that it did not go through."""

from portal import outbox
from portal.access import Viewer
from portal.payments import rules
from portal.payments.tables import PaymentAttempt, Source

FAILED = "card_charge.failed"


async def tell(viewer: Viewer, row: PaymentAttempt) -> None:
    """Inside the transaction in which it ended."""
    if row.state in rules.NOT_PAID and (row.source in rules.OFF_SESSION or _is_late(row)):
        await outbox.record(FAILED, row.id, row.client)


def _is_late(row: PaymentAttempt) -> bool:
    """Whoever pressed the button was told that they could leave."""
    if row.source != Source.CLIENT or row.submitted_at is None or row.ended_at is None:
        return False
    return bool(row.ended_at - row.submitted_at > rules.WAITED)
