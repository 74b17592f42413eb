"""A payment by card whose card takes nothing back any more: staff give the money back by hand, and record that."""

from portal.access import Viewer
from portal.billing import ways
from portal.database import fetch
from portal.payments.actions import refunding

CAME_BACK = "SELECT id FROM card_refund WHERE paid = {} AND state::text = 'failed' AND refund IS NOT NULL LIMIT 1"


@ways.declare_not_to_card
async def by_hand(viewer: Viewer, payment_id: int) -> dict[int, int] | None:
    """As much as could go to the card, once the bank has sent a refund back. Whoever asks has reached the payment."""
    return await refunding.returnable(viewer, payment_id) if await fetch(CAME_BACK, payment_id) else None
