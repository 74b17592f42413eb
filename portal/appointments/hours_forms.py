"""Weekly hours as rows of a form: opened, rearranged, read."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

from portal.access import NotFoundException
from portal.appointments import weeks
from portal.appointments.actions.availability import Open
from portal.appointments.kinds import MEETINGS
from portal.appointments.queries.availability import Hour, Office
from portal.appointments.readers import PARTS, day, place, span, ways
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form, Reader

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KEY = re.compile(r"[a-z]{3}[0-9]{1,3}")
MOST = 60


def name_of(key: str, part: str) -> str:
    """Of an input in the row of this key."""
    return f"hours-{key}-{part}"


def opened(hours: Sequence[Hour], offices: Sequence[Office]) -> Form:
    """What stands there, the days with the same times in one row, and a blank row."""
    alike: dict[Hour, list[str]] = {}
    for one in hours:
        alike.setdefault(replace(one, weekday=0), []).append(WEEKDAYS[one.weekday])
    typed: dict[str, Sequence[str]] = {"rows": [f"old{number}" for number in range(len(alike))]}
    for number, (one, days) in enumerate(alike.items()):
        row = {
            "day": days,
            "from": [weeks.clock(one.begins)],
            "to": [weeks.clock(one.ends)],
            "site": [str(one.site)],
            "how": one.contact_types,
            **_parts_of("since", one.since),
            **_parts_of("until", one.until),
        }
        typed |= {name_of(f"old{number}", part): values for part, values in row.items()}
    return _with_blank(Form(typed), offices)


def rows(form: Form) -> list[str]:
    """The keys, in the order of the page. The form sends an empty one too, for a week without hours is one as well."""
    keys = [one for one in dict.fromkeys(form.all("rows")) if one]
    if len(keys) > 2 * MOST or not all(KEY.fullmatch(one) for one in keys):
        raise NotFoundException
    return keys


def shown(form: Form) -> list[tuple[str, bool]]:
    """Each row, and whether anything is said of its first and last day."""
    dates = {key: [name_of(key, which) for which in ("since", "until")] for key in rows(form)}
    return [
        (key, any(name in form.errors or any(form[f"{name}_{part}"] for part in PARTS) for name in names))
        for key, names in dates.items()
    ]


def added(form: Form) -> str:
    """The row that “Add hours” has just made: where one goes on."""
    return rows(form)[-1] if form["act"] == "add" and rows(form) else ""


def rearranged(form: Form, offices: Sequence[Office]) -> Form | None:
    """After “Add hours” or “Remove”: the same form with one row more or less. None if neither was asked for."""
    act, _, key = form["act"].partition(" ")
    if act == "add":
        return _with_blank(form, offices)
    return Form({**form.typed, "rows": [one for one in rows(form) if one != key]}) if act == "remove" else None


def read(form: Form, offices: Sequence[Office]) -> list[tuple[str, Open]]:
    """Key of the row and the hours of one of its days; rows that say nothing are left out.

    Raises `Refused` at every fault.
    """
    reader, found = Reader(form), []
    if "rows" not in form.typed:
        raise Refused({"": lazy("The hours did not arrive. Look at them here, and save again.")})
    keys = [key for key in rows(form) if not _is_blank(form, key)]
    if len(keys) > MOST:
        raise Refused({"": lazy("These are more rows than a week can hold. Remove some.")})
    for key in keys:
        days = [number for number, name in enumerate(WEEKDAYS) if name in form.all(name_of(key, "day"))]
        if not days:
            reader.refuse(name_of(key, "day"), lazy("Choose the days"))
        begins, ends = span(reader, name_of(key, "from"), name_of(key, "to"))
        site, how = place(reader, name_of(key, "site"), offices), ways(reader, name_of(key, "how"))
        since, until = (day(reader, name_of(key, part)) for part in ("since", "until"))
        if since and until and until < since:
            reader.refuse(name_of(key, "until"), lazy("The last day is before the first: check both dates"))
        if not reader.sentences:
            found += [(key, Open(weekday, begins, ends, site, how, since, until)) for weekday in days]
    reader.finish()
    return found


@contextmanager
def beside(found: Sequence[tuple[str, Open]]) -> Iterator[None]:
    """What is said of the first, second, third … of these hours is said beside its row."""
    try:
        yield
    except Refused as refusal:
        names = {f"{number}.ends": name_of(key, "to") for number, (key, _) in enumerate(found)}
        raise Refused({names.get(name, name): words for name, words in refusal.sentences.items()}) from refusal


def _with_blank(form: Form, offices: Sequence[Office]) -> Form:
    """At the site of the row before it, open for every way to meet."""
    keys = rows(form)
    if len(keys) > MOST:
        return form
    key = next(one for one in (f"new{number}" for number in range(MOST + 2)) if one not in keys)
    site = form[name_of(keys[-1], "site")] if keys else str(offices[0].id) if offices else ""
    blank = {name_of(key, "site"): [site], name_of(key, "how"): list(MEETINGS), name_of(key, "day"): []}
    gone = {name for name in form.typed if name.startswith(name_of(key, ""))}
    kept = {name: values for name, values in form.typed.items() if name not in gone}
    return Form({**kept, "rows": [*keys, key], **blank})


def _is_blank(form: Form, key: str) -> bool:
    """Ways to meet and a site are chosen always: they say nothing by themselves."""
    dates = [f"{which}_{part}" for which in ("since", "until") for part in PARTS]
    return not any(form[name_of(key, part)].strip() for part in ("day", "from", "to", *dates))


def _parts_of(name: str, given: date | None) -> dict[str, list[str]]:
    return {f"{name}_{part}": [str(getattr(given, part))] for part in PARTS} if given else {}
