"""Money goes back to the card: a row first, then Stripe is asked, and what it says is posted, once.

What is on its way counts as gone: nobody can give back the same money beside it. No answer is no failure; the same
call under the same key is made again until there is one.
"""

from collections import Counter
from datetime import datetime, timedelta

from portal import audit, clock, faults, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.billing.actions import ledger, returning
from portal.billing.tables import Payment
from portal.database import fetch, transaction
from portal.language import lazy
from portal.payments import gateway, kinds, rows, rules
from portal.payments.actions import alarming, giving_back
from portal.payments.actions.insisting import AROUND, insist
from portal.payments.facts import Back
from portal.payments.gateway import Locked, Refusal, Unknown
from portal.payments.tables import CardRefund, PaymentAttempt
from portal.payments.tables import CardRefundState as State
from portal.refusal import Refused

PORTAL = Viewer.portal("card refund")
ACTOR = "give_back"
AGAIN = timedelta(seconds=60)
SAYS = {"succeeded": State.SUCCEEDED, "failed": State.FAILED, "canceled": State.FAILED}
DISPUTED = "SELECT id FROM card_dispute WHERE paid = {} AND state::text = 'open'"
ON_THEIR_WAY = "SELECT parts FROM card_refund WHERE paid = {} AND state::text IN ('submitting', 'pending')"


async def returnable(viewer: Viewer, payment_id: int) -> dict[int, int]:
    """Line → what of the payment could still go back, less what is on its way; 0 is credit. Nothing of one that the
    bank is deciding about: it holds the money.
    """
    if await fetch(DISPUTED, payment_id):
        return {}
    most = Counter(await returning.returnable(viewer, payment_id))
    for row in await fetch(ON_THEIR_WAY, payment_id):
        most.subtract(giving_back.read(row["parts"]))
    return {line: cents for line, cents in most.items() if cents > 0}


async def ask(viewer: Viewer, payment_id: int, back: returning.Back) -> CardRefund:
    """As far as Stripe has answered, or has not. Two at once never ask for more than there is. Raises `Refused`."""
    viewer.must(Permission.PAYMENT_REVERSE)
    if not back.reason:
        raise Refused(reason=lazy("Say why: it stands beside the refund"))
    paid = await _paid(viewer, payment_id)
    async with transaction():
        await ledger.lock(viewer, paid.client)
        before = await CardRefund.objects().get((CardRefund.paid == payment_id) & (CardRefund.key == back.key))
        if before is not None and back.key:
            if back.sum is not None and back.sum != before.amount:
                raise ledger.SENT
            return before
        parts = returning.wanted(back, await returnable(viewer, payment_id))
        cents = sum(parts.values())
        ledger.must_be_seen(back.seen, str(cents))
        row = CardRefund(
            client=paid.client, paid=payment_id, amount=cents, parts=giving_back.written(parts), reason=back.reason,
            key=back.key, staff=viewer.staff_id, made_at=clock.now(),
        )  # fmt: skip
        await row.save()
        await audit.record(viewer, "card_refund.asked", client_id=paid.client, subject_id=row.id)
        await outbox.send_on(ACTOR, row.id, f"{ACTOR}:{row.id}:0", clock.now() + AGAIN)
    faults.point("refund-noted")
    return await go_on(PORTAL, row.id)


async def go_on(viewer: Viewer, refund_id: int) -> CardRefund:
    """Asks Stripe for it, or what became of it. Not inside a transaction. No answer leaves it as it is."""
    row = await rows.row_of(CardRefund, refund_id)
    try:
        if row.state == State.SUBMITTING:
            found = await _ask(row)
        elif row.state == State.PENDING:
            found = await gateway.refund(str(row.refund))
        else:
            return row
    except Unknown:
        return row
    except Locked:
        await alarming.locked_out(viewer)
        return row
    except Refusal as refusal:
        return await _fail(viewer, refund_id, refusal.code)
    faults.point("refund-made")
    return await settle(viewer, refund_id, found)


