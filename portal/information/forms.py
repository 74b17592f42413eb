"""A section as a form: opened from a sheet, read back into one, with every entry that was added or removed."""

import re
from collections.abc import Iterator

from portal.access import NotFoundException
from portal.clients.sections import INSURANCE
from portal.clients.sheets import Field, Group, Section, Sheet
from portal.information import rules
from portal.information.values import PARTS, read_value
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
                typed.update(_inputs(name_of(group, entry, field), field, values.get(field.name, "")))
    return Form(typed)


def groups(section: Section, form: Form) -> list[tuple[Group, list[tuple[str, str]]]]:
    """Each group with its entries: the key, and what tells it from the next."""
    return [
        (
            group,
            [(entry, f"{group.one or group.label} {number}") for number, entry in enumerate(entries(group, form), 1)],
        )
        for group in section.groups
    ]


def entries(group: Group, form: Form) -> list[str]:
    """In the order of the page."""
    return list(dict.fromkeys(form.all(group.name))) if group.is_list else ["person"]


def added(form: Form) -> str:
    """The entry that “Add” has just made: where one goes on."""
    act, _, name = form["act"].partition(" ")
    return f"{name}-{form.all(name)[-1]}" if act == "add" and form.all(name) else ""


def rearranged(section: Section, form: Form) -> Form | None:
    """After “Add” or “Remove”: the same form with one entry more or less. None if neither was asked for."""
    act, _, what = form["act"].partition(" ")
    if act == "add":
        group = _group(section, what)
        kept = list(dict.fromkeys(form.all(group.name)))[: group.most]
        if len(kept) < group.most:
            kept.append(next(f"new{n}" for n in range(1, 100) if f"new{n}" not in kept))
    elif act == "remove":
        name, _, entry = what.partition("-")
        group = _group(section, name)
        kept = [one for one in form.all(group.name) if one != entry]
    else:
        return None
    return Form({**form.typed, group.name: kept})


def read(section: Section, form: Form, known: Sheet, images: set[str]) -> Sheet:
    """What the client wants. What stands there already is not judged again. Raises `Refused` at every fault.

    `known` are the entries that may be spoken of, `images` the photos; others are nobody's: not found.
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
    for name, field, entry in twice(sheet):
        reader.refuse(f"{name}-{entry}-{field}", lazy("This is listed twice. Remove one of them."))
    if section is INSURANCE and not reader.sentences:
        for entry, name, sentence in rules.faults(sheet["coverages"]):
            reader.refuse(f"coverages-{entry}-{name}", sentence)
    reader.finish()
    return sheet


def twice(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    for name, field in (("phones", "number"), ("emails", "address")):
        seen = set()
        for entry, values in sheet.get(name, {}).items():
            said = values[field].casefold()
            if said in seen:
                yield name, field, entry
            seen.add(said)


def _group(section: Section, name: str) -> Group:
    found = next((group for group in section.groups if group.name == name and group.is_list), None)
    if found is None:
        raise NotFoundException
    return found


def _inputs(name: str, field: Field, text: str) -> Iterator[tuple[str, list[str]]]:
    if field.kind == "day":
        for part, value in zip(PARTS, text.split("-") if text else ("", "", ""), strict=True):
            yield f"{name}_{part}", [value]
    elif field.kind == "several":
        yield name, [one for one in text.split(",") if one]
    else:
        yield name, [field.shown(text) if field.kind == "phone" else text]


def _is_blank(group: Group, entry: str, form: Form) -> bool:
    """A choice has always something chosen: it says nothing by itself."""
    asked = [field for field in group.fields if field.kind not in ("choice", "yes")]
    return not any(
        value.strip()
        for field in asked
        for part in (("",) if field.kind != "day" else tuple(f"_{part}" for part in PARTS))
        for value in form.all(name_of(group, entry, field) + part)
    )
