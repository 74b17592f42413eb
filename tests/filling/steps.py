"""Forms that were shared, filled in and sent, as clients would."""

import json
from collections.abc import Mapping

from portal import clock
from portal.access import Area, Reach, Viewer
from portal.database import fetch
from portal.documents.actions import opening
from portal.documents.tables import Purpose
from portal.filling import answers
from portal.filling.actions import sending
from portal.filling.tables import FormDraft, Submission
from portal.library import fields, queries
from portal.library.fields import Field
from tests.cast import Cast
from tests.documents.steps import shared
from tests.factories import TEST
from tests.library.steps import a_form


def maya(cast: Cast) -> Viewer:
    reach = Reach(cast.client.id, "self", frozenset(str(area) for area in Area), cast.client.name, "Maya")
    return Viewer(account_id=cast.accounts["client"].id, name="Maya Reyes", grants=(reach,), agent="Firefox")


async def a_shared_form(cast: Cast, content: bytes = b"", *, purpose: str = Purpose.FILL, once: str = "one") -> int:
    """A PDF of the practice's, reviewed as it was read, shared, and opened by its client."""
    document_id = await shared(cast.client.id, await a_form(content), once=once, purpose=purpose)
    await opening.opened(maya(cast), cast.client.id, document_id)
    return document_id


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
