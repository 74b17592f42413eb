"""When, where and by whom a service was done: by its visit, else by what the bill and the chart say."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from portal import clock
from portal.access import Viewer
from portal.appointments.tables import ContactType
from portal.database import fetch
from portal.encounters import rules
from portal.encounters.drafts import DiagnosisDraft, Insured
from portal.exchange import rows
from portal.exchange.actions.whereabouts import Places
from portal.exchange.drafts import BillDraft, ServiceDraft
from portal.exchange.identifiers import Key
from portal.exchange.mapping.amounts import Wrong
from portal.exchange.upserts import Known, Row

VISITS = """
SELECT id, client, clinician, site, starts_at, time_zone, contact_type FROM appointment
 WHERE id = ANY({}::bigint[]) ORDER BY id
"""
OF_CLIENTS = """
SELECT id, client, clinician, site, starts_at, time_zone, contact_type FROM appointment
 WHERE client = ANY({}::bigint[]) AND starts_at BETWEEN {} AND {}
   AND state IN ('booked', 'confirmed', 'arrived', 'completed', 'no_show') ORDER BY id
"""
POLICIES = """
SELECT client, payer, plan, member_id, group_number, subscriber_name AS subscriber, relationship, starts_on, ends_on
  FROM coverage WHERE client = ANY({}::bigint[]) AND payer <> '' ORDER BY client, rank, id
