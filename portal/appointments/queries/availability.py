"""The rules of availability as staff keep them: weeks, and days that are different."""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from portal import clock
from portal.access import NotFoundException, Permission, Viewer
from portal.appointments.kinds import MEETINGS
from portal.database import Prepared, fetch
from portal.practice import queries as practices
from portal.practice.queries import Person, name_of

ZONE = "coalesce(nullif(s.time_zone, ''), $1)"
WEEKS = Prepared(
    f"""
    SELECT m.id AS clinician, {name_of("m")} AS name, h.weekday, h.begins, h.ends, h.contact_types, h.since, h.until,
           s.id AS site, s.name AS site_name, {ZONE} AS zone
      FROM staff_member AS m LEFT JOIN hours AS h ON h.clinician = m.id LEFT JOIN site AS s ON s.id = h.site
     WHERE m.is_clinician AND (m.is_active OR m.id = $2) AND ($2::bigint IS NULL OR m.id = $2)
     ORDER BY m.family_name, m.given_name, m.id, h.weekday, h.begins, h.id
    """,
    "zone",
    "clinician",
)
SITES = Prepared(
    f"""
    SELECT s.id, s.name, {ZONE} AS zone, s.is_active FROM site AS s
     WHERE s.is_active OR s.id IN (SELECT site FROM hours WHERE clinician = $2)
     ORDER BY s.name, s.id
    """,
    "zone",
    "clinician",
)
# Beside what is closed, how many visits are booked then, and the day of the first. The instants are for the index, and
# wider than any zone.
DIFFERENT = Prepared(
    """
    SELECT d.id, d.clinician, d.first_day, d.last_day, d.begins, d.ends, d.is_open, d.contact_types, d.note,
           coalesce(s.name, '') AS site, booked.many, booked.first_booked
      FROM special_hours AS d LEFT JOIN site AS s ON s.id = d.site
      LEFT JOIN LATERAL (
            SELECT count(*) AS many, min(wall.begins)::date AS first_booked
              FROM appointment AS a,
                   LATERAL (SELECT a.starts_at AT TIME ZONE a.time_zone, a.ends_at AT TIME ZONE a.time_zone)
                        AS wall (begins, ends)
             WHERE NOT d.is_open AND a.state IN ('booked', 'confirmed')
               AND a.clinician = coalesce(d.clinician, $2, a.clinician) AND a.site = coalesce(d.site, a.site)
               AND a.starts_at > $3 AND a.starts_at >= (d.first_day - 1)::timestamp AT TIME ZONE 'UTC'
               AND a.starts_at < (d.last_day + 2)::timestamp AT TIME ZONE 'UTC'
               AND wall.begins::date BETWEEN d.first_day AND d.last_day
               AND wall.begins < wall.begins::date + make_interval(mins => d.ends)
               AND wall.ends > wall.begins::date + make_interval(mins => d.begins)
           ) AS booked ON true
     WHERE d.last_day >= $1 AND (d.clinician = $2 OR d.clinician IS NULL) ORDER BY d.first_day, d.begins, d.id
    """,
    "today",
    "clinician",
    "now",
)


@dataclass(frozen=True)
class Hour:
    """Open every week on one day (Monday is 0), in minutes since midnight of the site's wall clock."""

    weekday: int
    begins: int
    ends: int
    contact_types: tuple[str, ...]
    since: date | None
    until: date | None
    site: int
    site_name: str
    zone: str


@dataclass(frozen=True)
class Week:
    person: Person
    hours: list[Hour] = field(default_factory=list)

    @property
    def seen(self) -> str:
        """Changes when the hours do: by it a form knows that they have changed since it was opened."""
        rules = sorted(
            str((one.weekday, one.begins, one.ends, one.site, one.contact_types, one.since, one.until))
            for one in self.hours
        )
        return sha256("\n".join(rules).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Office:
    """A site that hours may be at; one that was closed stays with the hours that name it."""

    id: int
    name: str
    zone: str
    is_active: bool


@dataclass(frozen=True)
class Different:
    """Days that are other than their week; without a clinician, a holiday of the practice. So many visits are booked
    when it is closed.
    """

    id: int
    clinician: int | None
    first_day: date
    last_day: date
    begins: int
    ends: int
    is_open: bool
    contact_types: tuple[str, ...]
    note: str
    site: str
    many: int
    first_booked: date | None


async def must_manage(viewer: Viewer, clinician_id: int | None) -> None:
    """Clinicians their own hours; the desk everybody's; holidays of the practice who configures it."""
    if clinician_id is None:
        viewer.must(Permission.PRACTICE_CONFIGURE)
        return
    viewer.must(Permission.HOURS_MANAGE)
    if viewer.staff_id != clinician_id:
        viewer.must(Permission.HOURS_MANAGE_ALL)
    if not await fetch("SELECT id FROM staff_member WHERE id = {} AND is_clinician", clinician_id):
        raise NotFoundException


async def weeks(viewer: Viewer) -> list[Week]:
    """Of everybody whose hours the viewer may change, by name."""
    viewer.must(Permission.HOURS_MANAGE)
    own = None if viewer.may(Permission.HOURS_MANAGE_ALL) else viewer.staff_id or 0
    return await _weeks(viewer, own)


async def week(viewer: Viewer, clinician_id: int) -> Week:
    await must_manage(viewer, clinician_id)
    return (await _weeks(viewer, clinician_id))[0]


async def offices(viewer: Viewer, clinician_id: int | None = None) -> list[Office]:
    """Where hours may be, by name; with a clinician also where theirs are."""
    return [Office(**row) for row in await SITES(zone=await _zone(viewer), clinician=clinician_id)]


async def different(viewer: Viewer, clinician_id: int | None) -> list[Different]:
    """From today on: a clinician's with the holidays of the practice; without a clinician only these."""
    await must_manage(viewer, clinician_id)
    rows = await DIFFERENT(today=clock.today(await _zone(viewer)), clinician=clinician_id, now=clock.now())
    return [Different(**{**row, "contact_types": ways(row["contact_types"])}) for row in rows]


async def _weeks(viewer: Viewer, clinician_id: int | None) -> list[Week]:
    found: dict[int, Week] = {}
    for row in await WEEKS(zone=await _zone(viewer), clinician=clinician_id):
        name, clinician = row.pop("name"), row.pop("clinician")
        one = found.setdefault(clinician, Week(Person(clinician, name)))
        if row["site"] is not None:
            one.hours.append(Hour(**{**row, "contact_types": ways(row["contact_types"])}))
    return list(found.values())


async def _zone(viewer: Viewer) -> str:
    return (await practices.practice(viewer)).time_zone


def ways(chosen: list[str]) -> tuple[str, ...]:
    return tuple(one for one in MEETINGS if one in chosen)
