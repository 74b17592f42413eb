"""How an object of Stripe's looks. What the library marks as optional is null until something says more."""

from functools import cache
from types import NoneType
from typing import Any, get_args

import stripe

from stripesim.store import Thing

LEFT_OUT = {
    "Customer": {
        "cash_balance", "deleted", "invoice_credit_balance", "sources", "subscriptions", "tax", "tax_ids",
        "business_name", "individual_name", "customer_account",
    },
    "Charge": {"refunds", "level3", "authorization_code"},
    "Session": {"line_items"},
    "Price": {"deleted", "tiers", "currency_options"},
}  # fmt: skip


def blank(kind: type) -> dict[str, None]:
    """A copy of the object's optional fields, all null."""
    return dict.fromkeys(optional(kind))


@cache
def optional(kind: type) -> tuple[str, ...]:
    left_out = LEFT_OUT.get(kind.__name__, set())
    hints = kind.__annotations__
    return tuple(name for name, hint in hints.items() if NoneType in get_args(hint) and name not in left_out)


def customer(**said: Any) -> Thing:
    settings = {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}
    return blank(stripe.Customer) | {
        "object": "customer", "balance": 0, "delinquent": False, "invoice_settings": settings, "livemode": False,
        "metadata": {}, "preferred_locales": [], "tax_exempt": "none", "next_invoice_sequence": 1,
    } | said  # fmt: skip


def billing_details(said: dict[str, Any] | None = None) -> Thing:
    said = dict(said or {})
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {
        "address": address | (said.pop("address", None) or {}),
        "email": None, "name": None, "phone": None, "tax_id": None,
    } | said  # fmt: skip


def payment_intent(**said: Any) -> Thing:
    return blank(stripe.PaymentIntent) | {
        "object": "payment_intent", "amount_capturable": 0, "amount_received": 0, "amount_details": {"tip": {}},
        "capture_method": "automatic_async", "confirmation_method": "automatic", "livemode": False, "metadata": {},
        "payment_method_types": ["card"], "status": "requires_payment_method",
        "payment_method_options": {"card": {"installments": None, "mandate_options": None, "network": None,
                                            "request_three_d_secure": "automatic"}},
    } | said  # fmt: skip


def setup_intent(**said: Any) -> Thing:
    return blank(stripe.SetupIntent) | {
        "object": "setup_intent", "livemode": False, "metadata": {}, "payment_method_types": ["card"],
        "status": "requires_payment_method", "usage": "off_session",
        "payment_method_options": {"card": {"mandate_options": None, "network": None,
                                            "request_three_d_secure": "automatic"}},
    } | said  # fmt: skip


def charge(**said: Any) -> Thing:
    return blank(stripe.Charge) | {
        "object": "charge", "amount_captured": 0, "amount_refunded": 0, "captured": True, "disputed": False,
        "fraud_details": {}, "livemode": False, "metadata": {}, "paid": True, "refunded": False, "radar_options": {},
        "status": "succeeded", "calculated_statement_descriptor": "TEST MODE",
    } | said  # fmt: skip


def refund(**said: Any) -> Thing:
    card = {"reference": "7000000000000000", "reference_status": "available",
            "reference_type": "acquirer_reference_number", "type": "refund"}  # fmt: skip
    names = ("balance_transaction", "payment_intent", "reason", "receipt_number")
    shown = dict.fromkeys((*names, "source_transfer_reversal", "transfer_reversal"))
    return shown | {
        "object": "refund", "metadata": {}, "status": "succeeded",
        "destination_details": {"card": card, "type": "card"},
    } | said  # fmt: skip


def balance_transaction(**said: Any) -> Thing:
    return blank(stripe.BalanceTransaction) | {
        "object": "balance_transaction", "balance_type": "payments", "status": "pending",
    } | said  # fmt: skip


def session(**said: Any) -> Thing:
    custom_text = dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"))
    return blank(stripe.checkout.Session) | {
        "object": "checkout.session", "automatic_tax": {"enabled": False, "liability": None, "provider": None,
                                                        "status": None},
        "custom_fields": [], "custom_text": custom_text, "livemode": False, "metadata": {},
        "payment_method_types": ["card"], "payment_method_options": {}, "shipping_options": [], "status": "open",
        "payment_status": "unpaid", "ui_mode": "hosted_page", "phone_number_collection": {"enabled": False},
    } | said  # fmt: skip


def page(things: list[Thing], path: str, *, has_more: bool = False) -> Thing:
    return {"object": "list", "data": things, "has_more": has_more, "url": path}
