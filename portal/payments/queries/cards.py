"""The cards on file of a client, the default one first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal import clock
from portal.access import Area, NotFoundException, Viewer
from portal.database import fetch
from portal.language import lazy
from portal.payments import words
from portal.payments.tables import Card
from portal.practice import queries as practices

# AutoPay lies above the cards; whether somebody relies on one is asked here by its name.
AUTOPAY = "SELECT 1 FROM autopay WHERE client = {} AND ended_at IS NULL"


@dataclass(frozen=True)
class Kept:
    """As it may be shown. `today` is the practice's."""

    id: int
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    holder: str
    postal_code: str
    is_default: bool
    today: date

    @property
    def name(self) -> object:
        return lazy("%(brand)s ending in %(last4)s", brand=words.brand(self.brand), last4=self.last4)

    @property
    def until(self) -> str:
        """As it stands on the card."""
        return f"{self.exp_month:02}/{self.exp_year}"

    @property
    def months_left(self) -> int:
        return (self.exp_year - self.today.year) * 12 + self.exp_month - self.today.month

    @property
    def is_expired(self) -> bool:
        return is_expired(self.exp_year, self.exp_month, self.today)

    @property
    def runs_out(self) -> bool:
        """This month or the next."""
        return 0 <= self.months_left <= 1

    @property
    def expires(self) -> date:
        return date(self.exp_year, self.exp_month, 1)


FIELDS = (
    Card.id, Card.brand, Card.last4, Card.exp_month, Card.exp_year, Card.holder, Card.postal_code, Card.is_default,
)  # fmt: skip


def is_expired(year: int, month: int, today: date) -> bool:
    """It is good to the end of its month."""
    return (year, month) < (today.year, today.month)


async def of_client(viewer: Viewer, client_id: int) -> list[Kept]:
    """For whoever acts for the client."""
    viewer.must_act_for(client_id, Area.BILLING)
    return await _kept(viewer, client_id)


async def of_chart(viewer: Viewer, client_id: int) -> list[Kept]:
    """For staff. Nothing outside one's reach."""
    return await _kept(viewer, client_id)


async def card(viewer: Viewer, client_id: int, card_id: int) -> Kept:
    """For whoever acts for the client. Not found where it was removed."""
    return _found(await of_client(viewer, client_id), card_id)


async def has_autopay(viewer: Viewer, client_id: int) -> bool:
    viewer.must_act_for(client_id, Area.BILLING)
    return bool(await fetch(AUTOPAY, client_id))


def _found(cards: Sequence[Kept], card_id: int) -> Kept:
    for one in cards:
        if one.id == card_id:
            return one
    raise NotFoundException


async def _kept(viewer: Viewer, client_id: int) -> list[Kept]:
    rows = await (
        Card.select(*FIELDS)
        .where(viewer.reaches(Card), Card.client == client_id, Card.removed_at.is_null())
        .order_by(Card.is_default, ascending=False)
        .order_by(Card.id)
    )
    today = clock.today((await practices.practice(viewer)).time_zone)
    return [Kept(**row, today=today) for row in rows]
