"""One visit with everything that staff want to know of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal import clock
from portal.access import NotFoundException, Viewer
from portal.appointments.queries.visits import FIELDS, JOINED, only
from portal.appointments.settings import is_late
from portal.appointments.tables import Appointment, State
from portal.appointments.visit import Visit
from portal.database import fetch
from portal.language import lazy
from portal.schedule import rules
from portal.schedule.queries.calendar import PHONE
from portal.schedule.queries.people import charted, kept, row_of

# Encounters lie beside the schedule; whether there is one is asked for by name.
BESIDE = f"""
SELECT coalesce({PHONE}, '') AS phone, c.birth_date, {{}} AS is_charted, appointment.note, appointment.link,
       coalesce((SELECT link FROM video_room WHERE clinician = appointment.clinician), '') AS room,
       appointment.arrived_at, appointment.asked_by IS NOT NULL AS is_asked_for, s.every,
       appointment.series AS series_id,
       (SELECT e.id FROM encounter AS e WHERE e.appointment = appointment.id AND e.voided_at IS NULL) AS encounter_id,
       (SELECT max(starts_at) FROM appointment AS later WHERE later.series = appointment.series
           AND later.state IN ('booked', 'confirmed', 'arrived', 'completed')) AS last_at
  FROM appointment JOIN client AS c ON c.id = appointment.client LEFT JOIN series AS s ON s.id = appointment.series
 WHERE appointment.id = {{}}
"""
TRAIL = """
SELECT act, actor, happened_at FROM audit_row
 WHERE client_id = {} AND subject_id = {} AND act = ANY({}::text[]) ORDER BY happened_at, id
"""
LATER = """
SELECT id FROM appointment WHERE series = {} AND starts_at >= {} AND state IN ('booked', 'confirmed') AND {}
"""
ACTS: dict[str, object] = {
    "appointment.requested": lazy("Asked for"),
    "appointment.placed": lazy("Booked by the practice"),
    "appointment.booked": lazy("Booked"),
    "appointment.confirmed": lazy("Confirmed by the client"),
    "appointment.moved": lazy("Moved"),
    "appointment.noted": lazy("Note or link changed"),
    "appointment.rescheduled": lazy("Moved, as the client asked"),
    "appointment.accepted": lazy("Chosen by the client among the times that were offered"),
    "appointment.arrived": lazy("Marked as arrived"),
    "appointment.completed": lazy("Marked as completed"),
    "appointment.no_show": lazy("Marked as no show"),
    "appointment.late_cancelled": lazy("Late cancellation"),
    "appointment.unmarked": lazy("Mark taken away"),
    "appointment.cancelled": lazy("Cancelled by the client"),
    "appointment.called_off": lazy("Cancelled by the practice"),
    "appointment.declined": lazy("Declined"),
    "appointment.withdrawn": lazy("Taken back by the client"),
    "appointment.lapsed": lazy("Its time was not kept any longer"),
    "appointment.expired": lazy("Its time came unanswered"),
}


@dataclass(frozen=True)
class Happened:
    what: object
    by: str
    at: datetime


@dataclass(frozen=True)
class Shown:
    """A visit, what stands beside it for staff, where it was before, and what has happened to it.

    Cancelled now, it would count as late where it `is_late`. `many_later` of its series stand from this one on;
    `has_begun` says that this one is not among them; `last_at` is when the last of them begins. `encounter_id` is what
    was recorded of it.
    """

    visit: Visit
    phone: str
    birth_date: date | None
    is_charted: bool
    note: str
    link: str
    room: str
    arrived_at: datetime | None
    is_asked_for: bool
    every: str | None
    series_id: int | None
    encounter_id: int | None
    many_later: int
    last_at: datetime | None
    is_late: bool
    before: list[tuple[datetime, str]]
    happened: list[Happened]

    @property
    def marks(self) -> tuple[State, ...]:
        now = clock.now()
        return rules.marks(self.visit.state, self.visit.starts_at, self.visit.time_zone, now, is_late=self.is_late)

    @property
    def day(self) -> date:
        return rules.day_of(self.visit.starts_at, self.visit.time_zone)

    @property
    def has_begun(self) -> bool:
        return self.visit.state not in rules.STANDING

    @property
    def repeats(self) -> bool:
        """There are others of its series that what is done to it may be done to."""
        return self.many_later > (0 if self.has_begun else 1)

    @property
    def may_be_moved(self) -> bool:
        return self.visit.state in rules.STANDING

    @property
    def may_be_cancelled(self) -> bool:
        return self.visit.state in rules.CANCELLABLE

    @property
    def may_be_recorded(self) -> bool:
        return self.visit.state == State.COMPLETED and self.is_charted

    @property
    def is_with_us(self) -> bool:
        """It waits for an answer on the desk."""
        return self.visit.state in (State.REQUESTED, State.OFFERED)


async def shown(viewer: Viewer, appointment_id: int) -> Shown:
    row = await row_of(viewer, appointment_id)
    if row.state == State.MOVED:
        raise NotFoundException
    visit = only(await fetch(f"SELECT {FIELDS} {JOINED} WHERE a.id = {{}}", row.id))
    beside: dict[str, Any] = (await fetch(BESIDE, charted(viewer), row.id))[0]
    before = await fetch(
        "SELECT starts_at, time_zone FROM appointment WHERE moves = {} AND state = 'moved' ORDER BY decided_at, id",
        row.id,
    )
    trail = await fetch(TRAIL, row.client, row.id, list(ACTS))
    return Shown(
        visit=visit,
        is_late=await is_late(viewer, visit.starts_at),
        many_later=len(await _later(viewer, row)),
        before=[(one["starts_at"], one["time_zone"]) for one in before],
        happened=[Happened(ACTS[one["act"]], one["actor"], one["happened_at"]) for one in trail],
        **beside,
    )


async def later_ones(viewer: Viewer, row: Appointment) -> list[Appointment]:
    """This visit and those of its series that are to come after it, in order. Alone where it does not repeat.

    Without this one where its client is here already.
    """
    if row.series is None:
        return [row]
    ids = await _later(viewer, row)
    if not ids:
        return []
    return await Appointment.objects().where(Appointment.id.is_in(ids)).order_by(Appointment.starts_at, Appointment.id)


async def _later(viewer: Viewer, row: Appointment) -> list[int]:
    if row.series is None:
        return []
    return [one["id"] for one in await fetch(LATER, row.series, row.starts_at, kept(viewer))]
