"""Staff share a document, keep it back for a reason, or take it back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from portal import clock, outbox
from portal.access import NotFoundException, Viewer
from portal.database import transaction
from portal.documents import rules
from portal.documents.actions import adding, rows, steps
from portal.documents.actions.rows import become
from portal.documents.tables import Document, DocumentState, Purpose
from portal.documents.terms import Terms
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused

S = DocumentState


async def share(viewer: Viewer, document_id: int, version: int, terms: Terms) -> None:
    """It is visible at once, and a letter says that something waits; not so while a reason keeps it back.

    The same form sent again changes nothing. Raises `Stale`, and `Refused` where the terms do not hold or it is
    with the client already.
    """
    terms.must_hold(await _today(viewer))
    async with transaction():
        row = await rows.of_staff(viewer, document_id)
        if _is_done(viewer, row, version, terms):
            return
        rows.must_be_as_seen(row, version)
        if row.form_version is None and terms.purpose == Purpose.FILL:
            raise Refused(purpose=lazy("Only a form of the practice can be filled in"))
        row.purpose, row.note, row.hidden_for = terms.purpose, terms.note, terms.hidden_for
        row.due_on, row.ends_when_due = terms.due_on, terms.ends_when_due
        row.shared_by, row.shared_at = viewer.staff_id, clock.now()
        row.common_reason = row.reason = ""
        row.opened_at = row.opened_by = row.sent_at = row.sent_by = row.settled_at = row.settled_by = None
        await become(viewer, row, S.PENDING)
        await steps.note(viewer, row, "shared", terms.hidden_for)
        await outbox.record("document.shared", row.id, row.client)


def _is_done(viewer: Viewer, row: Document, version: int, terms: Terms) -> bool:
    """Whether that same form has just been sent."""
    stands = Terms(row.purpose, row.note, row.due_on, row.ends_when_due, row.hidden_for)
    return row.state == S.PENDING and (row.version, row.shared_by, stands) == (version + 1, viewer.staff_id, terms)


async def share_several(
    viewer: Viewer, client_id: int, form_ids: Sequence[int], file_ids: Sequence[int], terms: Terms, *, once: str
) -> None:
    """All of them or none, each once, however often it is sent. What is only shared is to be read, filled in or
    signed, as it says itself.
    """
    async with transaction():
        added = [await adding.add_form(viewer, client_id, one, once=f"{once}-{one}") for one in form_ids]
        for document_id in (*added, *file_ids):
            row = await rows.of_staff(viewer, document_id)
            if row.client != client_id:
                raise NotFoundException
            if row.state == S.NOT_SHARED:
                purpose = terms.purpose if terms.purpose == Purpose.SIGN else row.purpose
                await share(viewer, document_id, row.version, replace(terms, purpose=purpose))


async def show(viewer: Viewer, document_id: int, version: int) -> None:
    """What was kept back is visible from now on, and as new as if it had been shared now."""
    async with transaction():
        row = await rows.of_staff(viewer, document_id)
        if not row.hidden_for:
            return
        rows.must_be_as_seen(row, version)
        row.hidden_for, row.version = "", row.version + 1
        row.shared_by, row.shared_at = viewer.staff_id, clock.now()
        await row.save()
        await steps.note(viewer, row, "shown")
        await outbox.record("document.shared", row.id, row.client)


async def withdraw(viewer: Viewer, document_id: int, version: int, reason: str) -> None:
    """The client does not find it any more, by no address. The reason is for whoever reads the chart."""
    async with transaction():
        row = await rows.of_staff(viewer, document_id)
        if row.state == S.WITHDRAWN and (row.version, row.settled_by) == (version + 1, viewer.staff_id):
            return
        rows.must_be_as_seen(row, version)
        row.reason, row.settled_by, row.settled_at = reason, viewer.staff_id, clock.now()
        await become(viewer, row, S.WITHDRAWN)
        await steps.note(viewer, row, "withdrawn", reason)
        await outbox.record("document.withdrawn", row.id, row.client)


async def expire(viewer: Viewer) -> None:
    """By the clock: whose day is over, where it was said that it ends then."""
    today = await _today(viewer)
    due = Document.due_on < today, Document.ends_when_due.eq(True), Document.state.is_in(list(rules.WAITING))
    for found in await Document.select(Document.id).where(*due).order_by(Document.id):
        async with transaction():
            row = await rows.of_staff(viewer, found["id"])
            if row.state in rules.WAITING and row.due_on and row.due_on < today:
                await become(viewer, row, S.EXPIRED)
                await steps.note(viewer, row, "expired")
                await outbox.record("document.expired", row.id, row.client)


async def _today(viewer: Viewer) -> date:
    return clock.today((await practices.practice(viewer)).time_zone)
