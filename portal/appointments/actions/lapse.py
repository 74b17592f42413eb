"""What nobody answered: by the clock."""

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.appointments import kinds
from portal.appointments.tables import Appointment, State
from portal.clients import record
from portal.database import fetch, transaction
from portal.review import actions as review


async def lapse(viewer: Viewer) -> None:
    """A request that kept its time for as long as the practice lets it: the time is free again, staff are reminded
    and the client is told. One whose time has come is over, or the time of the visit that it would have moved.
    """
    now = clock.now()
    rows = await fetch(
        "SELECT id, client FROM appointment AS a WHERE state = 'requested'"
        " AND (held_until <= {} AND holds OR starts_at <= {}"
        " OR EXISTS (SELECT FROM appointment AS o WHERE o.id = a.moves AND o.starts_at <= {})) ORDER BY id",
        now,
        now,
        now,
    )
    for row in rows:
        async with transaction():
            await record.lock(viewer, row["client"])
            found = await Appointment.objects().get(Appointment.id == row["id"])
            if found is not None and found.state == State.REQUESTED:
                await _lapse(viewer, found)


async def _lapse(viewer: Viewer, row: Appointment) -> None:
    now = clock.now()
    if row.starts_at <= now or await _is_too_late(viewer, row):
        row.state, row.holds, row.decided_at, row.version = State.EXPIRED, False, now, row.version + 1
        await row.save()
        await review.settle_items(viewer, kinds.ASKED, row.id, "expired")
        await audit.record(viewer, "appointment.expired", client_id=row.client, subject_id=row.id)
        await outbox.record("appointment.answered", row.id, row.client)
    elif row.holds:
        row.holds = False
        await row.save()
        await review.turn_items(viewer, kinds.ASKED, row.id, kinds.OVERDUE.name)
        await audit.record(viewer, "appointment.lapsed", client_id=row.client, subject_id=row.id)
        await outbox.record("appointment.lapsed", row.id, row.client)


async def _is_too_late(viewer: Viewer, row: Appointment) -> bool:
    """The visit that it would move has begun."""
    return row.moves is not None and await Appointment.exists().where(
        Appointment.id == row.moves, Appointment.starts_at <= clock.now()
    )
