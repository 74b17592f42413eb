"""What the forms of availability share: a time on the wall clock, where, how to meet, a day that may be left out."""

import re
from collections.abc import Sequence
from datetime import date

from portal.appointments import weeks
from portal.appointments.hours import DAY
from portal.appointments.kinds import MEETINGS
from portal.appointments.queries.availability import Office
from portal.language import lazy
from portal.web.form import Reader

CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))?(?:([ap])m?)?")
MOST_TYPED = 20
PARTS = ("month", "day", "year")


def span(reader: Reader, begins_at: str, ends_at: str) -> tuple[int, int]:
    """Midnight is also when a day ends."""
    begins, ends = (_minute(reader, name) for name in (begins_at, ends_at))
    ends = ends or (DAY if ends == 0 else None)
    if begins is not None and ends is not None and ends <= begins:
        words = lazy("This is not after %(time)s. Write PM where you mean it: 5 PM, or 17:00", time=weeks.clock(begins))
        reader.refuse(ends_at, words)
    return begins or 0, ends or DAY


def _minute(reader: Reader, name: str) -> int | None:
    text = reader.form[name].strip()
    minute = minute_of(text)
    if not text:
        reader.refuse(name, lazy("Enter a time, such as 9:00 AM or 17:30"))
    elif minute is None:
        reader.refuse(name, lazy("Write the time like 9:00 AM or 17:30"))
    elif minute % 5:
        reader.refuse(name, lazy("Use a multiple of five minutes, such as 9:00 or 9:05"))
    else:
        return minute
    return None


def place(reader: Reader, name: str, offices: Sequence[Office]) -> int:
    """Where there is one, nobody has to choose it."""
    chosen = reader.form[name]
    if not offices:
        reader.refuse("", lazy("The practice has no office yet, and hours belong to one."))
        return 0
    if len(offices) > 1:
        reader.choice(name, [str(one.id) for one in offices], lazy("Choose where"))
    elif chosen not in ("", str(offices[0].id)):
        reader.refuse(
            "", lazy("There is only one office now: %(name)s. Save again if it is meant.", name=offices[0].name)
        )
    return next((one.id for one in offices if str(one.id) == chosen), offices[0].id)


def ways(reader: Reader, name: str) -> tuple[str, ...]:
    chosen = tuple(one for one in MEETINGS if one in reader.form.all(name))
    if not chosen:
        reader.refuse(name, lazy("Choose at least one way to meet"))
    return chosen


def day(reader: Reader, name: str) -> date | None:
    if not any(reader.form[f"{name}_{part}"].strip() for part in PARTS):
        return None
    return reader.day(name, missing=lazy("Enter the month, the day and the year, or none"))


def minute_of(text: str) -> int | None:
    """`9`, `9:00`, `9:30 am`, `17:30`, `9:30 a. m.` as minutes since midnight; None is no time."""
    bare = re.sub(r"\s|\.(?![0-9])", "", text[:MOST_TYPED].lower())
    found = CLOCK.fullmatch(bare)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        hour = hour % 12 + 12 * (half == "p") if 1 <= hour <= 12 else 99
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= DAY else None
