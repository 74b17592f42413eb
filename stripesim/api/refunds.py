from typing import Any

from stripe.params import RefundCreateParams, RefundListParams, RefundRetrieveParams

from stripesim import shapes
from stripesim.api import charges, payment_methods
from stripesim.api.lists import listed
from stripesim.calls import Call, endpoint
from stripesim.refusal import Refused, not_read
from stripesim.store import Thing, new_id


@endpoint("POST", "/v1/refunds", RefundCreateParams)
def create(call: Call, given: dict[str, Any]) -> Thing:
    charge = charged(call, given)
    left = charge["amount"] - charge["amount_refunded"]
    amount = given.get("amount", left)
    if "amount" in given and amount < 1:
        raise not_read("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if charge["disputed"]:
        raise Refused(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        raise Refused(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        raise Refused(
            f"Refund amount (${amount / 100:,.2f}) is greater than unrefunded amount on charge (${left / 100:,.2f})",
            param="amount",
        )
    id = new_id("re")
    waiting = call.store.setting("refunding", 0)
    if waiting:
        call.store.set("refunding", waiting - 1)
    moved = charges.balance(call, "refund", id, -amount, about="REFUND FOR CHARGE")
    refund = shapes.refund(
        id=id,
        amount=amount,
        balance_transaction=moved["id"],
        charge=charge["id"],
        created=call.now,
        currency=charge["currency"],
        metadata=given.get("metadata") or {},
        payment_intent=charge["payment_intent"],
        reason=given.get("reason"),
        status="pending" if waiting else "succeeded",
    )
    call.store.add(refund)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    call.store.save(charge)
    call.tell("refund.created", refund)
    call.tell("charge.refunded", charge)
    call.tell("refund.updated", refund)
    said = dict(refund)
    if payment_methods.card_of(call.store.get("payment_method", charge["payment_method"])).refunds_fail:
        settle(call, refund, arrives=False)
    return said


def settle(call: Call, refund: Thing, *, arrives: bool) -> Thing:
    """The bank has taken it, or sends it back: even one that was said to have arrived may come back."""
    if not arrives:
        charge = call.store.get("charge", refund["charge"])
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        call.store.save(charge)
        moved = charges.balance(call, "refund_failure", refund["id"], refund["amount"], about="REFUND FAILURE")
        refund |= {"failure_reason": "expired_or_canceled_card", "failure_balance_transaction": moved["id"]}
    refund["status"] = "succeeded" if arrives else "failed"
    call.store.save(refund)
    call.tell("refund.updated", refund)
    if not arrives:
        call.tell("refund.failed", refund)
    return refund


@endpoint("GET", "/v1/refunds", RefundListParams)
def list_all(call: Call, given: dict[str, Any]) -> Thing:
    found = call.store.all("refund")
    for name in ("charge", "payment_intent"):
        found = [one for one in found if given.get(name) in (None, one[name])]
    return listed(found, given, "/v1/refunds")


@endpoint("GET", "/v1/refunds/{id}", RefundRetrieveParams)
def retrieve(call: Call, given: dict[str, Any], id: str) -> Thing:
    return call.store.get("refund", id)


def charged(call: Call, given: dict[str, Any]) -> Thing:
    if id := given.get("charge"):
        charge = call.store.get("charge", id, param="charge")
    elif id := given.get("payment_intent"):
        intent = call.store.get("payment_intent", id, param="payment_intent")
        if intent["status"] != "succeeded":
            raise Refused(
                f"This PaymentIntent ({id}) does not have a successful charge to refund.", param="payment_intent"
            )
        charge = call.store.get("charge", intent["latest_charge"])
    else:
        raise not_read(
            "One of the following params should be provided for this request: payment_intent or charge.", param=None
        )
    if charge["status"] != "succeeded":
        raise Refused(f"Charge {charge['id']} is not a successful charge and cannot be refunded.", param="charge")
    return charge
