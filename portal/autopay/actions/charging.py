"""AutoPay pays an invoice: one attempt, decided under a lock, and never more than was agreed to.

What keeps it from paying is written to whoever agreed, and nothing is tried a second time by itself.
"""

from datetime import date, datetime, timedelta
from uuid import uuid4

from portal import audit, clock, outbox
from portal.access import Area, Viewer
from portal.autopay.actions import agreeing
from portal.autopay.tables import AutoPay, DuePayment, DueState
from portal.autopay.words import HELD
from portal.billing.queries import owed
from portal.database import fetch, refusing, transaction
from portal.payments import settings
from portal.payments.actions import attempts, charging
from portal.payments.queries.cards import is_expired
from portal.payments.tables import AttemptState, Card, PaymentAttempt, Source, Way
from portal.practice import queries as practices
from portal.refusal import Refused

LATER = timedelta(minutes=10)
ENDS = (DuePayment.state, DuePayment.attempt, DuePayment.ended_at)
OPEN = """
SELECT coalesce(sum(l.client_due), 0)::bigint AS cents
  FROM invoice AS i JOIN invoice_line AS n ON n.invoice = i.id AND n.is_live JOIN service_line AS l ON l.id = n.line
 WHERE i.id = {} AND i.voided_at IS NULL
"""
ACTS = """
SELECT 1 FROM access_grant AS g JOIN account AS a ON a.id = g.account
 WHERE g.account = {} AND g.client = {} AND {} = ANY(g.areas) AND NOT a.is_suspended
   AND g.starts_at <= {} AND (g.ends_at IS NULL OR g.ends_at > {})
"""


async def charge(viewer: Viewer, due_id: int) -> datetime | None:
    """When it has to be looked at again: another payment is under way. Not inside a transaction."""
    try:
        async with transaction():
            row = await _locked(due_id)
            if row.state == DueState.COMING:
                await _decide(viewer, row)
    except Refused:
        return clock.now() + LATER
    if row.attempt is not None:
        await charging.go_on(charging.PORTAL, row.attempt)
    return None


async def _decide(viewer: Viewer, row: DuePayment) -> None:
    """Raises `Refused` where it must wait."""
    agreed = await AutoPay.objects().where(AutoPay.id == row.autopay).first().lock_rows("UPDATE")
    assert agreed is not None
    card = await Card.objects().where(Card.client == row.client, Card.is_default.eq(True)).first()
    cents = await _open(viewer, row)
    state = DueState.TRIED
    if not await _is_agreed(viewer, agreed):
        state = DueState.OFF
    elif cents < settings.LEAST:
        state = DueState.NOTHING
    elif cents > agreed.most:
        state = DueState.ABOVE
    elif card is None or is_expired(card.exp_year, card.exp_month, await _today(viewer)):
        state = DueState.NO_CARD
    if state == DueState.TRIED and card is not None:
        await _begin(viewer, row, agreed, card, cents)
    else:
        await _leave(viewer, row, state)


async def _is_agreed(viewer: Viewer, agreed: AutoPay) -> bool:
    """Still, by somebody who still acts for the client."""
    if agreed.ended_at is not None or not await settings.offers_autopay(viewer):
        return False
    now = clock.now()
    if await fetch(ACTS, agreed.agreed_by, agreed.client, str(Area.BILLING), now, now):
        return True
    await agreeing.end_for(viewer, agreed)
    return False


async def _today(viewer: Viewer) -> date:
    return clock.today((await practices.practice(viewer)).time_zone)


async def _leave(viewer: Viewer, row: DuePayment, state: DueState) -> None:
    row.state, row.ended_at = str(state), clock.now()
    await row.save(list(ENDS))
    await audit.record(viewer, f"autopay.{state}", client_id=row.client, subject_id=row.id)
    if state in HELD:
        await outbox.record("autopay.held", row.id, row.client)


async def _begin(viewer: Viewer, row: DuePayment, agreed: AutoPay, card: Card, cents: int) -> None:
    attempt = PaymentAttempt(
        public=uuid4(), client=row.client, source=str(Source.AUTOPAY), account=agreed.agreed_by,
        state=str(AttemptState.SUBMITTING), amount=cents, way=str(Way.SAVED), card=card.id, brand=card.brand,
        last4=card.last4, exp_month=card.exp_month, exp_year=card.exp_year, consent=agreed.consent,
        invoice=row.invoice, made_at=clock.now(), submitted_at=clock.now(),
    )  # fmt: skip
    with refusing(one_payment_under_way=attempts.BUSY):
        await attempt.save()
    row.state, row.attempt, row.ended_at = str(DueState.TRIED), attempt.id, clock.now()
    await row.save(list(ENDS))
    await audit.record(viewer, "autopay.tried", client_id=row.client, subject_id=row.id, attempt=attempt.id)
    await outbox.send_on(charging.ACTOR, attempt.id, f"{charging.ACTOR}:{attempt.id}:0", clock.now() + charging.AGAIN)


async def _open(viewer: Viewer, row: DuePayment) -> int:
    """What is open of the invoice, and no more than what is owed in all: there may be credit."""
    (found,) = await fetch(OPEN, row.invoice)
    return min(int(found["cents"]), (await owed.balance(viewer, row.client)).to_pay)


async def _locked(due_id: int) -> DuePayment:
    """With the client's cards, and these first, as whoever changes them: what is decided on stays so."""
    await fetch(
        "SELECT s.id FROM stripe_customer AS s JOIN autopay_due AS d ON d.client = s.client WHERE d.id = {}"
        " FOR UPDATE OF s",
        due_id,
    )
    row = await DuePayment.objects().where(DuePayment.id == due_id).first().lock_rows("UPDATE")
    assert row is not None
    return row
