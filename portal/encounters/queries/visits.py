"""Visits that took place: which of them are still to be recorded, and what each was."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from piccolo.querystring import QueryString

from portal.access import Permission, Viewer
from portal.appointments.kinds import MEETINGS
from portal.appointments.queries.visits import FIELDS, JOINED, only
from portal.appointments.tables import Appointment
from portal.appointments.visit import Visit
from portal.clients.names import full_name
from portal.database import fetch
from portal.keyset import Place, turned
from portal.language import in_language
from portal.practice.queries import name_of

PAGE = 50
MOST_COUNTED = 1000
OPEN = """
appointment.state = 'completed' AND NOT EXISTS (
  SELECT FROM encounter WHERE encounter.appointment = appointment.id AND encounter.voided_at IS NULL)
AND NOT EXISTS (SELECT FROM no_charge WHERE no_charge.appointment = appointment.id)
"""


@dataclass(frozen=True)
class Open:
    """A visit that nobody has recorded yet."""

    id: int
    client_id: int
    client: str
    clinician: str
    type: str
    contact_type: str
    starts_at: datetime
    time_zone: str

    @property
    def meeting(self) -> object:
        return MEETINGS[self.contact_type]

    @property
    def place(self) -> Place:
        return Place(self.starts_at, self.id)


@dataclass(frozen=True)
class ToRecord:
    """A page of them, the longest ago first; `total` is exact up to a thousand."""

    visits: list[Open]
    total: int
    before: Place | None
    after: Place | None

    @property
    def is_more(self) -> bool:
        return self.total > MOST_COUNTED


async def to_record(
    viewer: Viewer, *, after: Place | None = None, before: Place | None = None, clinician_id: int | None = None
) -> ToRecord:
    """Within one's reach."""
    viewer.must(Permission.LEDGER_READ)
    is_forwards = before is None
    edge = after or before
    beyond = QueryString("TRUE")
    if edge is not None:
        beyond = QueryString(f"(starts_at, id) {'>' if is_forwards else '<'} ({{}}, {{}})", *edge)
    rows = await fetch(_page(is_forwards), _reached(viewer), clinician_id, clinician_id, beyond)
    found = [_open(row) for row in rows if row["id"]]
    page, has_before, has_after = turned(found, PAGE, is_begun=after is not None, is_backwards=not is_forwards)
    return ToRecord(
        page,
        rows[0]["total"],
        page[0].place if page and has_before else None,
        page[-1].place if page and has_after else None,
    )


async def next_to_record(viewer: Viewer, visit: Visit) -> int | None:
    """The one that stands behind this one in the list, or else the first; None where all are recorded."""
    viewer.must(Permission.ENCOUNTER_RECORD)
    rows = await fetch(
        f"SELECT id FROM appointment WHERE {OPEN} AND {{}} AND id <> {{}}"
        " ORDER BY (starts_at, id) < ({}, {}), starts_at, id LIMIT 1",
        _reached(viewer), visit.id, visit.starts_at, visit.id,
    )  # fmt: skip
    return rows[0]["id"] if rows else None


async def completed(viewer: Viewer, appointment_id: int) -> Visit:
    """Not found outside one's reach, and for a visit that has not taken place."""
    viewer.must(Permission.ENCOUNTER_RECORD)
    which = "SELECT id FROM appointment WHERE id = {} AND state = 'completed' AND {}"
    sql = f"SELECT {FIELDS} {JOINED} WHERE a.id = ({which})"
    return only(await fetch(sql, appointment_id, _reached(viewer)))


async def why_left(viewer: Viewer, appointment_id: int) -> str:
    """Why nothing is charged for it, if somebody has said so. Whoever asks has reached the visit."""
    rows = await fetch("SELECT reason FROM no_charge WHERE appointment = {}", appointment_id)
    return str(rows[0]["reason"]) if rows else ""


async def left_before(viewer: Viewer, moment: datetime) -> int:
    """How many that are still to be recorded began before then."""
    viewer.must(Permission.CLIENT_READ_ALL)
    sql = f"SELECT count(*) AS n FROM appointment WHERE {OPEN} AND starts_at < {{}} AND {{}}"
    return int((await fetch(sql, moment, _reached(viewer)))[0]["n"])


async def recorded_as(viewer: Viewer, appointment_id: int) -> int | None:
    """What stands for this visit, if it has been recorded. Whoever asks has reached the visit."""
    rows = await fetch("SELECT id FROM encounter WHERE appointment = {} AND voided_at IS NULL", appointment_id)
    return rows[0]["id"] if rows else None


def _reached(viewer: Viewer) -> QueryString:
    return QueryString("({})", viewer.reaches(Appointment).querystring)


@cache
def _page(is_forwards: bool) -> str:
    """One statement counts and lists."""
    way = "ASC" if is_forwards else "DESC"
    return f"""
    WITH matching AS NOT MATERIALIZED (
      SELECT appointment.* FROM appointment WHERE {OPEN} AND {{}}
         AND ({{}}::bigint IS NULL OR appointment.clinician = {{}}))
    SELECT counted.total, page.*
      FROM (SELECT count(*) AS total FROM (SELECT FROM matching LIMIT {MOST_COUNTED + 1}) AS known) AS counted
      LEFT JOIN (
        SELECT a.id, a.client AS client_id, c.given_name, c.family_name, c.suffix, {name_of("m")} AS clinician,
               t.name, t.name_es, a.contact_type, a.starts_at, a.time_zone
          FROM (SELECT * FROM matching WHERE {{}} ORDER BY starts_at {way}, id {way} LIMIT {PAGE + 1}) AS a
          JOIN client AS c ON c.id = a.client JOIN staff_member AS m ON m.id = a.clinician
          JOIN appointment_type AS t ON t.id = a.type
      ) AS page ON TRUE
     ORDER BY page.starts_at {way}, page.id {way}"""


def _open(row: dict[str, Any]) -> Open:
    own = {name: row[name] for name in Open.__dataclass_fields__ if name in row}
    spoken = in_language(row["name"], row["name_es"])
    return Open(**own, client=full_name(row), type=spoken)
