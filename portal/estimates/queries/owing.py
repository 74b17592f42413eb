"""For which visits of a client an estimate is owed, and until when."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal import clock
from portal.access import Viewer
from portal.database import fetch
from portal.estimates import rules
from portal.estimates.rules import Duties, Planned, Scope
from portal.estimates.settings import reminds
from portal.practice import queries as practices

LOOKS_BACK = timedelta(days=400)  # longer than the longest estimate
# A visit is scheduled when the practice agreed to it, or moved it, or when the client took what was offered.
VISITS = """
SELECT a.id, a.clinician, a.starts_at,
       greatest(coalesce(a.decided_at, a.made_at),
                (SELECT max(happened_at) FROM event WHERE kind = 'appointment.booked' AND subject_id = a.id))
         AS scheduled_at,
       CASE WHEN a.series IS NULL THEN a.id
            ELSE (SELECT min(id) FROM appointment WHERE series = a.series) END AS group_id,
       EXISTS (SELECT FROM coverage AS c WHERE c.client = a.client
                  AND coalesce(c.starts_on, '-infinity') <= (a.starts_at AT TIME ZONE a.time_zone)::date
                  AND coalesce(c.ends_on, 'infinity') >= (a.starts_at AT TIME ZONE a.time_zone)::date) AS is_insured
  FROM appointment AS a
 WHERE a.client = {} AND a.state IN ('booked', 'confirmed', 'arrived', 'completed') AND a.starts_at > {}
 ORDER BY a.starts_at, a.id
"""
SCOPES = """
SELECT e.appointment, e.visits, e.first_day, e.last_day,
       ARRAY(SELECT clinician FROM estimate_provider WHERE estimate = e.id) AS clinicians
  FROM estimate AS e
 WHERE e.client = {} AND e.last_day >= {} AND NOT EXISTS (SELECT FROM estimate AS n WHERE n.replaces = e.id)
 ORDER BY e.id
"""
OPEN = "SELECT subject_id FROM review_item WHERE kind = {} AND client = {} AND settled_at IS NULL"
REMINDED = "SELECT DISTINCT client FROM review_item WHERE kind = {} AND settled_at IS NULL ORDER BY client"


async def duties(viewer: Viewer, client_id: int) -> Duties:
    """By the first visit of each series, or the visit itself. Nothing, where the practice wants no reminders."""
    if not await reminds(viewer):
        return Duties()
    return rules.duties(await planned(viewer, client_id), await scopes(viewer, client_id))


async def planned(viewer: Viewer, client_id: int) -> list[Planned]:
    """Whoever asks has reached the client."""
    zone = ZoneInfo((await practices.practice(viewer)).time_zone)
    now = clock.now()
    return [_planned(row, zone, now) for row in await fetch(VISITS, client_id, now - LOOKS_BACK)]


async def scopes(viewer: Viewer, client_id: int) -> list[Scope]:
    """Of what stands. Whoever asks has reached the client."""
    since = clock.today((await practices.practice(viewer)).time_zone) - LOOKS_BACK
    rows = await fetch(SCOPES, client_id, since)
    return [Scope(**{**row, "clinicians": frozenset(row["clinicians"])}) for row in rows]


async def reminded(viewer: Viewer, client_id: int, kind: str) -> set[int]:
    """What stands in the queue for this client."""
    return {row["subject_id"] for row in await fetch(OPEN, kind, client_id)}


async def clients(viewer: Viewer, kind: str) -> list[int]:
    """For whom something stands in the queue."""
    return [row["client"] for row in await fetch(REMINDED, kind)]


def _planned(row: dict[str, Any], zone: ZoneInfo, now: Any) -> Planned:
    return Planned(
        id=row["id"],
        clinician=row["clinician"],
        day=row["starts_at"].astimezone(zone).date(),
        scheduled_on=row["scheduled_at"].astimezone(zone).date(),
        is_ahead=row["starts_at"] > now,
        is_insured=row["is_insured"],
        group=row["group_id"],
    )
