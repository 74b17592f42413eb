"""What stands on a chart, section by section, in words: one shape to show, to fill in, to compare and to write back.

A sheet is {group: {entry: {field: text}}}. An entry is the id of its row, "new1", "new2", … before it has one, or
"person" for what each client has once. Nothing known is an empty text; a date is ISO, a phone E.164, a tick "yes".
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from piccolo.table import Table

from portal import clock
from portal.language import gettext, language_name, written_date
from portal.web.templates import written_phone

Sheet = dict[str, dict[str, dict[str, str]]]
Options = tuple[tuple[str, object], ...]
ONCE = "person"
TRUE = "yes"


@dataclass(frozen=True)
class Field:
    """`kind` says how it is asked for and read; `missing` is the sentence where it must not be empty.

    What `is_fixed` is shown and never asked for. `begins` is the heading of the part that starts with it.
    """

    name: str
    label: object
    kind: str = "text"
    most: int = 100
    options: Options = ()
    missing: object = None
    hint: object = ""
    autocomplete: str = ""
    width: str = ""
    is_fixed: bool = False
    begins: object = ""

    def shown(self, text: str) -> str:
        """As people read it, in their language."""
        if self.kind == "several":
            return ", ".join(str(dict(self.options).get(one, one)) for one in text.split(",") if one)
        if self.kind in ("choice", "state"):
            return str(dict(self.options).get(text, text))
        if self.kind == "language" and text:
            name = language_name(text)
            return name[:1].upper() + name[1:]
        if self.kind == "day" and text:
            return written_date(date.fromisoformat(text))
        if self.kind == "phone" and text:
            return written_phone(text)
        if self.kind == "yes":
            return gettext("Yes") if text else gettext("No")
        return text


@dataclass(frozen=True)
class Part:
    """Fields that stand together under a heading; `name` tells it from the others of its section."""

    name: str
    label: object
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Group:
    """One table's part of a section. With `add` it is a list of at most so many entries, each titled `one`."""

    name: str
    label: object
    table: type[Table]
    fields: tuple[Field, ...]
    one: object = ""
    add: object = ""
    most: int = 1
    only: tuple[tuple[str, Any], ...] = ()
    titled: tuple[str, ...] = ()
    derived: Callable[[dict[str, Any]], dict[str, Any]] = dict

    @property
    def is_list(self) -> bool:
        return bool(self.add)

    @property
    def parts(self) -> list[Part]:
        """The group is one, unless its fields begin others."""
        starts = [place for place, one in enumerate(self.fields) if one.begins]
        if not starts:
            return [Part(self.name, self.label, self.fields)]
        ends = [*starts[1:], len(self.fields)]
        found = [self.fields[start:end] for start, end in zip(starts, ends, strict=True)]
        return [Part(f"{self.name}-{fields[0].name}", fields[0].begins, fields) for fields in found]

    def field(self, name: str) -> Field:
        return next(one for one in self.fields if one.name == name)

    def title(self, entry: dict[str, str]) -> str:
        """What tells one entry from the next: a name, an address, or what kind of thing it is."""
        words = [self.field(name).shown(entry.get(name, "")) for name in self.titled]
        return " ".join(word for word in words if word) or str(self.one or self.label)


@dataclass(frozen=True)
class Section:
    """`intro` says what it is for, `empty` what stands where there is nothing."""

    name: str
    label: object
    groups: tuple[Group, ...]
    intro: object = ""
    empty: object = ""

    def group(self, name: str) -> Group:
        return next(one for one in self.groups if one.name == name)


@dataclass(frozen=True)
class Change:
    """One field that differs. `what` is changed, added or gone, and speaks of the entry."""

    group: Group
    entry: str
    field: Field
    old: str
    new: str
    what: str


def differences(section: Section, before: Sheet, after: Sheet) -> list[Change]:
    """Field by field, in the section's order; of an entry that comes or goes, what it says."""
    return [change for group in section.groups for change in _of_group(group, before, after)]


