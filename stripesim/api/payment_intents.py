import re
from typing import Any

from stripe.params import (
    PaymentIntentCancelParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
    PaymentIntentSearchParams,
    PaymentIntentUpdateParams,
)

from stripesim import cards, shapes
from stripesim.api import intents, metadata, paying, payment_methods
from stripesim.api.lists import listed
from stripesim.calls import Call, endpoint
from stripesim.refusal import Refused, declined, not_read
from stripesim.store import Thing, new_id

LEAST, MOST = 50, 99_999_999
CURRENCY = re.compile(r"[a-zA-Z]{3}")
WAITS = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action")
WITH_CONFIRM = ("confirmation_token", "error_on_requires_action", "mandate_data", "off_session", "return_url")
PLAIN = ("description", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor_suffix",
         "transfer_group")  # fmt: skip
CLAUSE = re.compile(r"""(status|customer|metadata\[['"]([^'"]+)['"]\]):\s*['"]([^'"]*)['"]""")


@endpoint("POST", "/v1/payment_intents", PaymentIntentCreateParams)
def create(call: Call, given: dict[str, Any]) -> Thing:
    insist_amount(given["amount"])
    if not CURRENCY.fullmatch(given["currency"]):
        raise not_read(f"Invalid currency: {given['currency']}.", param="currency")
    if given.get("capture_method") == "manual":
        raise Refused("The stand-in captures at once.", param="capture_method")
    confirms = given.get("confirm", False)
    for name in WITH_CONFIRM:
        if name in given and not confirms:
            raise not_read(f"You cannot provide `{name}` unless `confirm` is true.", param=name)
    id = new_id("pi")
    intent = shapes.payment_intent(
        id=id,
        amount=given["amount"],
        client_secret=f"{id}_{new_id('secret')}",
        created=call.now,
        currency=given["currency"].lower(),
        customer=given.get("customer"),
    )
    intents.begin(call, intent, given)
    metadata.merge(intent, given.get("metadata"))
    intent |= {name: given[name] for name in PLAIN if name in given}
    if "payment_method" in given and not confirms:
        choose(call, intent, given)
    call.store.add(intent)
    call.tell("payment_intent.created", intent)
    return pay(call, intent, given) if confirms else intent


@endpoint("GET", "/v1/payment_intents/search", PaymentIntentSearchParams)
def search(call: Call, given: dict[str, Any]) -> Thing:
    clauses = CLAUSE.findall(given["query"])
    if not clauses:
        raise not_read("The stand-in searches by metadata, status and customer.", param="query")
    found = call.store.all("payment_intent")
    for field, name, value in clauses:
        found = [one for one in found if (one["metadata"].get(name) if name else one[field]) == value]
    shown = found[: given.get("limit", 10)]
    return {"object": "search_result", "data": shown, "has_more": len(found) > len(shown), "next_page": None,
            "url": "/v1/payment_intents/search"}  # fmt: skip


@endpoint("GET", "/v1/payment_intents", PaymentIntentListParams)
def list_all(call: Call, given: dict[str, Any]) -> Thing:
    return listed(call.store.all("payment_intent", customer=given.get("customer")), given, "/v1/payment_intents")


@endpoint("GET", "/v1/payment_intents/{id}", PaymentIntentRetrieveParams)
def retrieve(call: Call, given: dict[str, Any], id: str) -> Thing:
    intent = call.store.get("payment_intent", id, param="intent")
    if given.get("client_secret") not in (None, intent["client_secret"]):
        raise Refused("The client_secret provided does not match the PaymentIntent.", param="client_secret")
    return intent


@endpoint("POST", "/v1/payment_intents/{id}", PaymentIntentUpdateParams)
def update(call: Call, given: dict[str, Any], id: str) -> Thing:
    intent = call.store.get("payment_intent", id, param="intent")
    if "amount" in given:
        intents.insist_status(intent, WAITS, "update")
        insist_amount(given["amount"])
        intent["amount"] = given["amount"]
    if "customer" in given:
        intents.begin(call, intent, given)
        intent["customer"] = given["customer"]
    if given.get("payment_method"):
        choose(call, intent, given)
    metadata.merge(intent, given.get("metadata"))
    intent |= {name: given[name] or None for name in PLAIN if name in given}
    return call.store.save(intent)


@endpoint("POST", "/v1/payment_intents/{id}/confirm", PaymentIntentConfirmParams)
def confirm(call: Call, given: dict[str, Any], id: str) -> Thing:
    intent = call.store.get("payment_intent", id, param="intent")
    intents.insist_status(intent, WAITS, "confirm")
    if given.get("amount_to_confirm", intent["amount"]) != intent["amount"]:
        raise Refused(
            f"The amount_to_confirm ({given['amount_to_confirm']}) does not match the amount of the PaymentIntent "
            f"({intent['amount']}).",
            param="amount_to_confirm",
        )
    intent |= {name: given[name] or None for name in PLAIN if name in given}
    return pay(call, intent, given)


@endpoint("POST", "/v1/payment_intents/{id}/cancel", PaymentIntentCancelParams)
def cancel(call: Call, given: dict[str, Any], id: str) -> Thing:
    intent = call.store.get("payment_intent", id, param="intent")
    intents.insist_status(intent, CANCELABLE, "cancel")
    intent |= {
        "status": "canceled",
        "canceled_at": call.now,
        "cancellation_reason": given.get("cancellation_reason"),
        "next_action": None,
    }
    call.store.save(intent)
    call.tell("payment_intent.canceled", intent)
    return intent


def insist_amount(amount: int) -> None:
    if amount < 1:
        raise not_read("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if amount < LEAST:
        raise not_read("Amount must be at least $0.50 usd", param="amount", code="amount_too_small")
    if amount > MOST:
        raise not_read("Amount must be no more than $999,999.99", param="amount", code="amount_too_large")


def choose(call: Call, intent: Thing, given: dict[str, Any]) -> None:
    intent |= {"payment_method": intents.choose(call, intent, given)["id"], "status": "requires_confirmation"}


def pay(call: Call, intent: Thing, given: dict[str, Any]) -> Thing:
    method = intents.choose(call, intent, given)
    intents.insist_return(intent, given)
    if given.get("setup_future_usage"):
        intent["setup_future_usage"] = given["setup_future_usage"]
    off_session = bool(given.get("off_session"))
    card = payment_methods.card_of(method)
    intent |= {"last_payment_error": None, "next_action": None}
    if intents.must_authenticate(card, method, off_session=off_session):
        if off_session or given.get("error_on_requires_action"):
            raise declined(**paying.fail(call, intent, method, cards.UNAUTHENTICATED))
        return intents.ask_owner(call, intent, method, given.get("return_url"))
    if card.decline:
        raise declined(**paying.fail(call, intent, method, card.decline))
    return paying.take(call, intent, method)
