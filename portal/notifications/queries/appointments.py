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

# The client, and whoever else has a live grant for appointments.
READERS = """
SELECT DISTINCT a.email AS address, a.language, p.client AS client_id
  FROM appointment p JOIN access_grant g ON g.client = p.client JOIN account a ON a.id = g.account
 WHERE p.id = {} AND NOT a.is_suspended AND {} = ANY(g.areas) AND g.starts_at <= {}
   AND (g.ends_at IS NULL OR g.ends_at > {})
"""
TOLD = """
SELECT id FROM delivery
 WHERE kind = 'appointment-changed' AND client_id = {} AND address = {} AND written_at >= {} LIMIT 1
"""
NEWS = "SELECT client FROM appointment WHERE id = {} AND read_at IS NULL AND ends_at > {}"


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


async def readers(viewer: Viewer, appointment_id: int) -> list[Asker]:
    """Who may read of it in the portal, whoever booked it."""
    now = clock.now()
    return [Asker(**row) for row in await fetch(READERS, appointment_id, str(Area.APPOINTMENTS), now, now)]


async def untold(viewer: Viewer, appointment_id: int, happened_at: datetime) -> list[Asker]:
    """Who has had no letter since then: another would say no more and no less.

    Of several who ask about the same client, each waits until the one before has written its letters and is done.
    What is over or read already needs none, and must not stand for what does.
    """
    client_id = await client_of_news(viewer, appointment_id)
    if client_id is None:
        return []
    await fetch("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"appointment-changed:{client_id}")
    found = await readers(viewer, appointment_id)
    return [one for one in found if not await fetch(TOLD, client_id, one.address, happened_at)]


async def client_of_news(viewer: Viewer, appointment_id: int) -> int | None:
    """Whose visit it is, while there is something unread about it and it is not over."""
    rows = await fetch(NEWS, appointment_id, clock.now())
    return rows[0]["client"] if rows else None
