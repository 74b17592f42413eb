"""When nobody reads messages: the stretches between the hours of the office, by the clock on its wall."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.appointments.hours import Special, Weekly, spans

REACH = 60  # days: an office that is closed for longer has no next time to name


class Closed(NamedTuple):
    """From the moment it closed to the one when it opens; None where that is too far away."""

    since: datetime | None
    until: datetime | None


def closed(now: datetime, zone: str, weekly: Sequence[Weekly], holidays: Sequence[Special]) -> Closed | None:
    """None while somebody reads."""
    first = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=REACH)
    open_times = spans(zone, tuple(weekly), tuple(holidays), first, 2 * REACH + 1)
    second = int(now.timestamp())
    if any(one.begins <= second < one.ends for one in open_times):
        return None
    before = max((one.ends for one in open_times if one.ends <= second), default=None)
    after = min((one.begins for one in open_times if one.begins > second), default=None)
    return Closed(_moment(before), _moment(after))


def _moment(second: int | None) -> datetime | None:
    return None if second is None else datetime.fromtimestamp(second, UTC)
