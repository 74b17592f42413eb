"""What is typed about a card on file: never its number."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from portal import language
from portal.language import LANGUAGES, lazy
from portal.payments import billing_forms
from portal.payments.facts import Billing
from portal.web.form import Form, Reader
from portal.web.typed import Input

ADDRESSES = r"/clients/\d+/account/(cards(/\d+(/(default|removal))?)?|autopay(/end)?)"
YEARS = 20
MONTHS = [(str(one), f"{one:02}") for one in range(1, 13)]


@dataclass(frozen=True)
class NewCard:
    public: UUID
    token: str
    makes_default: bool
    language: str


@dataclass(frozen=True)
class Changes:
    exp_month: int
    exp_year: int
    billing: Billing


def fresh(form: Form | None = None) -> Form:
    """Each try has a key of its own; of what was typed before only the box is kept."""
    typed = {"first": list(form.all("first"))} if form else {}
    own = {"key": [str(uuid4())], "language": [language.current()]}
    return Form({**typed, **own}, form.errors if form else {})


def new_card(form: Form) -> NewCard:
    """Raises `Refused` for a form that is not ours."""
    reader = Reader(form)
    public = uuid4()
    try:
        public = UUID(form["key"])
    except ValueError:
        reader.refuse("", lazy("Open this form again, and send it once more"))
    spoken = form["language"] if form["language"] in LANGUAGES else language.current()
    reader.finish()
    return NewCard(public, form["ctoken"].strip(), form["first"] == "yes", spoken)


def changes(form: Form, today: date) -> Changes:
    """Raises `Refused`."""
    reader = Reader(form)
    month = reader.choice("exp_month", [name for name, _ in MONTHS], lazy("Choose the month"))
    year = reader.choice("exp_year", [name for name, _ in years(today, today.year)], lazy("Choose the year"))
    if not reader.sentences and (int(year), int(month)) < (today.year, today.month):
        reader.refuse("exp_month", lazy("This date has passed: enter the one on your new card"))
    billing = billing_forms.billing(reader)
    reader.finish(("exp_month", "exp_year", *billing_forms.LABELS))
    return Changes(int(month), int(year), billing)


def years(today: date, first: int) -> list[tuple[str, str]]:
    """Those to come, and the one that stands on the card."""
    return [(str(one), str(one)) for one in sorted({first, *range(today.year, today.year + YEARS + 1)})]


def reading(form: Form) -> dict[str, Input]:
    """Where a form is given back apart from its page."""
    unsaid = {name: Input("", lambda _: "") for name in ("key", "ctoken", "language", "first", "consent")}
    return {
        **unsaid,
        "exp_month": Input(lazy("Expires: month")),
        "exp_year": Input(lazy("Expires: year")),
        **billing_forms.reading(),
        "most": Input(lazy("Most that one charge may be")),
    }
