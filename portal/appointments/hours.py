"""When somebody is there: hours of the wall clock, as spans of real time.

A day's hours begin at the first moment at which the clock on the wall shows their beginning or a later time, and end
likewise. So on the night when the clock springs forward nothing begins in the hour that does not exist, and on the
night when it falls back the hour that comes twice is open twice, if hours begin before its end and end after it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 24 * 60
MINUTE = 60
WEEK = 7 * DAY * MINUTE
WEEKS = (date(2026, 1, 12), date(2026, 7, 13))


class Span(NamedTuple):
    """From the first second to the one that no longer belongs to it, in seconds of the epoch."""

    begins: int
    ends: int


class Weekly(NamedTuple):
    """Open every week on one day (Monday is 0), between two minutes of its wall clock, on the days from `since` on,
    `until` the last of them.
    """

    weekday: int
    begins: int
    ends: int
    since: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        return (
            day.weekday() == self.weekday
            and (self.since is None or self.since <= day)
            and (self.until is None or day <= self.until)
        )


class Special(NamedTuple):
    """One day that is other than its week: closed between two minutes of its wall clock, or open."""

    day: date
    begins: int = 0
    ends: int = DAY
    is_open: bool = False


def overlap(one: Weekly, zone: str, other: Weekly, other_zone: str) -> bool:
    """Whether they meet in some week: nobody is at two places at once, whatever the clocks there show.

    Asked of a winter's and of a summer's week, since two zones need not change their clocks together.
    """
    if (one.since or date.min) > (other.until or date.max) or (other.since or date.min) > (one.until or date.max):
        return False
    return any(_meet(_in_week(monday, one, zone), _in_week(monday, other, other_zone)) for monday in WEEKS)


def _in_week(monday: date, one: Weekly, zone: str) -> tuple[int, int]:
    day = monday + timedelta(days=one.weekday)
    return moment(zone, day, one.begins), moment(zone, day, one.ends)


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """In this week, or over its end."""
    return any(one[0] < other[1] + more and other[0] + more < one[1] for more in (-WEEK, 0, WEEK))


@lru_cache(maxsize=4096)
def spans(
    zone: str, weekly: tuple[Weekly, ...], special: tuple[Special, ...], first: date, days: int
) -> tuple[Span, ...]:
    """The open times of so many days, in order; what touches is one. Extra hours stand also where a day is closed."""
    found: list[Span] = []
    for place in range(days):
        day = first + timedelta(days=place)
        regular = [(one.begins, one.ends) for one in weekly if one.holds(day)]
        today = [one for one in special if one.day == day]
        closed = [(one.begins, one.ends) for one in today if not one.is_open]
        extra = [(one.begins, one.ends) for one in today if one.is_open]
        for begins, ends in _joined([*_without(_joined(regular), closed), *extra]):
            span = Span(moment(zone, day, begins), moment(zone, day, ends))
            if span.begins < span.ends:
                found.append(span)
    return tuple(Span(*one) for one in _joined(found))


@lru_cache(maxsize=65536)
def moment(zone: str, day: date, minute: int) -> int:
    """When the clock on the wall first shows this minute of this day, or a later one: seconds of the epoch."""
    here = ZoneInfo(zone)
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    early, late = (wall.replace(tzinfo=here, fold=fold).astimezone(UTC) for fold in (0, 1))
    if late >= early:
        return int(early.timestamp())
    return _when_it_sprang(here, int(late.timestamp()), int(early.timestamp()))


def midnight(zone: str, day: date) -> datetime:
    """When this day begins on the wall there."""
    return datetime.fromtimestamp(moment(zone, day, 0), ZoneInfo(zone))


def _when_it_sprang(here: ZoneInfo, before: int, after: int) -> int:
    """In the gap the two readings lie on both sides of the change."""
    offset = _offset(here, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(here, middle) == offset else (before, middle)
    return after


def _offset(here: ZoneInfo, second: int) -> timedelta | None:
    return datetime.fromtimestamp(second, here).utcoffset()


def _joined(pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for begins, ends in sorted(pieces):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        elif begins < ends:
            found.append((begins, ends))
    return found


def _without(pieces: Sequence[tuple[int, int]], gaps: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for begins, ends in pieces:
        for gap_begins, gap_ends in _joined(gaps):
            if gap_begins < ends and begins < gap_ends:
                yield begins, gap_begins
                begins = gap_ends
        yield begins, ends
