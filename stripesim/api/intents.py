"""What payments and set-ups have in common: which card, whose, and whether its owner must be asked."""

from typing import Any

from stripesim.api import confirmation_tokens, customers, payment_methods
from stripesim.calls import Call, public
from stripesim.cards import Card, Decline
from stripesim.refusal import Refused
from stripesim.store import Thing

DONE = {"cancel": "canceled", "confirm": "confirmed", "update": "updated"}
NAMES = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}
NO_RETURN = (
    "This {name} is configured to accept payment methods enabled in your Dashboard. Because some of these payment "
    "methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to "
    "accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
    "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
)
FAILED = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this {name} again."
)


def begin(call: Call, intent: Thing, given: dict[str, Any]) -> None:
    """What create and confirm share: whose it is and what it accepts."""
    if customer := given.get("customer"):
        customers.living(call, customer)
    if "allowed_payment_method_types" in given:
        if "card" not in given["allowed_payment_method_types"]:
            raise Refused("The stand-in knows cards only.", param="allowed_payment_method_types")
        intent["allowed_payment_method_types"] = given["allowed_payment_method_types"]
    elif intent["automatic_payment_methods"] is None:
        said = given.get("automatic_payment_methods", {})
        intent["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True} | said


def choose(call: Call, intent: Thing, given: dict[str, Any]) -> Thing:
    name = NAMES[intent["object"]]
    if given.get("payment_method") and given.get("confirmation_token"):
        raise Refused("You may only specify one of: payment_method, confirmation_token.", param="confirmation_token")
    if "payment_method_data" in given:
        raise Refused("Missing required param: payment_method_data[card].", code="parameter_missing")
    if id := given.get("confirmation_token"):
        token, method = confirmation_tokens.used(call, id, intent)
        for said in ("return_url", "setup_future_usage"):
            if token[said]:
                given.setdefault(said, token[said])
    elif id := given.get("payment_method") or intent["payment_method"]:
        method = payment_methods.chosen(call, id, param="payment_method")
    else:
        raise Refused(
            f"You cannot confirm this {name} because it's missing a payment method. You can either update the {name} "
            "with a payment method and then confirm it again, or confirm it again directly with a payment method or "
            "ConfirmationToken.",
            code=f"{intent['object']}_unexpected_state",
            **{intent["object"]: public(intent)},
        )
    insist_own(method, intent["customer"])
    payment_methods.insist_unspent(method)
    return method


def insist_own(method: Thing, customer: str | None) -> None:
    if method["customer"] in (None, customer):
        return
    if customer is None:
        raise Refused(
            "The payment method you provided is attached to a customer so for security purposes you must provide the "
            "customer in the request.",
            param="payment_method",
        )
    raise Refused(
        f"The customer does not have a payment method with the ID {method['id']}. The payment method must be attached "
        "to the customer.",
        param="payment_method",
    )


def insist_return(intent: Thing, given: dict[str, Any]) -> None:
    accepts = intent["automatic_payment_methods"]
    if accepts and accepts["enabled"] and accepts.get("allow_redirects") != "never" and not given.get("return_url"):
        raise Refused(NO_RETURN.format(name=NAMES[intent["object"]]), param="return_url")


def must_authenticate(card: Card, method: Thing, *, off_session: bool) -> bool:
    if card.authenticates == "unless_saved":
        return not (off_session and method["_is_authenticated"])
    return card.authenticates == "always"


def ask_owner(call: Call, intent: Thing, method: Thing, return_url: str | None) -> Thing:
    """3-D Secure: the next page is the bank's."""
    intent |= {"status": "requires_action", "payment_method": method["id"], "_return_url": return_url}
    page = f"{call.address}/3ds/{intent['id']}"
    if return_url:
        redirect = {"return_url": return_url, "url": page}
        intent["next_action"] = {"redirect_to_url": redirect, "type": "redirect_to_url"}
    else:
        details = {"type": "three_d_secure_redirect", "stripe_js": page}
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": details}
    call.store.save(intent)
    call.tell(f"{intent['object']}.requires_action", intent)
    return intent


def failure(decline: Decline, method: Thing, **more: Any) -> Thing:
    return more | {
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": f"https://docs.stripe.com/error-codes#{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": public(method),
        "type": "card_error",
    }


def unauthenticated(intent: Thing, method: Thing) -> Thing:
    code = f"{intent['object']}_authentication_failure"
    return {
        "code": code,
        "doc_url": f"https://docs.stripe.com/error-codes#{code.replace('_', '-')}",
        "message": FAILED.format(name=NAMES[intent["object"]]),
        "payment_method": public(method),
        "type": "invalid_request_error",
    }


def insist_status(intent: Thing, allowed: tuple[str, ...], verb: str) -> None:
    if intent["status"] in allowed:
        return
    name = NAMES[intent["object"]]
    raise Refused(
        f"You cannot {verb} this {name} because it has a status of {intent['status']}. Only a {name} with one of the "
        f"following statuses may be {DONE[verb]}: {', '.join(allowed)}.",
        code=f"{intent['object']}_unexpected_state",
        **{intent["object"]: public(intent)},
    )
