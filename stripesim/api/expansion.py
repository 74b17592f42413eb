"""`expand`: an id becomes the object that it names, where the library says that it can."""

from types import NoneType
from typing import Any, Literal, get_args, get_origin

from stripe._object_classes import get_object_class

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
    if isinstance(place, dict) and isinstance(place.get(step), str) and not may_expand(place, step):
        raise refused(path)
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


def may_expand(place: Thing, name: str) -> bool:
    """An `ExpandableField` is a string or something else. Parts without a name of their own are not asked about."""
    if "object" not in place:
        return True
    hint = get_object_class("V1", place["object"]).__annotations__.get(name)
    ways = {way for way in get_args(hint) if get_origin(way) is not Literal}
    return str in ways and bool(ways - {str, NoneType})


def refused(path: str) -> Refused:
    return Refused(f"This property cannot be expanded ({path}).", param="expand", code="property_cannot_be_expanded")
