"""A client told their bank that a payment was not theirs.

While it is open nothing changes in the ledger: the client has paid until it is decided. Where it is lost the money has
gone back to the client, and what it had paid for is owed again. Stripe's fee is the practice's.
"""

from zoneinfo import ZoneInfo

from portal import audit, clock
from portal.access import Viewer
from portal.database import fetch, transaction
from portal.payments import gateway, kinds
from portal.payments.actions import alarming, charging, giving_back
from portal.payments.bank.tables import CardDispute
from portal.payments.bank.tables import DisputeState as State
from portal.payments.books import Dispute
from portal.payments.tables import PaymentAttempt
from portal.practice import queries as practices

SAYS = {"won": State.WON, "lost": State.LOST, "warning_closed": State.CLOSED, "prevented": State.CLOSED}
REASON = "Dispute lost: the bank gave the money back to the client"
NOTE = """
INSERT INTO card_dispute (client, paid, dispute, state, amount, taken, fee, reason, made_at)
 VALUES ({}, {}, {}, 'open', {}, 0, 0, {}, {}) ON CONFLICT (dispute) DO NOTHING RETURNING id
"""


async def hear(viewer: Viewer, found: Dispute) -> None:
    """One about a payment that is not ours is ignored. Safe to repeat, and whatever comes first."""
    attempt = await PaymentAttempt.objects().get(PaymentAttempt.intent == found.intent)
    if attempt is None:
        named = (await gateway.intent(found.intent)).attempt
        attempt = await PaymentAttempt.objects().get(PaymentAttempt.public == named) if named else None
    if attempt is not None and attempt.payment is None:
        attempt = await charging.settle(viewer, attempt.id, await gateway.intent(found.intent))
    if attempt is None or attempt.payment is None:
        return
    async with transaction():
        is_new = await fetch(
            NOTE, attempt.client, attempt.payment, found.id, found.amount, found.reason, clock.now()
        )  # fmt: skip
        row = await CardDispute.objects().where(CardDispute.dispute == found.id).first().lock_rows("UPDATE")
        assert row is not None
        await _apply(viewer, row, found, is_new=bool(is_new))


async def _apply(viewer: Viewer, row: CardDispute, found: Dispute, *, is_new: bool) -> None:
    """Nothing leads out of an end, but what could not be posted then is tried again."""
    before, said = row.state, SAYS.get(found.status, State.OPEN)
    if before != State.OPEN and said != before:
        return
    row.state, row.due_at = str(said), found.due_at
    row.amount, row.taken, row.fee = found.amount, found.taken, found.fee
    if said == State.LOST and row.payment is None:
        row.payment = await giving_back.post(viewer, row.paid, row.amount, f"dispute:{row.dispute}"[:60], REASON, {})
        if row.payment is None:
            await alarming.tell(viewer, kinds.REFUND, -row.id, row.client, f"unposted {row.amount}")
    if said != State.OPEN and row.ended_at is None:
        row.ended_at = clock.now()
    await row.save()
    if is_new or row.state != before:
        zone = (await practices.practice(viewer)).time_zone
        due = found.due_at.astimezone(ZoneInfo(zone)).date() if found.due_at else None
        about = kinds.dispute_about(row.state, row.amount, due)
        await alarming.tell(viewer, kinds.DISPUTE, row.id, row.client, about)
        await audit.record(viewer, f"card_dispute.{row.state}", client_id=row.client, subject_id=row.id)
