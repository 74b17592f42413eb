"""An attempt before anything is asked for: how much, by which card, and what becomes of the card."""

from uuid import UUID

from portal import audit, clock
from portal.access import Area, NotFoundException, Viewer
from portal.database import transaction
from portal.language import lazy
from portal.payments import gateway, rules, settings
from portal.payments.facts import CardFacts
from portal.payments.queries import attempts, cards
from portal.payments.tables import Card, PaymentAttempt, Source, Way
from portal.practice import queries as practices
from portal.refusal import Refused

NOTHING = Refused({"": lazy("There is nothing to pay now.")})
BUSY = Refused({"": lazy("A payment is under way. Wait until it has ended before you begin another.")})
OVER = Refused({"": lazy("This payment was sent already, or has ended. Begin a new one.")})
NO_CARD = lazy("Choose a card")
EXPIRED = lazy("This card has expired. Choose another one.")
UNREAD = lazy("The card could not be read. Enter it again.")
AWAY = lazy("The card service does not answer. Nothing was charged. Try again in a few minutes.")
CHOSEN = tuple(
    getattr(PaymentAttempt, name)
    for name in ("way", "card", "token", "brand", "last4", "exp_month", "exp_year", "saves", "makes_default", "consent")
)


async def begin(viewer: Viewer, client_id: int, amount: int | None) -> UUID:
    """`amount` in cents; None is the Total Balance. Returns the attempt's public name. Raises `Refused`."""
    await _may_pay(viewer, client_id)
    cents = await _cents(viewer, client_id, amount)
    async with transaction():
        row = PaymentAttempt(
            client=client_id, source=str(Source.CLIENT), account=viewer.account_id, amount=cents,
            is_whole=amount is None, made_at=clock.now(),
        )  # fmt: skip
        await row.save()
        await audit.record(viewer, "payment.begun", client_id=client_id, subject_id=row.id)
    return row.public


async def choose_amount(viewer: Viewer, client_id: int, public: UUID, amount: int | None) -> None:
    """Raises `Refused`."""
    await _may_pay(viewer, client_id)
    cents = await _cents(viewer, client_id, amount)
    async with transaction():
        row = await open_attempt(viewer, client_id, public)
        row.amount, row.is_whole = cents, amount is None
        await row.save([PaymentAttempt.amount, PaymentAttempt.is_whole])


async def choose_saved(viewer: Viewer, client_id: int, public: UUID, card_id: int) -> None:
    """A card on file. Raises `Refused`."""
    await _may_pay(viewer, client_id)
    async with transaction():
        row = await open_attempt(viewer, client_id, public)
        card = await Card.objects().where(
            Card.id == card_id, Card.client == client_id, Card.removed_at.is_null()
        ).first()  # fmt: skip
        if card is None:
            raise Refused(card=NO_CARD)
        if cards.is_expired(card.exp_year, card.exp_month, clock.today((await practices.practice(viewer)).time_zone)):
            raise Refused(card=EXPIRED)
        seen = CardFacts(card.method, card.brand, card.last4, card.exp_month, card.exp_year)
        await _choose(row, Way.SAVED, seen, card=card.id)


async def choose_new(
    viewer: Viewer, client_id: int, public: UUID, token: str, *, saves: bool, makes_default: bool, consent: str
) -> None:
    """Typed into Stripe's fields on our page. What the card is, Stripe is asked. Raises `Refused`."""
    await _may_pay(viewer, client_id)
    try:
        seen = await gateway.preview(token)
    except gateway.Refusal:
        raise Refused(card=UNREAD) from None
    except gateway.Unknown:
        raise Refused({"": AWAY}) from None
    saves = saves and await settings.keeps_cards(viewer)
    async with transaction():
        row = await open_attempt(viewer, client_id, public)
        await _choose(row, Way.NEW, seen, token=token, saves=saves, makes_default=makes_default, consent=consent)


async def choose_hosted(
    viewer: Viewer, client_id: int, public: UUID, *, saves: bool, makes_default: bool, consent: str
) -> None:
    """It will be typed on Stripe's own page. Raises `Refused`."""
    await _may_pay(viewer, client_id)
    saves = saves and await settings.keeps_cards(viewer)
    async with transaction():
        row = await open_attempt(viewer, client_id, public)
        await _choose(row, Way.HOSTED, None, saves=saves, makes_default=makes_default, consent=consent)


async def _choose(
    row: PaymentAttempt, way: Way, seen: CardFacts | None, *, card: int | None = None, token: str = "",
    saves: bool = False, makes_default: bool = False, consent: str = "",
) -> None:  # fmt: skip
    row.way, row.card, row.token = str(way), card, token
    row.brand, row.last4 = (seen.brand, seen.last4) if seen else ("", "")
    row.exp_month, row.exp_year = (seen.exp_month, seen.exp_year) if seen else (0, 0)
    row.saves, row.makes_default, row.consent = saves, saves and makes_default, consent if saves else ""
    await row.save(list(CHOSEN))


async def open_attempt(viewer: Viewer, client_id: int, public: UUID) -> PaymentAttempt:
    """Locked, inside a transaction. Raises `Refused` where it is open no more."""
    viewer.must_act_for(client_id, Area.BILLING)
    row = (
        await PaymentAttempt.objects()
        .where(PaymentAttempt.public == public, PaymentAttempt.client == client_id)
        .first()
        .lock_rows("UPDATE")
    )
    if row is None:
        raise NotFoundException
    if not rules.is_open(row.state, row.made_at, clock.now()):
        raise OVER
    return row


async def _may_pay(viewer: Viewer, client_id: int) -> None:
    viewer.must_act_for(client_id, Area.BILLING)
    if not await settings.takes_cards(viewer):
        raise NotFoundException
    if await attempts.under_way(viewer, client_id):
        raise BUSY


async def _cents(viewer: Viewer, client_id: int, amount: int | None) -> int:
    most = await attempts.to_pay(viewer, client_id)
    if not most:
        raise NOTHING
    if most < settings.LEAST:
        raise Refused({"": lazy("This is too little to be paid by card. Pay it together with what comes next.")})
    if amount is None:
        return most
    if not await settings.allows_parts(viewer) and amount != most:
        raise Refused(amount=lazy("Pay the whole balance, or call the office"))
    if amount > most:
        raise Refused(amount=lazy("That is more than you owe"))
    if amount < settings.LEAST:
        raise Refused(amount=lazy("Enter at least $0.50"))
    return amount
