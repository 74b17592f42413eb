"""A section as a form: opened from a sheet, read back into one, with every entry that was added or removed."""

import re
from collections.abc import Collection
from typing import NamedTuple

from portal.access import NotFoundException
from portal.clients.sections import INSURANCE
from portal.clients.sheets import Field, Group, Section, Sheet
from portal.information import rules
from portal.information.values import PARTS, read_value, written
from portal.language import lazy
from portal.web.form import Form, Reader

NEW = re.compile(r"new[0-9]{1,2}")


def name_of(group: Group, entry: str, field: Field | str) -> str:
    """Of the input: a field that each client has once keeps its plain name."""
    name = field if isinstance(field, str) else field.name
    return f"{group.name}-{entry}-{name}" if group.is_list else name


def opened(section: Section, sheet: Sheet) -> Form:
    """With what stands on the sheet."""
    typed: dict[str, list[str]] = {}
    for group in section.groups:
        for entry, values in sheet.get(group.name, {}).items():
            typed.setdefault(group.name, []).append(entry)
            for field in group.fields:
                typed.update(written(name_of(group, entry, field), field, values.get(field.name, "")))
    return Form(typed)


class Asked(NamedTuple):
    """A group with its entries, each a key and what tells it from the next; `fresh` is the key that “Add” makes."""

    group: Group
    entries: list[tuple[str, str]]
    fresh: str


def groups(section: Section, form: Form) -> list[Asked]:
    return [Asked(group, numbered(group, form), fresh(entries(group, form))) for group in section.groups]


def numbered(group: Group, form: Form) -> list[tuple[str, str]]:
    return [(entry, f"{group.one or group.label} {number}") for number, entry in enumerate(entries(group, form), 1)]


def entries(group: Group, form: Form) -> list[str]:
    """In the order of the page."""
    return list(dict.fromkeys(form.all(group.name))) if group.is_list else ["person"]


def in_order(section: Section, form: Form) -> list[str]:
    """Names of groups and inputs as they follow each other on the page."""
    return [
        name
        for group in section.groups
        for name in (
            group.name,
            *(name_of(group, one, field) for one in entries(group, form) for field in group.fields),
        )
    ]


def fresh(kept: list[str]) -> str:
    return next(f"new{n}" for n in range(1, 100) if f"new{n}" not in kept)


def added(form: Form) -> str:
    """Where one goes on: in the entry that “Add” has just made, or in the group that “Remove” has left."""
    act, _, what = form["act"].partition(" ")
    if act == "remove":
        return what.partition("-")[0]
    return f"{what}-{form.all(what)[-1]}" if act == "add" and form.all(what) else ""


def rearranged(section: Section, form: Form) -> Form | None:
    """After “Add” or “Remove”: the same form with one entry more or less. None if neither was asked for."""
    act, _, what = form["act"].partition(" ")
    if act == "add":
        group = _group(section, what)
        kept = list(dict.fromkeys(form.all(group.name)))[: group.most]
        if len(kept) < group.most:
            kept.append(fresh(kept))
    elif act == "remove":
        name, _, entry = what.partition("-")
        group = _group(section, name)
        kept = [one for one in form.all(group.name) if one != entry]
    else:
        return None
    return Form({**form.typed, group.name: kept})


def read(section: Section, form: Form, known: Sheet, images: set[str], own: Collection[str] | None = None) -> Sheet:
    """What the client wants. What stands there already is not judged again. Raises `Refused` at every fault.

    `known` are the entries that may be spoken of, `images` the photos; others are nobody's: not found.
    `own` are the words of the client's names, where it matters who holds a policy.
    """
    reader, sheet = Reader(form), Sheet()
    for group in section.groups:
        sheet[group.name] = {}
        for entry in entries(group, form):
            if entry not in known.get(group.name, {}) and not (group.is_list and NEW.fullmatch(entry)):
                raise NotFoundException
            before = known.get(group.name, {}).get(entry, {})
            if entry in known.get(group.name, {}) or not _is_blank(group, entry, form):
                sheet[group.name][entry] = {
                    field.name: before.get(field.name, "")
                    if field.is_fixed
                    else read_value(reader, name_of(group, entry, field), field, before.get(field.name), images)
                    for field in group.fields
                }
        if len(sheet[group.name]) > group.most:
            reader.refuse("", lazy("That is more than the record can hold. Remove one first."))
    for name, field, entry in rules.twice(sheet):
        reader.refuse(f"{name}-{entry}-{field}", lazy("This is listed twice. Remove one of them."))
    if section is INSURANCE and not reader.sentences:
        for entry, name, sentence in rules.faults(sheet["coverages"], known["coverages"]):
            reader.refuse(f"coverages-{entry}-{name}", sentence)
        for entry, name, sentence in rules.misnamed(sheet["coverages"], known["coverages"], own) if own else ():
            reader.refuse(f"coverages-{entry}-{name}", sentence)
    reader.finish(in_order(section, form))
    return sheet


def _group(section: Section, name: str) -> Group:
    found = next((group for group in section.groups if group.name == name and group.is_list), None)
    if found is None:
        raise NotFoundException
    return found


def _is_blank(group: Group, entry: str, form: Form) -> bool:
    """A choice has always something chosen: it says nothing by itself."""
    asked = [field for field in group.fields if field.kind not in ("choice", "yes")]
    return not any(
        value.strip()
        for field in asked
        for part in (("",) if field.kind != "day" else tuple(f"_{part}" for part in PARTS))
        for value in form.all(name_of(group, entry, field) + part)
    )
