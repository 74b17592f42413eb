"""What speaks against a request by now, on the desk of whoever answers it: hours change while it waits."""

from portal.access import Permission, Viewer
from portal.appointments.actions.moving import Placed
from portal.appointments.beside import Note
from portal.appointments.visit import Visit
from portal.language import lazy
from portal.schedule.queries.clashes import doubts


async def told(viewer: Viewer, visit: Visit) -> list[Note]:
    if not visit.is_asked or not viewer.may(Permission.SCHEDULE_KEEP):
        return []
    wanted = Placed(
        visit.clinician_id, visit.site_id, visit.time_zone, visit.starts_at, visit.ends_at,
        visit.busy_from, visit.busy_until, visit.contact_type, visit.type_id,
    )  # fmt: skip
    is_kept = viewer.may(Permission.SCHEDULE_KEEP_ALL) or viewer.staff_id == visit.clinician_id
    day = f"/staff/schedule?day={visit.day}&clinician={visit.clinician_id}" if is_kept else ""
    return [Note(lazy("Look at the day"), day, words) for words in (await doubts(viewer, [wanted])).get(0, [])]
