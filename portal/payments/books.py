"""Stripe's books, through the one door: what went back, what a bank took back, and what is still there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from portal.payments import gateway
from portal.payments.gateway import Refusal

MISSING = "resource_missing"


@dataclass(frozen=True)
class Dispute:
    """Cents. `taken` is what the bank holds or keeps of it now, and `fee` what Stripe keeps for the trouble."""

    id: str
    status: str
    amount: int
    taken: int
    fee: int
    intent: str
    reason: str
    due_at: datetime | None


async def dispute(name: str) -> Dispute:
    return _dispute(await gateway.asked(lambda stripe: stripe.v1.disputes.retrieve_async(name)))


async def disputes(since: datetime) -> AsyncIterator[Dispute]:
    async for one in gateway.pages(lambda stripe: stripe.v1.disputes.list_async, {}, since):
        yield _dispute(one)


async def has_customer(name: str) -> bool:
    """Somebody may have deleted it, on Stripe's own pages."""
    try:
        found = await gateway.asked(lambda stripe: stripe.v1.customers.retrieve_async(name))
    except Refusal as refusal:
        if refusal.code == MISSING:
            return False
        raise
    return not getattr(found, "deleted", False)


def _dispute(found: Any) -> Dispute:
    due = getattr(found.evidence_details, "due_by", None)
    moved = found.balance_transactions or []
    return Dispute(
        id=found.id, status=found.status, amount=found.amount, taken=max(-sum(one.amount for one in moved), 0),
        fee=max(sum(one.fee for one in moved), 0), intent=gateway.id_of(found.payment_intent),
        reason=(found.reason or "")[:60], due_at=datetime.fromtimestamp(due, UTC) if due else None,
    )  # fmt: skip
