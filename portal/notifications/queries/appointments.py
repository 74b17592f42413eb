"""Who asked for an appointment, if they may still read of it."""

from datetime import datetime

from portal import clock
from portal.access import Area, Viewer
from portal.database import fetch
from portal.notifications.queries.told import Asker

ASKER = """
SELECT a.email AS address, a.language, p.client AS client_id
  FROM appointment p JOIN account a ON a.id = p.asked_by
 WHERE p.id = {} AND p.read_at IS NULL AND NOT a.is_suspended
   AND EXISTS (SELECT FROM access_grant g WHERE g.account = a.id AND g.client = p.client AND {} = ANY(g.areas)
                  AND g.starts_at <= {} AND (g.ends_at IS NULL OR g.ends_at > {}))
"""


async def asker(viewer: Viewer, appointment_id: int) -> Asker | None:
    """None where there is nobody to write to, or nothing new for them."""
    now = clock.now()
    rows = await fetch(ASKER, appointment_id, str(Area.APPOINTMENTS), now, now)
    return Asker(**rows[0]) if rows else None


async def is_waiting(viewer: Viewer, appointment_id: int) -> bool:
    return bool(await fetch("SELECT id FROM appointment WHERE id = {} AND state = 'requested'", appointment_id))


async def kept_until(viewer: Viewer, appointment_id: int) -> datetime | None:
    """Of a time that is offered; None where it is not any more."""
    rows = await fetch(
        "SELECT held_until FROM appointment WHERE id = {} AND state = 'offered' AND held_until > {}",
        appointment_id,
        clock.now(),
    )
    return rows[0]["held_until"] if rows else None
