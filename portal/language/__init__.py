"""English first, Spanish complete: gettext, lazy sentences, and the locale of this request or letter."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from math import inf
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_interval,
    format_skeleton,
    format_time,
    format_timedelta,
    get_timezone_name,
)
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import escape

LANGUAGES = {"en": "English", "es": "Español"}
LOCALES = {"en": "en_US", "es": "es_US"}
CATALOGS = Path(__file__).parent
STOPPED = re.compile(r"\.(?:</\w+>)*\Z")
T = TypeVar("T", bound=str)
UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}

_language: ContextVar[str] = ContextVar("language", default="en")


def current() -> str:
    """`en` or `es`."""
    return _language.get()


def in_language(words: str, words_es: str) -> str:
    """What a practice wrote, in the reader's language as far as it stands in it."""
    return words_es if words_es and current() == "es" else words


def locale() -> str:
    """Babel's name for the current language: dates and money follow it."""
    return LOCALES[current()]


def choose(language: str) -> None:
    """From here to the end of this request or task; an unknown language is English."""
    _language.set(language if language in LANGUAGES else "en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    token = _language.set(language if language in LANGUAGES else "en")
    try:
        yield
    finally:
        _language.reset(token)


def preferred(accept: str) -> str:
    """The best of `Accept-Language`, by quality."""
    wanted = []
    for part in accept[:200].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((float(quality or 1), tag[:2].lower()))
        except ValueError:
            continue
    known = [tag for quality, tag in sorted(wanted, key=lambda one: -one[0]) if quality > 0 and tag in LANGUAGES]
    return known[0] if known else "en"


def gettext(message: str, **values: object) -> str:
    said = translations(current()).gettext(message)
    return filled(said, values) if values else said


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    return filled(plural(one, many, count), {"num": count, "count": count, **values})


def filled(said: T, values: Mapping[str, object]) -> T:
    """A value that ends with a full stop ends the sentence with it: `a las 5:47 p.m.`, and no second one."""
    for name in _before_a_stop(said):
        if STOPPED.search(str(values.get(name, ""))):
            said = said.replace(f"%({name})s.", f"%({name})s")  # type: ignore[assignment]
    return said % values  # type: ignore[return-value]


@cache
def _before_a_stop(said: str) -> tuple[str, ...]:
    return tuple(re.findall(r"%\((\w+)\)s\.(?!\.)", said))


def plural(one: str, many: str, count: int) -> str:
    """For Jinja, which puts the values in itself."""
    return translations(current()).ngettext(one, many, count)


class Lazy:
    """A sentence that is translated when it is shown, by who sees it then."""

    __slots__ = ("message", "values")

    def __init__(self, message: str, /, **values: object) -> None:
        self.message, self.values = message, values

    def __str__(self) -> str:
        return gettext(self.message, **self.values)

    def __html__(self) -> str:
        return str(escape(str(self)))

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self.message)

    def __repr__(self) -> str:
        return f"Lazy({self.message!r})"


def lazy(message: str, /, **values: object) -> Lazy:
    """Marks a sentence in Python code; extraction knows it as a keyword."""
    return Lazy(message, **values)


@cache
def translations(language: str) -> NullTranslations:
    """Read from the .po file at start, so that there is nothing to compile and nothing to go stale."""
    path = CATALOGS / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        source = read_po(file, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, source)
    compiled.seek(0)
    return GNUTranslations(compiled)


def written_date(value: date | datetime, zone: str | None = None, style: str = "long") -> str:
    """`November 23, 2026`; a moment is first put on the wall of `zone`."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone or "UTC")).date()
    return format_date(value, format=style, locale=locale())


def written_time(value: datetime, zone: str) -> str:
    """`2:00 PM`, with a space that does not break: fonts know it better than the narrow one of CLDR.

    In the hour that the clock shows twice, `1:30 AM EDT`.
    """
    here = value.astimezone(ZoneInfo(zone))
    said = format_time(here, format="short", tzinfo=here.tzinfo, locale=locale()).replace("\u202f", "\u00a0")
    is_twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
    return f"{said}\u00a0{here.tzname()}" if is_twice else said


def written_clock(value: time) -> str:
    """A time on any wall: `8:30 AM`."""
    return format_time(value, format="short", locale=locale()).replace("\u202f", "\u00a0")


def written_full_date(value: date | datetime, zone: str | None = None) -> str:
    """With the day of the week: `Monday, November 30, 2026`."""
    return written_date(value, zone, "full")


def written_weekday(value: date, pattern: str = "EEEE") -> str:
    """`Monday`; with the pattern `EEE`, `Mon`."""
    return format_date(value, format=pattern, locale=locale())


def written_month_day(value: date) -> str:
    """`November 30`."""
    return format_skeleton("MMMMd", value, locale=locale())


def written_month(value: date) -> str:
    """`November 2026`, `noviembre de 2026`."""
    return format_skeleton("yMMMM", value, locale=locale())


def written_short_month(value: date) -> str:
    """`Nov`, `nov`."""
    return format_date(value, format="LLL", locale=locale()).rstrip(".")


def written_days(first: date, last: date, *, has_year: bool = False) -> str:
    """From one day to another: `November 30 – December 4`."""
    return format_interval(first, last, skeleton="yMMMMd" if has_year else "MMMMd", locale=locale())


def written_zone(name: str) -> str:
    """An IANA name in words: `Eastern Time`."""
    said = get_timezone_name(ZoneInfo(name), locale=locale())
    return said.replace("hora de verano de ", "hora de ")  # of a place without a word of its own, in our Spanish


def written_moment(value: datetime, zone: str) -> str:
    """Date and time on the wall of `zone`: `November 23, 2026, 2:00 PM`."""
    return f"{written_date(value, zone)}, {written_time(value, zone)}"


def written_age(age: timedelta) -> str:
    """`2 days`, `5 hr`, `40 min`: in the largest unit that is full, and the rest is left out."""
    unit = next((name for name, length in UNITS.items() if age >= length), "minute")
    whole = max(age // UNITS[unit], 1) * UNITS[unit]
    return format_timedelta(whole, granularity=unit, threshold=inf, format="short", locale=locale())  # type: ignore[arg-type]


def language_name(code: str) -> str:
    """A BCP-47 tag in words of the current language; one without a country is named without one."""
    names = Locale.parse(locale()).languages
    if code == "ase":  # CLDR has no Spanish word for it
        return gettext("American Sign Language")
    try:
        meant = Locale.parse(code.replace("-", "_"))
        alone = names.get(meant.language) if code.isalpha() else None
        return alone or meant.get_display_name(locale()) or code
    except (ValueError, LookupError, UnknownLocaleError):  # sign languages have names and no locale
        return names.get(code, code)
