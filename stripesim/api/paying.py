"""How a payment ends, whichever way it came: the API, the bank's page, Checkout, or a switch."""

from stripesim.api import charges, disputes, intents, payment_methods
from stripesim.calls import Call, public
from stripesim.cards import Decline
from stripesim.store import Thing


def take(call: Call, intent: Thing, method: Thing) -> Thing:
    waiting = call.store.setting("processing", 0)
    if waiting:
        call.store.set("processing", waiting - 1)
        return wait(call, intent, method)
    charge = charges.new(call, intent, method)
    return done(call, intent, method, charge)


def wait(call: Call, intent: Thing, method: Thing) -> Thing:
    charge = charges.new(call, intent, method, is_pending=True)
    intent |= {"status": "processing", "latest_charge": charge["id"], "payment_method": method["id"],
               "next_action": None}  # fmt: skip
    call.store.save(intent)
    call.tell("payment_intent.processing", intent)
    return intent


def done(call: Call, intent: Thing, method: Thing, charge: Thing) -> Thing:
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": method["id"],
    }
    call.store.save(intent)
    call.tell("payment_intent.succeeded", intent)
    if intent["setup_future_usage"] and intent["customer"]:
        payment_methods.keep(call, method, intent["customer"])
    elif method["customer"] is None:
        method["_is_spent"] = True
        call.store.save(method)
    if payment_methods.card_of(method).is_disputed:
        disputes.open_one(call, charge, "fraudulent")
    return intent


def fail(call: Call, intent: Thing, method: Thing, decline: Decline, charge: Thing | None = None) -> Thing:
    """What the card's refusal says in the answer. The intent waits for another card."""
    charge = charge or charges.new(call, intent, method, decline=decline)
    said = intents.failure(decline, method, charge=charge["id"])
    intent |= {
        "status": "requires_payment_method",
        "last_payment_error": said,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": None,
    }
    call.store.save(intent)
    call.tell("payment_intent.payment_failed", intent)
    return {name: value for name, value in said.items() if name != "type"} | {"payment_intent": public(intent)}


def answered(call: Call, intent: Thing, *, was_the_owner: bool) -> Thing:
    """The bank's page has been answered."""
    method = call.store.get("payment_method", intent["payment_method"])
    if not was_the_owner:
        intent |= {
            "status": "requires_payment_method",
            "last_payment_error": intents.unauthenticated(intent, method),
            "next_action": None,
            "payment_method": None,
        }
        call.store.save(intent)
        call.tell("payment_intent.payment_failed", intent)
        return intent
    method["_is_authenticated"] = True
    call.store.save(method)
    if decline := payment_methods.card_of(method).decline:
        fail(call, intent, method, decline)
        return intent
    return take(call, intent, method)


def settle(call: Call, intent: Thing, decline: Decline | None) -> Thing:
    """A payment that was processing ends."""
    method = call.store.get("payment_method", intent["payment_method"])
    charge = call.store.get("charge", intent["latest_charge"])
    if decline:
        charge |= {"status": "failed", "paid": False, "captured": False, "failure_code": decline.code,
                   "failure_message": decline.message}  # fmt: skip
        call.store.save(charge)
        call.tell("charge.failed", charge)
        fail(call, intent, method, decline, charge)
        return intent
    charges.settle(call, charge)
    call.store.save(charge)
    call.tell("charge.succeeded", charge)
    return done(call, intent, method, charge)
