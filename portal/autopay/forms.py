"""What is typed to turn AutoPay on."""

from dataclasses import dataclass

from portal import language
from portal.billing import money_forms
from portal.language import LANGUAGES, lazy
from portal.web.form import Form, Reader


@dataclass(frozen=True)
class Wanted:
    most: int
    language: str


def opened() -> Form:
    return Form.of(language=language.current())


def wanted(form: Form) -> Wanted:
    """Raises `Refused`."""
    reader = Reader(form)
    most = money_forms.cents(reader, "most", missing=lazy("Enter the most that one charge may be"))
    reader.finish()
    return Wanted(most, form["language"] if form["language"] in LANGUAGES else language.current())
