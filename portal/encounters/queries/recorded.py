"""What was recorded, with the names that belong to it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.access import NotFoundException, Permission, Viewer
from portal.clients.names import full_name
from portal.database import fetch
from portal.encounters import rules
from portal.encounters.drafts import POINTERS, DiagnosisDraft, Insured
from portal.encounters.tables import Encounter
from portal.language import in_language, lazy
from portal.practice.queries import name_of

FIELDS = f"""
e.id, e.client AS client_id, c.given_name, c.family_name, c.suffix, c.birth_date, e.appointment AS appointment_id,
e.clinician AS clinician_id, {name_of("m")} AS clinician, e.site AS site_id, s.name AS site, e.place_of_service,
e.starts_at, e.time_zone, e.payer, e.plan, e.member_id, e.group_number, e.subscriber, e.relationship, e.referring_name,
e.referring_npi, e.is_part2, e.version, e.replaces, e.voided_at, {name_of("v")} AS voided_by, e.void_reason,
(SELECT id FROM encounter WHERE replaces = e.id ORDER BY id DESC LIMIT 1) AS replaced_by
"""
ONE = f"""
SELECT {FIELDS}
  FROM encounter AS e JOIN client AS c ON c.id = e.client JOIN staff_member AS m ON m.id = e.clinician
  JOIN site AS s ON s.id = e.site LEFT JOIN staff_member AS v ON v.id = e.voided_by
 WHERE e.id = (SELECT id FROM encounter WHERE id = {{}} AND {{}})
"""
LINES = """
SELECT id, code, words, words_es, modifiers, units, fee, pointers, charged, paid_by_insurer, paid_by_client, adjusted,
       insurance_due, client_due
  FROM service_line WHERE encounter = {} ORDER BY place
"""
LAST = """
SELECT encounter.id FROM encounter JOIN appointment AS a ON a.id = encounter.appointment
 WHERE encounter.client = {} AND a.type = {} AND encounter.voided_at IS NULL AND {}
 ORDER BY encounter.starts_at DESC, encounter.id DESC LIMIT 1
"""
TRAIL = """
SELECT act, actor, happened_at FROM audit_row
 WHERE client_id = {} AND subject_id = {} AND act = ANY({}::text[]) ORDER BY happened_at, id
"""
ACTS: dict[str, object] = {
    "encounter.recorded": lazy("Recorded"),
    "encounter.recoded": lazy("Codes changed"),
    "encounter.voided": lazy("Voided"),
}


@dataclass(frozen=True)
class Line:
    """One service and, in cents, what became of its charge."""

    id: int
    code: str
    words: str
    words_es: str
    modifiers: tuple[str, ...]
    units: int
    fee: int
    pointers: tuple[int, ...]
    charged: int
    paid_by_insurer: int
    paid_by_client: int
    adjusted: int
    insurance_due: int
    client_due: int

    @property
    def spoken(self) -> str:
        return in_language(self.words, self.words_es)

    @property
    def letters(self) -> str:
        return "".join(POINTERS[one - 1] for one in self.pointers)

    @property
    def charge(self) -> int:
        return self.units * self.fee


@dataclass(frozen=True)
class Recorded:
    """An encounter as it stands. `replaces` and `replaced_by` are encounters of the same visit, before and after."""

    id: int
    client_id: int
    client: str
    birth_date: date | None
    appointment_id: int | None
    clinician_id: int
    clinician: str
    site_id: int
    site: str
    place_of_service: str
    starts_at: datetime
    time_zone: str
    insured: Insured
    referring_name: str
    referring_npi: str
    is_part2: bool
    version: int
    replaces: int | None
    replaced_by: int | None
    voided_at: datetime | None
    voided_by: str
    void_reason: str
    lines: tuple[Line, ...]
    diagnoses: tuple[DiagnosisDraft, ...]

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    @property
    def charge(self) -> int:
        return sum(line.charge for line in self.lines)

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(rules.zone(self.time_zone)).date()

    @property
    def where(self) -> object:
        return rules.PLACES.get(self.place_of_service, self.place_of_service)


@dataclass(frozen=True)
class Happened:
    what: object
    by: str
    at: datetime


async def recorded(viewer: Viewer, encounter_id: int) -> Recorded:
    """Not found outside one's reach. Diagnoses are for those alone who record them."""
    viewer.must(Permission.LEDGER_READ)
    rows = await fetch(ONE, encounter_id, viewer.reaches(Encounter).querystring)
    if not rows:
        raise NotFoundException
    lines = [_line(row) for row in await fetch(LINES, encounter_id)]
    codes = []
    if viewer.may(Permission.ENCOUNTER_RECORD):
        codes = await fetch("SELECT code, words FROM diagnosis WHERE encounter = {} ORDER BY place", encounter_id)
    return _recorded(rows[0], tuple(lines), tuple(DiagnosisDraft(**row) for row in codes))


async def last_like(viewer: Viewer, client_id: int, type_id: int) -> int | None:
    """The latest that was recorded for this client and this type of visit."""
    viewer.must(Permission.ENCOUNTER_RECORD)
    rows = await fetch(LAST, client_id, type_id, viewer.reaches(Encounter).querystring)
    return rows[0]["id"] if rows else None


async def trail(viewer: Viewer, one: Recorded) -> list[Happened]:
    """Who did what to it, and when. Whoever asks has reached it."""
    rows = await fetch(TRAIL, one.client_id, one.id, list(ACTS))
    return [Happened(ACTS[row["act"]], row["actor"], row["happened_at"]) for row in rows]


def _line(row: dict[str, Any]) -> Line:
    return Line(**{**row, "modifiers": tuple(row["modifiers"]), "pointers": tuple(row["pointers"])})


def _recorded(row: dict[str, Any], lines: tuple[Line, ...], diagnoses: tuple[DiagnosisDraft, ...]) -> Recorded:
    own = {name: row[name] for name in Recorded.__dataclass_fields__ if name in row}
    insured = Insured(**{name: row[name] for name in Insured.__dataclass_fields__})
    return Recorded(**own, client=full_name(row), insured=insured, lines=lines, diagnoses=diagnoses)
