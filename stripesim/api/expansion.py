"""`expand`: an id becomes the object that it names."""

from typing import Any

from stripesim.refusal import Refused
from stripesim.store import Store, Thing

DEEPEST = 4


def expand(store: Store, answer: Thing, paths: list[str]) -> Thing:
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise Refused(f"You cannot expand more than {DEEPEST} levels of a property ({path}).", param="expand")
        walk(store, answer, steps, path)
    return answer


def walk(store: Store, place: Any, steps: list[str], path: str) -> None:
    if not steps or place is None:
        return
    if isinstance(place, list):
        for one in place:
            walk(store, one, steps, path)
        return
    step, rest = steps[0], steps[1:]
    if not isinstance(place, dict) or step not in place | place.get("_more", {}):
        raise refused(path)
    if step not in place:
        place[step] = place["_more"][step]
    value = place[step]
    if isinstance(value, str):
        found = store.find(value)
        if found is None:
            raise refused(path)
        place[step] = found
    elif not rest and not isinstance(value, dict | list | None):
        raise refused(path)
    walk(store, place[step], rest, path)


def refused(path: str) -> Refused:
    return Refused(f"This property cannot be expanded ({path}).", param="expand", code="property_cannot_be_expanded")
