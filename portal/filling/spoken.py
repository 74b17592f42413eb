"""A form's inputs, where what was typed is given back without its page: which answer it is, and what it says."""

import re

from portal.language import gettext, lazy
from portal.web.form import Form
from portal.web.typed import Input

ADDRESSES = r"/clients/\d+/documents/\d+/form/(all|pages/\d+)"
INPUT = re.compile(r"q-(\d{1,3})(?:_(month|day|year|other))?")
PARTS = {"month": lazy("Month"), "day": lazy("Day"), "year": lazy("Year")}


def reading(form: Form) -> dict[str, Input]:
    found = {name: Input("", lambda _: "") for name in ("known", "act")}
    for name in form.typed:
        if match := INPUT.fullmatch(name):
            label = gettext("Answer %(num)s", num=int(match[1]) + 1)
            found[name] = Input(f"{label}: {PARTS[match[2]]}" if match[2] in PARTS else label)
    return found
