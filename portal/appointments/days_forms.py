"""Days that are different, as staff fill them in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.appointments.actions.availability import Open
from portal.appointments.hours import DAY
from portal.appointments.kinds import MEETINGS
from portal.appointments.queries.availability import Office
from portal.appointments.readers import day, place, span, ways
from portal.language import lazy
from portal.web.form import Form, Reader


@dataclass(frozen=True)
class Special:
    """Days that are closed between two minutes, or open as `hours` say."""

    first_day: date
    last_day: date
    hours: Open | None
    closed: tuple[int, int]
    note: str


def blank() -> Form:
    return Form({"what": ["closed"], "how": list(MEETINGS)})


def read(form: Form, offices: Sequence[Office], *, only_closed: bool = False) -> Special:
    """Without a last day it is one day. Closed without times is closed all day."""
    reader = Reader(form)
    first = reader.day("first_day", missing=lazy("Enter the first day"))
    last = day(reader, "last_day") or first
    what = "closed" if only_closed else reader.choice("what", ("closed", "open"), lazy("Choose closed or open"))
    is_all_day = what != "open" and not form["from"].strip() and not form["to"].strip()
    begins, ends = (0, DAY) if is_all_day else span(reader, "from", "to")
    is_open = what == "open"
    site, how = (place(reader, "site", offices), ways(reader, "how")) if is_open else (0, ())
    note = reader.text("note", most=120)
    reader.finish()
    assert first is not None and last is not None
    hours = Open(first.weekday(), begins, ends, site, how) if is_open else None
    return Special(first, last, hours, (begins, ends), note)
