"""An encounter before it is recorded. Fees are cents; codes are written as they will stand."""

from dataclasses import dataclass, field
from datetime import datetime

POINTERS = "ABCDEFGHIJKL"


@dataclass(frozen=True)
class LineDraft:
    """`pointers` are places of diagnoses, 1 for A."""

    code: str
    words: str
    units: int
    fee: int
    words_es: str = ""
    modifiers: tuple[str, ...] = ()
    pointers: tuple[int, ...] = ()

    @property
    def charge(self) -> int:
        return self.units * self.fee


@dataclass(frozen=True)
class DiagnosisDraft:
    code: str
    words: str


@dataclass(frozen=True)
class Insured:
    """Who is asked first, as the chart's coverage says now; nobody, where the client pays."""

    payer: str = ""
    plan: str = ""
    member_id: str = ""
    group_number: str = ""
    subscriber: str = ""
    relationship: str = ""


@dataclass(frozen=True)
class EncounterDraft:
    client_id: int
    clinician_id: int
    site_id: int
    starts_at: datetime
    time_zone: str
    lines: tuple[LineDraft, ...]
    place_of_service: str = "11"
    appointment_id: int | None = None
    diagnoses: tuple[DiagnosisDraft, ...] = ()
    insured: Insured = field(default_factory=Insured)
    referring_name: str = ""
    referring_npi: str = ""
    is_part2: bool = False

    @property
    def charge(self) -> int:
        return sum(line.charge for line in self.lines)
