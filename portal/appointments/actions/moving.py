"""A visit goes to another time."""

from dataclasses import asdict, dataclass
from datetime import datetime

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.appointments.tables import Appointment, State
from portal.database import transaction


@dataclass(frozen=True)
class Placed:
    """Who, where, when and how; `busy_from` and `busy_until` hold the time that is kept free around it."""

    clinician: int
    site: int
    zone: str
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    contact_type: str
    type: int


async def move(viewer: Viewer, row: Appointment, to: Placed) -> None:
    """The row, which is locked, keeps its id and is booked anew; a second one keeps the old time for the history.

    Raises the violation where somebody has that time.
    """
    async with transaction():
        columns = [column._meta.name for column in Appointment._meta.columns if column is not Appointment.id]
        before = Appointment(**{name: getattr(row, name) for name in columns})
        before.state, before.holds, before.moves, before.series = State.MOVED, False, row.id, None
        before.decided_by, before.decided_at, before.held_until = viewer.staff_id, clock.now(), None
        placed = asdict(to)
        row.time_zone = placed.pop("zone")
        for name, value in placed.items():
            setattr(row, name, value)
        row.state, row.holds, row.version = State.BOOKED, True, row.version + 1
        row.decided_by, row.decided_at, row.read_at = viewer.staff_id, clock.now(), None
        await row.save()
        await before.save()
        await audit.record(viewer, "appointment.moved", client_id=row.client, subject_id=row.id)
        await outbox.record("appointment.moved", row.id, row.client)
