"""What the nightly check has found wrong, beside where money is posted, and not only in the queue."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.access import Permission, Viewer
from portal.billing.kinds import FAULT
from portal.clients.names import full_name
from portal.database import fetch
from portal.review.tables import ReviewItem

IS_OPEN = "SELECT id FROM review_item WHERE kind = {} AND subject_id = {} AND client = {} AND settled_at IS NULL"
MOST = 5
OPEN = f"""
SELECT review_item.url, review_item.client AS client_id, c.given_name, c.family_name, c.suffix
  FROM review_item LEFT JOIN client AS c ON c.id = review_item.client
 WHERE review_item.kind = {{}} AND review_item.settled_at IS NULL AND review_item.needs = ANY({{}}::varchar[])
   AND (review_item.client IS NULL OR {{}}) ORDER BY review_item.id LIMIT {MOST}
"""


@dataclass(frozen=True)
class Alarm:
    """Without a client it is the practice's: a number that is missing."""

    url: str
    client_id: int | None
    name: str


async def found(viewer: Viewer) -> Sequence[Alarm]:
    """No more than a notice can hold."""
    viewer.must(Permission.LEDGER_READ)
    rows = await fetch(OPEN, FAULT.name, list(viewer.permissions), viewer.reaches(ReviewItem).querystring)
    return [Alarm(row["url"], row["client_id"], full_name(row) if row["client_id"] else "") for row in rows]


async def is_open(viewer: Viewer, client_id: int) -> bool:
    """Whoever asks has reached the client."""
    viewer.must(Permission.LEDGER_READ)
    return bool(await fetch(IS_OPEN, FAULT.name, client_id, client_id))
