"""What waits for staff."""

from dataclasses import dataclass
from datetime import datetime

from portal.access import Permission, Viewer
from portal.review.tables import ReviewItem

MOST = 200


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
    rows = await (
        ReviewItem.select(
            ReviewItem.id,
            ReviewItem.kind,
            ReviewItem.client.id.as_alias("client_id"),
            ReviewItem.url,
            ReviewItem.opened_at,
            ReviewItem.client.given_name.as_alias("given"),
            ReviewItem.client.family_name.as_alias("family"),
        )
        .where(ReviewItem.settled_at.is_null(), _reached(viewer))
        .order_by(ReviewItem.opened_at, ReviewItem.id)
        .limit(MOST)
    )
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
    return await ReviewItem.count().where(ReviewItem.settled_at.is_null(), _reached(viewer))


def _reached(viewer: Viewer):  # type: ignore[no-untyped-def]
    return viewer.reaches(ReviewItem) | ReviewItem.client.is_null()
