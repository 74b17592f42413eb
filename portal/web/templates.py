"""Jinja, once: strict, escaped, translated; `page` is what every layout may know."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import phonenumbers
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, Template
from jinja2.runtime import Context
from markupsafe import Markup

from portal import clock, language, money, uploads
from portal.access import Viewer
from portal.language import gettext, plural, zones
from portal.settings import ROOT, settings
from portal.web.assets import static_url
from portal.web.typed import inputs_of
from portal.web.visit import Visit


class NavItem(NamedTuple):
    """One entry of the staff header; `waiting` is how much waits there."""

    url: str
    icon: str
    label: object
    waiting: int = 0


@dataclass(frozen=True)
class Contact:
    """What every page says of the practice. `phone_link` is for `href`, `phone` for people."""

    name: str = ""
    phone: str = ""
    phone_link: str = ""
    hours: str = ""
    email: str = ""
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Chrome:
    """Given by the app, so that layouts show what higher packages know."""

    practice: Callable[[], Awaitable[Contact]]
    nav: Callable[[Visit], Awaitable[list[NavItem]]]
    unread: Callable[[Visit, int], Awaitable[int]]
    may_write: Callable[[Viewer], Awaitable[bool]]
    home: Callable[[Viewer], str]
    keep_notices: Callable[[int, list[str]], Awaitable[None]]
    visit: Callable[[Any], Awaitable[Any]]


@dataclass(frozen=True)
class Page:
    """`client_id` is whose messages the page may speak of; none where the grant does not open them."""

    locale: str = "en"
    theme: str = ""
    path: str = "/"
    viewer: Any = None
    practice: Contact = field(default_factory=Contact)
    flashes: tuple[tuple[str, str], ...] = ()
    home_url: str = "/"
    nav: tuple[NavItem, ...] = ()
    is_fragment: bool = False
    is_demo: bool = False
    idle_minutes: int = 15
    client_id: int | None = None
    unread: int = 0
    may_write: bool = False

    @property
    def other_locale(self) -> str:
        return "en" if self.locale == "es" else "es"

    @property
    def other_locale_name(self) -> str:
        return language.LANGUAGES[self.other_locale]


class QuickTemplate(Template):
    """Imports of components do not compare globals each time: no template of ours has any but the environment's."""

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        return super()._get_default_module()


def _environment() -> Environment:
    cache = settings().data_dir / "templates"
    cache.mkdir(parents=True, exist_ok=True)
    made = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=settings().debug,
        bytecode_cache=FileSystemBytecodeCache(str(cache)),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        cache_size=-1,
    )
    made.template_class = QuickTemplate
    made.install_gettext_callables(gettext, plural, newstyle=True)  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    made.globals |= {"static_url": static_url, "inputs_of": inputs_of, "accepted_files": uploads.ACCEPT}
    made.globals |= {"gettext": _said, "_": _said, "ngettext": _said_of}
    made.filters |= {
        "date": _date,
        "datetime": _datetime,
        "time": _time,
        "at": _at,
        "age": _age,
        "full_date": _full_date,
        "weekday": language.written_weekday,
        "month_day": language.written_month_day,
        "month": _month,
        "short_month": _short_month,
        "zone": language.written_zone,
        "with_own_time": zones.with_own_time,
        "phone": written_phone,
        "file_size": _file_size,
        "money": _money,
    }
    return made


_made: Environment | None = None


def environment() -> Environment:
    global _made
    if _made is None:
        _made = _environment()
    return _made


def render(name: str, context: Mapping[str, Any]) -> str:
    return environment().get_template(name).render(context)


def _file_size(size: int) -> str:
    """`84 KB`, `1.2 MB`; the same in both languages."""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} KB"


@lru_cache(maxsize=16384)
def _once_priced(cents: int, locale: str) -> str:
    return money.written(cents, locale)


def _money(cents: int) -> str:
    """Cents, as the reader's language writes them."""
    return _once_priced(cents, language.locale())


def _said(message: str, /, **values: object) -> Markup:
    """Jinja's own gettext finds, marks and fills in each sentence anew: on a page of fifty, half of its time."""
    spoken = language.current()
    return language.filled(_sentence(spoken, message), values) if values else _plain(spoken, message)


def _said_of(one: str, many: str, count: int, /, **values: object) -> Markup:
    told = Markup(plural(one, many, count))  # noqa: S704 - as above
    return language.filled(told, {"num": count, **values})


@lru_cache(maxsize=4096)
def _sentence(spoken: str, message: str) -> Markup:
    return Markup(language.translations(spoken).gettext(message))  # noqa: S704 - the sentence is ours, as in Jinja's own


@lru_cache(maxsize=4096)
def _plain(spoken: str, message: str) -> Markup:
    """Jinja lets a sentence without values write `%%` too."""
    return _sentence(spoken, message) % {}


@lru_cache(maxsize=256)
def written_phone(number: str) -> str:
    """E.164 as people write it; anything else as it stands."""
    try:
        parsed = phonenumbers.parse(number, "US")
    except phonenumbers.NumberParseException:
        return number
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, form.NATIONAL if parsed.country_code == 1 else form.INTERNATIONAL)


def csrf_input(token: str) -> Markup:
    return Markup('<input type="hidden" name="_csrf_token" value="{}">').format(token)


def _date(value: date | None, zone: str = "UTC") -> str:
    return _written(language.written_date, value, zone)


def _full_date(value: date | None, zone: str = "UTC") -> str:
    return _written(language.written_full_date, value, zone)


def _datetime(value: datetime | None, zone: str = "UTC") -> str:
    return _written(language.written_moment, value, zone)


def _time(value: datetime | None, zone: str = "UTC") -> str:
    return _written(language.written_time, value, zone)


def _at(value: datetime | None, zone: str = "UTC") -> str:
    """Today's moments by their time alone."""
    is_today = value is not None and value.astimezone(ZoneInfo(zone)).date() == clock.today(zone)
    return _time(value, zone) if is_today else _datetime(value, zone)


def _month(first: date) -> str:
    return _once_month(language.written_month, first, language.current())


def _short_month(first: date) -> str:
    return _once_month(language.written_short_month, first, language.current())


@lru_cache(maxsize=1024)
def _once_month(write: Callable[[date], str], first: date, spoken: str) -> str:
    return write(first)


def _age(since: datetime) -> str:
    """In full minutes, of which a list has few different ones."""
    return _once_aged((clock.now() - since) // timedelta(minutes=1), language.current())


@lru_cache(maxsize=16384)
def _once_aged(minutes: int, spoken: str) -> str:
    return language.written_age(timedelta(minutes=minutes))


def _written(write: Callable[..., str], value: date | None, zone: str) -> str:
    """Nothing shows seconds; and for nothing Babel would write the present day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.replace(second=0, microsecond=0)
    return _once_written(write, value, zone, language.current())


@lru_cache(maxsize=16384)
def _once_written(write: Callable[..., str], value: date, zone: str, spoken: str) -> str:
    """Lists are full of birth dates and moments, and Babel takes longer for one than the rest of its line does."""
    return write(value, zone)
