"""From a day to a day, as lists are narrowed by an address."""

from datetime import date

from portal.language import lazy
from portal.web.form import Form


def between(form: Form) -> tuple[date | None, date | None, dict[str, object]]:
    """The days in `from` and `until`, and what is wrong with them: a day that is none counts as not given."""
    wrong: dict[str, object] = {}
    days: dict[str, date | None] = {}
    for name in ("from", "until"):
        try:
            days[name] = _day(form[name])
        except ValueError:
            days[name], wrong[name] = None, lazy("Write the date like 2026-11-30")
    first, last = days["from"], days["until"]
    if first and last and last < first:
        wrong["until"] = lazy("The last day is before the first: check both dates")
    return first, last, wrong


def _day(text: str) -> date | None:
    """Within a few lifetimes: the calendar ends, and with it what a clock can show."""
    day = date.fromisoformat(text) if text else None
    if day and not 1900 <= day.year <= 2200:
        raise ValueError(text)
    return day
