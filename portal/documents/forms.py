"""What staff type to put a document into a chart, to share it and to take it back."""

import secrets
from datetime import date

from portal.documents import rules
from portal.documents.tables import Purpose
from portal.documents.terms import Terms
from portal.language import lazy
from portal.web.form import Form, Reader
from portal.web.typed import Input

ADDRESSES = r"/staff/clients/\d+/documents(/sharings)?|/staff/documents/\d+/(sharing|withdrawal)"
SHARE, SIGN, NOW = "share", "sign", "now"
MOST_TITLE, MOST_NOTE, MOST_REASON = 120, 500, 500
ORDER = ("forms", "files", "purpose", "note", "due_on", "hidden_for")
HOW: dict[str, object] = {SHARE: lazy("Share"), SIGN: lazy("Share to Sign")}


def blank(purpose: str = SHARE) -> Form:
    return Form.of(key=secrets.token_hex(16), purpose=purpose, hidden_for=NOW)


def key_of(form: Form) -> str:
    """Sent again it is the same. What brings none cannot be sent twice."""
    return form["key"].strip()[:40] or secrets.token_hex(16)


def title(form: Form, *, has_file: bool) -> str:
    """Raises `Refused`; a file is chosen once more with whatever was wrong."""
    reader = Reader(form)
    words = reader.text("title", most=MOST_TITLE, missing=lazy("Say what it is: clients read that"))
    if not has_file:
        reader.refuse("file", lazy("Choose a file"))
    elif reader.sentences:
        reader.refuse("file", lazy("Choose the file once more"))
    reader.finish(("title", "file"))
    return words


def chosen(form: Form, offered: set[int]) -> tuple[list[int], list[int]]:
    """Ids of forms, and of files of the chart. Raises `Refused` where a form is not offered, or nothing is chosen."""
    reader = Reader(form)
    of_forms, of_files = ids(form, "forms"), ids(form, "files")
    if not (of_forms or of_files) or not offered.issuperset(of_forms):
        reader.refuse("forms" if offered else "files", lazy("Choose what to share"))
    reader.finish()
    return of_forms, of_files


def terms(form: Form, *, shares: str = Purpose.READ) -> Terms:
    """`shares` is what it is for when it is not to be signed. Raises `Refused`."""
    reader = Reader(form)
    how = reader.choice("purpose", list(HOW), lazy("Choose how to share it"))
    note = reader.lines("note", most=MOST_NOTE)
    due_on = day(reader, "due_on")
    hidden_for = reader.choice("hidden_for", [NOW, *rules.HIDDEN], lazy("Choose when the client sees it"))
    reader.finish(ORDER)
    return Terms(
        purpose=Purpose.SIGN if how == SIGN else shares,
        note=note,
        due_on=due_on,
        ends_when_due=form["ends"] == "yes",
        hidden_for="" if hidden_for == NOW else hidden_for,
    )


def reason(form: Form) -> str:
    reader = Reader(form)
    words = reader.lines("reason", most=MOST_REASON, missing=lazy("Say why it is taken back"))
    reader.finish()
    return words


def reading(form: Form) -> dict[str, Input]:
    """Where it is given back apart from its page."""
    unsaid = {name: Input("", lambda _: "") for name in ("key", "forms", "files", "version")}
    said = {
        "title": Input(lazy("Title")),
        "file": Input(lazy("File")),
        "purpose": Input(lazy("How"), lambda value: HOW.get(value, "")),
        "note": Input(lazy("Note to the client")),
        "due_on": Input(lazy("Due")),
        "ends": Input(lazy("Afterwards"), lambda value: lazy("It ends with that day") if value else ""),
        "hidden_for": Input(lazy("When the client sees it"), lambda value: rules.HIDDEN.get(value, lazy("At once"))),
        "reason": Input(lazy("Reason")),
    }
    return {**unsaid, **said}


def ids(form: Form, name: str) -> list[int]:
    """Of what was ticked; anything else that somebody wrote there is none."""
    return sorted({int(one) for one in form.all(name) if one.isascii() and one.isdecimal() and len(one) < 10})


def day(reader: Reader, name: str) -> date | None:
    """Empty is none."""
    if not reader.form[name].strip():
        return None
    try:
        return date.fromisoformat(reader.form[name].strip())
    except ValueError:
        reader.refuse(name, lazy("Write the date like 2026-11-30"))
        return None