async def hear(viewer: Viewer, found: Back) -> None:
    """Of an event. Money that went back on Stripe's own pages is no refund of ours: staff are told."""
    which = CardRefund.public == found.refund if found.refund else CardRefund.refund == found.id
    row = await CardRefund.objects().get(which)
    if row is not None:
        await settle(viewer, row.id, found)
        return
    attempt = await PaymentAttempt.objects().get(PaymentAttempt.intent == found.intent)
    if attempt is not None and attempt.payment and SAYS.get(found.status) != State.FAILED:
        await alarming.tell(viewer, kinds.TROUBLE, attempt.id, attempt.client, f"elsewhere {found.amount}")


async def settle(viewer: Viewer, refund_id: int, found: Back) -> CardRefund:
    """What Stripe says of the refund becomes its state; money is posted once, and the other way if it returns."""
    async with transaction():
        row = await rows.locked(CardRefund, refund_id)
        before, said = row.state, SAYS.get(found.status, State.PENDING)
        row.refund, row.code = row.refund or found.id, found.code[:60] or row.code
        if said == State.SUCCEEDED and row.payment is None:
            row.payment = await giving_back.post(
                PORTAL.on(staff_id=row.staff), row.paid, row.amount, f"refund:{row.public}", row.reason,
                giving_back.read(row.parts),
            )  # fmt: skip
            row.state = str(State.SUCCEEDED if row.payment else State.PENDING)
            if row.payment is None:
                await alarming.tell(viewer, kinds.REFUND, row.id, row.client, f"unposted {row.amount}")
        elif said == State.FAILED and row.state != State.FAILED:
            about = await giving_back.unpost(PORTAL, row.payment, f"refund-failed:{row.public}")
            row.state = str(State.FAILED)
            await alarming.tell(viewer, kinds.REFUND, row.id, row.client, f"{about} {row.amount}")
        elif said == State.PENDING and row.state == State.SUBMITTING:
            row.state = str(State.PENDING)
        if row.state in (State.SUCCEEDED, State.FAILED):
            row.ended_at = row.ended_at or clock.now()
        await row.save()
        if row.state != before:
            await audit.record(viewer, f"card_refund.{row.state}", client_id=row.client, subject_id=row.id)
        faults.point("refund-posting")
    faults.point("refund-posted")
    return row


async def mind(viewer: Viewer, refund_id: int) -> datetime | None:
    """When it has to be asked after again; None where it has ended. Not inside a transaction."""
    row = await go_on(viewer, refund_id)
    if row.state not in (State.SUBMITTING, State.PENDING):
        return None
    return clock.now() + rules.pause(clock.now() - row.made_at)


async def _ask(row: CardRefund) -> Back:
    """As a charge is."""

    async def call() -> Back:
        attempt = await PaymentAttempt.objects().get(PaymentAttempt.payment == row.paid)
        assert attempt is not None and attempt.intent is not None
        return await gateway.give_back(attempt.intent, row.amount, str(row.public), f"refund:{row.public}")

    async def find() -> Back | None:
        async for one in gateway.refunds(row.made_at - AROUND):
            if one.refund == str(row.public):
                return one
        return None

    return await insist(PORTAL, clock.now() - row.made_at, call, find)


async def _fail(viewer: Viewer, refund_id: int, code: str) -> CardRefund:
    """Stripe did not do it: nothing went."""
    async with transaction():
        row = await rows.locked(CardRefund, refund_id)
        if row.state == State.SUBMITTING:
            row.state, row.code, row.ended_at = str(State.FAILED), code[:60], clock.now()
            await row.save([CardRefund.state, CardRefund.code, CardRefund.ended_at])
            await alarming.tell(viewer, kinds.REFUND, row.id, row.client, f"failed {row.amount}")
            await audit.record(viewer, "card_refund.failed", client_id=row.client, subject_id=row.id)
    return row


async def _paid(viewer: Viewer, payment_id: int) -> Payment:
    """A payment by card in the portal. Not found outside one's reach."""
    row = await Payment.objects().where(viewer.reaches(Payment), Payment.id == payment_id).first()
    if row is None or not await PaymentAttempt.exists().where(PaymentAttempt.payment == payment_id):
        raise NotFoundException
    return row