def _of_group(group: Group, before: Sheet, after: Sheet) -> Iterator[Change]:
    was, wanted = before.get(group.name, {}), after.get(group.name, {})
    for entry in [*was, *(one for one in wanted if one not in was)]:
        what = "added" if entry not in was else "gone" if entry not in wanted else "changed"
        for field in group.fields:
            if field.is_fixed:
                continue
            old, new = was.get(entry, {}).get(field.name, ""), wanted.get(entry, {}).get(field.name, "")
            if old != new:
                yield Change(group, entry, field, old, new, what)


def with_changes(sheet: Sheet, changes: list[Change]) -> Sheet:
    """The sheet as it would be; what the changes do not speak of stays as it is, and what has gone stays away."""
    made = deepcopy(sheet)
    for change in changes:
        entries = made.setdefault(change.group.name, {})
        if change.what == "changed" and change.entry not in entries:
            continue
        if change.what == "gone":
            entries.pop(change.entry, None)
        else:
            entries.setdefault(change.entry, blank(change.group))[change.field.name] = change.new
    return made


def rebased(section: Section, sheet: Sheet, before: Sheet, after: Sheet) -> Sheet:
    """The sheet with what differs between two others."""
    return with_changes(sheet, differences(section, before, after))


def merged(section: Section, sheet: Sheet, base: Sheet, typed: Sheet) -> Sheet:
    """The sheet with what somebody changed who began from `base`: the rest is as it has become since.

    What was added here and elsewhere at the same time are two entries, unless they say the same.
    """
    typed = deepcopy(typed)
    for group in section.groups:
        mine, there = typed.get(group.name, {}), sheet.get(group.name, {})
        for entry in [one for one in mine if one in there and one not in base.get(group.name, {})]:
            if mine[entry] != there[entry]:
                mine[f"new{len(there) + len(mine) + 1}"] = mine.pop(entry)
    return rebased(section, sheet, base, typed)


@dataclass(frozen=True)
class Collisions:
    """Where two have changed the same: fields (`old` is what stands there now), and entries that one has removed and
    the other changed, `removed` by now or to be removed though `kept` by now.
    """

    changed: list[Change]
    removed: list[tuple[Group, str]]
    kept: list[tuple[Group, str]]

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed or self.kept)


def collisions(section: Section, now: Sheet, base: Sheet, typed: Sheet) -> Collisions:
    """Between what has become of `base` by now and what somebody typed who began from it."""
    met = Collisions([], [], [])
    for change in differences(section, base, typed):
        group, entry = change.group, change.entry
        there = now.get(group.name, {}).get(entry)
        if change.what == "gone" and there not in (None, base[group.name][entry]):
            _once(met.kept, (group, entry))
        elif change.what == "changed" and there is None:
            _once(met.removed, (group, entry))
        elif change.what == "changed" and there and there.get(change.field.name) not in (change.old, change.new):
            met.changed.append(replace(change, old=there.get(change.field.name, "")))
    return met


def _once(entries: list[tuple[Group, str]], one: tuple[Group, str]) -> None:
    if one not in entries:
        entries.append(one)


def photos_in(sheet: Sheet) -> set[int]:
    """Ids of the photos that it names."""
    coverages = sheet.get("coverages", {}).values()
    return {int(one[name]) for one in coverages for name in ("front_image", "back_image") if one.get(name)}


def blank(group: Group) -> dict[str, str]:
    return {field.name: "" for field in group.fields}


def text_of(value: object) -> str:
    """Of a column."""
    if value is None or value is False:
        return ""
    if value is True:
        return TRUE
    return value.isoformat() if isinstance(value, date) else str(value)


def value_of(field: Field, text: str) -> object:
    """For a column."""
    if field.kind == "yes":
        return bool(text)
    if field.kind == "day":
        return date.fromisoformat(text) if text else None
    if field.kind == "photo":
        return int(text) if text else None
    return int(text) if field.kind == "choice" and field.name == "rank" else text


def with_address_key(values: dict[str, Any]) -> dict[str, Any]:
    """An e-mail is compared without case."""
    if "address" not in values:
        return values
    return {**values, "address_key": values["address"].casefold(), "added_at": clock.now()}
