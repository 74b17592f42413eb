"""A client asks for a change, changes their mind, or reads the answer."""

import json

from portal import audit, clock, outbox
from portal.access import Area, Viewer
from portal.clients import images, record
from portal.clients.record import Ids
from portal.clients.sheets import Collisions, Section, Sheet, collisions, differences, merged, photos_in, rebased
from portal.database import fetch, refusing, transaction
from portal.information import kinds
from portal.information.settings import APPLIED, READ_ONLY, mode_of
from portal.information.tables import STILL_ASKED, ChangeRequest, ChangeState
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review

ELSEWHERE = Refused({"": lazy("You have sent another change of this at the same moment. Look at it again.")})


class Meanwhile(Exception):
    """Somebody has changed the same since the form was opened: nothing was sent. `now` is what it would begin with.

    `ids` are those that entries of the form have got since: `now` and `met` call them so.
    """

    def __init__(self, now: Sheet, met: Collisions, ids: Ids) -> None:
        super().__init__()
        self.now, self.met, self.ids = now, met, ids


async def send(viewer: Viewer, client_id: int, section: Section, base: Sheet, typed: Sheet, began: int = 0) -> None:
    """One open request for each section: a second one adds to the first. `base` is what the page had shown.

    `began` is the request that stood in it, if any: where that has been settled since, its new entries have ids by now.

    What has changed since, on the record or by somebody else, stays as it became; where that is the same, `Meanwhile`.
    What is on record already takes back all that was asked.
    By the practice's choice the request waits for staff, or stands on the record at once and is shown to them; what
    waits already waits on.
    """
    viewer.must_act_for(client_id, Area.INFORMATION)
    mode = await mode_of(viewer, section)
    if mode == READ_ONLY:
        raise Refused({"": lazy("The office changes this section itself now. Please call us about it.")})
    async with transaction():
        await record.lock(viewer, client_id)
        before = await record.sheet(viewer, client_id, section)
        last = await _last(client_id, section)
        waiting = _if_waiting(last)
        asked = _asked(section, before, last)
        ids = await _ids_since(client_id, section, base, began)
        base, typed = followed(base, ids), followed(typed, ids)
        if met := collisions(section, asked, base, typed):
            raise Meanwhile(asked, met, ids)
        wanted = merged(section, asked, base, typed)
        await images.hold(viewer, client_id, photos_in(wanted))
        changes = differences(section, before, wanted)
        if not changes and not await _let_go(viewer, client_id, section):
            raise Refused({"": lazy("This is what is on record already. Change something first, or cancel.")})
        if not changes:
            return
        if waiting is not None and json.loads(waiting.after) == wanted:
            return
        row = waiting or ChangeRequest(
            client=client_id, section=section.name, version=0, sent_by=viewer.account_id, sent_at=clock.now()
        )
        row.before, row.after = json.dumps(before), json.dumps(wanted)
        row.version, row.sent_by, row.sent_at = row.version + 1, viewer.account_id, clock.now()
        with refusing(open_change=ELSEWHERE):
            await row.save()
        fields = sorted({f"{change.group.name}.{change.field.name}" for change in changes})
        await audit.record(
            viewer, "information.sent", client_id=client_id, subject_id=row.id, section=section.name, fields=fields
        )
        await outbox.record("information.sent", row.id, client_id)
        about = kinds.about(section, changes)
        if mode == APPLIED and waiting is None:
            ids = await record.put(viewer, client_id, section, changes, request=row.id)
            row.state, row.decided_at = ChangeState.APPLIED, clock.now()
            row.settled = json.dumps({**await record.sheet(viewer, client_id, section), "ids": ids})
            await row.save()
            await review.settle_items(viewer, [kinds.CHANGED.name], row.id, "applied")
            await review.open_item(viewer, kinds.APPLIED.name, row.id, kinds.address(row.id), client_id, about)
        else:
            await review.open_item(viewer, kinds.CHANGED.name, row.id, kinds.address(row.id), client_id, about)


async def withdraw(viewer: Viewer, client_id: int, section: Section, seen: str = "") -> None:
    """Taken back by the client: what waits, or what was returned. Where it is not as it was `seen`, nothing is done."""
    viewer.must_act_for(client_id, Area.INFORMATION)
    async with transaction():
        await record.lock(viewer, client_id)
        last = await _last(client_id, section)
        if last is None or (seen and last.state != seen):
            return
        if last.state == ChangeState.PENDING:
            await _take_back(viewer, last)
        else:
            await _let_go(viewer, client_id, section)


async def mark_read(viewer: Viewer, client_id: int, section: Section) -> None:
    """The client has seen the answer."""
    viewer.must_act_for(client_id, Area.INFORMATION)
    await fetch(
        "UPDATE change_request SET read_at = {} WHERE client = {} AND section = {} AND read_at IS NULL"
        " AND state IN ('accepted', 'edited', 'returned', 'applied')",
        clock.now(),
        client_id,
        section.name,
    )


async def _let_go(viewer: Viewer, client_id: int, section: Section) -> bool:
    """What waits, what was returned, and what was returned before that and sent again. Whether there was any."""
    is_any = False
    while (last := await _last(client_id, section)) is not None and last.state in STILL_ASKED:
        await _take_back(viewer, last)
        is_any = True
    return is_any


async def _take_back(viewer: Viewer, row: ChangeRequest) -> None:
    row.state, row.decided_at, row.version = ChangeState.WITHDRAWN, clock.now(), row.version + 1
    await row.save()
    await review.settle_items(viewer, [kinds.CHANGED.name], row.id, "withdrawn")
    await audit.record(viewer, "information.withdrawn", client_id=row.client, subject_id=row.id)
    await outbox.record("information.withdrawn", row.id, row.client)


async def _ids_since(client_id: int, section: Section, base: Sheet, began: int) -> Ids:
    """Of entries that were new in the form. A request that was returned is settled with the one that answered it."""
    rows = await fetch(
        "SELECT settled FROM change_request WHERE client = {} AND section = {} AND id >= {} AND settled IS NOT NULL"
        " AND EXISTS (SELECT FROM change_request AS begun WHERE begun.id = {} AND begun.state <> 'withdrawn')"
        " ORDER BY id LIMIT 1",
        client_id,
        section.name,
        began,
        began,
    )
    ids = json.loads(rows[0]["settled"]).get("ids", {}) if rows else {}
    return {
        group: {entry: row_id for entry, row_id in found.items() if entry != row_id and entry in base.get(group, {})}
        for group, found in ids.items()
    }


def followed(sheet: Sheet, ids: Ids) -> Sheet:
    """With new entries under the ids that they have got."""
    return {
        group: {ids.get(group, {}).get(entry, entry): dict(values) for entry, values in entries.items()}
        for group, entries in sheet.items()
    }


def _asked(section: Section, now: Sheet, last: ChangeRequest | None) -> Sheet:
    """What the form shows: the record, and on it what waits or was returned."""
    if last is None or last.state not in STILL_ASKED:
        return now
    return rebased(section, now, json.loads(last.before), json.loads(last.after))


def _if_waiting(last: ChangeRequest | None) -> ChangeRequest | None:
    return last if last is not None and last.state == ChangeState.PENDING else None


async def _last(client_id: int, section: Section) -> ChangeRequest | None:
    """Locked. What was taken back is over."""
    return (
        await ChangeRequest.objects()
        .where(
            ChangeRequest.client == client_id,
            ChangeRequest.section == section.name,
            ChangeRequest.state != ChangeState.WITHDRAWN,
        )
        .order_by(ChangeRequest.id, ascending=False)
        .lock_rows("UPDATE")
        .first()
    )
