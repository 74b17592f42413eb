"""What staff had typed when somebody was quicker: read without judging, and laid beside what stands there now."""

from collections.abc import Iterator
from dataclasses import replace

from portal.clients.sheets import ONCE, Change, Field, Group, Section, Sheet, differences
from portal.information import forms
from portal.information.queries import Request
from portal.information.values import PARTS, read_value
from portal.web.form import Form, Reader
from portal.web.sealed import sealed, unsealed

PURPOSE = "desk"


def written(base: Sheet, request: Request) -> str:
    """For the form's hidden field: what it began with, so that only what was typed in it counts."""
    return sealed(PURPOSE, str(request.id), **base)


def shown_before(form: Form, request: Request) -> Sheet:
    """Nothing, where no form of ours was open."""
    return unsealed(PURPOSE, form["base"], str(request.id))


def typed(section: Section, form: Form, base: Sheet, images: set[str]) -> Sheet:
    """The form as a sheet; what is faulty stays as it was typed."""
    reader, sheet = Reader(form), Sheet()
    for group in section.groups:
        known = base.get(group.name, {})
        found = {entry: _entry(reader, group, entry, known.get(entry, {}), images) for entry in _spoken(group, form)}
        sheet[group.name] = {key: one for key, one in found.items() if key in known or _says_something(group, one)}
    return sheet


def lost(request: Request, base: Sheet, typed: Sheet, record: Sheet) -> list[Change]:
    """What was typed and does not stand on the record, with what stands there instead."""
    found = []
    for one in differences(request.section, base, typed):
        entries = record.get(one.group.name, {})
        entry = entries.get(_by_now(request, one), {})
        what = one.what if one.what == "gone" or entry else "added"
        change = replace(one, old=entry.get(one.field.name, ""), what=what)
        if change.old != change.new:
            found.append(_legible(change))
    return found


def _spoken(group: Group, form: Form) -> Iterator[str]:
    return (one for one in forms.entries(group, form) if one == ONCE or one.isdigit() or forms.NEW.fullmatch(one))


def _entry(reader: Reader, group: Group, entry: str, before: dict[str, str], images: set[str]) -> dict[str, str]:
    return {
        field.name: before.get(field.name, "")
        if field.is_fixed
        else _text(reader, forms.name_of(group, entry, field), field, before.get(field.name), images)
        for field in group.fields
    }


def _text(reader: Reader, name: str, field: Field, before: str | None, images: set[str]) -> str:
    text = read_value(reader, name, field, before, images)
    if field.kind == "day" and name in reader.sentences:
        return "-".join(reader.form[f"{name}_{part}"].strip().replace("-", "") for part in PARTS)
    return text


def _says_something(group: Group, values: dict[str, str]) -> bool:
    return any(values[field.name] for field in group.fields if field.kind not in ("choice", "yes"))


def _by_now(request: Request, change: Change) -> str:
    """The entry's name: one that was new has got its id since."""
    ids = (request.settled or {}).get("ids", {})
    return str(ids.get(change.group.name, {}).get(change.entry, change.entry))


def _legible(change: Change) -> Change:
    """A day that is in no calendar is shown as it was typed."""
    try:
        change.field.shown(change.new)
    except ValueError:
        return replace(change, field=replace(change.field, kind="text"))
    return change
