from typing import Any

from stripe.params import DisputeListParams, DisputeRetrieveParams

from stripesim.api import charges
from stripesim.api.lists import listed
from stripesim.calls import Call, endpoint
from stripesim.store import Thing, new_id

FEE = 1500
DAYS_TO_ANSWER = 7
TEXTS = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)  # fmt: skip


@endpoint("GET", "/v1/disputes", DisputeListParams)
def list_all(call: Call, given: dict[str, Any]) -> Thing:
    found = call.store.all("dispute")
    for name in ("charge", "payment_intent"):
        found = [one for one in found if given.get(name) in (None, one[name])]
    return listed(found, given, "/v1/disputes")


@endpoint("GET", "/v1/disputes/{id}", DisputeRetrieveParams)
def retrieve(call: Call, given: dict[str, Any], id: str) -> Thing:
    return call.store.get("dispute", id)


def open_one(call: Call, charge: Thing, reason: str) -> Thing:
    """The bank takes the money back and a fee with it, until it is decided."""
    id = new_id("du")
    amount = charge["amount"] - charge["amount_refunded"]
    moved = charges.balance(call, "adjustment", id, -amount, fee=FEE, about=f"Chargeback withdrawal for {charge['id']}")
    brand = charge["payment_method_details"]["card"]["brand"]
    dispute = {
        "id": id,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [moved],
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(TEXTS) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": call.now + DAYS_TO_ANSWER * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {"brand": brand, "case_type": "chargeback", "network": brand, "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
    call.store.add(dispute)
    charge["disputed"] = True
    call.store.save(charge)
    call.tell("charge.dispute.created", dispute)
    call.tell("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(call: Call, dispute: Thing, *, is_won: bool) -> Thing:
    dispute["status"] = "won" if is_won else "lost"
    if is_won:
        about = f"Chargeback reversal for {dispute['charge']}"
        moved = charges.balance(call, "adjustment", dispute["id"], dispute["amount"], about=about)
        dispute["balance_transactions"].append(moved)
    call.store.save(dispute)
    call.tell("charge.dispute.closed", dispute)
    if is_won:
        call.tell("charge.dispute.funds_reinstated", dispute)
    return dispute
