"""The clock of business days, what an estimate covers, and when a bill is far above it. 45 CFR 149.610 and 149.620.

A business day is no weekend and no federal holiday. The practice's own closed days count as business days: the law
does not stop for them, and who counts so is never late (docs/decisions/0017).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

DAY = timedelta(days=1)
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
# Booked so many business days ahead, it is due so many after that day: the longest notice first.
CLOCK = ((10, 3), (3, 1))
ON_REQUEST = 3
MOST_MONTHS = 12
FAR_ABOVE = 400_00


@dataclass(frozen=True)
class Planned:
    """A visit that somebody will have; `scheduled_on` and `day` are dates on the wall of the practice."""

    id: int
    clinician: int
    day: date
    scheduled_on: date
    is_ahead: bool = True
    is_insured: bool = False
    group: int = 0


@dataclass(frozen=True)
class Scope:
    """What an estimate covers: one visit by its id, or so many with these clinicians between two days."""

    clinicians: frozenset[int]
    first_day: date
    last_day: date
    visits: int = 1
    appointment: int | None = None

    def includes(self, clinician: int, day: date) -> bool:
        return clinician in self.clinicians and self.first_day <= day <= self.last_day


@dataclass
class Duties:
    """For groups of visits: until when an estimate is owed, or that a visit came before it."""

    due: dict[int, date] = field(default_factory=dict)
    missed: set[int] = field(default_factory=set)


@cache
def holidays(year: int) -> frozenset[date]:
    """The days of that year on which federal offices are closed: 5 U.S.C. 6103, and Executive Order 11582 for those
    that fall on a weekend. Not Inauguration Day, which is one around Washington only.
    """
    fixed = [date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25), date(year + 1, 1, 1)]
    if year >= 2021:
        fixed.append(date(year, 6, 19))
    floating = [
        _nth(year, 1, MONDAY, 3),
        _nth(year, 2, MONDAY, 3),
        _nth(year, 6, MONDAY, 1) - 7 * DAY,  # the last one of May
        _nth(year, 9, MONDAY, 1),
        _nth(year, 10, MONDAY, 2),
        _nth(year, 11, THURSDAY, 4),
    ]
    return frozenset(day for day in (*map(_observed, fixed), *floating) if day.year == year)


def is_business_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in holidays(day.year)


def after(day: date, many: int) -> date:
    """So many business days later; the day itself does not count."""
    return _step(day, many, DAY)


def before(day: date, many: int) -> date:
    return _step(day, many, -DAY)


def due_when_scheduled(scheduled_on: date, service_on: date) -> date | None:
    """The last day to give it. None where it was booked so shortly before that none is owed unasked."""
    for notice, days in CLOCK:
        if scheduled_on <= before(service_on, notice):
            return after(scheduled_on, days)
    return None


def due_when_asked(asked_on: date) -> date:
    return after(asked_on, ON_REQUEST)


def latest_end(first_day: date) -> date:
    """Of an estimate for visits that recur: twelve months in all."""
    try:
        return first_day.replace(year=first_day.year + 1) - DAY
    except ValueError:  # February 29
        return date(first_day.year + 1, 2, 28)


def uncovered(visits: Iterable[Planned], scopes: Sequence[Scope]) -> list[Planned]:
    """Visits that no estimate covers, in their order. One that names a visit covers that one wherever it moves, with
    the same clinician; the others cover visits as they come, until all that they speak of are used up.
    """
    room = [scope.visits for scope in scopes]
    found = []
    ordered = sorted(visits, key=lambda one: (one.day, one.id))
    named = {scope.appointment: place for place, scope in enumerate(scopes) if scope.appointment}
    for one in ordered:
        place = named.get(one.id)
        if place is not None and one.clinician in scopes[place].clinicians:
            room[place] -= 1
    for one in ordered:
        place = named.get(one.id)
        if place is not None and one.clinician in scopes[place].clinicians:
            continue
        fits = (at for at, scope in enumerate(scopes) if room[at] > 0 and scope.includes(one.clinician, one.day))
        place = next(fits, None)
        if place is None:
            found.append(one)
        else:
            room[place] -= 1
    return found


def duties(visits: Iterable[Planned], scopes: Sequence[Scope]) -> Duties:
    """What is owed without being asked; the earliest day of each group of visits."""
    told = Duties()
    for one in uncovered(visits, scopes):
        due = None if one.is_insured else due_when_scheduled(one.scheduled_on, one.day)
        if due is None:
            continue
        if not one.is_ahead:
            told.missed.add(one.group)
        elif one.group not in told.due or due < told.due[one.group]:
            told.due[one.group] = due
    told.missed -= told.due.keys()
    return told


def is_far_above(billed: int, expected: int) -> bool:
    """$400 or more: then the client may dispute it (45 CFR 149.620)."""
    return billed - expected >= FAR_ABOVE


def _step(day: date, many: int, by: timedelta) -> date:
    for one in _days(day, by):
        many -= is_business_day(one)
        if many <= 0:
            return one
    raise AssertionError


def _days(day: date, by: timedelta) -> Iterator[date]:
    while True:
        day += by
        yield day


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _observed(day: date) -> date:
    return day + {SATURDAY: -DAY, SUNDAY: DAY}.get(day.weekday(), timedelta())
