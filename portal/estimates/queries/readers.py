"""Who reads of a client's estimates in the portal, and gets letters about them."""

from portal.access import Area, Permission, Viewer
from portal.accounts import queries as accounts
from portal.accounts.queries import Reader
from portal.database import fetch

STANDS = """
SELECT e.client FROM estimate AS e
 WHERE e.id = {} AND NOT EXISTS (SELECT FROM estimate AS n WHERE n.replaces = e.id)
"""


async def readers(viewer: Viewer, client_id: int) -> list[Reader]:
    viewer.must(Permission.ESTIMATE_GIVE)
    return await accounts.readers(viewer, client_id, Area.BILLING)


async def is_heard(viewer: Viewer, client_id: int) -> bool:
    return bool(await readers(viewer, client_id))


async def whose(viewer: Viewer, estimate_id: int) -> int | None:
    """The client of one that no newer has replaced."""
    rows = await fetch(STANDS, estimate_id)
    return rows[0]["client"] if rows else None