"""
CLINICIANS = (
    "SELECT id, principal_clinician FROM client WHERE id = ANY({}::bigint[]) AND principal_clinician IS NOT NULL"
)
# Of a day without an hour: whatever the zone, it stays that day.
NOON = time(12)
A_DAY = timedelta(days=1)
AT_HOME, AT_THE_OFFICE, ELSEWHERE = "10", "11", "99"


@dataclass(eq=False)
class Line:
    """`bills` are those that charge it already; `id` is None until it is stored."""

    code: str
    words: str
    cents: int
    bills: set[Key]
    id: int | None = None


@dataclass(eq=False)
class Occasion:
    """One encounter of ours. `is_by_hand`: staff recorded it, and nothing is added to it."""

    client: int
    clinician: int
    site: int
    starts_at: datetime
    time_zone: str
    place_of_service: str
    insured: Insured
    appointment: int | None = None
    encounter: int | None = None
    is_by_hand: bool = False
    diagnoses: list[DiagnosisDraft] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(rules.zone(self.time_zone)).date()


class Occasions:
    def __init__(self, known: Known, places: Places) -> None:
        self.known, self.places = known, places
        self._by_id: dict[int, Row] = {}
        self._by_day: dict[tuple[int, date], list[Row]] = defaultdict(list)
        self._clinicians: dict[int, int] = {}
        self._policies: dict[int, list[Row]] = defaultdict(list)
        self._all: dict[object, Occasion] = {}

    @classmethod
    async def of(cls, viewer: Viewer, bills: Sequence[tuple[BillDraft, int]], known: Known) -> "Occasions":
        services = [(done, client) for draft, client in bills for done in draft.services]
        clients = sorted({client for _, client in services})
        clinicians = {id for done, _ in services if done.clinician and (id := known.get(done.clinician.key))}
        found = cls(known, await Places.known(viewer, clients, clinicians))
        await found._read_visits(services)
        for batch in rows.in_batches(clients):
            found._clinicians |= {row["id"]: row["principal_clinician"] for row in await fetch(CLINICIANS, list(batch))}
        for batch in rows.in_batches(sorted({client for draft, client in bills if draft.insured is None})):
            for row in await fetch(POLICIES, list(batch)):
                found._policies[row.pop("client")].append(row)
        return found

    async def _read_visits(self, services: Sequence[tuple[ServiceDraft, int]]) -> None:
        ids = sorted({id for done, _ in services if (id := self.known.get(done.visit))})
        for batch in rows.in_batches(ids):
            self._by_id |= {row["id"]: row for row in await fetch(VISITS, list(batch))}
        loose = [(done, client) for done, client in services if self.known.get(done.visit) not in self._by_id]
        days = [one for done, _ in loose if (one := done.day or (done.starts_at and done.starts_at.date()))]
        if not days:
            return
        first, last = (datetime.combine(day, NOON, clock.now().tzinfo) for day in (min(days), max(days)))
        for batch in rows.in_batches(sorted({client for _, client in loose})):
            for row in await fetch(OF_CLIENTS, list(batch), first - 2 * A_DAY, last + 2 * A_DAY):
                self._by_day[row["client"], _day(row["starts_at"], row["time_zone"])].append(row)

    def visits(self, bills: Iterable[tuple[BillDraft, int]]) -> list[int]:
        """All that one of these services may belong to."""
        found = (self._visit(done, client) for draft, client in bills for done in draft.services)
        return sorted({row["id"] for row in found if row is not None})

    def keep(self, occasion: Occasion) -> None:
        """What is here already."""
        self._all["visit", occasion.appointment] = occasion

    def find(self, draft: BillDraft, done: ServiceDraft, client: int) -> Occasion:
        """Made, where there is none yet. Raises `Wrong`."""
        visit = self._visit(done, client)
        if visit is not None and visit["client"] != client:
            raise Wrong("is about another client's visit")
        if visit is not None and (kept := self._all.get(("visit", visit["id"]))):
            return kept
        clinician = self.known.get(done.clinician.key) if done.clinician else None
        clinician = clinician or (visit["clinician"] if visit else self._clinicians.get(client))
        if clinician is None:
            raise Wrong("names no clinician")
        site = visit["site"] if visit else self.places.site(done.sites, self.known, clinician, client)
        if site is None:
            raise Wrong("names no place")
        zone = visit["time_zone"] if visit else self.places.zones[site]
        starts_at = visit["starts_at"] if visit else done.starts_at
        if starts_at is None:
            if done.day is None:
                raise Wrong("does not say on which day it was")
            starts_at = datetime.combine(done.day, NOON, rules.zone(zone))
        if starts_at > clock.now() and not (done.day and done.day == clock.today(zone)):
            raise Wrong("is about a visit that is still to come")
        mark = ("visit", visit["id"]) if visit else (client, clinician, starts_at, draft.bill)
        if mark not in self._all:
            self._all[mark] = Occasion(
                client, clinician, site, min(starts_at, clock.now()), zone, _place_of_service(done, visit),
                self._insured(draft, client, _day(starts_at, zone)), visit["id"] if visit else None,
            )  # fmt: skip
        return self._all[mark]

    def _visit(self, done: ServiceDraft, client: int) -> Row | None:
        """The one that is named; else the only one of that day, or of that moment."""
        row = self._by_id.get(self.known.get(done.visit) or 0)
        if row is not None:
            return row
        if done.starts_at is None:
            same = self._by_day.get((client, done.day), []) if done.day else []
        else:
            days = {done.starts_at.date() + off * A_DAY for off in (-1, 0, 1)}
            near = [one for day in days for one in self._by_day.get((client, day), ())]
            alike = [one for one in near if one["starts_at"] == done.starts_at]
            same = alike or [one for one in near if _is_same_day(done.starts_at, one)]
        return same[0] if len(same) == 1 else None

    def _insured(self, draft: BillDraft, client: int, day: date) -> Insured:
        """As the bill says; else as the chart does, of that day."""
        if draft.insured is not None:
            return draft.insured
        for row in self._policies.get(client, ()):
            if (row["starts_on"] or day) <= day <= (row["ends_on"] or day):
                return Insured(**{name: told for name, told in row.items() if name not in ("starts_on", "ends_on")})
        return Insured()


def _is_same_day(moment: datetime, visit: Row) -> bool:
    return _day(moment, visit["time_zone"]) == _day(visit["starts_at"], visit["time_zone"])


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(rules.zone(zone)).date()


def _place_of_service(done: ServiceDraft, visit: Row | None) -> str:
    if done.place_of_service:
        return done.place_of_service if done.place_of_service in rules.PLACES else ELSEWHERE
    is_away = visit is not None and visit["contact_type"] in (ContactType.TELEHEALTH, ContactType.PHONE)
    return AT_HOME if is_away else AT_THE_OFFICE
