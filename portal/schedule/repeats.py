"""The days of what repeats, by the calendar and the clock on the wall."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.appointments.hours import MINUTE, moment
from portal.appointments.tables import Repeat
from portal.language import lazy

WEEKS = {Repeat.WEEKLY: 1, Repeat.BIWEEKLY: 2, Repeat.FOUR_WEEKS: 4}
WORDS: dict[str, object] = {
    Repeat.WEEKLY: lazy("Every week"),
    Repeat.BIWEEKLY: lazy("Every 2 weeks"),
    Repeat.FOUR_WEEKS: lazy("Every 4 weeks"),
    Repeat.MONTHLY: lazy("Every month, on the same weekday"),
}
FEWEST, MOST = 2, 52


def days(first: date, every: str, many: int) -> list[date]:
    """`first` and those after it. By months, the second Tuesday is followed by second Tuesdays, a fifth by the last."""
    if every == Repeat.MONTHLY:
        return [_in_month(first, place) for place in range(many)]
    return [first + timedelta(weeks=WEEKS[Repeat(every)] * place) for place in range(many)]


def at(zone: str, day: date, minute: int) -> datetime | None:
    """When the wall shows this minute of this day, the first time if it does so twice; None where it never does."""
    found = datetime.fromtimestamp(moment(zone, day, minute), UTC)
    return found if wall(found, zone) == datetime.combine(day, time()) + timedelta(minutes=minute) else None


def moved(starts_at: datetime, zone: str, by: timedelta, to_zone: str) -> tuple[datetime, datetime | None]:
    """So much later on the wall: (what the wall shows then, when that is)."""
    there = wall(starts_at, zone) + by
    if not by and to_zone == zone:
        return there, starts_at
    return there, at(to_zone, there.date(), (there - datetime.combine(there.date(), time())) // timedelta(minutes=1))


def wall(moment: datetime, zone: str) -> datetime:
    """What the clock there shows, to the minute."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0, microsecond=0)


def minute_of_day(moment: datetime, zone: str) -> int:
    shown = wall(moment, zone)
    return shown.hour * MINUTE + shown.minute


def _in_month(first: date, later: int) -> date:
    """The same weekday in the same week of the month; a month without a fifth has a last one."""
    year, month = divmod(first.year * 12 + first.month - 1 + later, 12)
    begins, length = monthrange(year, month + 1)
    day = 1 + (first.weekday() - begins) % 7 + 7 * ((first.day - 1) // 7)
    return date(year, month + 1, day if day <= length else day - 7)
