from datetime import UTC, datetime
from typing import Any

from babel import Locale
from stripe.params import (
    CustomerListPaymentMethodsParams,
    PaymentMethodAttachParams,
    PaymentMethodCreateParams,
    PaymentMethodDetachParams,
    PaymentMethodListParams,
    PaymentMethodRetrieveParams,
    PaymentMethodUpdateParams,
)

from stripesim import cards, shapes
from stripesim.api import metadata
from stripesim.api.lists import listed
from stripesim.calls import Call, endpoint
from stripesim.cards import Card
from stripesim.refusal import Refused, declined, missing
from stripesim.store import Thing, new_id

MONTHS = 12
PARTS_OF_THE_WORLD = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
COUNTRIES = {one for one in map(str, Locale("en").territories) if len(one) == 2 and one.isalpha()} - PARTS_OF_THE_WORLD
RAW = (
    "Sending credit card numbers directly to the Stripe API is generally unsafe. "
    "We suggest you use test tokens that map to the test card you are using."
)


@endpoint("POST", "/v1/payment_methods", PaymentMethodCreateParams)
def create(call: Call, given: dict[str, Any]) -> Thing:
    said = given.get("card", {})
    if "number" in said:
        raise Refused(RAW, status=402, kind="card_error")
    card = cards.aliased(said.get("token", ""))
    if card is None:
        raise missing("token", said.get("token", ""), param="card[token]", status=400)
    insist_country(given.get("billing_details", {}))
    return call.store.add(new(call, card, billing=given.get("billing_details"), notes=given.get("metadata")))


@endpoint("GET", "/v1/payment_methods", PaymentMethodListParams)
def list_all(call: Call, given: dict[str, Any]) -> Thing:
    return of_customer(call, given, given.get("customer"), "/v1/payment_methods")


@endpoint("GET", "/v1/customers/{customer}/payment_methods", CustomerListPaymentMethodsParams)
def list_of_customer(call: Call, given: dict[str, Any], customer: str) -> Thing:
    call.store.get("customer", customer)
    return of_customer(call, given, customer, f"/v1/customers/{customer}/payment_methods")


@endpoint("GET", "/v1/payment_methods/{id}", PaymentMethodRetrieveParams)
def retrieve(call: Call, given: dict[str, Any], id: str) -> Thing:
    return chosen(call, id, param="payment_method", status=404)


@endpoint("POST", "/v1/payment_methods/{id}", PaymentMethodUpdateParams)
def update(call: Call, given: dict[str, Any], id: str) -> Thing:
    method = call.store.get("payment_method", id, param="payment_method")
    if method["customer"] is None:
        raise Refused(
            "You must save this PaymentMethod to a customer before you can update it.",
            code="payment_method_unexpected_state",
        )
    change_expiry(call, method, given.get("card", {}))
    if "billing_details" in given:
        change_billing(method, given["billing_details"])
    if "metadata" in given:
        metadata.merge(method, given["metadata"])
    if "allow_redisplay" in given:
        method["allow_redisplay"] = given["allow_redisplay"]
    call.store.save(method)
    call.tell("payment_method.updated", method)
    return method


@endpoint("POST", "/v1/payment_methods/{id}/attach", PaymentMethodAttachParams)
def attach(call: Call, given: dict[str, Any], id: str) -> Thing:
    method = chosen(call, id, param="payment_method", status=404)
    customer = call.store.get("customer", given.get("customer", ""), param="customer", status=400)
    if customer.get("deleted"):
        raise missing("customer", customer["id"], param="customer", status=400)
    if method["customer"] not in (None, customer["id"]):
        raise Refused("The payment method you provided has already been attached to a customer.")
    insist_unspent(method)
    card = card_of(method)
    if card.decline and not card.attaches:
        raise declined(*card.decline)
    return keep(call, method, customer["id"])


