"""Phone numbers: read once, as people in the United States write them, and kept as E.164."""

from dataclasses import dataclass

import phonenumbers


@dataclass(frozen=True)
class Phone:
    """`is_possible` counts digits, `is_valid` knows the plan of numbers too. An extension has no place in E.164."""

    e164: str
    is_possible: bool
    is_valid: bool
    has_extension: bool


def read(text: str) -> Phone | None:
    """Nothing, where it is no number at all."""
    try:
        parsed = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    return Phone(
        phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        phonenumbers.is_possible_number(parsed),
        phonenumbers.is_valid_number(parsed),
        bool(parsed.extension),
    )


def e164(text: str) -> str | None:
    """Of what a person types: a number that can be called, whole."""
    phone = read(text)
    return phone.e164 if phone and phone.is_valid and not phone.has_extension else None
