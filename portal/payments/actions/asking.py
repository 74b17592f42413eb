"""What is asked of Stripe about an attempt, and never inside a transaction: to charge, or what became of it."""

from datetime import timedelta

from portal import clock, faults
from portal.access import Viewer
from portal.database import transaction
from portal.payments import charges, gateway, rules
from portal.payments.actions import payers
from portal.payments.facts import Intent
from portal.payments.gateway import Refusal, Unknown
from portal.payments.tables import AttemptState, Payer, PaymentAttempt, Way

NEVER = "never_arrived"


class Lapsed(Exception):
    """Stripe's page has closed, and nothing was charged."""


async def ask(viewer: Viewer, row: PaymentAttempt) -> Intent | None:
    """The first call and each after it are the same: Stripe charges for the key once.

    It may have kept an error as its answer to the key, or have forgotten the key: then the payment is looked for by our
    name for it, and where it is not there in the end it was never made.
    """
    assert row.submitted_at is not None
    age = clock.now() - row.submitted_at
    try:
        if age > rules.KEY_LIVES:
            raise Unknown("forgotten")
        return await _call(viewer, row)
    except Unknown:
        if age < rules.ON_ITS_WAY:
            raise
        found = await _named_so(row)
        if found is None and age > rules.LOST:
            raise Refusal(NEVER) from None
        if found is None:
            raise
        return found


async def _call(viewer: Viewer, row: PaymentAttempt) -> Intent | None:
    customer = await payers.customer(viewer, row.client)
    key = f"pay:{row.public}"
    if row.way != Way.HOSTED:
        return await gateway.charge(await charges.parameters(viewer, row, customer), key)
    opened = await gateway.open_page(await charges.page(viewer, row, customer), key)
    faults.point("page-opened")
    async with transaction():
        row = await locked(viewer, row.id)
        if row.state == AttemptState.SUBMITTING:
            row.state, row.session, row.next_url = str(AttemptState.ACTION), opened.id, opened.url
            await row.save([PaymentAttempt.state, PaymentAttempt.session, PaymentAttempt.next_url])
    return None


async def _named_so(row: PaymentAttempt) -> Intent | None:
    payer = await Payer.objects().where(Payer.client == row.client).first()
    if payer is not None and payer.customer:
        assert row.submitted_at is not None
        async for one in gateway.intents(row.submitted_at - timedelta(minutes=5), customer=payer.customer):
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


async def row_of(viewer: Viewer, attempt_id: int) -> PaymentAttempt:
    row = await PaymentAttempt.objects().get(PaymentAttempt.id == attempt_id)
    assert row is not None
    return row


async def locked(viewer: Viewer, attempt_id: int) -> PaymentAttempt:
    row = await PaymentAttempt.objects().where(PaymentAttempt.id == attempt_id).first().lock_rows("UPDATE")
    assert row is not None
    return row
