"""Who reads of a client's account in the portal, and gets letters about it."""

from dataclasses import dataclass

from portal import clock
from portal.access import Area, Permission, Viewer
from portal.database import fetch

READERS = """
SELECT DISTINCT a.email AS address, a.language
  FROM access_grant AS g JOIN account AS a ON a.id = g.account
 WHERE g.client = {} AND NOT a.is_suspended AND {} = ANY(g.areas) AND g.starts_at <= {}
   AND (g.ends_at IS NULL OR g.ends_at > {})
 ORDER BY address
"""
STANDS = """
SELECT e.client FROM estimate AS e
 WHERE e.id = {} AND NOT EXISTS (SELECT FROM estimate AS n WHERE n.replaces = e.id)
"""


@dataclass(frozen=True)
class Reader:
    address: str
    language: str


async def readers(viewer: Viewer, client_id: int) -> list[Reader]:
    viewer.must(Permission.ESTIMATE_GIVE)
    now = clock.now()
    return [Reader(**row) for row in await fetch(READERS, client_id, str(Area.BILLING), now, now)]


async def is_heard(viewer: Viewer, client_id: int) -> bool:
    return bool(await readers(viewer, client_id))


async def whose(viewer: Viewer, estimate_id: int) -> int | None:
    """The client of one that no newer has replaced."""
    rows = await fetch(STANDS, estimate_id)
    return rows[0]["client"] if rows else None
