"""What Stripe is told of an attempt: the same each time, and nothing of the client but a number that we made up."""

from typing import Any

from portal import settings as outside
from portal.access import Viewer
from portal.payments import gateway, rules
from portal.payments.tables import Card, PaymentAttempt, Source, Way
from portal.practice import queries as practices


async def parameters(viewer: Viewer, row: PaymentAttempt, customer: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "amount": row.amount,
        "currency": gateway.CURRENCY,
        "customer": customer,
        "confirm": True,
        "allowed_payment_method_types": ["card"],
        "metadata": {"attempt": str(row.public)},
        "description": await described(viewer),
    }
    if row.way == Way.SAVED:
        card = await Card.objects().get(Card.id == row.card)
        assert card is not None
        told["payment_method"] = card.method
    else:
        told["confirmation_token"] = row.token
    if row.source in rules.OFF_SESSION:
        told["off_session"] = True  # nobody is there whom the bank could ask
    else:
        told["return_url"] = back(row)
    if row.saves:
        told["setup_future_usage"] = "off_session"
    return told


async def page(viewer: Viewer, row: PaymentAttempt, customer: str) -> dict[str, Any]:
    words = await described(viewer)
    intent: dict[str, Any] = {"metadata": {"attempt": str(row.public)}, "description": words}
    if row.saves:
        intent["setup_future_usage"] = "off_session"
    price = {"currency": gateway.CURRENCY, "unit_amount": row.amount, "product_data": {"name": words}}
    return {
        "mode": "payment",
        "customer": customer,
        "client_reference_id": str(row.public),
        "line_items": [{"price_data": price, "quantity": 1}],
        "payment_intent_data": intent,
        "success_url": back(row),
        "cancel_url": back(row),
    }


def back(row: PaymentAttempt) -> str:
    if row.source == Source.LINK:
        return f"{outside.settings().base_url}/pay/attempts/{row.public}/return"
    return f"{outside.settings().base_url}/clients/{row.client}/account/payments/{row.public}/return"


async def described(viewer: Viewer) -> str:
    """What stands on the statement of a card may be read by others: no more than whom the money went to."""
    return f"Payment to {(await practices.practice(viewer)).name}"
