"""Forms that were shared, filled in and sent, as clients would."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from portal import clock
from portal.access import Area, Reach, Viewer
from portal.database import fetch
from portal.documents.actions import opening
from portal.documents.tables import Purpose
from portal.filling import answers
from portal.filling.actions import sending
from portal.filling.tables import FormDraft, Submission
from portal.library import fields, queries
from portal.library.actions import keeping
from portal.library.actions.adding import Words
from portal.library.fields import By, Field, Kind, Option, Place
from tests.cast import Cast
from tests.documents.steps import shared
from tests.factories import TEST
from tests.library.steps import a_draft, a_form
from tests.uploads.files import a_pdf

HOW = (Option("p", "By phone"), Option("m", "By mail"), Option("n", "Not at all"))


def asks(name: str, kind: Kind, label: str, page: int = 1, **more: Any) -> Field:
    options = more.get("options", ())
    on = options[0].value if options and kind in (Kind.CHECK, Kind.RADIO) else ""
    return Field(name, kind, label, (Place(page, (0, 0, 9, 9), on),), **more)


# Every kind there is, on three pages; on the second nothing is asked.
EVERYTHING = [
    asks("full_name", Kind.TEXT, "Full name", required=True),
    asks("born", Kind.DATE, "Date of birth", required=True),
    asks("plate", Kind.TEXT, "License plate", most=7, comb=True, help="As it stands on your car"),
    asks("office", Kind.TEXT, "Chart number", by=By.PRACTICE),
    asks("notes", Kind.TEXT, "Notes of the office", 2, by=By.PRACTICE),
    asks("story", Kind.MULTILINE, "In your own words", 3),
    asks("reach", Kind.CHOICE, "How to reach you", 3, options=HOW),
    asks("pharmacy", Kind.CHOICE, "Pharmacy", 3, options=HOW[:2], open=True),
    asks("days", Kind.LIST, "Good days", 3, options=(Option("1", "Monday"), Option("2", "Friday")), many=True),
    asks("voice", Kind.RADIO, "May we leave a message", 3, options=HOW[:2]),
    asks("agrees", Kind.CHECK, "I agree", 3, options=(Option("Yes", "Yes"),), required=True),
    asks("signs", Kind.SIGNATURE, "Signature", 3, required=True),
]


def maya(cast: Cast) -> Viewer:
    reach = Reach(cast.client.id, "self", frozenset(str(area) for area in Area), cast.client.name, "Maya")
    return Viewer(account_id=cast.accounts["client"].id, name="Maya Reyes", grants=(reach,), agent="Firefox")


async def a_shared_form(cast: Cast, content: bytes = b"", *, purpose: str = Purpose.FILL, once: str = "one") -> int:
    """A PDF of the practice's, reviewed as it was read, shared, and opened by its client."""
    document_id = await shared(cast.client.id, await a_form(content), once=once, purpose=purpose)
    await opening.opened(maya(cast), cast.client.id, document_id)
    return document_id


async def a_form_of(asked: Sequence[Field], *, pages: int = 3, title: str = "Intake") -> int:
    """In use, with these fields, as staff might have reviewed them."""
    form_id = await a_draft(a_pdf(pages=pages), Words(title, "Admisión", is_signed=True))
    await keeping.review(TEST, form_id, 1, (await queries.form(TEST, form_id)).version, list(asked), is_final=True)
    return form_id


async def with_client(cast: Cast, asked: Sequence[Field] = EVERYTHING, *, once: str = "one", **terms: Any) -> int:
    """Shared, and not opened yet."""
    purpose = terms.pop("purpose", Purpose.FILL)
    return await shared(cast.client.id, await a_form_of(asked), once=once, purpose=purpose, **terms)


async def answered(document_id: int) -> dict[str, list[str]]:
    """What is kept."""
    rows = await fetch("SELECT answers FROM form_draft WHERE document = {}", document_id)
    return answers.read(rows[0]["answers"]) if rows else {}


async def drafted(cast: Cast, document_id: int, given: Mapping[str, list[str]]) -> None:
    """As if it had been filled in page by page."""
    await FormDraft(
        document=document_id, answers=json.dumps(given), saved_by=cast.accounts["client"].id, saved_at=clock.now()
    ).save()


async def seen(document_id: int) -> str:
    """What the page of review shows."""
    (row,) = await fetch(
        "SELECT d.sha256, v.fields, f.answers FROM document AS d LEFT JOIN form_version AS v ON v.id = d.form_version"
        " LEFT JOIN form_draft AS f ON f.document = d.id WHERE d.id = {}",
        document_id,
    )
    asked = fields.read(row["fields"]) if row["fields"] else []
    return answers.shown(row["sha256"], asked, answers.known(asked, answers.read(row["answers"] or "{}")))


async def submitted(cast: Cast, document_id: int) -> Submission:
    return await sending.submit(maya(cast), cast.client.id, document_id, await seen(document_id))


async def the_fields(form_id: int) -> list[Field]:
    return (await queries.version(TEST, form_id, 1))[1]
