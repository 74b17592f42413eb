"""What the inputs of booking say where a form is given back apart from its page."""

from datetime import datetime

from portal.language import lazy, written_full_date, written_time
from portal.web.form import Form
from portal.web.typed import Input

ADDRESSES = r"/clients/\d+/appointments/(book/time|\d+/check)"


def reading(form: Form) -> dict[str, Input]:
    return {
        **{name: Input("", lambda _: "") for name in ("type", "how", "clinician", "site", "week")},
        "slot": Input(lazy("Time"), _when),
        "wish": Input(lazy("What you wrote")),
    }


def _when(value: str) -> str:
    """As the wall showed it."""
    try:
        moment = datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return value
    return f"{written_full_date(moment.date())}, {written_time(moment, 'UTC')}"
