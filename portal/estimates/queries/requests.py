"""What clients asked the cost of, and has not been answered yet."""

from dataclasses import dataclass
from datetime import date, datetime

from piccolo.querystring import QueryString

from portal.access import Area, Permission, Viewer
from portal.database import fetch
from portal.estimates.tables import EstimateRequest

MOST_OPEN = 3
OPEN = """
SELECT id, words, asked_at, due_on FROM estimate_request
 WHERE client = {} AND is_open AND {} ORDER BY id
"""


@dataclass(frozen=True)
class Asked:
    id: int
    words: str
    asked_at: datetime
    due_on: date


async def open_for_client(viewer: Viewer, client_id: int) -> list[Asked]:
    viewer.must_act_for(client_id, Area.BILLING)
    return await _open(client_id, QueryString("TRUE"))


async def open_for_staff(viewer: Viewer, client_id: int) -> list[Asked]:
    viewer.must(Permission.ESTIMATE_GIVE)
    return await _open(client_id, viewer.reaches(EstimateRequest).querystring)


async def _open(client_id: int, reached: QueryString) -> list[Asked]:
    return [Asked(**row) for row in await fetch(OPEN, client_id, reached)]
