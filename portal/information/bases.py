"""What a form began with goes along with it, sealed: only what was changed in the form counts when it comes back."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from portal import keys
from portal.clients.sheets import Section, Sheet
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form


def sealed(base: Sheet, client_id: int, section: Section) -> str:
    """For the form: what it began with, so that only what was changed in it counts."""
    return urlsafe_b64encode(keys.seal("sheet", json.dumps(base).encode(), f"{client_id} {section.name}")).decode()


def shown_before(form: Form, client_id: int, section: Section) -> Sheet:
    try:
        return json.loads(keys.unseal("sheet", urlsafe_b64decode(form["seen"]), f"{client_id} {section.name}"))
    except (ValueError, keys.Unreadable):
        raise Refused({"": lazy("This page is too old to be sent. Open the section again, please.")}) from None


def together(one: Sheet, other: Sheet) -> Sheet:
    """All entries of both; where both have one, as the other has it."""
    return {name: {**one.get(name, {}), **other.get(name, {})} for name in {*one, *other}}
