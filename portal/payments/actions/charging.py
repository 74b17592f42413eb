"""An attempt becomes a payment: submitted once, charged once, and posted once, whoever dies in between.

The row says that it was submitted before Stripe is asked, and an errand beside it asks again where nobody came back.
What Stripe says of it is posted by `settle`, under the lock of the row: from the press of a button, from the page to
which the bank leads back, from an event of Stripe's, from the errand. Whoever comes second finds it done.
"""

from datetime import timedelta
from uuid import UUID

from portal import audit, clock, faults, outbox
from portal.access import Viewer
from portal.database import refusing, transaction
from portal.language import lazy
from portal.payments import kinds, rows, rules
from portal.payments.actions import afterwards, alarming, asking, attempts, insisting, keeping, posting
from portal.payments.facts import Intent
from portal.payments.gateway import Declined, Locked, Refusal, Unknown
from portal.payments.queries import attempts as asked
from portal.payments.rules import UNDER_WAY
from portal.payments.tables import AttemptState, Card, PaymentAttempt
from portal.refusal import Refused

PORTAL = Viewer.portal("card payment")
ACTOR = "charge"
AGAIN = timedelta(seconds=60)
CHANGED = Refused(changed=lazy("This payment has changed meanwhile. Look at it once more."))
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
    row = await rows.row_of(PaymentAttempt, attempt_id)
    try:
        if row.state == AttemptState.SUBMITTING:
            found = await asking.ask(viewer, row)
        elif row.state in UNDER_WAY:
            found = await asking.look(viewer, row)
        else:
            return row
    except Unknown:
        return row
    except asking.Lapsed:
        return await end(viewer, attempt_id, AttemptState.EXPIRED)
    except Declined as refusal:
        return await _decline(attempt_id, refusal)
    except Refusal as refusal:
        return await _refuse(viewer, row, refusal, is_first=is_first)
    faults.point("charged")
    return await settle(viewer, attempt_id, found) if found else await rows.row_of(PaymentAttempt, attempt_id)


async def settle(viewer: Viewer, attempt_id: int, found: Intent) -> PaymentAttempt:
    """What Stripe says of the payment becomes the attempt's state; money becomes a payment in the ledger, once."""
    async with transaction():
        row = await rows.locked(PaymentAttempt, attempt_id)
        before = row.state
        row.state = str(rules.follows(row.state, found.status))
        row.intent = row.intent or found.id
        row.next_url = found.page if row.state == AttemptState.ACTION else ""
        row.code = found.code if row.state == AttemptState.DECLINED else row.code
        if row.state == AttemptState.SUCCEEDED and row.payment is None:
            row.payment = await posting.post(PORTAL, row, found)
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
        row = await rows.locked(PaymentAttempt, attempt_id)
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
    elif refusal.code != insisting.NEVER:
        await alarming.tell(viewer, kinds.TROUBLE, row.id, row.client, f"refused {row.amount}")
    if row.state != AttemptState.SUBMITTING or (isinstance(refusal, Locked) and not is_first):
        return row
    return await end(viewer, row.id, AttemptState.FAILED, refusal.code)


async def _decline(attempt_id: int, refusal: Declined) -> PaymentAttempt:
    async with transaction():
        row = await rows.locked(PaymentAttempt, attempt_id)
        row.intent = row.intent or refusal.intent
        await row.save([PaymentAttempt.intent])
        return await end(PORTAL, attempt_id, AttemptState.DECLINED, refusal.code)
