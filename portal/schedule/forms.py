"""What staff fill in about a visit: when, where, with whom; and what else when it is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.appointments import links, readers
from portal.appointments.kinds import MEETINGS
from portal.appointments.tables import ContactType, Repeat
from portal.language import lazy
from portal.schedule import repeats
from portal.schedule.queries.hours import Place
from portal.schedule.queries.people import Keeper
from portal.schedule.queries.plans import Where
from portal.schedule.queries.types import Bookable
from portal.web.form import Form, Reader

LONGEST_NOTE = 1000
LONGEST_REASON = 500
YEARS = range(2000, 2100)
ORDER = ("client", "type", "how", "clinician", "site", "day", "time", "every", "times", "note", "link", "sure", "keep")


@dataclass(frozen=True)
class Wanted:
    """A new visit; several days where it repeats."""

    type: Bookable
    where: Where
    every: str
    days: list[date]
    note: str
    link: str


def where_of(reader: Reader, people: Sequence[Keeper], places: Sequence[Place], own: int | None = None) -> Where | None:
    """Where there is one choice, nobody has to make it. None where something was refused.

    `own` is the minute of the day at which the visit begins now: one that came from elsewhere may keep it.
    """
    form = reader.form
    clinician = _one_of(reader, "clinician", {one.id for one in people}, lazy("Choose a clinician"))
    site = _one_of(reader, "site", {one.id for one in places}, lazy("Choose where"))
    how = reader.choice("how", list(MEETINGS), lazy("Choose how they meet"))
    day, minute = _day(reader), _minute(reader, own)
    if not clinician or not site or how not in MEETINGS or day is None or minute is None:
        return None
    zone = next(one.zone for one in places if one.id == site)
    return Where(clinician, site, zone, form["how"], day, minute)


def new_visit(form: Form, types: Sequence[Bookable], people: Sequence[Keeper], places: Sequence[Place]) -> Wanted:
    """Raises `Refused` beside each field."""
    reader = Reader(form)
    type_id = _one_of(reader, "type", {one.id for one in types}, lazy("Choose what the visit is for"))
    kind = next((one for one in types if one.id == type_id), None)
    where = where_of(reader, people, places)
    if kind and where and where.contact_type not in kind.contact_types:
        ways = ", ".join(str(MEETINGS[one]) for one in kind.contact_types)
        reader.refuse("how", lazy("This appointment is offered so: %(ways)s. Choose one of these.", ways=ways))
    every, many = form["every"], 1
    if every:
        reader.choice("every", list(Repeat), lazy("Choose how often"))
        many = form.number("times") or 0
        if many not in range(repeats.FEWEST, repeats.MOST + 1):
            reader.refuse("times", lazy("Enter a number from 2 to 52"))
    note, link = reader.lines("note", most=LONGEST_NOTE), _link(reader, where)
    reader.finish(ORDER)
    assert kind is not None and where is not None
    days = repeats.days(where.day, every, many) if every else [where.day]
    return Wanted(kind, where, every, days, note, link)


def other_place(form: Form, people: Sequence[Keeper], places: Sequence[Place], own: int) -> Where:
    reader = Reader(form)
    where = where_of(reader, people, places, own)
    reader.finish(ORDER)
    assert where is not None
    return where


def picked(form: Form) -> Form:
    """One of the free times, which a button names, in the fields."""
    day, time, site = (*form["pick"].split(" "), "", "", "")[:3]
    return Form({**form.typed, "day": [day], "time": [time], "site": [site], "pick": []})


def reason(form: Form, known: Sequence[str]) -> tuple[str, str]:
    """(one of the common ones or nothing, words)."""
    reader = Reader(form)
    words = reader.lines("reason", most=LONGEST_REASON)
    reader.finish()
    return form["common_reason"] if form["common_reason"] in known else "", words


def version(form: Form) -> int:
    return form.number("version") or 0


def _one_of(reader: Reader, name: str, ids: set[int], missing: object) -> int:
    if len(ids) == 1 and not reader.form[name]:
        return next(iter(ids))
    found = reader.form.number(name) or 0
    if found not in ids:
        reader.refuse(name, missing)
        return 0
    return found


def _day(reader: Reader) -> date | None:
    try:
        found = date.fromisoformat(reader.form["day"].strip())
    except ValueError:
        reader.refuse("day", lazy("Write the date like 2026-11-30"))
        return None
    if found.year not in YEARS:
        reader.refuse("day", lazy("Write the date like 2026-11-30"))
        return None
    return found


def _minute(reader: Reader, own: int | None) -> int | None:
    found = readers.minute_of(reader.form["time"].strip())
    if found is None or found >= 24 * 60:
        reader.refuse("time", lazy("Enter a time, such as 9:00 AM or 17:30"))
        return None
    if found % 5 and found != own:
        reader.refuse("time", lazy("Use a multiple of five minutes, such as 9:00 or 9:05"))
        return None
    return found


def beside(form: Form) -> tuple[str, str]:
    """The note and the link of a visit that is booked. Raises `Refused` at either."""
    reader = Reader(form)
    note, link = reader.lines("note", most=LONGEST_NOTE), _link(reader, None)
    reader.finish(("note", "link"))
    return note, link


def _link(reader: Reader, where: Where | None) -> str:
    """Empty is the clinician's own room."""
    link = reader.text("link", most=links.LONGEST)
    if link and (why := links.fault(link)):
        reader.refuse("link", why)
    elif link and where and where.contact_type != ContactType.TELEHEALTH:
        reader.refuse("link", lazy("A link is for a telehealth visit: leave it out, or choose Telehealth above"))
    return link
