"""Staff charge a card on file: with what the client agreed to, their own password, and a reason that stays.

The client is not there: a bank that wants to ask them says no, and they are written to.
"""

from dataclasses import dataclass
from uuid import UUID

from portal import audit, clock, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.accounts.actions import own
from portal.billing.actions import ledger
from portal.billing.queries import owed
from portal.clients import queries as clients
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.payments import settings
from portal.payments.actions import attempts, charging
from portal.payments.queries import cards
from portal.payments.queries.cards import Kept
from portal.payments.tables import PaymentAttempt
from portal.refusal import Refused

BEGIN = """
INSERT INTO payment_attempt (public, client, source, staff, account, state, amount, is_whole, way, card, token, brand,
       last4, exp_month, exp_year, saves, makes_default, consent, next_url, code, reason, made_at, submitted_at)
SELECT {}, c.client, 'staff', {}, {}, 'submitting', {}, {}, 'saved', c.id, '', c.brand, c.last4, c.exp_month,
       c.exp_year, false, false, c.consent, '', '', {}, {}, {}
  FROM payment_card AS c WHERE c.id = {} AND c.client = {} AND c.removed_at IS NULL
ON CONFLICT (public) DO NOTHING RETURNING id
"""
NO_WORDS = lazy("The client has agreed to no words with this card. Ask them to add it again.")


@dataclass(frozen=True)
class Charge:
    """`public` is the form's: sent twice, it charges once. Cents."""

    public: UUID
    card_id: int
    cents: int
    reason: str


async def plan(viewer: Viewer, client_id: int, wanted: Charge) -> Kept:
    """The card that would be charged; nothing is done. Raises `Refused`."""
    viewer.must(Permission.CARD_CHARGE)
    await clients.client(viewer, client_id)
    if not await settings.takes_cards(viewer):
        raise NotFoundException
    found = next((one for one in await cards.of_chart(viewer, client_id) if one.id == wanted.card_id), None)
    most = max((await owed.balance(viewer, client_id)).to_pay, 0)
    wrong: dict[str, object] = {}
    if found is None:
        wrong["card"] = attempts.NO_CARD
    elif not found.consent:
        wrong["card"] = NO_WORDS
    elif found.is_expired:
        wrong["card"] = attempts.EXPIRED
    if wanted.cents < settings.LEAST:
        wrong["amount"] = lazy("Enter at least $0.50")
    elif wanted.cents > most:
        wrong["amount"] = lazy("That is more than the client owes")
    if wrong or found is None:
        raise Refused(wrong)
    return found


async def charge(viewer: Viewer, client_id: int, wanted: Charge, password: str) -> PaymentAttempt:
    """Returns how it stands when Stripe has answered, or has not. Raises `Refused`, at `password` too."""
    viewer.must(Permission.CARD_CHARGE)
    await clients.client(viewer, client_id)
    await own.must_know_password(viewer, password)
    begun = await _begun(client_id, wanted)
    if begun is None:
        await _begin(viewer, client_id, wanted)
        begun = await _begun(client_id, wanted)
    elif (begun.amount, begun.card) != (wanted.cents, wanted.card_id):
        raise ledger.SENT
    if begun is None:
        raise Refused(card=attempts.NO_CARD)
    return await charging.go_on(charging.PORTAL, begun.id)


async def _begin(viewer: Viewer, client_id: int, wanted: Charge) -> None:
    await plan(viewer, client_id, wanted)
    most = (await owed.balance(viewer, client_id)).to_pay
    async with transaction():
        with refusing(one_payment_under_way=attempts.BUSY):
            made = await fetch(
                BEGIN, wanted.public, viewer.staff_id, viewer.account_id, wanted.cents, wanted.cents == most,
                wanted.reason, clock.now(), clock.now(), wanted.card_id, client_id,
            )  # fmt: skip
        for row in made:
            await audit.record(viewer, "card.charged", client_id=client_id, subject_id=row["id"])
            await outbox.send_on(
                charging.ACTOR, row["id"], f"{charging.ACTOR}:{row['id']}:0", clock.now() + charging.AGAIN
            )


async def _begun(client_id: int, wanted: Charge) -> PaymentAttempt | None:
    return await (
        PaymentAttempt.objects()
        .where(PaymentAttempt.public == wanted.public, PaymentAttempt.client == client_id)
        .where(PaymentAttempt.source == "staff")
        .first()
    )
