"""The practice answers: with documents, with the reason why not, or that it takes longer."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from portal import clock
from portal.access import NotFoundException, Permission, Viewer
from portal.database import transaction
from portal.documents.actions import rows as papers
from portal.documents.actions import sharing
from portal.documents.tables import DocumentState
from portal.documents.terms import Terms
from portal.language import lazy
from portal.practice import queries as practices
from portal.records import kinds, rules
from portal.records.actions import rows
from portal.records.tables import RecordAnswer, RecordRequest, RequestState, Way
from portal.refusal import Refused
from portal.review import actions as review
from portal.review import deadlines


async def give(viewer: Viewer, request_id: int, version: int, documents: Sequence[int], answer: str) -> None:
    """What is not shared yet is shared with it, to be read. Raises `Stale` and `Refused`."""
    async with transaction():
        row = await rows.of_staff(viewer, request_id, version)
        if row.way == Way.PORTAL and not documents:
            raise Refused(documents=lazy("Choose what answers it: the client would like to have it in the portal"))
        for document_id in documents:
            paper = await papers.of_staff(viewer, document_id)
            if paper.client != row.client:
                raise NotFoundException
            if is_new := paper.state in (DocumentState.NOT_SHARED, DocumentState.WITHDRAWN):
                await sharing.share(viewer, document_id, paper.version, Terms())
            await RecordAnswer(request=row.id, document=document_id, is_new=is_new).save()
        await _end(viewer, row, RequestState.READY, answer)


async def deny(viewer: Viewer, request_id: int, version: int, ground: str, answer: str) -> None:
    """In writing, with its ground: the page says what the client can do about it. Raises `Stale` and `Refused`."""
    if ground not in rules.GROUNDS:
        raise Refused(ground=lazy("Choose on which ground"))
    async with transaction():
        row = await rows.of_staff(viewer, request_id, version)
        row.ground = ground
        await _end(viewer, row, RequestState.DENIED, answer)


async def put_off(viewer: Viewer, request_id: int, version: int, until: date, why: str) -> None:
    """Once, by thirty days at most, before its day is over. Raises `Stale` and `Refused`."""
    practice = await practices.practice(viewer)
    today = clock.today(practice.time_zone)
    async with transaction():
        row = await rows.of_staff(viewer, request_id, version)
        last = rules.longest(row.asked_at.astimezone(ZoneInfo(practice.time_zone)).date())
        if row.longer_why:
            raise Refused(until=lazy("It was put off once already, and cannot be again"))
        if row.due_on < today:
            raise Refused(until=lazy("Its day is over: it cannot be put off any more"))
        if not row.due_on < until <= last:
            raise Refused(until=lazy("Choose a day after the one before, and within sixty days of the request"))
        row.due_on, row.longer_why = until, why
        await rows.keep(viewer, row, "records.put_off")
        await review.open_item(
            viewer, kinds.ASKED.name, row.id, kinds.address(row.id), row.client,
            deadlines.about(until, practice.time_zone), needs=Permission.DOCUMENT_SHARE,
        )  # fmt: skip


async def _end(viewer: Viewer, row: RecordRequest, state: RequestState, answer: str) -> None:
    row.state, row.answer = state, answer
    row.answered_by, row.answered_at = viewer.staff_id, clock.now()
    await rows.keep(viewer, row, "records.answered")
    await review.settle_items(viewer, [kinds.ASKED.name], row.id, str(state))
