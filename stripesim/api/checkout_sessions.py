from typing import Any

import stripe
from stripe.params.checkout import (
    SessionCreateParams,
    SessionExpireParams,
    SessionLineItemListParams,
    SessionListParams,
    SessionRetrieveParams,
)

from stripesim import shapes
from stripesim.api import customers, metadata, payment_intents, payment_methods, setup_intents
from stripesim.api.lists import listed
from stripesim.calls import Call, endpoint
from stripesim.cards import Card
from stripesim.refusal import Refused, not_read
from stripesim.store import Thing, new_id

SHORTEST, LONGEST = 30 * 60, 24 * 3600
HANDED_ON = ("description", "receipt_email", "setup_future_usage", "statement_descriptor_suffix")


@endpoint("POST", "/v1/checkout/sessions", SessionCreateParams)
def create(call: Call, given: dict[str, Any]) -> Thing:
    mode = given.get("mode", "payment")
    insist(call, given, mode)
    id = new_id("cs_test")
    session = shapes.session(
        id=id,
        created=call.now,
        customer=given.get("customer"),
        customer_creation=None if given.get("customer") else given.get("customer_creation", "if_required"),
        currency=given.get("currency", "usd"),
        expires_at=given.get("expires_at", call.now + LONGEST),
        mode=mode,
        url=f"{call.address}/c/pay/{id}",
        _data=given.get("payment_intent_data" if mode == "payment" else "setup_intent_data", {}),
    )
    session |= {name: given[name] for name in ("cancel_url", "client_reference_id", "customer_email", "locale",
                                               "success_url", "submit_type") if name in given}  # fmt: skip
    metadata.merge(session, given.get("metadata"))
    items = [line_item(call, one) for one in given.get("line_items", [])]
    session["_more"] = {"line_items": shapes.page(items, f"/v1/checkout/sessions/{id}/line_items")}
    if mode == "payment":
        total = sum(one["amount_total"] for one in items)
        payment_intents.insist_amount(total)
        totals = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
        session |= {"amount_subtotal": total, "amount_total": total, "total_details": totals}
    else:
        session |= {"payment_status": "no_payment_required", "setup_intent": waiting_set_up(call, session)["id"]}
    return call.store.add(session)


@endpoint("GET", "/v1/checkout/sessions", SessionListParams)
def list_all(call: Call, given: dict[str, Any]) -> Thing:
    found = call.store.all("checkout.session", customer=given.get("customer"))
    for name in ("payment_intent", "status"):
        found = [one for one in found if given.get(name) in (None, one[name])]
    return listed(found, given, "/v1/checkout/sessions")


@endpoint("GET", "/v1/checkout/sessions/{id}", SessionRetrieveParams)
def retrieve(call: Call, given: dict[str, Any], id: str) -> Thing:
    return lapse(call, call.store.get("checkout.session", id))


@endpoint("GET", "/v1/checkout/sessions/{id}/line_items", SessionLineItemListParams)
def line_items(call: Call, given: dict[str, Any], id: str) -> Thing:
    return call.store.get("checkout.session", id)["_more"]["line_items"]


@endpoint("POST", "/v1/checkout/sessions/{id}/expire", SessionExpireParams)
def expire(call: Call, given: dict[str, Any], id: str) -> Thing:
    session = lapse(call, call.store.get("checkout.session", id))
    if session["status"] != "open":
        raise Refused(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"`{session['status']}`.",
            param="session",
        )
    return close(call, session)


def insist(call: Call, given: dict[str, Any], mode: str) -> None:
    if mode == "subscription":
        raise Refused("The stand-in knows the modes payment and setup.", param="mode")
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise Refused("The stand-in knows hosted pages only.", param="ui_mode")
    if "success_url" not in given:
        raise not_read("Missing required param: success_url.", param="success_url", code="parameter_missing")
    if mode == "payment" and not given.get("line_items"):
        raise not_read("Missing required param: line_items.", param="line_items", code="parameter_missing")
    if mode == "setup" and "currency" not in given and "allowed_payment_method_types" not in given:
        raise not_read("Missing required param: currency.", param="currency", code="parameter_missing")
    if customer := given.get("customer"):
        customers.living(call, customer)
        if "customer_email" in given:
            raise Refused("You may only specify one of these parameters: customer, customer_email.", param="customer")
    if "expires_at" in given and not SHORTEST <= given["expires_at"] - call.now + 60 <= LONGEST + 120:
        raise Refused(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )


