"""One request, locked by whoever changes it: first the chart, then the row."""

from piccolo.columns.combination import WhereRaw

from portal import audit, outbox
from portal.access import Area, NotFoundException, Permission, Viewer
from portal.clients import record
from portal.language import lazy
from portal.records.tables import RecordRequest, RequestState
from portal.refusal import Refused
from portal.review.actions import Stale

ANSWERED = Refused({"": lazy("That cannot be done any more: look at how it stands now.")})


async def of_client(viewer: Viewer, client_id: int, request_id: int) -> RecordRequest:
    viewer.must_act_for(client_id, Area.DOCUMENTS)
    await record.lock(viewer, client_id)
    row = await _locked(request_id)
    if row is None or row.client != client_id:
        raise NotFoundException
    return row


async def of_staff(viewer: Viewer, request_id: int, version: int) -> RecordRequest:
    """Raises `Stale` where it is not as it was seen."""
    viewer.must(Permission.DOCUMENT_SHARE)
    reached = viewer.reaches(RecordRequest), RecordRequest.id == request_id
    found = await RecordRequest.objects().where(*reached).first()
    if found is None:
        raise NotFoundException
    await record.lock(viewer, found.client)
    row = await _locked(request_id)
    assert row is not None
    if row.version != version or row.state != RequestState.OPEN:
        raise Stale
    return row


def must_be_open(row: RecordRequest) -> None:
    if row.state != RequestState.OPEN:
        raise ANSWERED


async def keep(viewer: Viewer, row: RecordRequest, act: str) -> None:
    """With its event and its row of the audit, which say nothing of what was asked."""
    row.version += 1
    await row.save()
    await audit.record(viewer, act, client_id=row.client, subject_id=row.id)
    await outbox.record(act, row.id, row.client)


async def _locked(request_id: int) -> RecordRequest | None:
    return await RecordRequest.objects().where(WhereRaw("id = {}", request_id)).lock_rows("UPDATE").first()
