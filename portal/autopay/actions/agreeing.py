"""AutoPay is turned on by whoever pays for the client, and off again: by them, by staff whom they ask, or where nothing
is left to pay with.
"""

from portal import audit, clock, outbox
from portal.access import Area, NotFoundException, Permission, Viewer
from portal.autopay.tables import AutoPay, DuePayment, DueState
from portal.clients import queries as clients
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.money import MOST
from portal.outbox import Event
from portal.payments import settings
from portal.payments.queries.cards import is_expired
from portal.payments.tables import Card
from portal.practice import queries as practices
from portal.refusal import Refused

PORTAL = Viewer.portal("autopay")
ALREADY = Refused({"": lazy("AutoPay is on already.")})
NO_CARD = Refused({"": lazy("AutoPay needs a card on file: add one first.")})
EXPIRED = Refused({"": lazy("Your default card has expired: update it, or add another one first.")})


async def agree(viewer: Viewer, client_id: int, most: int, consent: str) -> int:
    """`most` in cents, of one charge. Raises `Refused`."""
    viewer.must_act_for(client_id, Area.BILLING)
    if not await settings.offers_autopay(viewer):
        raise NotFoundException
    if most < settings.LEAST:
        raise Refused(most=lazy("Enter at least $0.50"))
    if most > MOST:
        raise Refused(most=lazy("That is more than one payment can be"))
    async with transaction():
        await _lock(client_id)
        card = await Card.objects().where(Card.client == client_id, Card.is_default.eq(True)).first()
        if card is None:
            raise NO_CARD
        if is_expired(card.exp_year, card.exp_month, clock.today((await practices.practice(viewer)).time_zone)):
            raise EXPIRED
        row = AutoPay(
            client=client_id, most=most, consent=consent, agreed_by=viewer.account_id, agreed_at=clock.now()
        )  # fmt: skip
        with refusing(one_autopay=ALREADY):
            await row.save()
        await audit.record(viewer, "autopay.agreed", client_id=client_id, subject_id=row.id, most=most)
        await outbox.record("autopay.agreed", row.id, client_id)
    return int(row.id)


async def end(viewer: Viewer, client_id: int) -> None:
    """From now on nothing is charged by itself; what was announced is not. Where it is off, nothing happens."""
    viewer.must_act_for(client_id, Area.BILLING)
    await _end(viewer, client_id)


async def turn_off(viewer: Viewer, client_id: int) -> None:
    """By staff, whom the client has asked: off and never on. Whoever reads the account is written to."""
    viewer.must(Permission.CARD_CHARGE)
    await clients.client(viewer, client_id)
    await _end(viewer, client_id, told_by="autopay.turned_off")


async def look_again(event: Event) -> None:
    """After a card went: without any, there is nothing to pay with."""
    if event.client_id is None:
        return
    async with transaction():
        await _lock(event.client_id)
        if not await Card.exists().where(Card.client == event.client_id, Card.removed_at.is_null()):
            await _end(PORTAL, event.client_id)


async def end_for(viewer: Viewer, row: AutoPay) -> None:
    """By the portal itself: whoever agreed acts for the client no more."""
    await _end(viewer, row.client)


async def _end(viewer: Viewer, client_id: int, *, told_by: str = "autopay.ended") -> None:
    async with transaction():
        await _lock(client_id)
        row = await (
            AutoPay.objects().where(AutoPay.client == client_id, AutoPay.ended_at.is_null()).first().lock_rows("UPDATE")
        )
        if row is None:
            return
        row.ended_at, row.ended_by = clock.now(), viewer.account_id
        await row.save([AutoPay.ended_at, AutoPay.ended_by])
        await DuePayment.update({DuePayment.state: str(DueState.OFF), DuePayment.ended_at: clock.now()}).where(
            DuePayment.autopay == row.id, DuePayment.state == DueState.COMING
        )
        await audit.record(viewer, told_by, client_id=client_id, subject_id=row.id)
        await outbox.record(told_by, row.id, client_id)


async def _lock(client_id: int) -> None:
    """The same row as of whoever changes the cards."""
    await fetch("SELECT id FROM stripe_customer WHERE client = {} FOR UPDATE", client_id)
