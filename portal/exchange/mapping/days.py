"""Moments on the wall clock of a place, as hours of its days in steps of five minutes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from portal.appointments.hours import DAY, Span, moment

STEPS = range(0, DAY + 1, 5)


def days_of(zone: str, span: Span, *, is_open: bool) -> Iterator[tuple[date, int, int]]:
    """Day, first minute, last minute. What is open is never longer than it was, what is closed never shorter.

    In the hour that the clock shows twice, hours begin with its first and end with its first: the second alone cannot
    be told, and is not open.
    """
    for day in days_touched(zone, span):
        shown = _shown(zone, day)
        begins, ends = max(span.begins, shown[0]), min(span.ends, shown[-1])
        at = bisect_right(shown, begins) - 1
        if is_open:
            first = at if shown[at] == begins else at + 1
            until = bisect_right(shown, ends) - 1
        else:
            first, until = at, bisect_left(shown, ends)
        if first < until:
            yield day, STEPS[first], STEPS[until]


@lru_cache(maxsize=4096)
def _shown(zone: str, day: date) -> list[int]:
    return [moment(zone, day, minute) for minute in STEPS]


def days_touched(zone: str, span: Span) -> Iterator[date]:
    day, last = (datetime.fromtimestamp(second, ZoneInfo(zone)).date() for second in (span.begins, span.ends - 1))
    while day <= last:
        yield day
        day += timedelta(days=1)


def shown_span(zone: str, day: date, begins: int, ends: int) -> Span:
    return Span(moment(zone, day, begins), moment(zone, day, ends))


def seconds(begins: datetime, ends: datetime) -> Span:
    return Span(*(int(one.astimezone(UTC).timestamp()) for one in (begins, ends)))


def joined(spans: Iterable[Span]) -> list[Span]:
    """What touches is one."""
    found: list[Span] = []
    for one in sorted(spans):
        if found and one.begins <= found[-1].ends:
            found[-1] = Span(found[-1].begins, max(found[-1].ends, one.ends))
        else:
            found.append(one)
    return found


def without(spans: Iterable[Span], gaps: Iterable[Span]) -> Iterator[Span]:
    gaps = joined(gaps)
    for begins, ends in spans:
        for gap in gaps:
            if gap.begins < ends and begins < gap.ends:
                if begins < gap.begins:
                    yield Span(begins, gap.begins)
                begins = max(begins, gap.ends)
        if begins < ends:
            yield Span(begins, ends)
