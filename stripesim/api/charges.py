from typing import Any

from stripe.params import (
    BalanceTransactionListParams,
    BalanceTransactionRetrieveParams,
    ChargeListParams,
    ChargeRetrieveParams,
)

from stripesim import shapes
from stripesim.api.lists import listed
from stripesim.calls import Call, endpoint
from stripesim.cards import Decline
from stripesim.store import Thing, new_id

FEE_PER_THOUSAND, FEE_FIXED = 29, 30
DAYS_UNTIL_AVAILABLE = 2


@endpoint("GET", "/v1/charges", ChargeListParams)
def list_all(call: Call, given: dict[str, Any]) -> Thing:
    found = call.store.all("charge", customer=given.get("customer"))
    wanted = given.get("payment_intent")
    return listed([one for one in found if wanted in (None, one["payment_intent"])], given, "/v1/charges")


@endpoint("GET", "/v1/charges/{id}", ChargeRetrieveParams)
def retrieve(call: Call, given: dict[str, Any], id: str) -> Thing:
    return call.store.get("charge", id)


@endpoint("GET", "/v1/balance_transactions", BalanceTransactionListParams)
def list_balance(call: Call, given: dict[str, Any]) -> Thing:
    found = call.store.all("balance_transaction")
    for name in ("type", "source", "currency"):
        found = [one for one in found if given.get(name) in (None, one[name])]
    return listed(found, given, "/v1/balance_transactions")


@endpoint("GET", "/v1/balance_transactions/{id}", BalanceTransactionRetrieveParams)
def retrieve_balance(call: Call, given: dict[str, Any], id: str) -> Thing:
    return call.store.get("balance_transaction", id)


def new(call: Call, intent: Thing, method: Thing, *, decline: Decline | None = None, is_pending: bool = False) -> Thing:
    """One try of a card: money that moved, moves, or did not."""
    id = new_id("ch")
    charge = shapes.charge(
        id=id,
        amount=intent["amount"],
        billing_details=method["billing_details"],
        created=call.now,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=intent["metadata"],
        outcome=outcome("authorized", None, "Payment complete."),
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"card": used(method), "type": "card"},
        receipt_email=intent["receipt_email"],
    )
    if decline:
        charge |= {
            "captured": False,
            "failure_code": decline.code,
            "failure_message": decline.message,
            "outcome": outcome("issuer_declined", decline.decline_code, "The bank did not accept it."),
            "paid": False,
            "status": "failed",
        }
    elif is_pending:
        charge |= {"paid": False, "status": "pending"}
    else:
        settle(call, charge)
    call.store.add(charge)
    call.tell(
        {"failed": "charge.failed", "pending": "charge.pending"}.get(charge["status"], "charge.succeeded"), charge
    )
    return charge


def settle(call: Call, charge: Thing) -> None:
    amount = charge["amount"]
    fee = (amount * FEE_PER_THOUSAND + 500) // 1000 + FEE_FIXED
    moved = balance(call, "charge", charge["id"], amount, fee=fee)
    charge |= {"amount_captured": amount, "balance_transaction": moved["id"], "paid": True, "status": "succeeded"}
    charge["receipt_url"] = f"{call.address}/receipts/{charge['id']}"


def balance(call: Call, kind: str, source: str, amount: int, *, fee: int = 0, about: str | None = None) -> Thing:
    details = [{"amount": fee, "application": None, "currency": "usd", "description": "Stripe processing fees",
                "type": "stripe_fee"}]  # fmt: skip
    return call.store.add(
        shapes.balance_transaction(
            id=new_id("txn"),
            amount=amount,
            available_on=call.now + DAYS_UNTIL_AVAILABLE * 86400,
            created=call.now,
            currency="usd",
            description=about,
            fee=fee,
            fee_details=details if fee else [],
            net=amount - fee,
            reporting_category="dispute" if kind == "adjustment" else kind,
            source=source,
            type=kind,
        )
    )


def outcome(network: str, reason: str | None, words: str) -> Thing:
    status = "approved_by_network" if reason is None else "declined_by_network"
    return {
        "advice_code": None, "network_advice_code": None, "network_decline_code": None, "network_status": status,
        "reason": reason, "risk_level": "normal", "risk_score": 20, "rule": None, "seller_message": words,
        "type": network,
    }  # fmt: skip


def used(method: Thing) -> Thing:
    card = method["card"]
    shown = {name: card[name] for name in ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint",
                                           "funding", "last4", "regulated_status", "wallet")}  # fmt: skip
    three_d = {
        "authentication_flow": "challenge", "electronic_commerce_indicator": "05", "exemption_indicator": None,
        "result": "authenticated", "result_reason": None, "transaction_id": new_id("3ds"), "version": "2.2.0",
    }  # fmt: skip
    return shown | {
        "authorization_code": None,
        "installments": None,
        "mandate": None,
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": "100000000000000",
        "three_d_secure": three_d if method["_is_authenticated"] else None,
    }
