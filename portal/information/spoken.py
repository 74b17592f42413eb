"""A section's inputs by the names that people know, where what was typed is given back without its page."""

from collections.abc import Iterator

from portal.clients.sections import SECTIONS
from portal.clients.sheets import Field
from portal.information import forms
from portal.information.values import FILE, GONE
from portal.language import gettext, lazy
from portal.web.form import Form
from portal.web.typed import Input

ADDRESSES = r"/clients/\d+/information/\w+|/staff/information/\d+/edit"
PARTS = {"month": lazy("Month"), "day": lazy("Day"), "year": lazy("Year")}


def reading(form: Form) -> dict[str, Input]:
    """`phones-12-number` is “Phone 1: Phone number”. Groups of all sections have names of their own."""
    return {
        name: one
        for section in SECTIONS.values()
        for group, entries, _ in forms.groups(section, form)
        for entry, title in entries
        for field in group.fields
        for name, one in _inputs(forms.name_of(group, entry, field), field, f"{title}: " if group.is_list else "")
    }


def _inputs(name: str, field: Field, before: str) -> Iterator[tuple[str, Input]]:
    label = f"{before}{field.label}"
    if field.kind == "day":
        for part, words in PARTS.items():
            yield f"{name}_{part}", Input(f"{label}, {words}")
    elif field.kind == "photo":
        yield name, Input(label, lambda text: "")
        yield name + FILE, Input(label)
        yield name + GONE, Input(label, lambda text: gettext("Remove this photo"))
    else:
        yield name, Input(label, field.shown)
