"""The cards on file of a client, the default one first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal import clock
from portal.access import Area, NotFoundException, Permission, Viewer
from portal.database import fetch
from portal.language import lazy
from portal.payments import words
from portal.payments.tables import Card
from portal.practice import queries as practices

# AutoPay lies above the cards; whether somebody relies on one is asked here by its name.
AUTOPAY = """
SELECT p.most, p.consent, p.agreed_at, coalesce(nullif(a.name, ''), a.email) AS agreed_by
  FROM autopay AS p JOIN account AS a ON a.id = p.agreed_by WHERE p.client = {} AND p.ended_at IS NULL
"""


@dataclass(frozen=True)
class Kept:
    """As it may be shown. `today` is the practice's."""

    id: int
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    is_default: bool
    today: date
    holder: str = ""
    consent: str = ""
    added_at: datetime | None = None
    added_by: str = ""

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
    def may_be_charged(self) -> bool:
        """By staff: it is good, and somebody has agreed."""
        return bool(self.consent) and not self.is_expired

    @property
    def runs_out(self) -> bool:
        """This month or the next."""
        return 0 <= self.months_left <= 1

    @property
    def is_to_be_done(self) -> bool:
        return self.is_expired or self.runs_out

    @property
    def expires(self) -> date:
        return date(self.exp_year, self.exp_month, 1)


FIELDS = (
    Card.id, Card.brand, Card.last4, Card.exp_month, Card.exp_year, Card.holder, Card.is_default,
    Card.consent, Card.added_at, Card.added_by.name.as_alias("added_by"), Card.added_by.email.as_alias("email"),
)  # fmt: skip


def is_expired(year: int, month: int, today: date) -> bool:
    """It is good to the end of its month."""
    return (year, month) < (today.year, today.month)


async def of_client(viewer: Viewer, client_id: int) -> list[Kept]:
    """For whoever acts for the client."""
    viewer.must_act_for(client_id, Area.BILLING)
    return await _kept(viewer, client_id)


async def of_chart(viewer: Viewer, client_id: int) -> list[Kept]:
    """For staff, with who agreed when and to what words. Nothing outside one's reach."""
    return await _kept(viewer, client_id)


async def card(viewer: Viewer, client_id: int, card_id: int) -> Kept:
    """For whoever acts for the client. Not found where it was removed."""
    return _found(await of_client(viewer, client_id), card_id)


async def has_autopay(viewer: Viewer, client_id: int) -> bool:
    viewer.must_act_for(client_id, Area.BILLING)
    return bool(await fetch(AUTOPAY, client_id))


async def autopay_of(viewer: Viewer, client_id: int) -> dict[str, Any] | None:
    """Who agreed to what, for staff; whoever asks has reached the client."""
    viewer.must(Permission.LEDGER_READ)
    return next(iter(await fetch(AUTOPAY, client_id)), None)


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
    return [Kept(**_named(row), today=today) for row in rows]


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """Whoever has given no name has an address."""
    email = row.pop("email")
    return {**row, "added_by": row["added_by"] or email or ""}
