from typing import Any

from stripe.params import (
    SetupIntentCancelParams,
    SetupIntentConfirmParams,
    SetupIntentCreateParams,
    SetupIntentListParams,
    SetupIntentRetrieveParams,
)

from stripesim import shapes
from stripesim.api import intents, metadata, payment_methods
from stripesim.api.lists import listed
from stripesim.calls import Call, endpoint, public
from stripesim.cards import Decline
from stripesim.refusal import Refused, declined, not_read
from stripesim.store import Thing, new_id

WAITS = ("requires_payment_method", "requires_confirmation", "requires_action")
WITH_CONFIRM = ("confirmation_token", "mandate_data", "return_url")


@endpoint("POST", "/v1/setup_intents", SetupIntentCreateParams)
def create(call: Call, given: dict[str, Any]) -> Thing:
    confirms = given.get("confirm", False)
    for name in WITH_CONFIRM:
        if name in given and not confirms:
            raise not_read(f"You cannot provide `{name}` unless `confirm` is true.", param=name)
    id = new_id("seti")
    intent = shapes.setup_intent(
        id=id,
        client_secret=f"{id}_{new_id('secret')}",
        created=call.now,
        customer=given.get("customer"),
        description=given.get("description"),
        usage=given.get("usage", "off_session"),
    )
    intents.begin(call, intent, given)
    metadata.merge(intent, given.get("metadata"))
    if "payment_method" in given and not confirms:
        method = intents.choose(call, intent, given)
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    call.store.add(intent)
    call.tell("setup_intent.created", intent)
    return set_up(call, intent, given) if confirms else intent


@endpoint("GET", "/v1/setup_intents", SetupIntentListParams)
def list_all(call: Call, given: dict[str, Any]) -> Thing:
    return listed(call.store.all("setup_intent", customer=given.get("customer")), given, "/v1/setup_intents")


@endpoint("GET", "/v1/setup_intents/{id}", SetupIntentRetrieveParams)
def retrieve(call: Call, given: dict[str, Any], id: str) -> Thing:
    intent = call.store.get("setup_intent", id, param="intent")
    if given.get("client_secret") not in (None, intent["client_secret"]):
        raise Refused("The client_secret provided does not match the SetupIntent.", param="client_secret")
    return intent


@endpoint("POST", "/v1/setup_intents/{id}/confirm", SetupIntentConfirmParams)
def confirm(call: Call, given: dict[str, Any], id: str) -> Thing:
    intent = call.store.get("setup_intent", id, param="intent")
    intents.insist_status(intent, WAITS, "confirm")
    return set_up(call, intent, given)


@endpoint("POST", "/v1/setup_intents/{id}/cancel", SetupIntentCancelParams)
def cancel(call: Call, given: dict[str, Any], id: str) -> Thing:
    intent = call.store.get("setup_intent", id, param="intent")
    intents.insist_status(intent, WAITS, "cancel")
    intent |= {
        "status": "canceled",
        "cancellation_reason": given.get("cancellation_reason"),
        "next_action": None,
    }
    call.store.save(intent)
    call.tell("setup_intent.canceled", intent)
    return intent


def set_up(call: Call, intent: Thing, given: dict[str, Any]) -> Thing:
    method = intents.choose(call, intent, given)
    intents.insist_return(intent, given)
    card = payment_methods.card_of(method)
    intent |= {"last_setup_error": None, "next_action": None}
    if card.decline and not card.attaches:
        raise declined(**fail(call, intent, method, card.decline))
    if card.authenticates:
        return intents.ask_owner(call, intent, method, given.get("return_url"))
    return done(call, intent, method)


def fail(call: Call, intent: Thing, method: Thing, decline: Decline) -> Thing:
    said = intents.failure(decline, method)
    intent |= {"status": "requires_payment_method", "last_setup_error": said, "payment_method": None,
               "next_action": None}  # fmt: skip
    call.store.save(intent)
    call.tell("setup_intent.setup_failed", intent)
    return {name: value for name, value in said.items() if name != "type"} | {"setup_intent": public(intent)}


def done(call: Call, intent: Thing, method: Thing) -> Thing:
    intent |= {"status": "succeeded", "payment_method": method["id"], "next_action": None}
    call.store.save(intent)
    call.tell("setup_intent.succeeded", intent)
    if intent["customer"]:
        payment_methods.keep(call, method, intent["customer"])
    return intent


def answered(call: Call, intent: Thing, *, was_the_owner: bool) -> Thing:
    method = call.store.get("payment_method", intent["payment_method"])
    if was_the_owner:
        method["_is_authenticated"] = True
        call.store.save(method)
        return done(call, intent, method)
    intent |= {
        "status": "requires_payment_method",
        "last_setup_error": intents.unauthenticated(intent, method),
        "next_action": None,
        "payment_method": None,
    }
    call.store.save(intent)
    call.tell("setup_intent.setup_failed", intent)
    return intent
