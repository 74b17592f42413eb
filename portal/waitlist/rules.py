"""Which times fit whom, and for how long one is kept."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from portal.appointments import grid
from portal.appointments.grid import Frame
from portal.appointments.hours import DAY, moment
from portal.appointments.queries.openings import Calendar, Openings

PARTS = {"morning": (0, 12 * 60), "afternoon": (12 * 60, 17 * 60), "evening": (17 * 60, DAY)}
WEEKDAYS = tuple(range(7))
MORNING, EVENING = 8 * 60, 20 * 60


@lru_cache(maxsize=512)
def fitting(zone: str, weekdays: tuple[int, ...], parts: tuple[str, ...], first: date, last: date, frame: Frame) -> int:
    """The beginnings on these days, in these parts of them, by the wall clock of the place."""
    found, everything = 0, (1 << (frame.ends - frame.begins) // grid.CELL + 1) - 1
    for place in range((last - first).days + 1):
        day = first + timedelta(days=place)
        if day.weekday() in weekdays:
            for begins, ends in (PARTS[part] for part in parts):
                found |= grid.between(everything, moment(zone, day, begins), moment(zone, day, ends), frame)
    return found


def wanted(
    found: Openings, weekdays: Sequence[int], parts: Sequence[str], last_day: date, before: datetime | None
) -> list[tuple[Calendar, int]]:
    """Each calendar with what of its free times fits; `before` is when the visit begins that would move."""
    told = tuple(sorted(weekdays)), tuple(sorted(parts))
    until = int(before.timestamp()) if before else found.frame.ends
    pieces = []
    for one in found.calendars:
        bits = one.bits & fitting(one.zone, *told, found.first, min(last_day, found.last), found.frame)
        if bits := grid.between(bits, found.frame.begins, min(until, found.frame.ends), found.frame):
            pieces.append((one, bits))
    return pieces


def but(bits: int, seconds: Iterable[int], frame: Frame) -> int:
    """Without these beginnings."""
    for second in seconds:
        place = second // grid.CELL - frame.origin
        if place >= 0:
            bits &= ~(1 << place)
    return bits


def kept_until(now: datetime, lasts: timedelta, zone: str, starts_at: datetime, notice: timedelta) -> datetime:
    """So many hours of the day, for nobody answers at night; and half of the shortest notice is the practice's."""
    end, left = now, lasts
    day = now.astimezone(ZoneInfo(zone)).date()
    while left > timedelta():
        begins, ends = (datetime.fromtimestamp(moment(zone, day, one), now.tzinfo) for one in (MORNING, EVENING))
        begins = max(begins, end)
        step = min(left, max(ends - begins, timedelta()))
        end, left, day = begins + step if step else end, left - step, day + timedelta(days=1)
    return min(end, starts_at - notice / 2)


def first_of(bits: int, frame: Frame, most: int = 5) -> list[int]:
    """The earliest, in seconds of the epoch."""
    return list(islice(grid.moments(bits, frame), most))
