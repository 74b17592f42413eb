"""A client asks for a change, changes their mind, or reads the answer."""

import json

from portal import audit, clock, outbox
from portal.access import Area, Viewer
from portal.clients import images, record
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
    """Somebody has changed the same since the form was opened: nothing was sent. `now` is what it would begin with."""

    def __init__(self, now: Sheet, met: Collisions) -> None:
        super().__init__()
        self.now, self.met = now, met


async def send(viewer: Viewer, client_id: int, section: Section, base: Sheet, typed: Sheet) -> None:
    """One open request for each section: a second one adds to the first. `base` is what the page had shown.

    What has changed since, on the record or by somebody else, stays as it became; where that is the same, `Meanwhile`.
    By the practice's choice the request waits for staff, or stands on the record at once and is shown to them.
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
        if met := collisions(section, asked, base, typed):
            raise Meanwhile(asked, met)
        wanted = merged(section, asked, base, typed)
        await images.hold(viewer, client_id, photos_in(wanted))
        changes = differences(section, before, wanted)
        if not changes:
            raise Refused({"": lazy("This is what is on record already. Change something first, or cancel.")})
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
        if mode == APPLIED:
            ids = await record.put(viewer, client_id, section, changes, request=row.id)
            row.state, row.decided_at = ChangeState.APPLIED, clock.now()
            row.settled = json.dumps({**await record.sheet(viewer, client_id, section), "ids": ids})
            await row.save()
            await review.settle_items(viewer, [kinds.CHANGED.name], row.id, "applied")
            await review.open_item(viewer, kinds.APPLIED.name, row.id, kinds.address(row.id), client_id, about)
        else:
            await review.open_item(viewer, kinds.CHANGED.name, row.id, kinds.address(row.id), client_id, about)


async def withdraw(viewer: Viewer, client_id: int, section: Section) -> None:
    """Taken back by the client; where nothing waits any more, nothing is done."""
    viewer.must_act_for(client_id, Area.INFORMATION)
    async with transaction():
        await record.lock(viewer, client_id)
        row = _if_waiting(await _last(client_id, section))
        if row is None:
            return
        row.state, row.decided_at, row.version = ChangeState.WITHDRAWN, clock.now(), row.version + 1
        await row.save()
        await review.settle_items(viewer, [kinds.CHANGED.name], row.id, "withdrawn")
        await audit.record(viewer, "information.withdrawn", client_id=client_id, subject_id=row.id)
        await outbox.record("information.withdrawn", row.id, client_id)


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
