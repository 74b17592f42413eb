"""Whose items one settles: those of the clients in one's reach, and those of the portal itself."""

from piccolo.querystring import QueryString

from portal import clock
from portal.access import Permission, Viewer
from portal.review.tables import HELD_FOR, ReviewItem


def held(viewer: Viewer) -> list[str]:
    """What an item may need so that the viewer finds it. One that needs nothing is for whoever settles the queue."""
    return [*([""] if viewer.may(Permission.REVIEW_SETTLE) else []), *viewer.permissions]


def reached(viewer: Viewer) -> QueryString:
    viewer.must(Permission.REVIEW_READ)
    return QueryString(
        "((({} OR review_item.client IS NULL) AND review_item.needs = ANY({}::varchar[])"
        " OR review_item.only_for = {}::bigint)"
        " AND (review_item.client IS NULL OR review_item.client <> ALL({}::bigint[])))",
        viewer.reaches(ReviewItem).querystring,
        held(viewer),
        viewer.staff_id,
        list(viewer.own_clients),
    )


def free(viewer: Viewer) -> QueryString:
    """Nobody else has it open."""
    return QueryString("(held_by IS NULL OR held_by = {} OR held_at < {})", viewer.staff_id, clock.now() - HELD_FOR)


def every(*conditions: QueryString) -> QueryString:
    return QueryString(" AND ".join(["{}"] * len(conditions)), *conditions)
