"""What the queue is told of an appointment."""

from datetime import datetime

from portal.access import Viewer
from portal.appointments import kinds
from portal.database import fetch
from portal.practice.queries import name_of

SOMEBODY_ELSE = f"""
SELECT {name_of("m")} AS name FROM staff_member AS m, client AS c
 WHERE m.id = {{}} AND c.id = {{}} AND c.principal_clinician IS DISTINCT FROM m.id
"""


async def about(
    viewer: Viewer,
    client_id: int,
    clinician_id: int,
    starts_at: datetime,
    zone: str,
    contact_type: str,
    instead_of: datetime | None = None,
) -> str:
    """Beside an item stands the clinician of the chart: where somebody else would see the client, that is said."""
    rows = await fetch(SOMEBODY_ELSE, clinician_id, client_id)
    return kinds.about(starts_at, zone, contact_type, instead_of, rows[0]["name"] if rows else "")
