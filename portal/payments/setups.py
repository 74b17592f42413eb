"""What Stripe is told of cards that are put on file, and what else it is asked of them."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from portal import settings as outside
from portal.payments import gateway
from portal.payments.facts import Setup
from portal.payments.tables import CardSetup


def parameters(row: CardSetup, customer: str) -> dict[str, Any]:
    return {
        "customer": customer,
        "usage": "off_session",
        "confirm": True,
        "confirmation_token": row.token,
        "return_url": f"{_here(row)}/setups/{row.public}/return",
        "allowed_payment_method_types": ["card"],
        "metadata": {"setup": str(row.public)},
    }


def page(row: CardSetup, customer: str) -> dict[str, Any]:
    return {
        "mode": "setup",
        "customer": customer,
        "client_reference_id": str(row.public),
        "allowed_payment_method_types": ["card"],
        "setup_intent_data": {"metadata": {"setup": str(row.public)}},
        "success_url": f"{_here(row)}/setups/{row.public}/return",
        "cancel_url": f"{_here(row)}/setups/{row.public}/return",
    }


def _here(row: CardSetup) -> str:
    return f"{outside.settings().base_url}/clients/{row.client}/account/cards"


async def begun_since(moment: datetime, *, customer: str) -> AsyncIterator[Setup]:
    """The newest first."""
    async for one in gateway.pages(lambda stripe: stripe.v1.setup_intents.list_async, {"customer": customer}, moment):
        yield gateway.as_setup(one)


async def give_up(name: str) -> Setup:
    """Raises `Refusal` where it is too late."""
    told: Any = {"cancellation_reason": "abandoned", "expand": ["payment_method"]}
    return gateway.as_setup(await gateway.asked(lambda stripe: stripe.v1.setup_intents.cancel_async(name, told)))
