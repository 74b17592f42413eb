"""What follows when a charge ends: nobody has to look for it any more, and who did not wait for it is told of a no."""

from portal import outbox
from portal.access import Viewer
from portal.payments import rules
from portal.payments.actions import alarming
from portal.payments.tables import PaymentAttempt, Source

FAILED = "card_charge.failed"


async def tell(viewer: Viewer, row: PaymentAttempt) -> None:
    """Inside the transaction in which its state changed."""
    if row.state in rules.ENDED:
        await alarming.has_ended(viewer, row)
    if row.state in rules.NOT_PAID and (row.source in rules.OFF_SESSION or _is_late(row)):
        await outbox.record(FAILED, row.id, row.client)


def _is_late(row: PaymentAttempt) -> bool:
    """Whoever pressed the button was told that they could leave."""
    if row.source != Source.CLIENT or row.submitted_at is None or row.ended_at is None:
        return False
    return bool(row.ended_at - row.submitted_at > rules.WAITED)
