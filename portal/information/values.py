"""One input read back into what a sheet holds: normalized, or refused beside its field."""

import re
from collections.abc import Iterator
from unicodedata import decimal

from portal import phones
from portal.access import NotFoundException
from portal.clients.forms import email_address
from portal.clients.sheets import Field
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Reader

POSTAL = re.compile(r"(\d{5})(?:[- ]?(\d{4}))?")
ON_CARD = re.compile(r"(?:[^\W_]|[ ./-])+")
FILE, GONE = "_file", "_gone"  # beside the name of a photo's input
PARTS = ("year", "month", "day")
CHOOSE = lazy("Choose one from the list")


def written(name: str, field: Field, text: str) -> Iterator[tuple[str, list[str]]]:
    """What its inputs say, by their names."""
    if field.kind == "day":
        for part, value in zip(PARTS, text.split("-") if text else ("", "", ""), strict=True):
            yield f"{name}_{part}", [value]
    elif field.kind == "several":
        yield name, [one for one in text.split(",") if one]
    else:
        yield name, [field.shown(text) if field.kind == "phone" else text]


def read_value(reader: Reader, name: str, field: Field, before: str | None, images: set[str]) -> str:
    form = reader.form
    if field.kind == "several":
        return ",".join(one for one, _ in field.options if one in form.all(name))
    if field.kind == "yes":
        return "yes" if form[name] else ""
    if field.kind == "photo":
        if form[name] not in (images | {""}):
            raise NotFoundException
        return form[name]
    if field.kind == "day":
        is_empty = not any(form[f"{name}_{part}"].strip() for part in PARTS)
        day = None if is_empty else reader.day(name, missing=lazy("Enter the month, the day and the year, or none"))
        return day.isoformat() if day else ""
    if field.kind in ("choice", "state", "language"):
        allowed = {"", *(value for value, _ in field.options)} - ({""} if field.missing else set())
        return form[name] if form[name] == before else reader.choice(name, sorted(allowed), field.missing or CHOOSE)
    # What the record lacks already is not asked for with another change.
    text = reader.text(name, most=field.most, missing=None if before == "" else field.missing)
    return text if not text or name in reader.sentences else _checked(reader, name, field, text, before or "")


def _checked(reader: Reader, name: str, field: Field, text: str, before: str) -> str:
    """Normalized, or refused; what stands there already may stay as it came."""
    if text in (before, field.shown(before)):
        return before
    if field.kind == "phone":
        return _phone(reader, name, text)
    if field.kind == "email":
        try:
            return email_address(text, name)
        except Refused as refusal:
            reader.refuse(name, refusal.sentences[name])
    if field.kind == "postal":
        found = POSTAL.fullmatch("".join(str(decimal(one, one)) for one in text))
        if found is None:
            reader.refuse(name, lazy("Enter the ZIP code: five digits, or nine"))
        else:
            return "-".join(part for part in found.groups() if part)
    if field.kind == "id" and not ON_CARD.fullmatch(text):
        reader.refuse(name, lazy("Use only letters, digits, spaces and - / . as they stand on the card"))
    return text


def _phone(reader: Reader, name: str, text: str) -> str:
    phone, number = phones.read(text), phones.e164(text)
    if phone and phone.has_extension:
        reader.refuse(
            name, lazy("Extensions cannot be kept here. Enter the number without it, or a number that needs none.")
        )
    elif number is None:
        reader.refuse(name, lazy("Enter a phone number with 10 digits, or with + and the code of its country"))
    return number or text
