"""The fields of a form, as they stand in `form_version.fields`: a list of objects in the order in which a person fills
them in, page by page. This is the one place that says what is in it.

| key | what it is |
|---|---|
| `name` | the field's whole name in the PDF; once in a list. Answers are kept by it |
| `kind` | one of `Kind` |
| `label`, `help` | what a person reads above the field, and below that; reviewed by staff |
| `by` | one of `By`: who fills it in; what nobody fills in stays empty |
| `required` | whether it may stay empty; only of what the client fills in |
| `options` | `value` as the PDF keeps it, `label` as a person reads it. Of a tick, its one state |
| `most` | the most characters, 0 where the PDF names no end |
| `comb` | one character to a box, `most` of them |
| `many` | of a list: several may be chosen |
| `open` | of a choice: other words may be written |
| `places` | where it stands: `page` from 1; `box` left, low, right, high, in points from the lower left corner of the
  page as it lies in the file; `on`, the state to which a tick there turns the field |

A field that stands in several places is one field: an answer goes to them all, but a radio's to the place it is `on`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import msgspec

LONGEST_NAME, LONGEST_LABEL, LONGEST_HELP, LONGEST_OPTION = 200, 200, 300, 200
MOST_FIELDS, MOST_OPTIONS = 400, 300


class Kind(StrEnum):
    TEXT = "text"
    MULTILINE = "multiline"
    DATE = "date"
    CHOICE = "choice"
    LIST = "list"
    CHECK = "check"
    RADIO = "radio"
    SIGNATURE = "signature"
    INITIALS = "initials"


class By(StrEnum):
    CLIENT = "client"
    PRACTICE = "practice"
    NOBODY = "nobody"


# A line on paper may ask for any of these: only a person knows which.
OF_A_LINE = (Kind.TEXT, Kind.DATE, Kind.SIGNATURE, Kind.INITIALS)
SIGNED = (Kind.SIGNATURE, Kind.INITIALS)
CHOSEN = (Kind.CHOICE, Kind.LIST, Kind.RADIO, Kind.CHECK)


class Unreadable(ValueError):
    """This is no list of fields."""


@dataclass(frozen=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True)
class Place:
    page: int
    box: tuple[float, float, float, float]
    on: str = ""


@dataclass(frozen=True)
class Field:
    name: str
    kind: Kind
    label: str
    places: tuple[Place, ...]
    help: str = ""
    by: By = By.CLIENT
    required: bool = False
    options: tuple[Option, ...] = ()
    most: int = 0
    comb: bool = False
    many: bool = False
    open: bool = False

    @property
    def page(self) -> int:
        return self.places[0].page

    @property
    def is_line(self) -> bool:
        """Which of three things it asks for is for staff to say."""
        return self.kind in OF_A_LINE

    @property
    def is_clients(self) -> bool:
        return self.by == By.CLIENT

    @property
    def is_signed(self) -> bool:
        """Put there by the act of signing: nothing is filled in."""
        return self.kind in SIGNED

    @property
    def is_asked(self) -> bool:
        """Whether the client fills it in before anything is signed."""
        return self.is_clients and not self.is_signed


def read(told: str | Sequence[dict[str, Any]]) -> list[Field]:
    """From JSON, or from what was JSON. Raises `Unreadable`."""
    try:
        rows = msgspec.json.decode(told) if isinstance(told, str) else told
        found = msgspec.convert(rows, list[Field])
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Unreadable(str(error)) from error
    must_hold(found)
    return found


def written(fields: Sequence[Field]) -> str:
    """Raises `Unreadable` rather than write what could not be read back."""
    must_hold(fields)
    return msgspec.json.encode(fields).decode()


def must_hold(fields: Sequence[Field]) -> None:
    if len(fields) > MOST_FIELDS:
        raise Unreadable(f"more than {MOST_FIELDS} fields")
    if len({one.name for one in fields}) < len(fields):
        raise Unreadable("a name stands there twice")
    for one in fields:
        if wrong := _wrong_with(one):
            raise Unreadable(f"{one.name!r}: {wrong}")
    if [one.page for one in fields] != sorted(one.page for one in fields):
        raise Unreadable("fields are not in the order of the pages")


def _wrong_with(one: Field) -> str:
    values = {option.value for option in one.options}
    says = [
        ("its name", 0 < len(one.name) <= LONGEST_NAME),
        ("its label", 0 < len(one.label) <= LONGEST_LABEL and one.label == one.label.strip()),
        ("its help", len(one.help) <= LONGEST_HELP),
        ("required of whom", one.by == By.CLIENT or not one.required),
        ("its options", len(values) == len(one.options) <= MOST_OPTIONS and bool(values) == (one.kind in CHOSEN)),
        ("a tick has one state", one.kind != Kind.CHECK or len(values) == 1),
        ("words of an option", all(0 < len(word) <= LONGEST_OPTION for option in one.options
                                   for word in (option.value, option.label))),
        ("how long it is", one.most >= 0 and (not one.most or one.kind in (Kind.MULTILINE, *OF_A_LINE))),
        ("a comb", not one.comb or (one.most > 0 and one.kind in OF_A_LINE)),
        ("many or open", (not one.many or one.kind == Kind.LIST) and (not one.open or one.kind == Kind.CHOICE)),
        ("where it stands", bool(one.places) and all(map(_stands, one.places))),
        ("its states", all(place.on in values if one.kind in (Kind.CHECK, Kind.RADIO) else not place.on
                           for place in one.places)),
        ("signs that nobody sees", not any("\0" in word for word in (one.name, one.label, one.help))),
    ]  # fmt: skip
    return next((what for what, holds in says if not holds), "")


def _stands(place: Place) -> bool:
    left, low, right, high = place.box
    return place.page > 0 and all(map(math.isfinite, place.box)) and left <= right and low <= high


# What staff do with them ----------------------------------------------------------------------------------------------


def carried(old: Sequence[Field], new: Sequence[Field]) -> list[Field]:
    """What was reviewed stays with fields that kept their names: words, who fills them in, and their order."""
    known = {one.name: one for one in old}
    places = {one.name: place for place, one in enumerate(old)}
    kept = [_reviewed(known[one.name], one) if one.name in known else one for one in new]
    ordered: list[Field] = []
    for page in sorted({one.page for one in kept}):
        here = [one for one in kept if one.page == page]
        again = iter(sorted((one for one in here if one.name in known), key=lambda one: places[one.name]))
        ordered += [next(again) if one.name in known else one for one in here]
    return ordered


def _reviewed(old: Field, new: Field) -> Field:
    """Only where it still is the same kind of field."""
    is_line = old.is_line and new.is_line
    if not is_line and old.kind != new.kind:
        return new
    words = {one.value: one.label for one in old.options}
    options = tuple(replace(one, label=words.get(one.value, one.label)) for one in new.options)
    kind = old.kind if is_line else new.kind
    return replace(new, kind=kind, label=old.label, help=old.help, by=old.by, required=old.required, options=options)


def moved(fields: Sequence[Field], place: int, by: int) -> list[Field]:
    """Up (-1) or down (1) by one, within its page; at the edge it stays."""
    found = list(fields)
    to = place + by
    if 0 <= place < len(found) and 0 <= to < len(found) and found[place].page == found[to].page:
        found[place], found[to] = found[to], found[place]
    return found
