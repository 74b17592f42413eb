"""What was changed while somebody typed: nothing typed is lost, and what stands there by now is told beside it."""

from portal.clients.record import Ids
from portal.clients.sheets import Change, Collisions, Group, Section, Sheet
from portal.information import forms
from portal.information.actions.change import followed
from portal.language import lazy
from portal.web.form import Form


def given_back(section: Section, form: Form, base: Sheet, now: Sheet, met: Collisions, ids: Ids) -> tuple[Form, Sheet]:
    """The form with a sentence for each collision, and what it begins with from here on: sent again, it is meant.

    `ids` are those that entries have got since, by which `now` and `met` call them.
    """
    form, base = _with_ids(section, form, ids), followed(base, ids)
    names: dict[str, object] = {}
    for group, entry in met.removed:
        fresh = forms.fresh([*forms.entries(group, form), *now.get(group.name, {})])
        form = _renamed(group, entry, fresh, form)
        names[forms.name_of(group, fresh, group.fields[0])] = lazy(
            "%(what)s was removed while you were typing. Send it again to add it anew, or press Remove.", what=group.one
        )
    for change in met.changed:
        base[change.group.name][change.entry][change.field.name] = change.old
        names[forms.name_of(change.group, change.entry, change.field)] = _sentence(change)
    for group, entry in met.kept:
        base[group.name][entry] = dict(now[group.name][entry])
        names[group.name] = lazy(
            "%(what)s was changed while you were typing. Send this again to remove it all the same, or cancel.",
            what=group.title(now[group.name][entry]),
        )
    places = forms.in_order(section, form)
    return form.told(dict(sorted(names.items(), key=lambda one: places.index(one[0])))), base


def _with_ids(section: Section, form: Form, ids: Ids) -> Form:
    for name, entries in ids.items():
        for entry, row_id in entries.items():
            form = _renamed(section.group(name), entry, row_id, form)
    return form


def _renamed(group: Group, entry: str, other: str, form: Form) -> Form:
    """The same form in which one entry has another key."""
    old, new = forms.name_of(group, entry, ""), forms.name_of(group, other, "")
    typed = {name: said for name, said in form.typed.items() if not name.startswith(old)}
    moved = {new + name.removeprefix(old): said for name, said in form.typed.items() if name.startswith(old)}
    return Form({**typed, **moved, group.name: [other if one == entry else one for one in form.all(group.name)]})


def _sentence(change: Change) -> object:
    field = change.field.label
    if change.field.kind == "photo":
        return lazy(
            "%(field)s: another one was sent while you were typing. Send this again to have yours instead.", field=field
        )
    if not change.old:
        return lazy(
            "%(field)s was emptied while you were typing. Send it again to have what you typed instead.", field=field
        )
    return lazy(
        "%(field)s was changed while you were typing, to “%(now)s”. Send it again to have what you typed instead.",
        field=field,
        now=change.field.shown(change.old),
    )
