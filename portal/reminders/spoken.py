"""What the inputs say where a form is given back apart from its page."""

from portal.language import lazy
from portal.web.form import Form
from portal.web.typed import Input

ADDRESSES = r"/clients/\d+/appointments/texts"


def reading(form: Form) -> dict[str, Input]:
    return {
        "number": Input("", lambda _: ""),
        "agrees": Input(lazy("You agreed to text messages"), lambda _: lazy("Yes")),
    }
