"""What is typed to ask for records, and to answer."""

import secrets
from collections.abc import Collection
from datetime import date

from portal.documents.forms import day, ids
from portal.language import lazy
from portal.records import rules
from portal.records.actions.asking import Asked
from portal.records.tables import Wanted, Way
from portal.web.form import Form, Reader
from portal.web.typed import Input

ADDRESSES = r"/clients/\d+/record-requests|/staff/clients/\d+/record-requests|/staff/record-requests/\d+/\w+"
MOST_WORDS, MOST_ANSWER, MOST_WHY = 1000, 1000, 500
ORDER = ("wanted", "words", "first_day", "last_day", "way")


def blank() -> Form:
    return Form.of(key=secrets.token_hex(16), way=Way.PORTAL)


def asked(form: Form) -> Asked:
    """Raises `Refused` at every fault of form; `Asked.must_hold` knows the rest."""
    reader = Reader(form)
    words = reader.lines("words", most=MOST_WORDS)
    first_day, last_day = day(reader, "first_day"), day(reader, "last_day")
    reader.finish(ORDER)
    wanted = tuple(str(one) for one in Wanted if one in form.all("wanted"))
    return Asked(wanted, words, first_day, last_day, form["way"])


def given(form: Form, offered: Collection[int]) -> tuple[list[int], str]:
    """Documents, and words to the client. Raises `Refused`."""
    reader = Reader(form)
    answer = reader.lines("answer", most=MOST_ANSWER)
    chosen = ids(form, "documents")
    if not set(offered).issuperset(chosen):
        reader.refuse("documents", lazy("Choose from the list: it may have changed meanwhile"))
    reader.finish(("documents", "answer"))
    return chosen, answer


def denied(form: Form) -> tuple[str, str]:
    """The ground by its name, and words to the client. Raises `Refused`."""
    reader = Reader(form)
    ground = reader.choice("ground", list(rules.GROUNDS), lazy("Choose on which ground"))
    words = reader.lines("denial", most=MOST_ANSWER, missing=lazy("Say it in plain words: the client reads that"))
    reader.finish(("ground", "denial"))
    return ground, words


def put_off(form: Form) -> tuple[date, str]:
    """Raises `Refused`."""
    reader = Reader(form)
    until = day(reader, "until")
    if until is None:
        reader.refuse("until", lazy("Choose until when"))
    why = reader.lines("why", most=MOST_WHY, missing=lazy("Say why it takes longer: the client reads that"))
    reader.finish(("until", "why"))
    assert until is not None
    return until, why


def reading(form: Form) -> dict[str, Input]:
    """Where it is given back apart from its page."""
    unsaid = {name: Input("", lambda _: "") for name in ("key", "version", "documents")}
    said = {
        "wanted": Input(lazy("What"), lambda value: rules.WANTED.get(value, "")),
        "words": Input(lazy("In your words")),
        "first_day": Input(lazy("From")),
        "last_day": Input(lazy("Until")),
        "way": Input(lazy("How"), lambda value: rules.WAYS.get(value, "")),
        "answer": Input(lazy("To the client")),
        "ground": Input(lazy("Ground"), lambda value: rules.GROUNDS.get(value, "")),
        "denial": Input(lazy("To the client")),
        "until": Input(lazy("Until")),
        "why": Input(lazy("Why")),
    }
    return {**unsaid, **said}
