"""A week of free times as it is shown."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.appointments.queries.openings import Openings
from portal.language import written_days, written_time
from portal.language.zones import apart_from, own_time


@dataclass(frozen=True)
class Slot:
    """`value` is what a form sends: the wall clock with its offset, which tells the hour that comes twice apart.

    `own` is what the reader's clock shows then, where it is another.
    """

    value: str
    words: str
    own: str = ""


@dataclass(frozen=True)
class Day:
    day: date
    slots: list[Slot]


@dataclass(frozen=True)
class Week:
    """From a Monday on; weekends only where something is free. `first_free` is the Monday of the first free time."""

    monday: date
    days: list[Day]
    earlier: date | None
    later: date | None
    first_free: date | None
    first_free_day: date | None

    @property
    def is_empty(self) -> bool:
        return not any(day.slots for day in self.days)

    @property
    def is_elsewhere(self) -> bool:
        """Some clock of the reader's shows another time."""
        return any(slot.own for day in self.days for slot in day.slots)

    @property
    def title(self) -> str:
        return written_days(self.days[0].day, self.days[-1].day)


def week_of(found: Openings, asked: date | None, own: str = "") -> Week:
    """The week that was asked for, or the one with the first free time; `own` is the reader's zone."""
    free = found.first_free
    monday = monday_of(min(max(asked or free or found.first, found.first), found.last))
    days = [Day(day, _slots(found, day, own)) for day in (monday + timedelta(days=more) for more in range(7))]
    shown = [one for one in days if one.slots or one.day.weekday() < 5]
    earlier, later = monday - timedelta(days=7), monday + timedelta(days=7)
    return Week(
        monday=monday,
        days=shown,
        earlier=earlier if earlier >= monday_of(found.first) else None,
        later=later if later <= found.last else None,
        first_free=None if free is None else monday_of(free),
        first_free_day=free,
    )


def own_zone(zone: str, own: str) -> str:
    return apart_from(own, zone) if own else ""


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def day_in(value: str) -> date | None:
    """Of an address or a form; anything else is None."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def second_in(value: str) -> int | None:
    """Of a slot's value; anything else is None."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return int(moment.timestamp()) if moment.tzinfo is not None and 1 < moment.year < 9999 else None


def _slots(found: Openings, day: date, own: str) -> list[Slot]:
    moments = (datetime.fromtimestamp(second, ZoneInfo(found.zone)) for second in found.of_day(day))
    return [
        Slot(one.isoformat(timespec="minutes"), written_time(one, found.zone), own_time(one, found.zone, own))
        for one in moments
    ]
