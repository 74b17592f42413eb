"""What happens to cards and customers at Stripe without us: a bank renews a card, somebody removes one there."""

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.database import fetch, transaction
from portal.payments import books, gateway
from portal.payments.actions import keeping
from portal.payments.facts import CardFacts
from portal.payments.gateway import Refusal, Unknown
from portal.payments.rules import UNDER_WAY
from portal.payments.tables import Card, Payer, PaymentAttempt


async def look_at_card(viewer: Viewer, method: str) -> None:
    """As Stripe has it now. One that is attached to nobody any more cannot be charged: it is removed."""
    row = await Card.objects().where(Card.method == method, Card.removed_at.is_null()).first()
    if row is None:
        return
    try:
        found = await gateway.card(method)
    except Refusal as refusal:
        if refusal.code != books.MISSING:
            raise
        found = None
    if found is None or not found.customer:
        await _lose(viewer, row.client, row.id)
    else:
        await _renew(viewer, row.client, row.id, found)


async def look_at_customer(viewer: Viewer, name: str) -> None:
    """Deleted at Stripe, and all cards with it. The next payment makes a new one, under a key of its own."""
    payer = await Payer.objects().get(Payer.customer == name)
    if payer is None or await books.has_customer(name):
        return
    busy = await PaymentAttempt.exists().where(
        PaymentAttempt.client == payer.client, PaymentAttempt.state.is_in(list(map(str, UNDER_WAY)))
    )
    if busy:
        raise Unknown("under way")  # its parameters name this customer, and must not change before it has ended
    async with transaction():
        for card in await Card.select(Card.id).where(Card.client == payer.client, Card.removed_at.is_null()):
            await _lose(viewer, payer.client, card["id"])
        await fetch(
            "UPDATE stripe_customer SET customer = '', token = gen_random_uuid() WHERE id = {} AND customer = {}",
            payer.id,
            name,
        )
        await audit.record(viewer, "payer.forgotten", client_id=payer.client, subject_id=payer.id)


async def _renew(viewer: Viewer, client_id: int, card_id: int, found: CardFacts) -> None:
    async with transaction():
        card = await _locked(client_id, card_id)
        facts = (found.exp_month, found.exp_year, found.last4, found.holder)
        if card is None or facts == (card.exp_month, card.exp_year, card.last4, card.holder):
            return
        card.exp_month, card.exp_year, card.last4, card.holder = facts
        card.fingerprint = found.fingerprint or card.fingerprint
        await card.save()
        await audit.record(viewer, "card.renewed", client_id=client_id, subject_id=card_id)


async def _lose(viewer: Viewer, client_id: int, card_id: int) -> None:
    async with transaction():
        card = await _locked(client_id, card_id)
        if card is None:
            return
        card.removed_at, card.is_default = clock.now(), False
        await card.save([Card.removed_at, Card.is_default])
        await keeping._put_first(client_id, None)
        await audit.record(viewer, "card.lost", client_id=client_id, subject_id=card_id)
        await outbox.record("card.removed", card_id, client_id)


async def _locked(client_id: int, card_id: int) -> Card | None:
    await fetch("SELECT id FROM stripe_customer WHERE client = {} FOR UPDATE", client_id)
    return await Card.objects().where(Card.id == card_id, Card.removed_at.is_null()).first()
