"""An estimate before it is given. Charges are cents; days are on the wall of the practice."""

from dataclasses import dataclass
from datetime import date

MOST_ITEMS, MOST_QUANTITY, MOST_VISITS = 12, 9999, 366


@dataclass(frozen=True)
class ItemDraft:
    """A service of the fee schedule; who would do it, and where."""

    service_id: int
    clinician_id: int
    site_id: int
    quantity: int
    charge: int | None = None  # the fee of that day, where nobody says another


@dataclass(frozen=True)
class EstimateDraft:
    words: str
    items: tuple[ItemDraft, ...]
    first_day: date
    last_day: date
    key: str
    visits: int = 1
    every: str = ""
    diagnoses: tuple[str, ...] = ()
    separate: str = ""
    given_how: str = "portal"
    appointment_id: int | None = None
    replaces: int | None = None
    answers: tuple[int, ...] = ()
