"""Visits for which nothing is charged: said of one, or of all that are older than the books."""

from datetime import date

from portal import audit, clock
from portal.access import Permission, Viewer
from portal.appointments.hours import midnight
from portal.appointments.tables import Appointment
from portal.database import fetch, transaction
from portal.encounters.queries import visits
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused

LONGEST = 300
LEAVE = f"""
INSERT INTO no_charge (appointment, reason, made_by, made_at)
SELECT id, {{}}, {{}}::bigint, {{}} FROM appointment WHERE {visits.OPEN} AND {{}} AND starts_at < {{}}
    ON CONFLICT (appointment) DO NOTHING RETURNING appointment
"""


async def leave(viewer: Viewer, appointment_id: int, reason: str) -> None:
    """Not found outside one's reach. Said twice, the first words stand. Raises `Refused`."""
    visit = await visits.completed(viewer, appointment_id)
    _check(reason)
    async with transaction():
        if await visits.recorded_as(viewer, visit.id):
            raise Refused({"": lazy("This visit is recorded. Void what was recorded first.")})
        rows = await fetch(
            "INSERT INTO no_charge (appointment, reason, made_by, made_at) VALUES ({}, {}, {}, {})"
            " ON CONFLICT (appointment) DO NOTHING RETURNING id",
            visit.id,
            reason,
            viewer.staff_id,
            clock.now(),
        )
        if rows:
            await audit.record(viewer, "visit.not_charged", client_id=visit.client_id, subject_id=visit.id)


async def leave_before(viewer: Viewer, day: date, reason: str) -> int:
    """All that began before this day and that nobody has recorded. Returns how many. Raises `Refused`."""
    viewer.must(Permission.LEDGER_ADJUST)
    viewer.must(Permission.CLIENT_READ_ALL)
    _check(reason)
    zone = (await practices.practice(viewer)).time_zone
    async with transaction():
        reached = viewer.reaches(Appointment).querystring
        rows = await fetch(LEAVE, reason, viewer.staff_id, clock.now(), reached, midnight(zone, day))
        await audit.record(viewer, "visits.not_charged", before=day.isoformat(), many=len(rows))
    return len(rows)


def _check(reason: str) -> None:
    if not reason:
        raise Refused(reason=lazy("Say why nothing is charged"))
    if len(reason) > LONGEST:
        raise Refused(reason=lazy("Use %(most)s characters or fewer", most=LONGEST))
