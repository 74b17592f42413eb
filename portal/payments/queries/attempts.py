"""Attempts to pay, as whoever acts for the client sees them."""

from uuid import UUID

from portal import clock
from portal.access import Area, NotFoundException, Viewer
from portal.billing.queries import owed
from portal.payments import rules
from portal.payments.rules import UNDER_WAY
from portal.payments.tables import PaymentAttempt


async def attempt(viewer: Viewer, client_id: int, public: UUID) -> PaymentAttempt:
    viewer.must_act_for(client_id, Area.BILLING)
    row = (
        await PaymentAttempt.objects()
        .where(PaymentAttempt.public == public, PaymentAttempt.client == client_id)
        .first()
    )
    if row is None:
        raise NotFoundException
    return row


async def open_attempt(viewer: Viewer, client_id: int, public: UUID) -> PaymentAttempt | None:
    """None where there is nothing to be changed any more. Not found outside one's reach."""
    row = await attempt(viewer, client_id, public)
    return row if rules.is_open(row.state, row.made_at, clock.now()) else None


async def under_way(viewer: Viewer, client_id: int) -> PaymentAttempt | None:
    """The one that is not over: there is no second beside it."""
    viewer.must_act_for(client_id, Area.BILLING)
    return await (
        PaymentAttempt.objects()
        .where(PaymentAttempt.client == client_id, PaymentAttempt.state.is_in(list(map(str, UNDER_WAY))))
        .first()
    )


async def to_pay(viewer: Viewer, client_id: int) -> int:
    """Cents that can be paid now: what is the client's, less what was paid ahead."""
    viewer.must_act_for(client_id, Area.BILLING)
    return max((await owed.balance(Viewer.portal("pay now"), client_id)).to_pay, 0)
