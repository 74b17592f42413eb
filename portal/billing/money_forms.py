"""What staff type about money: payments, decisions of insurers, what is taken off, what goes back."""

import re
import secrets
from datetime import date

from portal import money
from portal.billing.actions.deciding import OF_INSURERS, Part, Remittance
from portal.billing.actions.paying import AT_THE_DESK, Taken
from portal.billing.actions.returning import WAYS_BACK, Back
from portal.billing.tables import Method
from portal.language import lazy
from portal.web.form import Form, Reader
from portal.web.typed import Input

ADDRESSES = (
    r"/staff/clients/\d+/account/(payments|remittances|adjustments)/new|/staff/payments/\d+/(refund|reversal)"
    r"|/staff/clients/\d+/account/(credit|postings/\d+/reversal)|/staff/invoices/\d+/(voiding|replacement)"
)
MOST_LINES = 40
LONGEST_REASON, LONGEST_REFERENCE, LONGEST_NAME = 300, 60, 200
LEAVE, ADJUST, WRITE_OFF = "leave", "adjust", "write_off"
NO_AMOUNT = lazy("Enter an amount, such as 25 or 25.50")
TOO_LARGE = lazy("That is more than one payment can be")
FIRST_YEAR = 2000  # who types 26 for the year means none of the first century
ISO = re.compile(r"\d{4}-\d\d-\d\d")
LAST_FOUR = re.compile(r"\d{4}")
LINE = re.compile(r"[0-9]{1,18}")
DECIDED = ("paid", "adjusted", "left")


def opened(today: date, **told: object) -> Form:
    """A form that is sent once, of today."""
    return Form.of(key=secrets.token_hex(16), received_on=today, **told)


def payment(form: Form) -> tuple[Taken, dict[int, int] | None]:
    """And what each service gets of it, where somebody has typed that. Raises `Refused` beside each field."""
    reader = Reader(form)
    amount = cents(reader, "amount", missing=NO_AMOUNT)
    method = reader.choice("method", AT_THE_DESK, lazy("Choose how it was paid"))
    received_on = day(reader, "received_on")
    reference = reader.text("reference", most=LONGEST_REFERENCE)
    if method == Method.CHECK and not reference:
        reader.refuse("reference", lazy("Enter the number of the check"))
    if method == Method.CARD_TERMINAL and not LAST_FOUR.fullmatch(reference):
        reader.refuse("reference", lazy("Enter the last four digits of the card, and no others"))
    note = reader.text("note", most=LONGEST_REASON)
    given = {line: cents(reader, f"line{line}") for line in named(form, "line")}
    _sent_once(reader)
    reader.finish(("amount", "method", "reference", "received_on", "note"))
    assert received_on is not None
    return Taken(method, amount, received_on, reference, note, form["key"]), given or None


def remittance(form: Form) -> Remittance:
    reader = Reader(form)
    payer = reader.text("payer", most=LONGEST_NAME, missing=lazy("Enter who has decided"))
    method = reader.choice("method", OF_INSURERS, lazy("Choose how it was paid"))
    received_on = day(reader, "received_on")
    reference = reader.text("reference", most=LONGEST_REFERENCE)
    parts = [Part(line, *(cents(reader, f"{name}{line}") for name in DECIDED)) for line in named(form, *DECIDED)]
    _sent_once(reader)
    reader.finish(("payer", "method", "reference", "received_on"))
    assert received_on is not None
    parts = [one for one in parts if one.sum]
    return Remittance(payer, method, received_on, parts, reference, key=form["key"], seen=form["seen"])


def shift(form: Form) -> tuple[str, int, int, str, str]:
    """(what to do, service, cents, reason, key)."""
    reader = Reader(form)
    act = reader.choice("kind", (LEAVE, ADJUST, WRITE_OFF), lazy("Choose what to do"))
    line = form.number("line")
    if line is None:
        reader.refuse("line", lazy("Choose the service"))
    amount = cents(reader, "amount", missing=NO_AMOUNT)
    reason = reader.lines("reason", most=LONGEST_REASON, missing=lazy("Say why: it stands in the ledger"))
    _sent_once(reader)
    reader.finish(("kind", "line", "amount", "reason"))
    assert line is not None
    return act, line, amount, reason, form["key"]


def back(form: Form) -> Back:
    """Nothing typed beside the services is all of it."""
    reader = Reader(form)
    method = reader.choice("method", WAYS_BACK, lazy("Choose how it goes back"))
    reference = reader.text("reference", most=LONGEST_REFERENCE)
    reason = reader.lines("reason", most=LONGEST_REASON, missing=lazy("Say why: it stands beside the refund"))
    parts = {line: cents(reader, f"line{line}") for line in named(form, "line")}
    _sent_once(reader)
    reader.finish(("method", "reference", "reason"))
    return Back(method, reason, parts or None, reference, form["key"], form["seen"])


def named(form: Form, *names: str) -> list[int]:
    """The services beside which something is typed, whether they are still to be had or not: a form that arrives
    again says the same, and what is not there any more is refused and not left out.
    """
    found = {int(line) for field in form.typed for name in names if (line := field.removeprefix(name)) != field
             and LINE.fullmatch(line) and form[field].strip()}  # fmt: skip
    return sorted(found)


def reason(form: Form, missing: object) -> str:
    reader = Reader(form)
    said = reader.lines("reason", most=LONGEST_REASON, missing=missing)
    _sent_once(reader)
    reader.finish()
    return said


def cents(reader: Reader, name: str, *, missing: object = None) -> int:
    """Nothing typed is nothing, unless it is missed."""
    typed = reader.form[name].strip()
    try:
        amount = money.read(typed) if typed else 0
    except OverflowError:
        reader.refuse(name, TOO_LARGE)
        return 0
    except ValueError:
        reader.refuse(name, NO_AMOUNT)
        return 0
    if not amount and missing is not None:
        reader.refuse(name, missing)
    return amount


def day(reader: Reader, name: str) -> date | None:
    """Of one field, as browsers send it."""
    try:
        if not ISO.fullmatch(reader.form[name]):
            raise ValueError
        found = date.fromisoformat(reader.form[name])
    except ValueError:
        reader.refuse(name, lazy("Enter the day"))
        return None
    if found.year < FIRST_YEAR:
        reader.refuse(name, lazy("That is too long ago: check the year"))
    return found


def _sent_once(reader: Reader) -> None:
    if not 8 <= len(reader.form["key"]) <= 40:
        reader.refuse("", lazy("Open this form again, and send it once more"))


def reading(form: Form) -> dict[str, Input]:
    """Where a form is given back apart from its page."""
    unsaid = {name: Input("", lambda _: "") for name in ("key", "seen", "act", "line", "kind", "method")}
    return {
        **unsaid,
        "amount": Input(lazy("Amount")),
        "payer": Input(lazy("Insurer")),
        "reference": Input(lazy("Number")),
        "received_on": Input(lazy("Date")),
        "note": Input(lazy("Note for staff")),
        "reason": Input(lazy("Reason")),
    }
