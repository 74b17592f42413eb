"""What stands in the calendars: visits of some days, and how many there are in a month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from portal import clock
from portal.access import Viewer
from portal.appointments.tables import State
from portal.appointments.visit import Standing
from portal.clients.names import full_name
from portal.database import fetch
from portal.language import in_language, written_zone
from portal.practice.queries import name_of
from portal.schedule import rules
from portal.schedule.queries.people import charted, kept

PHONE = "(SELECT number FROM client_phone WHERE client = c.id ORDER BY kind <> 'mobile', id LIMIT 1)"
SHOWN = """
NOT (appointment.state = 'held' AND held_until <= {}) AND appointment.state NOT IN
('declined', 'withdrawn', 'expired', 'moved')
"""
DAYS = """
appointment.clinician = ANY({}::bigint[]) AND starts_at >= {} AND starts_at < {}
AND (starts_at AT TIME ZONE appointment.time_zone)::date BETWEEN {} AND {}
"""
VISITS = f"""
SELECT appointment.id, appointment.client AS client_id, c.given_name, c.family_name, c.suffix,
       appointment.clinician AS clinician_id, {name_of("m")} AS clinician, appointment.site AS site_id, s.name AS site,
       coalesce(nullif(s.time_zone, ''), (SELECT time_zone FROM practice LIMIT 1)) AS site_zone,
       t.name, t.name_es, t.color, contact_type, starts_at, ends_at, busy_from, busy_until, appointment.time_zone,
       appointment.state, holds, version, series IS NOT NULL AS is_repeated, arrived_at, {{}} AS is_charted,
       {{}} AS is_kept, '' AS phone, '' AS note
  FROM appointment JOIN client AS c ON c.id = appointment.client JOIN staff_member AS m ON m.id = appointment.clinician
  JOIN site AS s ON s.id = appointment.site JOIN appointment_type AS t ON t.id = appointment.type
 WHERE {{}} ORDER BY starts_at, appointment.id
"""
ON_PAPER = VISITS.replace("'' AS phone, '' AS note", f"coalesce({PHONE}, '') AS phone, appointment.note")
COUNTS = f"""
SELECT clinician, (starts_at AT TIME ZONE appointment.time_zone)::date AS day, count(*) AS many
  FROM appointment
 WHERE {DAYS} AND ({{}}::bigint IS NULL OR site = {{}}) AND {SHOWN}
   AND appointment.state NOT IN ('held', 'cancelled', 'late_cancelled', 'no_show') AND {{}} GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Entry(Standing):
    """One line of a calendar. One that is not `is_kept` is of the reader's own chart: only its time is told.

    Where its office has changed its zone since and the visit has not, `site` says the zone of the visit.
    """

    id: int
    client_id: int
    client: str
    clinician_id: int
    clinician: str
    site_id: int
    site: str
    type: str
    color: str
    contact_type: str
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    time_zone: str
    state: str
    holds: bool
    version: int
    is_repeated: bool
    arrived_at: datetime | None
    is_charted: bool
    is_kept: bool
    phone: str
    note: str
    site_zone: str

    @property
    def is_open(self) -> bool:
        """There is a page for it."""
        return self.is_kept and self.state != State.HELD

    @property
    def is_asked(self) -> bool:
        return self.state in (State.REQUESTED, State.OFFERED)

    @property
    def is_off(self) -> bool:
        return self.state in (State.CANCELLED, State.LATE_CANCELLED, State.NO_SHOW)

    @property
    def may_arrive(self) -> bool:
        return self.state in rules.STANDING and rules.may_mark(
            self.state, State.ARRIVED, self.starts_at, self.time_zone, clock.now()
        )


async def visits(
    viewer: Viewer, clinicians: Iterable[int], first: date, last: date, *, is_on_paper: bool = False
) -> list[Entry]:
    """Of these days on the wall of each place, in the order in which they begin."""
    return await _entries(
        viewer, f"{DAYS} AND {SHOWN}", *_days(clinicians, first, last), clock.now(), is_on_paper=is_on_paper
    )


async def entry(viewer: Viewer, appointment_id: int) -> Entry | None:
    """One of them; None for what is not the viewer's to see."""
    found = await _entries(
        viewer, f"appointment.id = {{}} AND {SHOWN} AND {{}}", appointment_id, clock.now(), kept(viewer)
    )
    return found[0] if found else None


async def counts(
    viewer: Viewer, clinicians: Iterable[int], first: date, last: date, site: int | None
) -> dict[tuple[int, date], int]:
    """Visits that take place, took place or are asked for: (clinician, day) → how many."""
    rows = await fetch(COUNTS, *_days(clinicians, first, last), site, site, clock.now(), kept(viewer))
    return {(row["clinician"], row["day"]): row["many"] for row in rows}


async def _entries(viewer: Viewer, where: str, *values: Any, is_on_paper: bool = False) -> list[Entry]:
    sql = (ON_PAPER if is_on_paper else VISITS).format("{}", "{}", where)
    rows = await fetch(sql, charted(viewer), kept(viewer), *values)
    return [_entry(row) for row in rows]


def _days(clinicians: Iterable[int], first: date, last: date) -> tuple[Any, ...]:
    """The instants are wider than any zone, for the index; the days are what counts."""
    begins, ends = (datetime.combine(day, time(), UTC) for day in (first - timedelta(days=1), last + timedelta(days=2)))
    return list(clinicians), begins, ends, first, last


def _entry(row: dict[str, Any]) -> Entry:
    own = {name: row[name] for name in Entry.__dataclass_fields__ if name in row}
    if row["site_zone"] != row["time_zone"]:
        own["site"] = f"{row['site']}, {written_zone(row['time_zone'])}"
    return Entry(
        **own,
        client=full_name(row),
        type=in_language(row["name"], row["name_es"]),
    )
