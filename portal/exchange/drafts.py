"""What the rows should say, before the database is asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Self, TypeVar

from piccolo.columns import Column, Varchar

from portal.encounters.drafts import DiagnosisDraft, Insured
from portal.exchange.identifiers import Key
from portal.exchange.report import Place, Report

D = TypeVar("D", bound="Draft")
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Link:
    """`lost` is what to say where nobody has the key."""

    key: Key
    lost: str


@dataclass(eq=False, slots=True)
class Draft:
    """`fields` holds only what the resource says: what it is silent about stays as it is in the chart.

    `links` are columns that point to other resources. `person` is who or what it is about: two drafts with one key
    must agree on it.
    """

    place: Place
    key: Key | None
    fields: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    person: tuple[object, ...] = ()

    def put(self, column: Column, value: str | int | date | datetime | None, report: Report | None = None) -> None:
        """An empty text says nothing. One that is too long is cut and reported."""
        if value is None or value == "":
            return
        if isinstance(column, Varchar) and isinstance(value, str) and len(value) > (column.length or 0):
            value = value[: column.length].rstrip()
            if report is not None:
                name = column._meta.name.replace("_", " ")
                report.problem(self.place, f"the {name} is longer than {column.length} characters: it was cut")
        self.fields[column._meta.name] = value

    def absorb(self, later: Self) -> None:
        """The same thing, said again: the later word counts."""
        self.fields |= later.fields
        self.links |= later.links


@dataclass(eq=False, slots=True)
class PatientDraft(Draft):
    """`died_by` is for a chart that does not say yet when."""

    died_by: date | None = None
    emails: list[Draft] = field(default_factory=list)
    phones: list[Draft] = field(default_factory=list)
    addresses: list[Draft] = field(default_factory=list)

    def absorb(self, later: Self) -> None:
        Draft.absorb(self, later)
        self.died_by = later.died_by or self.died_by
        self.emails += later.emails
        self.phones += later.phones
        self.addresses = later.addresses or self.addresses


@dataclass(eq=False, slots=True)
class BelongingDraft(Draft):
    """A related person or a coverage. Without a key of its own it is known by `likeness` within its client's chart."""

    owner: Link = Link(Key("", "", ""), "")
    likeness: tuple[str, ...] = ()

    def complete(self, other: Self) -> None:
        """The same thing without an identifier: it only fills gaps, and may say that this is an emergency contact."""
        is_emergency = {name: True for name in ("is_emergency_contact",) if other.fields.get(name)}
        self.fields = {**other.fields, **self.fields, **is_emergency}


@dataclass(eq=False, slots=True)
class VisitDraft(Draft):
    """An appointment or an encounter. `names` are what its type may be called, `sites` where it may be, best first."""

    owner: Link = Link(Key("", "", ""), "")
    clinician: Link = Link(Key("", "", ""), "")
    sites: list[Link] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    made_at: datetime | None = None

    def absorb(self, later: Self) -> None:
        Draft.absorb(self, later)
        self.clinician, self.sites, self.names = later.clinician, later.sites, later.names


@dataclass(eq=False, slots=True)
class SlotDraft(Draft):
    """A time that is offered, or closed, or else only taken out of what was offered before."""

    clinician: Link = Link(Key("", "", ""), "")
    sites: list[Link] = field(default_factory=list)
    begins: datetime = NEVER
    ends: datetime = NEVER
    is_open: bool = False
    is_closed: bool = False
    contact_types: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class ServiceDraft:
    """One service of a bill. `price` is all of it in cents, None where the practice's own fees say it.

    `visit` is the visit at which it was done, if that is known by a key; else it is looked for by day.
    """

    key: Key
    code: str
    words: str
    price: int | None
    units: int = 1
    modifiers: tuple[str, ...] = ()
    diagnoses: tuple[DiagnosisDraft, ...] = ()
    place_of_service: str = ""
    words_es: str = ""
    visit: Key | None = None
    clinician: Link | None = None
    sites: list[Link] = field(default_factory=list)
    starts_at: datetime | None = None
    day: date | None = None


