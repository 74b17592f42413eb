"""The time zones that somebody can live in, in words: those of the United States first, by what people call them."""

import unicodedata
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from portal.language import gettext, lazy, locale, speaking, written_time, written_weekday, written_zone

HERE = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
)  # fmt: skip
PARTS = {
    "America": lazy("The Americas"),
    "Europe": lazy("Europe"),
    "Africa": lazy("Africa"),
    "Asia": lazy("Asia"),
    "Australia": lazy("Australia"),
    "Pacific": lazy("Pacific Ocean"),
    "Atlantic": lazy("Atlantic Ocean"),
    "Indian": lazy("Indian Ocean"),
}
Group = tuple[str, tuple[tuple[str, str], ...]]


@lru_cache(maxsize=8)
def groups(spoken: str) -> tuple[Group, ...]:
    """Titles, and under each pairs of a zone's name and its words, in the order of the alphabet."""
    with speaking(spoken):
        here = tuple((zone, named(zone)[0].upper() + named(zone)[1:]) for zone in HERE)
        found: list[Group] = [(str(lazy("United States")), here)]
        for part, title in PARTS.items():
            rest = [(zone, _placed(zone)) for zone in NAMES if zone.startswith(f"{part}/") and zone not in HERE]
            found.append((str(title), tuple(sorted(rest, key=lambda one: _sorted(one[1])))))
        return tuple(found)


def is_known(zone: str) -> bool:
    return zone in NAMES


def city(zone: str) -> str:
    """`New York`; of a name in several parts the last."""
    return str(get_timezone_location(ZoneInfo(zone), locale=locale(), return_city=True)).rpartition("/")[2]


def named(zone: str) -> str:
    """`Eastern Time (New York)`."""
    return f"{written_zone(zone)} ({city(zone)})"


def apart_from(zone: str, other: str) -> str:
    """A zone in words that are not those of the other: Arizona has Mountain Time too, and not Denver's."""
    return named(zone) if written_zone(zone) == written_zone(other) else written_zone(zone)


def differ(value: datetime, there: str, own: str) -> bool:
    """Whether somebody's clock shows another time than that of a place. Who has said nothing has no other."""
    return bool(own) and _offset(value, own) != _offset(value, there)


def own_time(value: datetime, there: str, own: str, weekday: str = "EEE") -> str:
    """`6:00 AM`; with the day, where it is another: `Sun 11:00 PM`. Empty where the clocks agree."""
    if not differ(value, there, own):
        return ""
    time, day = written_time(value, own), value.astimezone(ZoneInfo(own)).date()
    is_same_day = day == value.astimezone(ZoneInfo(there)).date()
    return time if is_same_day else f"{written_weekday(day, weekday)} {time}"


def with_own_time(words: str, value: datetime, there: str, own: str) -> str:
    """What is said of a moment on the wall of a place, and beside it what one's own clock shows then:
    `9:00 AM, Eastern Time (6:00 AM your time, Pacific Time)`.
    """
    mine = own_time(value, there, own, "EEEE")
    if not mine:
        return words
    return gettext(
        "%(when)s, %(zone)s (%(own)s your time, %(own_zone)s)",
        when=words,
        zone=written_zone(there),
        own=mine,
        own_zone=apart_from(own, there),
    )


def _offset(value: datetime, zone: str) -> timedelta | None:
    return value.astimezone(ZoneInfo(zone)).utcoffset()


def _names() -> frozenset[str]:
    """What CLDR knows a country of, as far as this machine has its rules."""
    known = available_timezones()  # asked once: it looks through the machine's folders each time
    countries = get_global("zone_territories")
    return frozenset(zone for zone in countries if zone in known and zone.partition("/")[0] in PARTS)


NAMES = _names()


def _placed(zone: str) -> str:
    """`Madrid, Spain`."""
    town, country = city(zone), Locale.parse(locale()).territories.get(get_global("zone_territories")[zone], "")
    return f"{town}, {country}" if country and country != town else town


def _sorted(words: str) -> str:
    return unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().casefold()
