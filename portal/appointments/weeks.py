"""Hours in words: a week as short as it can be said, and the days that are different."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from portal.appointments.hours import DAY
from portal.appointments.kinds import MEETINGS
from portal.appointments.queries.availability import Different, Hour, Office
from portal.language import lazy, ngettext, written_date, written_full_date, written_time, written_weekday

A_MONDAY = date(2001, 1, 1)
Way = tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """The days of a week on which the same times hold. `ways` is empty where every way to meet is open."""

    days: str
    times: str
    site: str
    ways: str
    between: object


@dataclass(frozen=True)
class Days:
    """Days that are different, in words; without `times` the whole of them. `many` visits are booked then, and `query`
    leads to them in the schedule.
    """

    id: int
    days: object
    is_open: bool
    is_holiday: bool
    times: str
    site: str
    ways: str
    note: str
    many: int
    query: str


def lines(hours: Sequence[Hour]) -> list[Line]:
    """Days with the same times are one line; the line of the earliest day comes first."""
    by_day: dict[tuple[int, int, Way, date | None, date | None], list[Hour]] = {}
    for one in hours:
        by_day.setdefault((one.weekday, one.site, one.contact_types, one.since, one.until), []).append(one)
    alike: dict[tuple[object, ...], tuple[list[int], list[Hour]]] = {}
    for (weekday, *rest), found in by_day.items():
        key = (*rest, *((one.begins, one.ends) for one in found))
        alike.setdefault(key, ([], found))[0].append(weekday)
    return [
        Line(
            _weekdays(days),
            ", ".join(times(one.begins, one.ends) for one in found),
            found[0].site_name,
            _ways(found[0].contact_types),
            _between(found[0].since, found[0].until),
        )
        for days, found in alike.values()
    ]


def different(found: Iterable[Different], clinician_id: int | None = None) -> list[Days]:
    return [
        Days(
            id=one.id,
            days=_from_to(one.first_day, one.last_day),
            is_open=one.is_open,
            is_holiday=one.clinician is None,
            times="" if (one.begins, one.ends) == (0, DAY) else times(one.begins, one.ends),
            site=one.site,
            ways=_ways(one.contact_types) if one.is_open else "",
            note=one.note,
            many=one.many,
            query=_query(one, clinician_id),
        )
        for one in found
    ]


def saved(found: Iterable[Different], special_id: int) -> object:
    """What whoever saved these days reads, who may not know that visits are booked then."""
    many = next((one.many for one in found if one.id == special_id), 0)
    if not many:
        return lazy("Saved.")
    return ngettext(
        "Saved. %(num)s visit is booked then and stays so: move it or cancel it.",
        "Saved. %(num)s visits are booked then and stay so: move or cancel them.",
        many,
    )


def zones(offices: Iterable[Office]) -> list[tuple[str, str]]:
    """Each time zone with the names of its offices."""
    found: dict[str, list[str]] = {}
    for one in offices:
        found.setdefault(one.zone, []).append(one.name)
    return [(zone, ", ".join(names)) for zone, names in found.items()]


def weekday(number: int, pattern: str = "EEEE") -> str:
    """Monday is 0."""
    return written_weekday(A_MONDAY + timedelta(days=number), pattern)


def clock(minute: int) -> str:
    """`9:00 AM`: what the wall shows so many minutes after midnight."""
    return written_time(datetime(2001, 1, 1, minute // 60 % 24, minute % 60, tzinfo=UTC), "UTC")


def times(begins: int, ends: int) -> str:
    return f"{clock(begins)} – {clock(ends)}"


def _query(one: Different, clinician_id: int | None) -> str:
    if one.first_booked is None:
        return ""
    is_one = one.first_day == one.last_day
    told = {"view": "day" if is_one else "week", "day": one.first_booked, "clinician": clinician_id}
    return urlencode({name: value for name, value in told.items() if value is not None})


def _weekdays(days: list[int]) -> str:
    """`Mon, Wed, Fri`; three or more in a row are `Mon – Fri`."""
    names = [weekday(one, "EEE") for one in sorted(days)]
    if len(days) > 2 and max(days) - min(days) == len(days) - 1:
        return f"{names[0]} – {names[-1]}"
    return ", ".join(names)


def _ways(chosen: Way) -> str:
    return "" if len(chosen) == len(MEETINGS) else ", ".join(str(MEETINGS[one]) for one in chosen)


def _between(since: date | None, until: date | None) -> object:
    if since and until:
        return _from_to(since, until)
    if since:
        return lazy("from %(day)s on", day=written_date(since))
    return lazy("until %(day)s", day=written_date(until)) if until else ""


def _from_to(first: date, last: date) -> object:
    if first == last:
        return written_full_date(first)
    return lazy("%(first)s to %(last)s", first=written_date(first), last=written_date(last))