@dataclass(eq=False, slots=True)
class BillDraft(Draft):
    """What was done and what it costs: a claim, a charge item, or what an invoice asks for beside those.

    Where it says nothing of who is `insured`, the chart does. `is_withdrawn`: it does not count any more over there.
    `settles` are services that were paid over there, of an invoice that names charge items or says so.
    """

    resource_type: str = ""
    owner: Link = Link(Key("", "", ""), "")
    insured: Insured | None = None
    services: list[ServiceDraft] = field(default_factory=list)
    is_withdrawn: bool = False
    settles: list[Key] | None = None

    def absorb(self, later: Self) -> None:
        self.insured, self.services, self.is_withdrawn = later.insured, later.services, later.is_withdrawn
        self.settles = later.settles

    @property
    def bill(self) -> Key:
        """Whose services are told apart from one another by themselves: those of one claim, and all charge items."""
        return Key("charge_item", "", "") if self.resource_type == "ChargeItem" or self.key is None else self.key


@dataclass(frozen=True, slots=True)
class Decided:
    """Of one service, exactly; what was submitted and what is allowed may be unsaid. `service` is None for a claim as a
    whole.
    """

    service: Key | None
    paid: Decimal
    left: Decimal
    submitted: Decimal | None
    allowed: Decimal | None
    discount: Decimal


@dataclass(eq=False, slots=True)
class BenefitDraft(Draft):
    """What an insurer decided about a claim with these `services`. `paid` is the money that came, in cents."""

    owner: Link = Link(Key("", "", ""), "")
    claim: Link = Link(Key("", "", ""), "")
    payer: str = ""
    received_on: date | None = None
    reference: str = ""
    paid: int = 0
    services: list[Key] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    is_withdrawn: bool = False

    def absorb(self, later: Self) -> None:
        for name in ("payer", "received_on", "reference", "paid", "services", "decided", "is_withdrawn"):
            setattr(self, name, getattr(later, name))


@dataclass(slots=True)
class Drafts:
    organizations: list[Draft] = field(default_factory=list)
    locations: list[Draft] = field(default_factory=list)
    practitioners: list[Draft] = field(default_factory=list)
    patients: list[PatientDraft] = field(default_factory=list)
    related: list[BelongingDraft] = field(default_factory=list)
    coverages: list[BelongingDraft] = field(default_factory=list)
    appointments: list[VisitDraft] = field(default_factory=list)
    encounters: list[VisitDraft] = field(default_factory=list)
    slots: list[SlotDraft] = field(default_factory=list)
    bills: list[BillDraft] = field(default_factory=list)
    benefits: list[BenefitDraft] = field(default_factory=list)


def once(resource_type: str, drafts: Iterable[D], report: Report) -> list[D]:
    """The same thing twice is one; two different ones with one identifier are an error."""
    kept: dict[Key, D] = {}
    settled: list[D] = []
    for draft in drafts:
        first = kept.setdefault(draft.key, draft) if draft.key else draft
        if first is draft:
            settled.append(draft)
        elif first.person == draft.person:
            first.absorb(draft)
            report.tally(resource_type).skipped += 1
        else:
            where = ", ".join(filter(None, (first.place.file, first.place.entry)))
            report.error(draft.place, f"has the identifier of another {resource_type}: {where}")
    return settled


def once_each(resource_type: str, drafts: list[BelongingDraft], report: Report) -> list[BelongingDraft]:
    """Within one chart, what has no identifier belongs to what is like it."""
    settled = once(resource_type, [draft for draft in drafts if draft.key], report)
    alike: dict[object, BelongingDraft] = {}
    for draft in [*settled, *(draft for draft in drafts if not draft.key)]:
        first = alike.setdefault((draft.owner.key, draft.likeness), draft)
        if not draft.key and first is draft:
            settled.append(draft)
        elif not draft.key:
            first.complete(draft)
            report.tally(resource_type).skipped += 1
    return settled
