"""When somebody would come earlier, as they fill it in."""

from collections.abc import Sequence
from datetime import date

from portal.appointments import weeks
from portal.appointments.forms import Sought
from portal.appointments.queries.offers import Around
from portal.language import lazy
from portal.waitlist import rules
from portal.waitlist.actions.entries import Wanted
from portal.waitlist.queries.entries import Waiting
from portal.web.form import Form, Reader
from portal.web.typed import Input

ADDRESSES = r"/clients/\d+/wait-list"
WORKDAYS = (0, 1, 2, 3, 4)
PARTS: dict[str, tuple[object, object]] = {
    "morning": (lazy("Morning"), lazy("until noon")),
    "afternoon": (lazy("Afternoon"), lazy("noon to 5 PM")),
    "evening": (lazy("Evening"), lazy("from 5 PM")),
}


def weekdays() -> list[tuple[str, str]]:
    return [(str(day), weeks.weekday(day)) for day in rules.WEEKDAYS]


def opened(asked: Sought, until: date, entry: Waiting | None) -> Form:
    """What stands on the list already, else every workday, at any time of it, until that day."""
    days, parts = (entry.weekdays, entry.parts) if entry else (WORKDAYS, tuple(PARTS))
    last = entry.last_day if entry else until
    return Form(
        {
            "clinician": [str(asked.clinician or "")],
            "site": [str(asked.site or "")],
            "days": [str(day) for day in days],
            "parts": parts,
            "until_month": [str(last.month)],
            "until_day": [str(last.day)],
            "until_year": [str(last.year)],
        }
    )


def read(form: Form, asked: Sought, around: Around, moves: int | None) -> Wanted:
    """Raises `Refused` at `days`, `parts` and `until`. Whom and where the type is not offered counts as any."""
    reader = Reader(form)
    days = tuple(day for day in rules.WEEKDAYS if str(day) in form.all("days"))
    parts = tuple(part for part in PARTS if part in form.all("parts"))
    if not days:
        reader.refuse("days", lazy("Choose at least one day"))
    if not parts:
        reader.refuse("parts", lazy("Choose at least one part of the day"))
    until = reader.day("until", missing=lazy("Enter the last day on which an earlier time would help you"))
    reader.finish(("days", "parts", "until"))
    assert until is not None
    asked = asked.within(around)
    return Wanted(asked.offer.id, asked.how, asked.clinician, asked.site, days, parts, until, moves)


def days_in_words(days: Sequence[int]) -> str:
    return ", ".join(weeks.weekday(one, "EEE") for one in days)


def parts_in_words(parts: Sequence[str]) -> str:
    return ", ".join(str(PARTS[one][0]) for one in PARTS if one in parts)


def reading(form: Form) -> dict[str, Input]:
    """Where a form is given back apart from its page."""
    told = {name: Input("", lambda _: "") for name in ("type", "how", "moves", "clinician", "site")}
    return {
        **told,
        "days": Input(lazy("Days"), lambda day: weeks.weekday(int(day)) if day in "0123456" else ""),
        "parts": Input(lazy("Time of day"), lambda part: str(PARTS[part][0]) if part in PARTS else ""),
    }
