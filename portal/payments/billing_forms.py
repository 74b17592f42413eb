"""Whose card it is and where they live, as it is typed: it goes to Stripe, and only the name is kept here."""

import re

from babel import Locale

from portal.clients.sections import STATES
from portal.language import lazy, locale
from portal.payments import numbers
from portal.payments.facts import Billing
from portal.web.form import Form, Reader
from portal.web.typed import Input

HOME = "US"
LONGEST = {"holder": 120, "line1": 120, "line2": 120, "city": 80, "state": 80, "postal_code": 20}
LABELS = {
    "holder": lazy("Name on the card"),
    "country": lazy("Country"),
    "line1": lazy("Street address"),
    "line2": lazy("Apartment or unit"),
    "city": lazy("City"),
    "state": lazy("State or region"),
    "postal_code": lazy("ZIP or postal code"),
}
ZIP = re.compile(r"[0-9]{5}(-?[0-9]{4})?", re.ASCII)
POSTAL_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{1,9}", re.ASCII)
NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


def countries() -> list[tuple[str, str]]:
    """In the reader's language, the practice's own first."""
    names = Locale.parse(locale()).territories
    found = {one: name for one, name in names.items() if len(one) == 2 and one.isalpha() and one not in NO_COUNTRIES}
    return [(HOME, found.pop(HOME)), *sorted(found.items(), key=lambda one: one[1])]


def opened(exp_month: int, exp_year: int, whose: Billing) -> Form:
    told = {"holder": whose.holder, **whose.address, "country": whose.country or HOME}
    return Form.of(exp_month=exp_month, exp_year=exp_year, **told)


def billing(reader: Reader) -> Billing:
    """An address is whole, a ZIP code alone, or nothing: a part of one would be refused by the bank."""
    told = {name: reader.text(name, most=most) for name, most in LONGEST.items()}
    country = reader.choice("country", [one for one, _ in countries()], lazy("Choose the country"))
    if any(told[name] for name in ("line1", "line2", "city", "state")):
        _insist_whole(reader, told, country)
    if country == HOME and told["state"]:
        told["state"] = told["state"].upper()
        if told["state"] not in STATES:
            reader.refuse("state", lazy("Enter the two letters of the state, such as MD"))
    if told["postal_code"] and not (ZIP if country == HOME else POSTAL_CODE).fullmatch(told["postal_code"]):
        reader.refuse("postal_code", lazy("Enter a ZIP code such as 21401"))
    numbers.refuse(reader, *LONGEST)
    has_address = any(value for name, value in told.items() if name != "holder")
    return Billing(**told, country=country if has_address else "")


def _insist_whole(reader: Reader, told: dict[str, str], country: str) -> None:
    """Not every country has states and postal codes."""
    missing = {"line1": lazy("Enter the street address"), "city": lazy("Enter the city")}
    if country == HOME:
        missing |= {"state": lazy("Enter the two letters of the state, such as MD")}
        missing |= {"postal_code": lazy("Enter a ZIP code such as 21401")}
    for name, sentence in missing.items():
        if not told[name]:
            reader.refuse(name, sentence)


def reading() -> dict[str, Input]:
    return {name: Input(label) for name, label in LABELS.items()}
