"""An attempt becomes a payment: submitted once, charged once, and posted once, whoever dies in between.

The row says that it was submitted before Stripe is asked, and an errand beside it asks again where nobody came back.
What Stripe says of it is posted by `settle`, under the lock of the row: from the press of a button, from the page to
which the bank leads back, from an event of Stripe's, from the errand. Whoever comes second finds it done.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from portal import audit, clock, faults, outbox
from portal import settings as outside
from portal.access import Viewer
from portal.billing.actions import ledger, paying
from portal.billing.actions.paying import Taken
from portal.billing.queries import owed
from portal.billing.tables import Method
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.payments import gateway, kinds, rules
from portal.payments.actions import afterwards, alarming, attempts, keeping, payers
from portal.payments.gateway import Declined, Intent, Locked, Refusal, Unknown
from portal.payments.queries import attempts as asked
from portal.payments.rules import UNDER_WAY
from portal.payments.tables import AttemptState, Card, Payer, PaymentAttempt, Source, Way
from portal.practice import queries as practices
from portal.refusal import Refused

PORTAL = Viewer.portal("card payment")
ACTOR = "charge"
NEVER = "never_arrived"
AGAIN = timedelta(seconds=60)
CHANGED = Refused(changed=lazy("This payment has changed meanwhile. Look at it once more."))
LINES = "SELECT line FROM invoice_line WHERE invoice = {} AND is_live"
REMOVED = Refused(changed=lazy("This card was removed meanwhile. Choose another one."))
ENDS = (
    PaymentAttempt.state,
    PaymentAttempt.intent,
    PaymentAttempt.next_url,
    PaymentAttempt.code,
    PaymentAttempt.ended_at,
    PaymentAttempt.payment,
)


async def submit(viewer: Viewer, client_id: int, public: UUID, seen: str) -> PaymentAttempt:
    """One press, or thirty at once: one of them submits. `seen` is `as_seen` of what was reviewed.

    Returns the attempt as it stands when Stripe has answered, or has not. Raises `Refused`.
    """
    async with transaction():
        row = await attempts.open_attempt(viewer, client_id, public)
        if as_seen(row) != seen or row.way is None:
            raise CHANGED
        if row.card is not None and not await Card.exists().where(Card.id == row.card, Card.removed_at.is_null()):
            raise REMOVED
        if row.amount > await asked.to_pay(viewer, client_id):
            raise Refused(changed=lazy("What you owe has changed meanwhile. Look at the amount once more."))
        await send_off(viewer, row)
    faults.point("submitted")
    return await go_on(PORTAL, row.id, is_first=True)


async def send_off(viewer: Viewer, row: PaymentAttempt) -> None:
    """Inside a transaction, of an attempt with everything chosen: Stripe is asked when that has ended. Raises `Refused`
    where another one of the client's is under way.
    """
    row.state, row.submitted_at = str(AttemptState.SUBMITTING), clock.now()
    with refusing(one_payment_under_way=attempts.BUSY):
        await row.save()
    await audit.record(viewer, "payment.submitted", client_id=row.client, subject_id=row.id)
    await outbox.send_on(ACTOR, row.id, f"{ACTOR}:{row.id}:0", clock.now() + AGAIN)


def as_seen(row: PaymentAttempt) -> str:
    """What somebody agrees to who presses the button."""
    return f"{row.amount}:{row.way}:{row.card or ''}:{row.brand}:{row.last4}:{row.saves}:{row.makes_default}"


async def go_on(viewer: Viewer, attempt_id: int, *, is_first: bool = False) -> PaymentAttempt:
    """Asks Stripe for what has to be done next, or what was done. Not inside a transaction. No answer leaves it as
    it is, for nobody knows whether it was charged; and so does a door that is shut now, unless nobody knocked before.
    """
    row = await _row(attempt_id)
    try:
        if row.state == AttemptState.SUBMITTING:
            found = await _ask(viewer, row)
        elif row.state in UNDER_WAY:
            found = await _look(row)
        else:
            return row
    except Unknown:
        return row
    except Declined as refusal:
        return await _decline(attempt_id, refusal)
    except Refusal as refusal:
        return await _refuse(viewer, row, refusal, is_first=is_first)
    faults.point("charged")
    return await settle(viewer, attempt_id, found) if found else await _row(attempt_id)


async def settle(viewer: Viewer, attempt_id: int, found: Intent) -> PaymentAttempt:
    """What Stripe says of the payment becomes the attempt's state; money becomes a payment in the ledger, once."""
    async with transaction():
        row = await _locked(attempt_id)
        before = row.state
        row.state = str(rules.follows(row.state, found.status))
        row.intent = row.intent or found.id
        row.next_url = found.page if row.state == AttemptState.ACTION else ""
        row.code = found.code if row.state == AttemptState.DECLINED else row.code
        if row.state == AttemptState.SUCCEEDED and row.payment is None:
            row.payment = await _post(row, found)
            if row.saves and found.card is not None:
                await keeping.keep(PORTAL, row.client, found.card, row.account, row.consent, first=row.makes_default)
        if row.state in rules.ENDED and row.ended_at is None:
            row.ended_at = clock.now()
        await row.save(list(ENDS))
        if row.state != before:
            await audit.record(viewer, f"payment.{row.state}", client_id=row.client, subject_id=row.id)
            await afterwards.tell(viewer, row)
        faults.point("posting")
    faults.point("posted")
    return row