@endpoint("POST", "/v1/payment_methods/{id}/detach", PaymentMethodDetachParams)
def detach(call: Call, given: dict[str, Any], id: str) -> Thing:
    method = call.store.get("payment_method", id, param="payment_method")
    if method["customer"] is None:
        raise Refused(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            param="payment_method",
        )
    return let_go(call, method)


def change_expiry(call: Call, method: Thing, said: dict[str, Any]) -> None:
    card = method["card"]
    card |= {name: said[name] for name in ("exp_month", "exp_year") if name in said}
    today = datetime.fromtimestamp(call.now, UTC)
    if not 1 <= card["exp_month"] <= MONTHS:
        raise declined("invalid_expiry_month", None, "Your card's expiration month is invalid.", param="exp_month")
    if (card["exp_year"], card["exp_month"]) < (today.year, today.month):
        raise declined("invalid_expiry_year", None, "Your card's expiration year is invalid.", param="exp_year")


def change_billing(method: Thing, said: dict[str, Any]) -> None:
    """What is sent empty is null afterwards; an empty address is none at all."""
    insist_country(said)
    before = method["billing_details"]
    address = said.get("address", {})
    address = dict.fromkeys(before["address"], "") if address == "" else address
    method["billing_details"] = before | emptied(said) | {"address": before["address"] | emptied(address)}


def emptied(said: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value == "" else value for name, value in said.items()}


def insist_country(billing: dict[str, Any]) -> None:
    country = (billing.get("address") or {}).get("country")
    if country and country not in COUNTRIES:
        raise Refused(
            f"Country '{country}' is unknown. Try using a 2-character alphanumeric country code instead, such as "
            "'US', 'EG', or 'GB'. A full list of country codes is available at https://stripe.com/global",
            param="billing_details[address][country]",
        )


def of_customer(call: Call, given: dict[str, Any], customer: str | None, path: str) -> Thing:
    found = call.store.all("payment_method", customer=customer) if customer else []
    return listed([one for one in found if given.get("type", "card") == "card"], given, path)


def chosen(call: Call, id: str, *, param: str, status: int = 400) -> Thing:
    """`pm_card_visa` and its like are a new card each time."""
    if card := cards.aliased(id) if id.startswith("pm_card_") else None:
        return call.store.add(new(call, card))
    return call.store.get("payment_method", id, param=param, status=status)


def new(
    call: Call,
    card: Card,
    *,
    month: int = 12,
    year: int = 2034,
    billing: dict[str, Any] | None = None,
    notes: dict[str, str] | None = None,
) -> Thing:
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": shapes.billing_details(billing),
        "card": card_shown(card, month, year),
        "created": call.now,
        "customer": None,
        "livemode": False,
        "metadata": notes or {},
        "type": "card",
        "_card": card.alias,
        "_is_authenticated": False,
        "_is_spent": False,
    }


def card_shown(card: Card, month: int, year: int) -> Thing:
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "display_brand": "american_express" if card.brand == "amex" else card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def card_of(method: Thing) -> Card:
    return cards.BY_ALIAS[method["_card"]]


def insist_unspent(method: Thing) -> None:
    if method["_is_spent"] and method["customer"] is None:
        raise Refused(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
            "with a connected account without Customer attachment, or was detached from a Customer. It may not be "
            "used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
            code="payment_method_unexpected_state",
        )


def keep(call: Call, method: Thing, customer: str) -> Thing:
    if method["customer"] is None:
        method["customer"] = customer
        call.store.save(method)
        call.tell("payment_method.attached", method)
    return method


def let_go(call: Call, method: Thing) -> Thing:
    customer = call.store.get("customer", method["customer"])
    if (customer.get("invoice_settings") or {}).get("default_payment_method") == method["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
        call.store.save(customer)
    method |= {"customer": None, "_is_spent": True}
    call.store.save(method)
    call.tell("payment_method.detached", method, customer=customer["id"])
    return method
