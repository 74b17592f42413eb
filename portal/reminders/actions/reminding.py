"""Reminders by the clock: a row for each rule and visit, and an event for whoever tells it."""

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.clients import record
from portal.database import fetch, transaction
from portal.reminders import queries, settings
from portal.reminders.queries import Due

REMIND = """
INSERT INTO reminder (client, appointment, rule, starts_at, made_at)
SELECT a.client, a.id, r.rule, a.starts_at, {} FROM appointment AS a, unnest({}::smallint[]) AS r (rule)
 WHERE a.id = {} AND a.starts_at = {} AND a.state IN ('booked', 'confirmed')
    ON CONFLICT (appointment, rule, starts_at) DO NOTHING RETURNING id, rule
"""


async def remind(viewer: Viewer) -> None:
    """Of every visit that is due, once by each rule and once again if it is moved; however many workers ask."""
    hours_before = await settings.hours_before(viewer)
    if hours_before:
        for visit in await queries.due(viewer, hours_before, await settings.quiet_hours(viewer)):
            await _remind(viewer, visit)


async def _remind(viewer: Viewer, visit: Due) -> None:
    """What has been cancelled, moved or told meanwhile is left. Two rules that come due together are told as one."""
    async with transaction():
        await record.lock(viewer, visit.client_id)
        rows = await fetch(REMIND, clock.now(), list(visit.rules), visit.appointment_id, visit.starts_at)
        ids = {row["rule"]: row["id"] for row in rows}
        last = next((ids[rule] for rule in reversed(visit.rules) if rule in ids), None)
        if last is not None:
            await audit.record(
                viewer, "reminder.due", client_id=visit.client_id, subject_id=visit.appointment_id, rules=sorted(ids)
            )
            await outbox.record("reminder.due", last, visit.client_id)
