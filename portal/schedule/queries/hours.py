"""When clinicians are there, of many of them at once: two questions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from portal.access import Permission, Viewer
from portal.appointments.hours import DAY, Span, Special, Weekly, spans
from portal.appointments.tables import ContactType
from portal.database import Prepared
from portal.practice import queries as practices
from portal.schedule.rules import day_of

PLACES = Prepared(
    """
    SELECT id, name, is_active, coalesce(nullif(time_zone, ''), $1) AS zone FROM site ORDER BY name, id
    """,
    "zone",
)
WEEKLY = Prepared(
    """
    SELECT clinician, site, weekday, begins, ends, since, until, contact_types FROM hours
     WHERE clinician = ANY($1::bigint[]) ORDER BY clinician, id
    """,
    "clinicians",
)
SPECIAL = Prepared(
    """
    SELECT clinician, site, first_day, last_day, begins, ends, is_open, contact_types, note FROM special_hours
     WHERE last_day >= $1 AND first_day <= $2 AND (clinician IS NULL OR clinician = ANY($3::bigint[]))
     ORDER BY first_day, id
    """,
    "first",
    "last",
    "clinicians",
)


@dataclass(frozen=True)
class Place:
    id: int
    name: str
    is_active: bool
    zone: str


@dataclass(frozen=True)
class Different:
    """A day that is other than its week, for staff; without times all of it."""

    is_open: bool
    begins: int
    ends: int
    note: str

    @property
    def is_whole(self) -> bool:
        return (self.begins, self.ends) == (0, DAY)


@dataclass(frozen=True)
class Hours:
    """`ways` of hours that are not for every way to meet stand beside them."""

    places: dict[int, Place]
    weekly: dict[tuple[int, int], list[tuple[Weekly, frozenset[str]]]] = field(default_factory=dict)
    special: list[dict[str, object]] = field(default_factory=list)

    def sites(self, clinician: int) -> list[Place]:
        """The open offices where a clinician is, on some day."""
        ids = {site for one, site in self.weekly if one == clinician}
        ids |= {int(str(row["site"])) for row in self.special if row["clinician"] == clinician and row["is_open"]}
        return [one for one in self.places.values() if one.id in ids and one.is_active]

    def open(self, clinician: int, site: int, day: date, way: str = "") -> tuple[Span, ...]:
        if not self.places[site].is_active:
            return ()
        weekly = tuple(one for one, ways in self.weekly.get((clinician, site), ()) if not way or way in ways)
        special = tuple(
            Special(day, int(str(row["begins"])), int(str(row["ends"])), bool(row["is_open"]))
            for row in self._of(clinician, day)
            if row["site"] in (None, site) and (not row["is_open"] or not way or way in row["contact_types"])  # type: ignore[operator]
        )
        return spans(self.places[site].zone, weekly, special, day, 1)

    def covers(self, clinician: int, site: int, way: str, starts_at: datetime, ends_at: datetime) -> bool:
        """Around midnight a visit may begin on one day and end on the next."""
        begins, ends = int(starts_at.timestamp()), int(ends_at.timestamp())
        first = day_of(starts_at, self.places[site].zone)
        found = [*self.open(clinician, site, first, way), *self.open(clinician, site, first + timedelta(days=1), way)]
        for span in found:
            if span.begins <= begins < span.ends:
                begins = span.ends
        return begins >= ends

    def different(self, clinician: int | None, day: date, site: int | None = None) -> list[Different]:
        """Holidays, and with a clinician what is different for them; at one site, or at any."""
        return [
            Different(bool(row["is_open"]), int(str(row["begins"])), int(str(row["ends"])), str(row["note"]))
            for row in self._of(clinician, day)
            if site is None or row["site"] in (None, site)
        ]

    def _of(self, clinician: int | None, day: date) -> list[dict[str, object]]:
        return [
            row
            for row in self.special
            if row["clinician"] in (None, clinician) and row["first_day"] <= day <= row["last_day"]  # type: ignore[operator]
        ]


async def places(viewer: Viewer) -> dict[int, Place]:
    """Every site by its id, closed ones too: visits were there."""
    viewer.must(Permission.SCHEDULE_KEEP)
    rows = await PLACES(zone=(await practices.practice(viewer)).time_zone)
    return {row["id"]: Place(**row) for row in rows}


async def hours(viewer: Viewer, clinicians: Sequence[int], first: date, last: date) -> Hours:
    """From a day to another; one day more at each end, for the zones of the sites."""
    found = Hours(await places(viewer))
    for row in await WEEKLY(clinicians=list(clinicians)):
        ways = frozenset(row["contact_types"]) or frozenset(ContactType)
        one = Weekly(*(row[part] for part in Weekly._fields))
        found.weekly.setdefault((row["clinician"], row["site"]), []).append((one, ways))
    around = timedelta(days=1)
    found.special.extend(await SPECIAL(first=first - around, last=last + around, clinicians=list(clinicians)))
    return found
