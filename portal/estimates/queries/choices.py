"""What an estimate can be made of: services with their fees, clinicians and offices with what the law asks of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.access import NotFoundException, Permission, Viewer
from portal.appointments.tables import Appointment
from portal.database import fetch
from portal.practice import queries as practices
from portal.practice.queries import name_of

# The fee of the day; where the schedule begins later, its first one.
SERVICES = """
SELECT s.id, s.code, s.words, s.words_es, (
       SELECT f.cents FROM fee AS f WHERE f.service = s.id
        ORDER BY f.since <= {} DESC, CASE WHEN f.since <= {} THEN f.since END DESC, f.since LIMIT 1) AS fee
  FROM service AS s WHERE s.is_active ORDER BY s.words, s.id
"""
CLINICIANS = f"""
SELECT m.id, concat_ws(', ', {name_of("m")}, nullif(m.credentials, '')) AS name, m.npi
  FROM staff_member AS m WHERE m.is_clinician AND m.is_active ORDER BY m.family_name, m.given_name, m.id
"""
SITES = """
SELECT id, name, state, concat_ws(', ', nullif(street, ''), nullif(city, ''),
       nullif(concat_ws(' ', nullif(state, ''), nullif(postal_code, '')), '')) AS address
  FROM site WHERE is_active ORDER BY name, id
"""
VISIT = """
SELECT a.id, a.clinician, a.site, a.starts_at, a.time_zone, t.name AS type,
       (SELECT min(id) FROM appointment WHERE series = a.series) AS first_of_series,
       (SELECT s.every FROM series AS s WHERE s.id = a.series) AS every
  FROM appointment AS a JOIN appointment_type AS t ON t.id = a.type
 WHERE a.id = {} AND a.client = {}
"""
# As the practice words them, or as they were worded when they were coded last.
NAMED = """
SELECT DISTINCT ON (code) code, words FROM (
  SELECT code, words, 0 AS place FROM diagnosis_code WHERE code = ANY({}::varchar[])
   UNION ALL SELECT code, words, 1 FROM diagnosis WHERE code = ANY({}::varchar[]) AND words <> '') AS known
 ORDER BY code, place
"""
LATEST = """
SELECT d.code, d.words FROM diagnosis AS d WHERE d.encounter = (
  SELECT id FROM encounter WHERE client = {} AND voided_at IS NULL ORDER BY starts_at DESC, id DESC LIMIT 1)
 ORDER BY d.place
"""


@dataclass(frozen=True)
class Offered:
    """A service of the fee schedule; `fee` is cents for one, None where it has none yet."""

    id: int
    code: str
    words: str
    words_es: str
    fee: int | None


@dataclass(frozen=True)
class Clinician:
    id: int
    name: str
    npi: str


@dataclass(frozen=True)
class Office:
    id: int
    name: str
    state: str
    address: str


@dataclass(frozen=True)
class Booked:
    """The visit that an estimate is for. `group` is the first one of its series, or itself."""

    id: int
    clinician: int
    site: int
    starts_at: datetime
    time_zone: str
    type: str
    group: int
    every: str


@dataclass(frozen=True)
class Choices:
    services: list[Offered]
    clinicians: list[Clinician]
    sites: list[Office]


async def choices(viewer: Viewer, day: date) -> Choices:
    viewer.must(Permission.ESTIMATE_GIVE)
    group = (await practices.practice(viewer)).npi
    return Choices(
        [Offered(**row) for row in await fetch(SERVICES, day, day)],
        [Clinician(row["id"], row["name"], row["npi"] or group) for row in await fetch(CLINICIANS)],
        [Office(**row) for row in await fetch(SITES)],
    )


async def visit(viewer: Viewer, client_id: int, appointment_id: int) -> Booked:
    """Of this client, within one's reach of appointments."""
    if not await Appointment.exists().where(viewer.reaches(Appointment), Appointment.id == appointment_id):
        raise NotFoundException
    rows = await fetch(VISIT, appointment_id, client_id)
    if not rows:
        raise NotFoundException
    told = {name: rows[0][name] for name in ("id", "clinician", "site", "starts_at", "time_zone", "type")}
    return Booked(**told, group=rows[0]["first_of_series"] or rows[0]["id"], every=rows[0]["every"] or "")


async def diagnoses(viewer: Viewer, client_id: int) -> list[str]:
    """Of the latest visit that was coded; each with its words. Whoever asks has reached the client."""
    return [f"{row['code']} {row['words']}".strip() for row in await fetch(LATEST, client_id)]


async def named(viewer: Viewer, codes: Sequence[str]) -> dict[str, str]:
    """The words of those that are known here."""
    viewer.must(Permission.ESTIMATE_GIVE)
    if not codes:
        return {}
    return {row["code"]: row["words"] for row in await fetch(NAMED, list(codes), list(codes))}
