"""A request as staff decide about it, and what stands beside it."""

from portal.access import NotFoundException, Permission, Viewer
from portal.appointments.queries.visits import BOOKED_STATES, FIELDS, JOINED, only, written
from portal.appointments.reach import reached
from portal.appointments.tables import Appointment
from portal.appointments.visit import Visit
from portal.database import fetch

BESIDE = f"""
SELECT {FIELDS} {JOINED}
 WHERE a.id <> {{}} AND (a.clinician = {{}} OR a.client = {{}})
   AND (a.state IN ('requested', 'offered') OR a.state IN {BOOKED_STATES})
   AND (a.starts_at AT TIME ZONE {{}})::date = ({{}}::timestamptz AT TIME ZONE {{}})::date ORDER BY a.starts_at, a.id
"""


async def for_review(viewer: Viewer, appointment_id: int) -> Visit:
    """Not what somebody only holds while choosing, nor what is only offered to them."""
    viewer.must(Permission.REVIEW_SETTLE)
    if not await Appointment.exists().where(reached(viewer), Appointment.id == appointment_id):
        raise NotFoundException
    return only(
        await fetch(
            f"SELECT {FIELDS} {JOINED} WHERE a.id = {{}} AND a.state NOT IN ('held', 'offered')", appointment_id
        )
    )


async def beside(viewer: Viewer, visit: Visit) -> list[Visit]:
    """What else the clinician has on that day of the place, and what else the client has; in order."""
    viewer.must(Permission.REVIEW_SETTLE)
    rows = await fetch(
        BESIDE, visit.id, visit.clinician_id, visit.client_id, visit.time_zone, visit.starts_at, visit.time_zone
    )
    return [written(row) for row in rows]
