"""Other times, as staff choose them: a week of one clinician, and what is chosen already."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from portal.appointments import views
from portal.appointments.actions.offering import MOST, Time
from portal.appointments.queries.offers import Place
from portal.appointments.queries.openings import Openings
from portal.appointments.visit import Visit
from portal.language import lazy, written_moment
from portal.practice.queries import Person
from portal.web.form import Form, Reader

KEY = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,11})")
LONGEST = 500


@dataclass(frozen=True)
class Choice:
    """`value` is what a form sends."""

    value: str
    words: object


def value_of(time: Time) -> str:
    return f"{time.clinician}.{time.site}.{time.second}"


def times(form: Form) -> list[Time]:
    """What is ticked; what is no time is left out."""
    found = (KEY.fullmatch(one) for one in dict.fromkeys(form.all("slot")))
    return [Time(*(int(part) for part in one.groups())) for one in found if one]


def read(form: Form) -> tuple[list[Time], str]:
    """Raises `Refused`."""
    reader = Reader(form)
    chosen = times(form)
    if not chosen:
        reader.refuse("slot", lazy("Choose one time, two or three"))
    elif len(chosen) > MOST:
        reader.refuse("slot", lazy("Choose three times at most: these are %(num)s", num=len(chosen)))
    words = reader.lines("reason", most=LONGEST)
    reader.finish()
    return chosen, words


def choices(found: Openings, week: views.Week, visit: Visit) -> dict[date, list[Choice]]:
    """Day → what is free then, but for the time that was asked for."""
    own = (visit.clinician_id, int(visit.starts_at.timestamp()))
    days: dict[date, list[Choice]] = {}
    for day in week.days:
        days[day.day] = []
        for slot in day.slots:
            second = views.second_in(slot.value) or 0
            calendar = next(found.who(second), None)
            if calendar is not None and (calendar.clinician, second) != own:
                time = Time(calendar.clinician, calendar.site, second)
                days[day.day].append(Choice(value_of(time), slot.words))
    return days


def sites(found: Openings, days: dict[date, list[Choice]], places: Sequence[Place]) -> dict[date, str]:
    """Where the clinician is on each day, if it may be here or there."""
    if len({one.site for one in found.calendars}) < 2:
        return {}
    names = {one.id: one.name for one in places}
    there = {day: {int(one.value.split(".")[1]) for one in choices} for day, choices in days.items()}
    return {day: ", ".join(sorted(names.get(one, "") for one in some)) for day, some in there.items()}


def elsewhere(form: Form, shown: dict[date, list[Choice]], people: Sequence[Person], zone: str) -> list[Choice]:
    """Ticked, and in another week or another clinician's."""
    here = {one.value for day in shown.values() for one in day}
    names = {one.id: one.name for one in people}
    found = sorted((one for one in times(form) if value_of(one) not in here), key=lambda one: one.second)
    return [
        Choice(value_of(one), f"{written_moment(_moment(one), zone)}, {names[one.clinician]}")
        for one in found[: 2 * MOST]
        if one.clinician in names and _moment(one).year < 9999
    ]


def _moment(time: Time) -> datetime:
    return datetime.fromtimestamp(time.second, UTC)
