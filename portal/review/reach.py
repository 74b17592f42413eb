"""Whose items one settles: those of the clients in one's reach, and those of the portal itself."""

from piccolo.querystring import QueryString

from portal.access import Permission, Viewer
from portal.review.tables import ReviewItem


def reached(viewer: Viewer) -> QueryString:
    viewer.must(Permission.REVIEW_SETTLE)
    return QueryString("({} OR review_item.client IS NULL)", viewer.reaches(ReviewItem).querystring)


def every(*conditions: QueryString) -> QueryString:
    return QueryString(" AND ".join(["{}"] * len(conditions)), *conditions)
