"""A client sends what was filled in: once, complete, and as it was seen."""

from collections.abc import Sequence

from portal import clock, language, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.database import fetch, transaction
from portal.documents.actions import rows, steps
from portal.documents.actions.rows import become
from portal.documents.tables import Document, DocumentState, Purpose
from portal.filling import answers
from portal.filling.kinds import SENT
from portal.filling.tables import Submission
from portal.language import lazy
from portal.library import fields
from portal.library.fields import Field
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.review import actions as review

ACTOR = "complete"
FIELDS = "SELECT fields FROM form_version WHERE id = {}"
DRAFT = "SELECT answers FROM form_draft WHERE document = {}"
CHANGED = Refused({"": lazy("Something was changed meanwhile, perhaps on another device: look it over once more.")})
NOT_WHOLE = Refused({"": lazy("Something is not filled in yet: look at what is marked.")})


async def submit(viewer: Viewer, client_id: int, document_id: int, seen: str) -> Submission:
    """`seen` is what the page of review showed (`answers.shown`). The copy is made by the worker; staff find an item.

    Inside the caller's transaction, where there is one. What is only read is not sent. Raises `Refused` where it is
    not complete, was changed since it was seen, or cannot be sent any more.
    """
    async with transaction():
        row = await rows.of_client(viewer, client_id, document_id)
        if row.purpose == Purpose.READ:
            raise NotFoundException
        await must_be_in_time(viewer, row)
        asked = await asked_of(viewer, row)
        given = await given_to(viewer, row, asked)
        if answers.missing(asked, given):
            raise NOT_WHOLE
        if seen != answers.shown(row.sha256, asked, given):
            raise CHANGED
        row.sent_by, row.sent_at = viewer.account_id, clock.now()
        row.settled_by = row.settled_at = None
        row.common_reason = row.reason = ""
        await become(viewer, row, DocumentState.WITH_PRACTICE)
        sent = Submission(
            document=row.id, number=await _next(row), answers=answers.canonical(given),
            answers_sha256=answers.digest(given), blank_sha256=row.sha256,
            fields_sha256=answers.digest_of_fields(asked), language=language.current(), sent_by=viewer.account_id,
            sent_at=row.sent_at, session=viewer.session_id, address=viewer.address, agent=viewer.agent[:300],
        )  # fmt: skip
        await sent.save()
        await steps.note(viewer, row, "sent")
        url = f"/staff/submissions/{sent.id}"
        await review.open_item(viewer, SENT.name, row.id, url, client_id, row.title, needs=Permission.DOCUMENT_SHARE)
        await outbox.record("document.sent", row.id, client_id)
        await outbox.send_on(ACTOR, sent.id, f"{ACTOR}:{sent.id}:sent")
    return sent


async def must_be_in_time(viewer: Viewer, row: Document) -> None:
    """By the practice's own day, before the clock has come to it. Raises `Refused`."""
    if row.ends_when_due and row.due_on and row.due_on < clock.today((await practices.practice(viewer)).time_zone):
        raise rows.NOT_ANY_MORE


async def asked_of(viewer: Viewer, row: Document) -> list[Field]:
    """The fields of the version that was shared; of a file or a sheet, none."""
    if row.form_version is None:
        return []
    return fields.read((await fetch(FIELDS, row.form_version))[0]["fields"])


async def given_to(viewer: Viewer, row: Document, asked: Sequence[Field]) -> dict[str, list[str]]:
    found = await fetch(DRAFT, row.id)
    return answers.known(asked, answers.read(found[0]["answers"])) if found else {}


async def _next(row: Document) -> int:
    found = await fetch("SELECT coalesce(max(number), 0) + 1 AS next FROM form_submission WHERE document = {}", row.id)
    return int(found[0]["next"])
