"""Cards on file: kept, preferred, changed and let go. One of them is the default as long as there is one."""

from contextlib import suppress

from portal import audit, clock, outbox
from portal.access import Area, NotFoundException, Viewer
from portal.database import fetch, transaction
from portal.language import lazy
from portal.payments import gateway, holders
from portal.payments.facts import Billing, CardFacts
from portal.payments.tables import Card, Payer
from portal.refusal import Refused

ACTOR = "mind_cards"
AWAY = Refused({"": lazy("The card service does not answer. Nothing was changed. Try again in a few minutes.")})
REFUSED = Refused({"": lazy("The card could not be changed. Remove it and add it again.")})


async def keep(
    viewer: Viewer, client_id: int, found: CardFacts, account_id: int | None, consent: str, *, first: bool
) -> int:
    """Inside the transaction of what brought it. The first card is the default. The same card twice is one.

    Stripe is told which is the default, and lets go of a card that another took the place of, by an errand.
    """
    async with transaction():
        await fetch("SELECT id FROM stripe_customer WHERE client = {} FOR UPDATE", client_id)
        live = await Card.objects().where(Card.client == client_id, Card.removed_at.is_null()).order_by(Card.id)
        same = next((one for one in live if _is_same(one, found)), None)
        if same is not None and same.method == found.method:
            card = same
        else:
            if same is not None:
                same.removed_at, same.is_default = clock.now(), False
                await same.save([Card.removed_at, Card.is_default])
            first = first or not live or (same is not None and len(live) == 1)
            card = Card(
                client=client_id, method=found.method, brand=found.brand, last4=found.last4,
                exp_month=found.exp_month, exp_year=found.exp_year, fingerprint=found.fingerprint,
                holder=found.holder, consent=consent, added_by=account_id,
                added_at=clock.now(),
            )  # fmt: skip
            await card.save()
            await audit.record(viewer, "card.kept", client_id=client_id, subject_id=card.id)
            await outbox.record("card.kept", card.id, client_id)
        await _put_first(client_id, card.id if first else None)
        await outbox.send_on(ACTOR, client_id, f"{ACTOR}:{client_id}:{clock.now().timestamp():.6f}")
    return int(card.id)


async def prefer(viewer: Viewer, client_id: int, card_id: int) -> None:
    """Not found outside one's reach, and where it was removed."""
    viewer.must_act_for(client_id, Area.BILLING)
    async with transaction():
        await _locked(client_id, card_id)
        await _put_first(client_id, card_id)
        await audit.record(viewer, "card.preferred", client_id=client_id, subject_id=card_id)
        await outbox.send_on(ACTOR, client_id, f"{ACTOR}:{client_id}:{clock.now().timestamp():.6f}")


async def remove(viewer: Viewer, client_id: int, card_id: int) -> None:
    """From now on nobody charges it here; Stripe lets go of it by an errand. The oldest that is left is the default."""
    viewer.must_act_for(client_id, Area.BILLING)
    async with transaction():
        card = await _locked(client_id, card_id)
        card.removed_at, card.is_default = clock.now(), False
        await card.save([Card.removed_at, Card.is_default])
        await _put_first(client_id, None)
        await audit.record(viewer, "card.removed", client_id=client_id, subject_id=card_id)
        await outbox.record("card.removed", card_id, client_id)
        await outbox.send_on(ACTOR, client_id, f"{ACTOR}:{client_id}:{clock.now().timestamp():.6f}")


async def billing(viewer: Viewer, client_id: int, card_id: int) -> Billing | None:
    """Asked of Stripe, which alone keeps it; None where it does not answer."""
    card = await _mine(viewer, client_id, card_id)
    with suppress(gateway.Refusal, gateway.Unknown):
        return await holders.of_card(card.method)
    return None


async def update(
    viewer: Viewer, client_id: int, card_id: int, exp_month: int, exp_year: int, whose: Billing
) -> None:  # fmt: skip
    """Stripe is asked first: it knows whether that may be. Raises `Refused`."""
    card = await _mine(viewer, client_id, card_id)
    try:
        found = await gateway.update_card(card.method, exp_month, exp_year, whose)
    except gateway.Unknown:
        raise AWAY from None
    except gateway.Refusal:
        raise REFUSED from None
    async with transaction():
        card = await _locked(client_id, card_id)
        card.exp_month, card.exp_year, card.holder = found.exp_month, found.exp_year, found.holder
        await card.save([Card.exp_month, Card.exp_year, Card.holder])
        await audit.record(viewer, "card.updated", client_id=client_id, subject_id=card_id)


async def _mine(viewer: Viewer, client_id: int, card_id: int) -> Card:
    """Not found outside one's reach, and where it was removed."""
    viewer.must_act_for(client_id, Area.BILLING)
    card = await Card.objects().where(Card.id == card_id, Card.client == client_id, Card.removed_at.is_null()).first()
    if card is None:
        raise NotFoundException
    return card


async def tell_stripe(viewer: Viewer, client_id: int) -> None:
    """What stands here stands there: which card is the default, and which are let go. Safe to repeat."""
    payer = await Payer.objects().where(Payer.client == client_id).first()
    if payer is None or not payer.customer:
        return
    rows = await Card.objects().where(Card.client == client_id).order_by(Card.id)
    live = {one.method for one in rows if one.removed_at is None}
    first = next((one.method for one in rows if one.is_default), "")
    await gateway.prefer(payer.customer, first)
    for one in rows:
        if one.removed_at is not None and one.let_go_at is None and one.method not in live:
            await gateway.let_go(one.method)
            one.let_go_at = clock.now()
            await one.save([Card.let_go_at])


def _is_same(card: Card, found: CardFacts) -> bool:
    return card.method == found.method or bool(found.fingerprint and card.fingerprint == found.fingerprint)


async def _locked(client_id: int, card_id: int) -> Card:
    await fetch("SELECT id FROM stripe_customer WHERE client = {} FOR UPDATE", client_id)
    row = await Card.objects().where(Card.id == card_id, Card.client == client_id, Card.removed_at.is_null()).first()
    if row is None:
        raise NotFoundException
    return row


async def _put_first(client_id: int, card_id: int | None) -> None:
    """That one, or else the one that is, or else the oldest. In two steps: an index allows one at a time."""
    rows = await fetch(
        "SELECT id FROM payment_card WHERE client = {} AND removed_at IS NULL"
        " ORDER BY id = {}::bigint DESC NULLS LAST, is_default DESC, id LIMIT 1",
        client_id,
        card_id,
    )
    if rows:
        first = rows[0]["id"]
        await fetch("UPDATE payment_card SET is_default = false WHERE client = {} AND id <> {} AND is_default",
                    client_id, first)  # fmt: skip
        await fetch("UPDATE payment_card SET is_default = true WHERE id = {} AND NOT is_default", first)
