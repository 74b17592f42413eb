"""What was done at one visit, as an insurer wants to read it from the client: every field, or a list of what lacks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.access import Area, NotFoundException, Viewer
from portal.billing.settings import PART2, is_on
from portal.database import fetch
from portal.encounters.drafts import POINTERS
from portal.encounters.tables import Encounter
from portal.invoices.queries import people
from portal.invoices.queries.people import Money, Person
from portal.language import current, written_date
from portal.practice import queries as practices
from portal.practice.queries import name_of
from portal.practice.tables import Practice

# The number grows with each correction of the codes; the day is the last on which something of it changed.
HEAD = f"""
SELECT e.id, e.client, e.version, e.starts_at, e.time_zone, e.place_of_service, e.payer, e.plan, e.member_id,
       e.group_number, e.subscriber, e.relationship, e.referring_name, e.referring_npi, e.is_part2,
       {name_of("m")} AS clinician, m.id AS clinician_id, m.credentials, m.npi, m.license_number, m.license_state,
       s.name AS site, s.street AS site_street, s.city AS site_city, s.state AS site_state,
       s.postal_code AS site_postal_code,
       greatest(e.recorded_at, (SELECT max(p.made_at) FROM entry AS n JOIN posting AS p ON p.id = n.posting
                                  JOIN service_line AS l ON l.id = n.line WHERE l.encounter = e.id)) AS changed_at
  FROM encounter AS e JOIN staff_member AS m ON m.id = e.clinician JOIN site AS s ON s.id = e.site
 WHERE e.id = {{}} AND e.voided_at IS NULL
"""
LINES = """
SELECT id, code, CASE WHEN {} = 'es' AND words_es <> '' THEN words_es ELSE words END AS words, modifiers, units, fee,
       pointers, charged, paid_by_insurer, paid_by_client, adjusted, insurance_due, client_due
  FROM service_line WHERE encounter = {} ORDER BY place
"""
DIAGNOSES = "SELECT place, code, words FROM diagnosis WHERE encounter = {} ORDER BY place"
WITHIN = """
SELECT id FROM encounter
 WHERE client = {} AND voided_at IS NULL AND starts_at >= {} AND starts_at < {} ORDER BY starts_at, id
"""

AS_FAR = """
SELECT coalesce((SELECT max(id) FROM posting WHERE client = {}), 0) AS posting,
       coalesce((SELECT sum(version) FROM encounter WHERE client = {}), 0) AS codings
"""
CODINGS = 100_000


@dataclass(frozen=True)
class Line:
    """Cents. `pointers` are the letters of its diagnoses."""

    id: int
    code: str
    words: str
    modifiers: list[str]
    units: int
    fee: int
    pointers: list[str]
    charged: int
    paid_by_insurer: int
    paid_by_client: int
    adjusted: int
    insurance_due: int
    client_due: int

    @property
    def paid(self) -> int:
        return self.paid_by_insurer + self.paid_by_client


@dataclass(frozen=True)
class Diagnosis:
    place: int
    code: str
    words: str

    @property
    def letter(self) -> str:
        return POINTERS[self.place - 1]


@dataclass(frozen=True)
class Superbill:
    """`facts` are those of the encounter, of whoever treated and of where."""

    facts: dict[str, Any]
    client: Person
    practice: Practice
    lines: list[Line]
    diagnoses: list[Diagnosis]
    payments: list[Money]
    has_notice: bool

    @property
    def id(self) -> int:
        return int(self.facts["id"])

    @property
    def number(self) -> str:
        return f"{self.facts['id']}-{self.facts['version']}"

    @property
    def day(self) -> str:
        return written_date(self.facts["starts_at"], self.facts["time_zone"], "medium")

    def sum(self, name: str) -> int:
        return sum(getattr(line, name) for line in self.lines)

    @property
    def charged(self) -> int:
        return self.sum("charged")

    @property
    def paid(self) -> int:
        return self.sum("paid")

    @property
    def adjusted(self) -> int:
        return self.sum("adjusted")

    @property
    def balance(self) -> int:
        return self.sum("insurance_due") + self.sum("client_due")


async def client_of(viewer: Viewer, encounter_id: int, client_id: int | None = None) -> int:
    """Whose it is, as of an invoice. A voided encounter has none."""
    if client_id is not None:
        viewer.must_act_for(client_id, Area.BILLING)
    reached = viewer.reaches(Encounter) if client_id is None else Encounter.client == client_id
    row = await (
        Encounter.select(Encounter.client)
        .where(reached, Encounter.id == encounter_id, Encounter.voided_at.is_null())
        .first()
    )
    if row is None:
        raise NotFoundException
    return int(row["client"])


async def superbill(viewer: Viewer, encounter_id: int) -> Superbill:
    """Whoever asks has reached it. Not found where it is void."""
    rows = await fetch(HEAD, encounter_id)
    if not rows:
        raise NotFoundException
    facts = dict(rows[0])
    lines = [
        Line(**{**row, "pointers": [POINTERS[one - 1] for one in row["pointers"]]})
        for row in await fetch(LINES, current(), encounter_id)
    ]
    return Superbill(
        facts=facts,
        client=await people.person(viewer, facts["client"]),
        practice=await practices.practice(viewer),
        lines=lines,
        diagnoses=[Diagnosis(**row) for row in await fetch(DIAGNOSES, encounter_id)],
        payments=await people.payments(viewer, [line.id for line in lines]),
        has_notice=facts["is_part2"] or await is_on(viewer, PART2),
    )


async def within(viewer: Viewer, client_id: int, begins: datetime, ends: datetime) -> list[int]:
    """Encounters that began then, the oldest first. Whoever asks has reached the client."""
    return [int(row["id"]) for row in await fetch(WITHIN, client_id, begins, ends)]


async def as_far_as(viewer: Viewer, client_id: int) -> int:
    """Grows with each posting and each new coding: what is printed after it says something else."""
    rows = await fetch(AS_FAR, client_id, client_id)
    return int(rows[0]["posting"]) * CODINGS + int(rows[0]["codings"]) % CODINGS
