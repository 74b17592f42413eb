"""Texts, days, phones, e-mails and addresses as the chart keeps them."""

import calendar
import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from email_validator import EmailNotValidError, validate_email

from portal import phones
from portal.exchange.fhir import Address, CodeableConcept, ContactPoint
from portal.exchange.mapping.states import state_code

BIDI = dict.fromkeys((0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T.*)?)?)?", re.DOTALL)
COUNTRIES = {"usa": "US", "u.s.a.": "US", "u.s.": "US", "united states": "US", "united states of america": "US"}


def plain(text: str | None) -> str:
    """Composed letters, single spaces, nothing invisible that turns a line around; accents and digits stay."""
    if text is None or (text.isascii() and text.isprintable()):
        return " ".join((text or "").split())
    words = " ".join(unicodedata.normalize("NFC", text).translate(BIDI).split())
    return "".join(char for char in words if unicodedata.category(char) != "Cc")


def joined(texts: Iterable[str | None], by: str = " ") -> str:
    return by.join(filter(None, map(plain, texts)))


def concept_words(concept: CodeableConcept) -> str:
    return plain(concept.text) or next((plain(one.display) for one in concept.coding if plain(one.display)), "")


def closed(is_active: bool | None) -> bool | None:
    """Other systems say `active` by default: it must not open again what the practice has closed."""
    return False if is_active is False else None


def full_day(text: str) -> date | None:
    """None where it is not a day, or only a month or a year."""
    match = DAY.fullmatch(text.strip())
    if match is None or match[3] is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def is_partial(text: str) -> bool:
    match = DAY.fullmatch(text.strip())
    return match is not None and match[3] is None


def first_day(text: str) -> date | None:
    """A period that starts in 2020 starts with its first day."""
    match = DAY.fullmatch(text.strip())
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1)) if match else None
    except ValueError:
        return None


def last_day(text: str) -> date | None:
    """A period that ends in 2020 ends with its last day."""
    match = DAY.fullmatch(text.strip())
    try:
        if match is None:
            return None
        year, month = int(match[1]), int(match[2] or 12)
        return date(year, month, int(match[3]) if match[3] else calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None


def reachable(points: Iterable[ContactPoint], systems: set[str], today: date) -> list[ContactPoint]:
    """Those in use, the preferred first."""
    usable = [
        point for point in points
        if point.system in systems and plain(point.value) and point.use != "old" and not point.period.is_over(today)
    ]  # fmt: skip
    return sorted(usable, key=lambda point: point.rank if point.rank is not None else 1_000_000)


def phone_number(text: str) -> tuple[str, str]:
    """E.164, or as it came and why. Another system's numbers need not be in any plan: it is not typed anew here."""
    came = plain(text)
    number = phones.read(came)
    if number is None:
        return came, "a phone number could not be read: it was kept as written"
    if not number.is_possible:
        return came, "a phone number has too few or too many digits: it was kept as written"
    if number.has_extension:
        return came, "a phone number has an extension: it was kept as written"
    return number.e164, ""


def email_address(text: str) -> str | None:
    try:
        return validate_email(plain(text), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def current_addresses(addresses: Iterable[Address], today: date) -> list[Address]:
    return [one for one in addresses if one.use != "old" and not one.period.is_over(today)]


def address_parts(address: Address) -> dict[str, str]:
    """Where only a text is given, it is the street."""
    lines = [line for line in map(plain, address.line) if line]
    written = plain(address.country)
    country = COUNTRIES.get(written.casefold(), written)
    state = plain(address.state)
    parts = {
        "street": lines[0] if lines else "",
        "street_2": ", ".join(lines[1:]),
        "city": plain(address.city),
        "state": state_code(state) if country.upper() in ("", "US") else state,
        "postal_code": plain(address.postal_code),
        "country": country,
    }
    if not parts["street"] and not parts["city"]:
        parts["street"] = plain(address.text)
    return parts
