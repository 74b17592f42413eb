"""A visit gets another time and stays the same visit: what it was is kept beside it, for the history."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Self

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.appointments import kinds
from portal.appointments.actions.telling import tell
from portal.appointments.queries.offers import Offer
from portal.appointments.queries.openings import Calendar
from portal.appointments.tables import Appointment, State
from portal.database import fetch, transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.review import actions as review
from portal.review.kinds import reason_told

KEPT = (State.BOOKED, State.CONFIRMED)
GONE = Refused(
    {"": lazy("The appointment that this would move is not booked any more. Take a look at your appointments.")}
)


@dataclass(frozen=True)
class Placed:
    """When, where, with whom and how. `busy_from` and `busy_until` hold the time that is kept free around it."""

    clinician: int
    site: int
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    contact_type: str
    type: int

    @classmethod
    def of(cls, row: Appointment) -> Self:
        return cls(**{name: getattr(row, name) for name in PLACE})

    @classmethod
    def free(cls, offer: Offer, contact_type: str, calendar: Calendar, second: int) -> Self:
        """A free time of that calendar; `second` is of the epoch."""
        starts_at = datetime.fromtimestamp(second, UTC)
        ends_at = starts_at + timedelta(minutes=offer.length)
        return cls(
            clinician=calendar.clinician,
            site=calendar.site,
            time_zone=calendar.zone,
            starts_at=starts_at,
            ends_at=ends_at,
            busy_from=starts_at - timedelta(minutes=offer.before),
            busy_until=ends_at + timedelta(minutes=offer.after),
            contact_type=contact_type,
            type=offer.id,
        )

    def write(self, row: Appointment) -> None:
        for name in PLACE:
            setattr(row, name, getattr(self, name))


PLACE = tuple(one.name for one in fields(Placed))


async def move(viewer: Viewer, row: Appointment, to: Placed, asked: Appointment | None = None) -> None:
    """To a new time, within the caller's transaction and lock. It is to be confirmed again.

    What asked for it becomes the trace of the old time; where nobody asked, a trace is made. Raises the database's
    `ExclusionViolationError` where the time is somebody else's.
    """
    now = clock.now()
    async with transaction():
        before = Placed.of(row)
        trace = asked or Appointment(client=row.client, made_at=now, state=State.MOVED, **vars(before))
        before.write(trace)
        trace.state, trace.holds, trace.held_until, trace.moves = State.MOVED, False, None, row.id
        trace.decided_by, trace.decided_at, trace.version = viewer.staff_id, now, trace.version + 1
        await trace.save()
        to.write(row)
        row.state, row.holds, row.version, row.arrived_at = State.BOOKED, True, row.version + 1, None
        row.decided_by, row.decided_at, row.read_at = viewer.staff_id, now, None
        await row.save()
        await _tell_again(viewer, row)
        what = "rescheduled" if asked else "moved"
        await audit.record(viewer, f"appointment.{what}", client_id=row.client, subject_id=row.id)
        await outbox.record(f"appointment.{what}", row.id, row.client)


async def _tell_again(viewer: Viewer, row: Appointment) -> None:
    """A request that still waits would move it from its new time: so says its line in the queue."""
    waiting = Appointment.moves == row.id, Appointment.state == State.REQUESTED
    for one in await Appointment.objects().where(*waiting).order_by(Appointment.id):
        await tell(viewer, kinds.MOVE if one.holds else kinds.OVERDUE, one, instead_of=row.starts_at)


async def put_in_place(viewer: Viewer, asked: Appointment, original_id: int) -> Appointment:
    """What was asked for, or offered, takes the place of the visit that it moves. Returns that visit.

    Raises `Refused` where that is not booked any more, and the violation where the time has gone.
    """
    original = await movable(viewer, asked.client, original_id)
    await move(viewer, original, await whole(viewer, asked), asked)
    return original


async def movable(viewer: Viewer, client_id: int, appointment_id: int) -> Appointment:
    """Locked by whoever locked the chart. Raises `Refused` where it is not booked any more."""
    row = await Appointment.objects().where(Appointment.id == appointment_id).lock_rows("UPDATE").first()
    if row is None or row.client != client_id or row.state not in KEPT or row.starts_at <= clock.now():
        raise GONE
    return row


async def end_moves(
    viewer: Viewer, row: Appointment, outcome: State, common_reason: str = "", reason: str = ""
) -> None:
    """A visit is off, or has begun: whatever would have moved it has lost its point, and its client reads that there.

    What was asked for is withdrawn by whoever acts for the client, and declined by staff.
    """
    staff_id = viewer.staff_id if outcome == State.DECLINED else None
    now = clock.now()
    await fetch("DELETE FROM appointment WHERE moves = {} AND state = 'held'", row.id)
    found = await fetch(
        "UPDATE appointment SET state = CASE state WHEN 'offered' THEN 'expired' ELSE {} END, holds = false,"
        " held_until = NULL, version = version + 1, common_reason = {}, reason = {}, decided_at = {}, read_at = {},"
        " decided_by = coalesce({}::bigint, decided_by)"
        " WHERE moves = {} AND state IN ('requested', 'offered') RETURNING id, state",
        str(outcome), common_reason, reason, now, now, staff_id, row.id,
    )  # fmt: skip
    for one in found:
        act = one["state"] if one["state"] == outcome else "offer_lapsed"
        await review.settle_items(viewer, kinds.ASKED, one["id"], str(outcome), reason_told(common_reason, reason))
        await audit.record(viewer, f"appointment.{act}", client_id=row.client, subject_id=one["id"])


async def whole(viewer: Viewer, asked: Appointment) -> Placed:
    """With all the time around it: while it was asked for, what its own visit has anyway was left out."""
    rows = await fetch("SELECT before, after FROM appointment_type WHERE id = {}", asked.type)
    before, after = (timedelta(minutes=rows[0][side]) for side in ("before", "after"))
    around = {"busy_from": asked.starts_at - before, "busy_until": asked.ends_at + after}
    return Placed(**{**vars(Placed.of(asked)), **around})


def left_of(begins: datetime, ends: datetime, own_begins: datetime, own_ends: datetime) -> tuple[datetime, datetime]:
    """Of a time, what its own visit does not have already: the longer piece, if that lies within it."""
    if own_ends <= begins or ends <= own_begins:
        return begins, ends
    pieces = ((begins, min(ends, own_begins)), (max(begins, own_ends), ends))
    return max(pieces, key=lambda piece: piece[1] - piece[0])
