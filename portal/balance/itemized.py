"""A client's visits as an itemized list, and how it may be narrowed and put in order."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class Filters:
    """Days on the practice's wall, both included; ids; None is any. Open is what somebody has still to pay."""

    first_day: date | None = None
    last_day: date | None = None
    clinician: int | None = None
    site: int | None = None
    is_open: bool = False

    @property
    def is_narrow(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class Order:
    column: str = "date"
    is_falling: bool = True


@dataclass(frozen=True)
class Invoiced:
    id: int
    number: int


@dataclass(frozen=True)
class Visit:
    """Cents. `services` are codes with their words; `payer` is who was asked first, empty where the client pays."""

    id: int
    starts_at: datetime
    time_zone: str
    services: list[str]
    clinician: str
    site: str
    payer: str
    charged: int
    paid: int
    adjusted: int
    client_due: int
    due: int
    invoices: list[Invoiced]


@dataclass(frozen=True)
class Choices:
    sites: dict[int, str] = field(default_factory=dict)
    clinicians: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """`total` counts what the filters let through, on all pages; edges are ids."""

    visits: list[Visit]
    total: int
    newer: int | None = None
    older: int | None = None
