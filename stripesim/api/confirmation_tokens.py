from typing import Any

from stripe.params import ConfirmationTokenRetrieveParams
from stripe.params.test_helpers import ConfirmationTokenCreateParams

from stripesim import cards, shapes
from stripesim.api import payment_methods
from stripesim.calls import Call, endpoint
from stripesim.cards import Card
from stripesim.refusal import Refused
from stripesim.store import Thing, new_id

LASTS = 12 * 3600
MONTH, YEAR = 12, 2034


@endpoint("POST", "/v1/test_helpers/confirmation_tokens", ConfirmationTokenCreateParams)
def create(call: Call, given: dict[str, Any]) -> Thing:
    """What the browser's form does otherwise: see `made`."""
    id = given.get("payment_method")
    if id is None:
        raise Refused("The stand-in makes a token of a payment_method.", param="payment_method")
    card = cards.aliased(id)
    if card is not None:
        token = made(call, card, MONTH, YEAR)
    else:
        method = call.store.get("payment_method", id, param="payment_method", status=400)
        shown = payment_methods.card_of(method)
        token = made(call, shown, method["card"]["exp_month"], method["card"]["exp_year"])
        token["payment_method_preview"] |= {"customer": method["customer"]}
        token["_method"] = id
    token |= {name: given[name] for name in ("return_url", "setup_future_usage", "shipping") if name in given}
    return call.store.add(token)


@endpoint("GET", "/v1/confirmation_tokens/{id}", ConfirmationTokenRetrieveParams)
def retrieve(call: Call, given: dict[str, Any], id: str) -> Thing:
    return call.store.get("confirmation_token", id, param="confirmation_token")


def made(call: Call, card: Card, month: int, year: int, billing: dict[str, Any] | None = None) -> Thing:
    return {
        "id": new_id("ctoken"),
        "object": "confirmation_token",
        "created": call.now,
        "expires_at": call.now + LASTS,
        "livemode": False,
        "mandate_data": None,
        "payment_intent": None,
        "payment_method_options": None,
        "payment_method_preview": {
            "allow_redisplay": "unspecified",
            "billing_details": shapes.billing_details(billing),
            "card": payment_methods.card_shown(card, month, year),
            "customer": None,
            "type": "card",
        },
        "return_url": None,
        "setup_future_usage": None,
        "setup_intent": None,
        "shipping": None,
        "use_stripe_sdk": True,
        "_card": card.alias,
        "_method": None,
        "_is_used": False,
    }


def used(call: Call, id: str, intent: Thing) -> tuple[Thing, Thing]:
    """The token and the card that it stands for. It is good once, and for twelve hours."""
    token = call.store.get("confirmation_token", id, param="confirmation_token", status=400)
    if token["_is_used"]:
        raise Refused(
            f"The provided ConfirmationToken ({id}) has already been used to confirm an Intent.",
            param="confirmation_token",
        )
    if token["expires_at"] <= call.now:
        raise Refused(f"The provided ConfirmationToken ({id}) has expired.", param="confirmation_token")
    token["_is_used"] = True
    token[intent["object"]] = intent["id"]
    call.store.save(token)
    if token["_method"]:
        return token, call.store.get("payment_method", token["_method"], param="confirmation_token", status=400)
    shown = token["payment_method_preview"]
    method = payment_methods.new(
        call,
        cards.BY_ALIAS[token["_card"]],
        month=shown["card"]["exp_month"],
        year=shown["card"]["exp_year"],
        billing=shown["billing_details"],
    )
    return token, call.store.add(method)
