"""A calendar as it is shown: days, weeks and months of one clinician or of many."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from portal import clock
from portal.appointments import weeks
from portal.appointments.grid import CELL
from portal.appointments.hours import MINUTE, Span
from portal.language import (
    written_days,
    written_full_date,
    written_month,
    written_month_day,
    written_time,
    written_weekday,
    written_zone,
)
from portal.schedule.queries.calendar import Entry
from portal.schedule.queries.free import Free
from portal.schedule.queries.hours import Different, Hours, Place
from portal.schedule.queries.people import Keeper
from portal.schedule.repeats import wall
from portal.schedule.rules import day_of

VIEWS = ("day", "week", "month")
SHORTEST_GAP = 15 * MINUTE


@dataclass(frozen=True)
class Asked:
    """What the address names. `clinician` and `site` are None for all of them."""

    view: str
    day: date
    clinician: int | None = None
    site: int | None = None

    def query(self, view: str = "", day: date | None = None, **more: object) -> str:
        told = {
            "view": view or self.view, "day": day or self.day, "clinician": self.clinician, "site": self.site, **more,
        }  # fmt: skip
        return urlencode({name: value for name, value in told.items() if value not in (None, "")})

    @property
    def first(self) -> date:
        if self.view == "month":
            return self.day.replace(day=1)
        return self.day - timedelta(days=self.day.weekday() if self.view == "week" else 0)

    @property
    def last(self) -> date:
        if self.view == "month":
            return self.first.replace(day=monthrange(self.first.year, self.first.month)[1])
        return self.first + timedelta(days=6 if self.view == "week" else 0)

    @property
    def earlier(self) -> date:
        return self.first - timedelta(days=1) if self.view != "week" else self.day - timedelta(days=7)

    @property
    def later(self) -> date:
        return self.last + timedelta(days=1) if self.view != "week" else self.day + timedelta(days=7)

    @property
    def title(self) -> str:
        if self.view == "day":
            return written_full_date(self.day)
        if self.view == "week":
            return written_days(self.first, self.last, has_year=True)
        return written_month(self.first)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=place) for place in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class Gap:
    """Free time of a clinician at a site; `query` prefills a booking, and is empty where it is over.

    `site` is empty where its column is all of one.
    """

    starts_at: datetime
    ends_at: datetime
    zone: str
    site: str
    query: str


@dataclass(frozen=True)
class Column:
    """One clinician's day: hours in words, what is different, and what stands in it, in order.

    `site` is where all of it is, empty where it is in several places; and `zone` in which all its hours are.
    """

    person: Keeper
    day: date
    site: str
    zone: str
    hours: list[str]
    different: list[tuple[Different, str]]
    lines: list[Entry | Gap] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        return [one for one in self.lines if isinstance(one, Entry)]

    @property
    def many(self) -> int:
        return sum(not one.is_off for one in self.entries)


def columns(
    asked: Asked, day: date, people: Sequence[Keeper], entries: Iterable[Entry], hours: Hours, *, has_gaps: bool = True
) -> list[Column]:
    """Of those who are there on that day or have something in it; of one who was asked for in any case."""
    by_clinician: dict[int, list[Entry]] = {}
    for one in entries:
        by_clinician.setdefault(one.clinician_id, []).append(one)
    found = [_column(asked, day, one, by_clinician.get(one.id, []), hours, has_gaps) for one in people]
    return [one for one in found if one.lines or one.hours or asked.clinician]


def _column(asked: Asked, day: date, person: Keeper, entries: list[Entry], hours: Hours, has_gaps: bool) -> Column:
    places = [one for one in hours.sites(person.id) if asked.site in (None, one.id)] if person.is_active else []
    open_times = [(place, span) for place in places for span in hours.open(person.id, place.id, day)]
    open_times.sort(key=lambda one: one[1])
    shown = [one for one in entries if asked.site in (None, one.site_id)]
    today = [one for one in shown if day_of(one.starts_at, one.time_zone) == day]
    sites = {one.site for one in today} | {place.name for place, _ in open_times}
    zones = {place.zone for place, _ in open_times}
    lines: list[Entry | Gap] = [*today, *(_gaps(person, open_times, entries, len(sites) > 1) if has_gaps else [])]
    different = [
        (one, "" if one.is_whole else weeks.times(one.begins, one.ends)) for one in hours.different(person.id, day)
    ]
    return Column(
        person=person,
        day=day,
        site=min(sites) if len(sites) == 1 else "",
        zone=min(zones) if len(zones) == 1 else "",
        hours=[
            _hours(place, span, len({one.id for one, _ in open_times}) > 1, len(zones) > 1)
            for place, span in open_times
        ],
        different=different,
        lines=sorted(lines, key=lambda one: one.starts_at),
    )


def _hours(place: Place, span: Span, is_said: bool, has_zone: bool) -> str:
    begins, ends = (datetime.fromtimestamp(second, UTC) for second in span)
    words = weeks.times(*(_minute(one, place.zone) for one in (begins, ends)))
    told = [words, *([written_zone(place.zone)] if has_zone else []), *([place.name] if is_said else [])]
    return ", ".join(told)


def _minute(moment: datetime, zone: str) -> int:
    shown = wall(moment, zone)
    return shown.hour * 60 + shown.minute


def _gaps(person: Keeper, open_times: list[tuple[Place, Span]], entries: list[Entry], has_sites: bool) -> list[Gap]:
    busy = sorted((int(one.busy_from.timestamp()), int(one.busy_until.timestamp())) for one in entries if one.holds)
    found = []
    for place, span in open_times:
        begins = span.begins
        for taken, until in [*busy, (span.ends, span.ends)]:
            if taken >= span.ends:
                taken = span.ends
            if taken - begins >= SHORTEST_GAP:
                found.append(_gap(person, place, begins, taken, has_sites))
            begins = max(begins, until)
    return found


def _gap(person: Keeper, place: Place, begins: int, ends: int, has_sites: bool) -> Gap:
    starts_at, ends_at = (datetime.fromtimestamp(second, UTC) for second in (begins, ends))
    soonest = datetime.fromtimestamp(-(-int(clock.now().timestamp()) // CELL) * CELL, UTC)
    there = wall(max(starts_at, soonest), place.zone)
    told = {"day": there.date(), "time": there.strftime("%H:%M"), "clinician": person.id, "site": place.id}
    query = urlencode(told) if ends_at > clock.now() else ""
    return Gap(starts_at, ends_at, place.zone, place.name if has_sites else "", query)


def grid_of(asked: Asked) -> list[list[date | None]]:
    """The weeks of a month, from Monday on."""
    cells: list[date | None] = [None] * asked.first.weekday() + list(asked.days)
    cells += [None] * (-len(cells) % 7)
    return [cells[place : place + 7] for place in range(0, len(cells), 7)]


def zones(places: Iterable[Place]) -> list[tuple[str, str]]:
    """Each time zone with the names of its sites."""
    found: dict[str, list[str]] = {}
    for one in places:
        if one.is_active:
            found.setdefault(one.zone, []).append(one.name)
    return [(zone, ", ".join(names)) for zone, names in found.items()]


def picks(free: Iterable[Free]) -> list[tuple[str, str]]:
    """(what a button sends, words)."""
    found = list(free)
    has_sites = len({one.site for one in found}) > 1
    return [
        (
            f"{one.day} {one.clock} {one.site}",
            f"{written_weekday(one.day, 'EEE')}, {written_month_day(one.day)}, {written_time(one.starts_at, one.zone)}"
            + (f", {one.site_name}" if has_sites else ""),
        )
        for one in found
    ]