async def end(viewer: Viewer, attempt_id: int, state: AttemptState, code: str = "") -> PaymentAttempt:
    """Without money: declined, failed, cancelled or run out. One that has ended stays as it is."""
    async with transaction():
        row = await _locked(attempt_id)
        if row.state not in rules.ENDED:
            row.state, row.code, row.next_url, row.ended_at = str(state), code[:60], "", clock.now()
            await row.save(list(ENDS))
            await audit.record(viewer, f"payment.{state}", client_id=row.client, subject_id=row.id)
            await afterwards.tell(viewer, row)
    return row


async def _refuse(viewer: Viewer, row: PaymentAttempt, refusal: Refusal, *, is_first: bool) -> PaymentAttempt:
    """By Stripe, and not by the bank: nothing that the client did, so staff are told."""
    if isinstance(refusal, Locked):
        await alarming.locked_out(viewer)
    elif refusal.code != NEVER:
        await alarming.tell(viewer, kinds.TROUBLE, row.id, row.client, f"refused {row.amount}")
    if row.state != AttemptState.SUBMITTING or (isinstance(refusal, Locked) and not is_first):
        return row
    return await end(viewer, row.id, AttemptState.FAILED, refusal.code)


async def _decline(attempt_id: int, refusal: Declined) -> PaymentAttempt:
    async with transaction():
        row = await _locked(attempt_id)
        row.intent = row.intent or refusal.intent
        await row.save([PaymentAttempt.intent])
        return await end(PORTAL, attempt_id, AttemptState.DECLINED, refusal.code)


async def _ask(viewer: Viewer, row: PaymentAttempt) -> Intent | None:
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
        return await gateway.charge(await _parameters(viewer, row, customer), key)
    opened = await gateway.open_page(await _page(viewer, row, customer), key)
    faults.point("page-opened")
    async with transaction():
        row = await _locked(row.id)
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


async def _look(row: PaymentAttempt) -> Intent | None:
    """What became of it at the bank, or on Stripe's page."""
    if row.session and not row.intent:
        found = await gateway.page(row.session)
        if found.status == "open":
            return None
        if found.status == "expired":
            await end(PORTAL, row.id, AttemptState.EXPIRED)
            return None
        return await gateway.intent(found.subject)
    return await gateway.intent(row.intent) if row.intent else None


async def _parameters(viewer: Viewer, row: PaymentAttempt, customer: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "amount": row.amount,
        "currency": gateway.CURRENCY,
        "customer": customer,
        "confirm": True,
        "allowed_payment_method_types": ["card"],
        "metadata": {"attempt": str(row.public)},
        "description": await _described(viewer),
    }
    if row.way == Way.SAVED:
        card = await Card.objects().get(Card.id == row.card)
        assert card is not None
        told["payment_method"] = card.method
    else:
        told["confirmation_token"] = row.token
    if row.source in rules.OFF_SESSION:
        told["off_session"] = True  # nobody is there whom the bank could ask
    else:
        told["return_url"] = _back(row)
    if row.saves:
        told["setup_future_usage"] = "off_session"
    return told


async def _page(viewer: Viewer, row: PaymentAttempt, customer: str) -> dict[str, Any]:
    described = await _described(viewer)
    intent: dict[str, Any] = {"metadata": {"attempt": str(row.public)}, "description": described}
    if row.saves:
        intent["setup_future_usage"] = "off_session"
    price = {"currency": gateway.CURRENCY, "unit_amount": row.amount, "product_data": {"name": described}}
    return {
        "mode": "payment",
        "customer": customer,
        "client_reference_id": str(row.public),
        "line_items": [{"price_data": price, "quantity": 1}],
        "payment_intent_data": intent,
        "success_url": _back(row),
        "cancel_url": _back(row),
    }


def _back(row: PaymentAttempt) -> str:
    if row.source == Source.LINK:
        return f"{outside.settings().base_url}/pay/attempts/{row.public}/return"
    return f"{outside.settings().base_url}/clients/{row.client}/account/payments/{row.public}/return"


async def _described(viewer: Viewer) -> str:
    """What stands on the statement of a card may be read by others: no more than whom the money went to."""
    return f"Payment to {(await practices.practice(viewer)).name}"


async def _post(row: PaymentAttempt, found: Intent) -> int:
    taken = Taken(
        str(Method.CARD), found.received,
        clock.today((await practices.practice(PORTAL)).time_zone),
        reference=found.card.last4 if found.card else row.last4, note=row.reason, key=f"pay:{row.public}",
    )  # fmt: skip
    return await paying.take(PORTAL.on(staff_id=row.staff), row.client, taken, await _meant(row, found.received))


async def _meant(row: PaymentAttempt, cents: int) -> dict[int, int] | None:
    """The services of the invoice that it was for, as far as they are still owed, and the oldest after them."""
    if row.invoice is None:
        return None
    await ledger.lock(PORTAL, row.client)
    named = {one["line"] for one in await fetch(LINES, row.invoice)}
    due = await owed.of_client(PORTAL, row.client)
    parts, _ = owed.spread(cents, sorted(due, key=lambda one: one.id not in named))
    return parts


async def _row(attempt_id: int) -> PaymentAttempt:
    row = await PaymentAttempt.objects().get(PaymentAttempt.id == attempt_id)
    assert row is not None
    return row


async def _locked(attempt_id: int) -> PaymentAttempt:
    row = await PaymentAttempt.objects().where(PaymentAttempt.id == attempt_id).first().lock_rows("UPDATE")
    assert row is not None
    return row
