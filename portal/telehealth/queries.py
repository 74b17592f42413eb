"""Where visits by video take place, for whom and when; and who has agreed to them."""

from datetime import datetime

from portal import clock
from portal.access import Area, Viewer
from portal.appointments.beside import Note
from portal.appointments.links import fault
from portal.appointments.queries.availability import must_manage
from portal.appointments.queries.visits import BOOKED_STATES
from portal.appointments.visit import JOINS_BEFORE, Visit
from portal.database import fetch
from portal.language import lazy
from portal.telehealth.rules import EDITION

# In its time and with consent, whoever asks.
LINK = f"""
SELECT coalesce(nullif(a.link, ''), r.link, '') AS link
  FROM appointment AS a LEFT JOIN video_room AS r ON r.clinician = a.clinician
 WHERE a.id = {{}} AND a.client = {{}} AND a.contact_type = 'telehealth' AND a.state IN {BOOKED_STATES}
   AND a.starts_at <= {{}} AND a.ends_at > {{}}
   AND EXISTS (SELECT FROM telehealth_consent WHERE client = a.client AND account = {{}} AND edition = {{}})
"""


async def room(viewer: Viewer, clinician_id: int) -> str:
    """A clinician's own link; empty where there is none."""
    await must_manage(viewer, clinician_id)
    rows = await fetch("SELECT link FROM video_room WHERE clinician = {}", clinician_id)
    return str(rows[0]["link"]) if rows else ""


async def accepted_at(viewer: Viewer, client_id: int) -> datetime | None:
    """When this account agreed to the present words for this client."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    rows = await fetch(
        "SELECT accepted_at FROM telehealth_consent WHERE client = {} AND account = {} AND edition = {}",
        client_id,
        viewer.account_id,
        EDITION,
    )
    return rows[0]["accepted_at"] if rows else None


async def link(viewer: Viewer, client_id: int, appointment_id: int) -> str:
    """Empty where none is known that can be used, or it is not the time for it."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    now = clock.now()
    rows = await fetch(LINK, appointment_id, client_id, now + JOINS_BEFORE, now, viewer.account_id, EDITION)
    found = str(rows[0]["link"]) if rows else ""
    return "" if fault(found) else found


async def hints(viewer: Viewer, visit: Visit) -> list[Note]:
    """On the page of a visit by video, as long as nothing was accepted."""
    if not visit.is_by_video or await accepted_at(viewer, visit.client_id):
        return []
    url = f"/clients/{visit.client_id}/appointments/{visit.id}/join"
    return [Note(lazy("Before your first video visit: read and accept"), url)]
