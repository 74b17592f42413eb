"""Services, fees and diagnoses as staff fill them in."""

from datetime import date

from portal import money
from portal.fees import icd10cm
from portal.fees.actions import Wording
from portal.fees.rules import LONGEST, LONGEST_DIAGNOSIS
from portal.language import lazy
from portal.web.form import Form, Reader

ORDER = ("code", "words", "words_es", "fee", "since")
YEARS = range(2000, 2100)


def new_service(form: Form) -> tuple[str, Wording, date, int]:
    """Raises `Refused` at every fault."""
    reader = Reader(form)
    code = reader.text("code", most=5, missing=lazy("Enter the code")).upper()
    found = code, _wording(reader), _since(reader), _cents(reader)
    reader.finish(ORDER)
    return found


def wording(form: Form) -> Wording:
    reader = Reader(form)
    found = _wording(reader)
    reader.finish(ORDER)
    return found


def fee(form: Form) -> tuple[date, int]:
    reader = Reader(form)
    found = _since(reader), _cents(reader)
    reader.finish(ORDER)
    return found


def diagnosis(form: Form, *, is_new: bool) -> tuple[str, str]:
    reader = Reader(form)
    code = icd10cm.as_written(reader.text("code", most=8, missing=lazy("Enter the code"))) if is_new else ""
    words = reader.text("words", most=LONGEST_DIAGNOSIS, missing=lazy("Enter the words for it"))
    reader.finish(ORDER)
    return code, words


def _wording(reader: Reader) -> Wording:
    return Wording(
        reader.text("words", most=LONGEST, missing=lazy("Enter your own words for it")),
        reader.text("words_es", most=LONGEST),
    )


def _since(reader: Reader) -> date:
    try:
        found = date.fromisoformat(reader.form["since"].strip())
    except ValueError:
        found = date.min
    if found.year not in YEARS:
        reader.refuse("since", lazy("Write the date like 2026-11-30"))
    return found


def _cents(reader: Reader) -> int:
    try:
        found = money.read(reader.form["fee"])
    except OverflowError:
        reader.refuse("fee", lazy("Enter a fee above zero, and below a million dollars"))
        return 0
    except ValueError:
        reader.refuse("fee", lazy("Enter an amount such as 150.00"))
        return 0
    if not found:
        reader.refuse("fee", lazy("Enter a fee above zero, and below a million dollars"))
    return found
