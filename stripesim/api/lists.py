"""Pages of a list, newest first: `limit`, `starting_after`, `ending_before`, `created`."""

from typing import Any

from stripesim.refusal import missing, not_read
from stripesim.shapes import page
from stripesim.store import Thing

USUAL, MOST = 10, 100


def listed(things: list[Thing], given: dict[str, Any], path: str) -> Thing:
    limit = given.get("limit", USUAL)
    if not 1 <= limit <= MOST:
        raise not_read(f"Invalid integer: limit must be between 1 and {MOST}", param="limit")
    things = [thing for thing in things if is_within(thing["created"], given.get("created"))]
    if after := given.get("starting_after"):
        things = things[place_of(after, things, "starting_after") + 1 :]
    if before := given.get("ending_before"):
        things = things[: place_of(before, things, "ending_before")]
        return page(things[-limit:], path, has_more=len(things) > limit)
    return page(things[:limit], path, has_more=len(things) > limit)


def is_within(moment: int, bounds: int | dict[str, int] | None) -> bool:
    if bounds is None or isinstance(bounds, int):
        return bounds in (None, moment)
    return (
        moment > bounds.get("gt", -1)
        and moment >= bounds.get("gte", 0)
        and moment < bounds.get("lt", moment + 1)
        and moment <= bounds.get("lte", moment)
    )


def place_of(id: str, things: list[Thing], param: str) -> int:
    for place, thing in enumerate(things):
        if thing["id"] == id:
            return place
    raise missing("object", id, param=param, status=400)
