"""A client asks for records, or takes that back; staff note what was asked on paper or by phone."""

from dataclasses import dataclass
from datetime import date

from portal import audit, clock, outbox
from portal.access import Area, Permission, Viewer
from portal.clients import queries as clients
from portal.clients import record
from portal.database import fetch, transaction
from portal.language import lazy
from portal.practice import queries as practices
from portal.records import kinds, rules
from portal.records.actions import rows
from portal.records.tables import RecordRequest, RequestState, Wanted, Way
from portal.refusal import Refused
from portal.review import actions as review
from portal.review import deadlines

ENOUGH = Refused(
    {"": lazy("Several requests of yours wait already. The practice answers them first; if something is urgent, call.")}
)


@dataclass(frozen=True)
class Asked:
    """What is wanted, of which time; `words` say more."""

    wanted: tuple[str, ...]
    words: str = ""
    first_day: date | None = None
    last_day: date | None = None
    way: str = Way.PORTAL

    def must_hold(self, today: date) -> None:
        """Raises `Refused`, beside its field."""
        wrong: dict[str, object] = {}
        if not self.wanted or not set(self.wanted) <= set(Wanted):
            wrong["wanted"] = lazy("Choose what you would like to have")
        if Wanted.OTHER in self.wanted and not self.words:
            wrong["words"] = lazy("Say in your words what you would like to have")
        if self.first_day and self.last_day and self.last_day < self.first_day:
            wrong["last_day"] = lazy("Choose a last day that is not before the first")
        if self.first_day and self.first_day > today:
            wrong["first_day"] = lazy("Choose a day that is not in the future")
        if self.way not in rules.WAYS:
            wrong["way"] = lazy("Choose how you would like to get them")
        if wrong:
            raise Refused(wrong)


async def ask(viewer: Viewer, client_id: int, asked: Asked, once: str) -> RecordRequest:
    """By whoever acts for the client; sent twice it is one. Raises `Refused`."""
    viewer.must_act_for(client_id, Area.DOCUMENTS)
    return await _put(viewer, client_id, asked, once, by_client=True)


async def note(viewer: Viewer, client_id: int, asked: Asked, once: str) -> RecordRequest:
    """Asked on paper or by phone: the time runs all the same."""
    viewer.must(Permission.DOCUMENT_SHARE)
    await clients.client(viewer, client_id)
    return await _put(viewer, client_id, asked, once, by_client=False)


async def withdraw(viewer: Viewer, client_id: int, request_id: int) -> None:
    """Not wanted any more; taken back twice is taken back. Raises `Refused` once it is answered."""
    async with transaction():
        row = await rows.of_client(viewer, client_id, request_id)
        if row.state == RequestState.WITHDRAWN:
            return
        rows.must_be_open(row)
        row.state, row.answered_at = RequestState.WITHDRAWN, clock.now()
        await rows.keep(viewer, row, "records.withdrawn")
        await review.settle_items(viewer, [kinds.ASKED.name], row.id, "withdrawn")


async def _put(viewer: Viewer, client_id: int, asked: Asked, once: str, *, by_client: bool) -> RecordRequest:
    zone = (await practices.practice(viewer)).time_zone
    today = clock.today(zone)
    asked.must_hold(today)
    async with transaction():
        await record.lock(viewer, client_id)
        again = RecordRequest.client == client_id, RecordRequest.once == once
        if found := await RecordRequest.objects().where(*again).first():
            return found
        if by_client:
            await _must_not_flood(client_id)
        row = RecordRequest(
            client=client_id, wanted=list(asked.wanted), words=asked.words, first_day=asked.first_day,
            last_day=asked.last_day, way=asked.way, asked_by=viewer.account_id if by_client else None,
            noted_by=None if by_client else viewer.staff_id, asked_at=clock.now(),
            due_on=rules.due_when_asked(today), once=once,
        )  # fmt: skip
        await row.save()
        await review.open_item(
            viewer, kinds.ASKED.name, row.id, kinds.address(row.id), client_id,
            deadlines.about(row.due_on, zone), needs=Permission.DOCUMENT_SHARE,
        )  # fmt: skip
        await audit.record(viewer, "records.asked", client_id=client_id, subject_id=row.id)
        await outbox.record("records.asked", row.id, client_id)
    return row


async def _must_not_flood(client_id: int) -> None:
    found = await fetch("SELECT count(*) FROM record_request WHERE client = {} AND state = 'open'", client_id)
    if found[0]["count"] >= rules.MOST_OPEN:
        raise ENOUGH
