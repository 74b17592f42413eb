"""What is asked of Stripe about an attempt, and never inside a transaction: to charge, or what became of it."""

from portal import clock, faults
from portal.access import Viewer
from portal.database import transaction
from portal.payments import charges, gateway, rows
from portal.payments.actions import payers
from portal.payments.actions.insisting import AROUND, NEVER, insist
from portal.payments.facts import Intent
from portal.payments.gateway import Refusal, Unknown
from portal.payments.tables import AttemptState, Payer, PaymentAttempt, Way


class Lapsed(Exception):
    """Stripe's page has closed, and nothing was charged."""


async def ask(viewer: Viewer, row: PaymentAttempt) -> Intent | None:
    """The first call and each after it are the same: Stripe charges for the key once.

    Where Stripe's own page could not be made it is over at once: nobody knows its address, so nobody pays there.
    """
    assert row.submitted_at is not None
    age = clock.now() - row.submitted_at
    try:
        return await insist(viewer, age, lambda: _call(viewer, row), lambda: _named_so(row))
    except Unknown as unknown:
        if row.way == Way.HOSTED and unknown.is_kept:
            raise Refusal(NEVER) from None
        raise


async def _call(viewer: Viewer, row: PaymentAttempt) -> Intent | None:
    customer = await payers.customer(viewer, row.client)
    key = f"pay:{row.public}"
    if row.way != Way.HOSTED:
        return await gateway.charge(await charges.parameters(viewer, row, customer), key)
    opened = await gateway.open_page(await charges.page(viewer, row, customer), key)
    faults.point("page-opened")
    async with transaction():
        row = await rows.locked(PaymentAttempt, row.id)
        if row.state == AttemptState.SUBMITTING:
            row.state, row.session, row.next_url = str(AttemptState.ACTION), opened.id, opened.url
            await row.save([PaymentAttempt.state, PaymentAttempt.session, PaymentAttempt.next_url])
    return None


async def _named_so(row: PaymentAttempt) -> Intent | None:
    payer = await Payer.objects().where(Payer.client == row.client).first()
    if payer is not None and payer.customer:
        assert row.submitted_at is not None
        async for one in gateway.intents(row.submitted_at - AROUND, customer=payer.customer):
            if one.attempt == str(row.public):
                return await gateway.intent(one.id)
    return None


async def look(viewer: Viewer, row: PaymentAttempt) -> Intent | None:
    """What became of it at the bank, or on Stripe's page. Raises `Lapsed` where nobody can pay there any more."""
    if row.session and not row.intent:
        found = await gateway.page(row.session)
        if found.status == "open":
            return None
        if found.status == "expired":
            raise Lapsed
        return await gateway.intent(found.subject)
    return await gateway.intent(row.intent) if row.intent else None
