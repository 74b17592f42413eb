"""What is typed to agree to electronic records, to sign, and to say no."""

import base64
import binascii
import re
from collections.abc import Sequence

from portal.documents import rules
from portal.filling import forms as questions
from portal.filling import spoken as spoken_of_answers
from portal.filling.queries.filled import Question
from portal.language import LANGUAGES, lazy
from portal.refusal import Refused
from portal.signing.marks import Mark
from portal.uploads.sentences import NO_MARK
from portal.web.form import Form, Reader
from portal.web.typed import Input

ADDRESSES = r"/electronic-records(/\w+)?|/clients/\d+/documents/\d+/(signature|declining)|/staff/submissions/\d+"
TO_SIGN = re.compile(r"/clients/\d+/documents/\d+/signature")
TYPED, DRAWN = "typed", "drawn"
MOST_NAME, MOST_INITIALS, MOST_WORDS = 120, 8, 500
MOST_BYTES = 200_000
PNG = "data:image/png;base64,"
NOT_TICKED = lazy("Tick the box if you agree. If you would rather have paper, call us.")


def back(told: str) -> str:
    """The page of signing that somebody was sent here from; nothing else is ever gone back to."""
    return told if TO_SIGN.fullmatch(told) else ""


def code(form: Form) -> str:
    """Raises `Refused`."""
    reader = Reader(form)
    typed = reader.text("code", most=40, missing=lazy("Type the code that stands in the PDF"))
    if form["agree"] != "yes":
        reader.refuse("agree", NOT_TICKED)
    reader.finish(("code", "agree"))
    return typed


def spoken(form: Form, current: str) -> str:
    """The language of the page that was looked at."""
    return form["language"] if form["language"] in LANGUAGES else current


def signed(form: Form, *, has_initials: bool) -> Mark:
    """Raises `Refused` at every fault."""
    reader = Reader(form)
    if form["agree"] != "yes":
        reader.refuse("agree", lazy("Tick the box: without it nothing is signed"))
    name = reader.text("name", most=MOST_NAME, missing=lazy("Type your full name"))
    if name and not any(sign.isalpha() for sign in name):
        reader.refuse("name", lazy("Type your full name"))
    initials = reader.text("initials", most=MOST_INITIALS) if has_initials else ""
    drawing = _drawing(reader) if form["how"] == DRAWN else b""
    reader.finish(("agree", "initials", "name", "drawing"))
    return Mark(name, initials, drawing, form["seen"], form["meant"])


def _drawing(reader: Reader) -> bytes:
    told = reader.form["drawing"].strip()
    try:
        content = base64.b64decode(told.removeprefix(PNG), validate=True) if told.startswith(PNG) else b""
    except binascii.Error:
        content = b""
    if not content:
        reader.refuse("drawing", NO_MARK)
    elif len(content) > MOST_BYTES:
        reader.refuse("drawing", lazy("There is too much in the box: clear it and draw your signature once more"))
    return content


def declined(form: Form) -> tuple[str, str]:
    """Why, by name and in words. Raises `Refused`."""
    reader = Reader(form)
    common = reader.choice("common_reason", list(rules.DECLINED), lazy("Choose a reason"))
    words = reader.lines("reason", most=MOST_WORDS)
    if common == "other" and not words:
        reader.refuse("reason", lazy("Say why in a few words"))
    reader.finish(("common_reason", "reason"))
    return common, words


def accepted(form: Form, own: Sequence[Question], *, must: bool) -> tuple[dict[str, list[str]], Mark | None]:
    """What the practice fills in, and whether it signs. Raises `Refused` at every fault."""
    given, wrong = questions.read(form, own)
    mark = None
    try:
        mark = countersigned(form, must=must)
    except Refused as refusal:
        wrong |= refusal.sentences
    if wrong:
        raise Refused(wrong)
    return given, mark


def countersigned(form: Form, *, must: bool) -> Mark | None:
    """For the practice; nobody is asked to but where the form has a place for it. Raises `Refused`."""
    if not must and not form["name"].strip() and form["agree"] != "yes":
        return None
    return signed(form, has_initials=False)


def returned(form: Form) -> tuple[str, str]:
    """Why, by name and in words. Raises `Refused`."""
    reader = Reader(form)
    words = reader.lines("reason", most=MOST_WORDS)
    common = form["common_reason"] if form["common_reason"] in rules.RETURNED else ""
    reader.finish()
    return common, words


def reading(form: Form) -> dict[str, Input]:
    """Where it is given back apart from its page."""
    unsaid = {name: Input("", lambda _: "") for name in UNSAID}
    return {
        **unsaid,
        **spoken_of_answers.reading(form),
        "code": Input(lazy("Code")),
        "name": Input(lazy("Your full name")),
        "initials": Input(lazy("Your initials")),
        "agree": Input(lazy("I agree"), lambda _: lazy("Yes")),
        "how": Input(lazy("How"), lambda value: lazy("Drawn") if value == DRAWN else ""),
        "common_reason": Input(lazy("Reason"), lambda value: {**rules.DECLINED, **rules.RETURNED}.get(value, "")),
        "reason": Input(lazy("In your own words")),
    }


UNSAID = ("language", "seen", "meant", "drawing", "back", "version", "decision", "number")
