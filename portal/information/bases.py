"""What a form began with goes along with it, sealed: only what was changed in the form counts when it comes back."""

from dataclasses import replace

from portal.clients.sheets import Section, Sheet
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.sealed import sealed, unsealed

PURPOSE = "sheet"


def written(base: Sheet, began: int, client_id: int, section: Section) -> str:
    """For the form's hidden field. `began` is the request that the base was made from, or none."""
    return sealed(PURPOSE, _of(client_id, section), sheet=base, began=began)


def shown_before(form: Form, client_id: int, section: Section) -> tuple[Sheet, int]:
    told = unsealed(PURPOSE, form["seen"], _of(client_id, section))
    if "began" not in told:
        raise Refused({"": lazy("This page is too old to be sent. Open the section again, please.")})
    return told["sheet"], told["began"]


def renewed(form: Form, base: Sheet, began: int, client_id: int, section: Section) -> Form:
    """The form goes on from another."""
    return replace(form, typed={**form.typed, "seen": [written(base, began, client_id, section)]})


def together(one: Sheet, other: Sheet) -> Sheet:
    """All entries of both; where both have one, as the other has it."""
    return {name: {**one.get(name, {}), **other.get(name, {})} for name in {*one, *other}}


def _of(client_id: int, section: Section) -> str:
    return f"{client_id} {section.name}"