def line_item(call: Call, said: dict[str, Any]) -> Thing:
    price = said.get("price_data")
    if price is None or "unit_amount" not in price or "product_data" not in price:
        raise Refused("The stand-in takes price_data with product_data and unit_amount.", param="line_items")
    quantity = said.get("quantity", 1)
    amount = price["unit_amount"] * quantity
    shown = shapes.blank(stripe.Price) | {
        "id": new_id("price"), "object": "price", "active": False, "billing_scheme": "per_unit", "created": call.now,
        "currency": price["currency"], "livemode": False, "metadata": {}, "product": new_id("prod"),
        "tax_behavior": "unspecified", "type": "one_time", "unit_amount": price["unit_amount"],
        "unit_amount_decimal": str(price["unit_amount"]),
    }  # fmt: skip
    return {
        "id": new_id("li"), "object": "item", "amount_discount": 0, "amount_subtotal": amount, "amount_tax": 0,
        "amount_total": amount, "currency": price["currency"], "description": price["product_data"]["name"],
        "price": shown, "quantity": quantity,
    }  # fmt: skip


def waiting_set_up(call: Call, session: Thing) -> Thing:
    given = {"usage": "off_session", "allowed_payment_method_types": ["card"], "customer": session["customer"]}
    said = {name: session["_data"][name] for name in ("description", "metadata") if name in session["_data"]}
    return setup_intents.create(call, {name: value for name, value in given.items() if value} | said)


def lapse(call: Call, session: Thing) -> Thing:
    is_late = session["status"] == "open" and session["expires_at"] <= call.now
    return close(call, session) if is_late else session


def close(call: Call, session: Thing) -> Thing:
    session |= {"status": "expired", "url": None}
    call.store.save(session)
    call.tell("checkout.session.expired", session)
    return session


def submit(call: Call, session: Thing, card: Card, month: int, year: int, billing: dict[str, Any]) -> Thing:
    """The button of the hosted page. Raises what the card's bank says; else the payment is made, or asked about."""
    session = lapse(call, session)
    if session["status"] != "open":
        raise Refused(f"This Checkout Session is {session['status']}.")
    method = call.store.add(payment_methods.new(call, card, month=month, year=year, billing=billing))
    given = {"payment_method": method["id"], "return_url": f"{call.address}/c/pay/{session['id']}/return"}
    details = method["billing_details"]
    session |= {"customer_details": dict.fromkeys(("business_name", "individual_name", "phone", "tax_exempt")) | {
        "address": details["address"], "email": details["email"] or session["customer_email"],
        "name": details["name"], "tax_ids": [], "tax_exempt": "none"}}  # fmt: skip
    call.store.save(session)
    if session["mode"] == "setup":
        intent = call.store.get("setup_intent", session["setup_intent"])
        return follow(call, setup_intents.set_up(call, intent | {"_session": session["id"]}, given))
    intent = payment(call, session)
    return follow(call, payment_intents.pay(call, intent, given))


def payment(call: Call, session: Thing) -> Thing:
    """Made at the first try, and kept for the next card where the first is declined."""
    if session["payment_intent"]:
        return call.store.get("payment_intent", session["payment_intent"])
    data = session["_data"]
    given = {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "allowed_payment_method_types": ["card"],
    }
    said = {name: data[name] for name in (*HANDED_ON, "metadata") if name in data}
    owner = {"customer": session["customer"]} if session["customer"] else {}
    intent = payment_intents.create(call, given | owner | said)
    intent["_session"] = session["id"]
    call.store.save(intent)
    session["payment_intent"] = intent["id"]
    call.store.save(session)
    return intent


def follow(call: Call, intent: Thing) -> Thing:
    """The session ends when its payment does."""
    id = intent.get("_session")
    if id is None:
        return intent
    session = call.store.get("checkout.session", id)
    was_complete = session["status"] == "complete"
    is_paid = intent["status"] == "succeeded"
    if is_paid or intent["status"] == "processing":
        session |= {"status": "complete", "url": None}
    if is_paid and session["mode"] == "payment":
        session["payment_status"] = "paid"
    call.store.save(session)
    if was_complete:
        call.tell(f"checkout.session.async_payment_{'succeeded' if is_paid else 'failed'}", session)
    elif session["status"] == "complete":
        call.tell("checkout.session.completed", session)
    return session


def declined_in(intent: Thing) -> str | None:
    said = intent.get("last_payment_error") or intent.get("last_setup_error")
    return said["message"] if said else None
