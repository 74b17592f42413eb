"""A type of appointment as staff fill it in."""

from collections.abc import Sequence

from portal.appointments.actions.types import TypeDraft
from portal.appointments.kinds import MEETINGS
from portal.appointments.queries.types import Type
from portal.language import lazy
from portal.practice.queries import Person
from portal.web.form import Form, Reader

LONGEST, LONGEST_AROUND, LAST = 720, 240, 999
BOOKED_BY: dict[str, object] = {
    "everybody": lazy("Every client"),
    "existing": lazy("Existing clients"),
    "new": lazy("New clients"),
    "nobody": lazy("Nobody: only staff book it"),
}
COLORS: dict[str, object] = {
    "spruce": lazy("Spruce"),
    "sky": lazy("Sky"),
    "plum": lazy("Plum"),
    "marigold": lazy("Marigold"),
    "moss": lazy("Moss"),
    "stone": lazy("Stone"),
}


def blank(place: int) -> Form:
    return Form(
        {
            "length": ["50"], "before": ["0"], "after": ["10"], "how": list(MEETINGS), "booked_by": ["existing"],
            "at_once": ["no"], "color": ["spruce"], "place": [str(min(place, LAST))],
        }
    )  # fmt: skip


def opened(one: Type) -> Form:
    plain = {name: [str(getattr(one, name))] for name in ("name", "name_es", "length", "before", "after", "place")}
    return Form(
        {
            **plain, "how": one.contact_types, "booked_by": [one.booked_by], "color": [one.color],
            "at_once": ["yes" if one.is_booked_at_once else "no"],
            "clinicians": [str(number) for number in one.clinicians], "sites": [str(number) for number in one.sites],
        }
    )  # fmt: skip


def read(form: Form, people: Sequence[Person], places: Sequence[Person]) -> TypeDraft:
    """Raises `Refused` at every fault. Where nobody chose a clinician or a site, all of them are meant."""
    reader = Reader(form)
    length = lazy("Enter the minutes in steps of five, from %(least)s to %(most)s", least=5, most=LONGEST)
    around = lazy("Enter the minutes in steps of five, from %(least)s to %(most)s", least=0, most=LONGEST_AROUND)
    draft = TypeDraft(
        name=reader.text("name", most=80, missing=lazy("Enter the name that clients read")),
        name_es=reader.text("name_es", most=80),
        length=_number(reader, "length", 5, LONGEST, 5, length),
        before=_number(reader, "before", 0, LONGEST_AROUND, 5, around),
        after=_number(reader, "after", 0, LONGEST_AROUND, 5, around),
        contact_types=tuple(one for one in MEETINGS if one in form.all("how")),
        booked_by=reader.choice("booked_by", list(BOOKED_BY), lazy("Choose who may book it")),
        is_booked_at_once=reader.choice("at_once", ("yes", "no"), lazy("Choose what happens then")) == "yes",
        color=reader.choice("color", list(COLORS), lazy("Choose a color from the list")),
        place=_number(reader, "place", 0, LAST, 1, lazy("Enter a number from 0 to %(most)s", most=LAST)),
        clinicians=_chosen(reader, "clinicians", people, lazy("Choose clinicians from the list")),
        sites=_chosen(reader, "sites", places, lazy("Choose offices from the list")),
    )
    if not draft.contact_types:
        reader.refuse("how", lazy("Choose at least one way to meet"))
    reader.finish()
    return draft


def _number(reader: Reader, name: str, least: int, most: int, step: int, words: object) -> int:
    text = reader.form[name].strip() or str(least)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1
    if not least <= number <= most or number % step or (name == "length" and not reader.form[name].strip()):
        reader.refuse(name, words)
    return number


def _chosen(reader: Reader, name: str, options: Sequence[Person], words: object) -> frozenset[int]:
    ids, chosen = {str(one.id) for one in options}, set(reader.form.all(name))
    if not chosen <= ids:
        reader.refuse(name, words)
    return frozenset(int(one) for one in chosen & ids)
