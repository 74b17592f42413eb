"""What is typed at the front door."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from portal.accounts.tables import GrantKind
from portal.clients.forms import email_address
from portal.language import LANGUAGES, lazy
from portal.refusal import Refused
from portal.web.form import Form, Reader


@dataclass(frozen=True)
class SignInForm:
    email: str
    password: str

    @classmethod
    def read(cls, form: Form) -> Self:
        reader = Reader(form)
        email = reader.text("email", most=254, missing=lazy("Enter your e-mail address"))
        if not form["password"]:
            reader.refuse("password", lazy("Enter your password"))
        reader.finish()
        return cls(email, form["password"])


@dataclass(frozen=True)
class WhoForm:
    last_name: str
    birth_date: date

    @classmethod
    def read(cls, form: Form) -> Self:
        reader = Reader(form)
        name = reader.text("last_name", most=100, missing=lazy("Enter the last name"))
        born = reader.day("birth_date", missing=lazy("Enter the date of birth"))
        reader.finish()
        assert born is not None
        return cls(name, born)


def must_be_about(form: Form, invitation_id: int) -> None:
    """A page of another invitation, left open in a second tab, is no wrong try at this one."""
    if form["invitation"] not in ("", str(invitation_id)):
        raise Refused({"": lazy("You opened another invitation in this browser. This page is now about that one.")})


@dataclass(frozen=True)
class PasswordForm:
    password: str
    again: str
    email: str

    @classmethod
    def read(cls, form: Form, *, needs_email: bool = False) -> Self:
        reader = Reader(form)
        email = ""
        if needs_email:
            try:
                email = email_address(form["email"])
            except Refused as refusal:
                reader.refuse("email", refusal.sentences["email"])
        if not form["password"]:
            reader.refuse("password", lazy("Choose a password"))
        reader.finish()
        return cls(form["password"], form["password_again"], email)


@dataclass(frozen=True)
class InvitationForm:
    """Who is invited: `email` is empty for a printed invitation."""

    email: str
    kind: GrantKind
    holder_name: str
    language: str
    keeps_email: bool

    @classmethod
    def read(cls, form: Form, on_chart: list[str]) -> Self:
        reader = Reader(form)
        how = reader.choice("how", [*on_chart, "other", "print"], lazy("Choose where the invitation goes"))
        email = how if how in on_chart else ""
        if how == "other":
            try:
                email = email_address(form["email"])
            except Refused as refusal:
                reader.refuse("email", refusal.sentences["email"])
        kind = reader.choice("kind", list(GrantKind), lazy("Choose who will hold portal access"))
        needs_name = lazy("Enter the name of who will hold portal access") if kind != GrantKind.SELF and kind else None
        name = reader.text("holder_name", most=200, missing=needs_name)
        language = form["language"] if form["language"] in LANGUAGES else "en"
        reader.finish()
        return cls(
            email,
            GrantKind(kind),
            name if kind != GrantKind.SELF else "",
            language,
            how == "other" and kind == GrantKind.SELF,
        )


@dataclass(frozen=True)
class ChangeForm:
    present: str
    password: str
    again: str

    @classmethod
    def read(cls, form: Form) -> Self:
        reader = Reader(form)
        if not form["present_password"]:
            reader.refuse("present_password", lazy("Enter your present password"))
        if not form["password"]:
            reader.refuse("password", lazy("Choose a password"))
        reader.finish()
        return cls(form["present_password"], form["password"], form["password_again"])
