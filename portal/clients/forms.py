"""What staff type about a client."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from email_validator import EmailNotValidError, validate_email

from portal.clients.tables import EmailKind
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form, Reader

LONGEST = 254


@dataclass(frozen=True)
class ClientForm:
    given_name: str
    family_name: str
    preferred_name: str
    birth_date: date
    principal_clinician: int | None
    email: str
    is_sure: bool

    @classmethod
    def read(cls, form: Form, clinicians: set[int]) -> Self:
        reader = Reader(form)
        given = reader.text("given_name", most=100, missing=lazy("Enter the first name"))
        family = reader.text("family_name", most=100, missing=lazy("Enter the last name"))
        preferred = reader.text("preferred_name", most=100)
        born = reader.day("birth_date", missing=lazy("Enter the date of birth"))
        chosen = form["principal_clinician"]
        if chosen and chosen not in map(str, clinicians):
            reader.refuse("principal_clinician", lazy("Choose a clinician from the list"))
        email = ""
        if form["email"].strip():
            try:
                email = email_address(form["email"])
            except Refused as refusal:
                reader.refuse("email", refusal.sentences["email"])
        reader.finish()
        assert born is not None
        return cls(given, family, preferred, born, int(chosen) if chosen else None, email, form["is_sure"] == "yes")


@dataclass(frozen=True)
class EmailForm:
    address: str
    kind: EmailKind

    @classmethod
    def read(cls, form: Form) -> Self:
        reader = Reader(form)
        kind = reader.choice("address_kind", list(EmailKind), lazy("Choose what kind of address it is"))
        address = ""
        try:
            address = email_address(form["address"], "address")
        except Refused as refusal:
            reader.refuse("address", refusal.sentences["address"])
        reader.finish()
        return cls(address, EmailKind(kind))


def email_address(text: str, field: str = "email") -> str:
    """Normalized, not looked up; short enough for its key, in letters that every mail server takes.

    Raises `Refused` at the field.
    """
    text = text.strip()
    try:
        found = validate_email(text[: LONGEST + 1], check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        found = ""
    if not found or len(found.casefold()) > LONGEST:
        sentence = lazy("Enter an e-mail address like name@example.com") if text else lazy("Enter an e-mail address")
        raise Refused({field: sentence})
    return found
