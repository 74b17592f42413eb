"""One document, locked by whoever changes it: first the chart, then the row, as everybody does."""

from piccolo.columns.combination import WhereRaw

from portal.access import Area, NotFoundException, Permission, Viewer
from portal.clients import record
from portal.documents import rules
from portal.documents.tables import Document
from portal.language import lazy
from portal.refusal import Refused
from portal.review.actions import Stale

NOT_ANY_MORE = Refused({"": lazy("That cannot be done any more: look at how it stands now.")})


async def of_staff(viewer: Viewer, document_id: int) -> Document:
    viewer.must(Permission.DOCUMENT_SHARE)
    found = await Document.objects().where(viewer.reaches(Document), Document.id == document_id).first()
    if found is None:
        raise NotFoundException
    await record.lock(viewer, found.client)
    return await _again(document_id)


def must_be_as_seen(row: Document, version: int) -> None:
    """Raises `Stale`."""
    if row.version != version:
        raise Stale


async def of_client(viewer: Viewer, client_id: int, document_id: int) -> Document:
    """What is not shared, or kept back for a time, is not there."""
    viewer.must_act_for(client_id, Area.DOCUMENTS)
    await record.lock(viewer, client_id)
    row = await _again(document_id)
    if row.client != client_id or row.state not in rules.SEEN or row.hidden_for:
        raise NotFoundException
    return row


async def _again(document_id: int) -> Document:
    row = await Document.objects().where(WhereRaw("id = {}", document_id)).lock_rows("UPDATE").first()
    if row is None:
        raise NotFoundException
    return row


async def become(viewer: Viewer, row: Document, state: str) -> None:
    """Raises `Refused` where that does not follow."""
    if not rules.may_follow(row.state, state):
        raise NOT_ANY_MORE
    row.state, row.version = state, row.version + 1
    await row.save()
