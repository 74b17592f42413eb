"""When a reminder goes: so long before a visit, and never in quiet hours."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 24 * 60
MINUTE = timedelta(minutes=1)
CLOSEST = timedelta(hours=1)
PUNCTUAL = timedelta(minutes=15)


class Quiet(NamedTuple):
    """By the wall clock of the visit's place, in minutes since midnight; mostly they end on the next day."""

    begins: int
    ends: int

    @property
    def longest(self) -> timedelta:
        """With what a clock that is set back adds to a night."""
        return timedelta(minutes=(self.ends - self.begins) % DAY) + timedelta(hours=2)


def is_quiet(moment: datetime, zone: str, quiet: Quiet | None) -> bool:
    if quiet is None:
        return False
    here = moment.astimezone(ZoneInfo(zone))
    return (here.hour * 60 + here.minute - quiet.begins) % DAY < (quiet.ends - quiet.begins) % DAY


def due_at(starts_at: datetime, zone: str, hours_before: int, quiet: Quiet | None) -> datetime:
    """So many hours before the visit; what would fall into quiet hours goes in the last minute before they begin."""
    plain = starts_at.astimezone(UTC) - timedelta(hours=hours_before)
    return _before(plain, zone, quiet) if quiet and is_quiet(plain, zone, quiet) else plain


@lru_cache(maxsize=4096)
def _before(moment: datetime, zone: str, quiet: Quiet) -> datetime:
    """In a night when the clock changes no minute can be reckoned: they are walked back one by one."""
    here = moment.astimezone(ZoneInfo(zone))
    found = moment - timedelta(minutes=(here.hour * 60 + here.minute - quiet.begins) % DAY + 1)
    if found.astimezone(ZoneInfo(zone)).utcoffset() != here.utcoffset():
        found = moment
        while is_quiet(found, zone, quiet):
            found -= MINUTE
    return found


def goes_now(
    now: datetime, starts_at: datetime, zone: str, booked_at: datetime, due: datetime, quiet: Quiet | None
) -> bool:
    """What is due goes; late as well, where no worker ran, but not into quiet hours nor in the last hour.

    Whoever booked after it was due knows: they are not reminded of what they have just done.
    """
    if not booked_at <= due <= now or starts_at - now < CLOSEST:
        return False
    return now - due < PUNCTUAL or not is_quiet(now, zone, quiet)
