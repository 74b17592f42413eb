"""What Stripe has, in our words: a payment, a card that is put on file, a page, money that goes back."""

from dataclasses import dataclass, fields
from datetime import datetime


@dataclass(frozen=True)
class CardFacts:
    """What may be known of a card. `customer` is whom it is attached to, or empty."""

    method: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str = ""
    holder: str = ""
    customer: str = ""


@dataclass(frozen=True)
class Billing:
    """Whose card it is and where they live: Stripe keeps it, and the portal only shows it to them. `country` is two
    letters. Without any of it there is no country either.
    """

    holder: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""

    @property
    def address(self) -> dict[str, str]:
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "holder"}


@dataclass(frozen=True)
class Intent:
    """A payment as Stripe has it. Cents. `attempt` is what we called it; `page` is where the client must go first."""

    id: str
    status: str
    amount: int
    received: int
    attempt: str
    created: datetime
    customer: str = ""
    refunded: int = 0
    code: str = ""
    page: str = ""
    secret: str = ""
    card: CardFacts | None = None


@dataclass(frozen=True)
class Setup:
    """A card that is put on file, as Stripe has it."""

    id: str
    status: str
    setup: str
    code: str = ""
    page: str = ""
    secret: str = ""
    card: CardFacts | None = None


@dataclass(frozen=True)
class Session:
    """Stripe's own page. `subject` is the payment or the card that came of it."""

    id: str
    status: str
    url: str
    subject: str
    ours: str


@dataclass(frozen=True)
class Back:
    """Money that goes back, as Stripe has it."""

    id: str
    status: str
    amount: int
    intent: str
    refund: str
    code: str = ""
