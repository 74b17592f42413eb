"""What waits for staff."""

from dataclasses import dataclass
from datetime import datetime

from piccolo.querystring import QueryString

from portal.access import Permission, Viewer
from portal.database import fetch
from portal.review.tables import ReviewItem

MOST = 200
WAITING = f"""
SELECT review_item.id, review_item.kind, review_item.client AS client_id, review_item.url, review_item.opened_at,
       c.given_name AS given, c.family_name AS family
  FROM review_item LEFT JOIN client AS c ON c.id = review_item.client
 WHERE review_item.settled_at IS NULL AND ({{}} OR review_item.client IS NULL)
 ORDER BY review_item.opened_at, review_item.id LIMIT {MOST}
"""
COUNT = "SELECT count(*) FROM review_item WHERE settled_at IS NULL AND ({} OR client IS NULL)"


@dataclass(frozen=True)
class Waiting:
    id: int
    kind: str
    client_id: int | None
    client: str
    url: str
    opened_at: datetime


async def waiting(viewer: Viewer) -> list[Waiting]:
    """The oldest first. Items that belong to no client are for everyone who settles."""
    viewer.must(Permission.REVIEW_SETTLE)
    rows = await fetch(WAITING, _reached(viewer))
    return [
        Waiting(
            row["id"],
            row["kind"],
            row["client_id"],
            " ".join(n for n in (row["given"], row["family"]) if n),
            row["url"],
            row["opened_at"],
        )
        for row in rows
    ]


async def how_many_wait(viewer: Viewer) -> int:
    if not viewer.may(Permission.REVIEW_SETTLE):
        return 0
    return int((await fetch(COUNT, _reached(viewer)))[0]["count"])


def _reached(viewer: Viewer) -> QueryString:
    return viewer.reaches(ReviewItem).querystring
