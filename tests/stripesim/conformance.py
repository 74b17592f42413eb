"""Is this what Stripe's library expects of Stripe? Asked of its annotations: fields, types, words of lists."""

from functools import cache
from types import NoneType
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe import ErrorObject, ListObject, StripeObject
from stripe._object_classes import get_object_class
from stripe._stripe_object import UntypedStripeObject

LISTS = ("list", "search_result")
OF_THE_LIBRARY = {"OBJECT_NAME"}
CLIENT = stripe.StripeClient("sk_test_sim_conformance")


def faults(said: dict[str, Any]) -> list[str]:
    """All that is wrong with an answer, each with its place; an empty list is a good answer."""
    if set(said) == {"error"}:
        return of_class(said["error"], ErrorObject, "error")
    return of_object(said, said.get("object", "?"))


def of_object(said: dict[str, Any], path: str) -> list[str]:
    kind = said.get("object")
    if kind in LISTS:
        inner = [fault for n, one in enumerate(said["data"]) for fault in of_object(one, f"{path}[{n}]")]
        if kind == "search_result":  # of which the library leaves out `url`, and that the last page has no next
            return inner
        return inner + of_class({**said, "data": []}, ListObject, path)
    if said.get("deleted"):
        return [] if set(said) == {"id", "object", "deleted"} else [f"{path}: deleted, and more"]
    known = get_object_class("V1", kind)
    if known is StripeObject:
        return [f"{path}: the library knows no {kind}"]
    return of_class(said, known, path) + round_trip(said, known, path)


def round_trip(said: dict[str, Any], kind: type, path: str) -> list[str]:
    """What the library makes of it says the same again."""
    made = kind._construct_from(values=said, requestor=CLIENT._requestor, api_mode="V1")
    again = made.to_dict(for_json=True)
    return [] if again == said else [f"{path}: changes on the way through the library"]


def of_class(said: Any, kind: type, path: str) -> list[str]:
    if not isinstance(said, dict):
        return [f"{path}: {said!r} is no {kind.__name__}"]
    hints = hints_of(kind)
    found = [f"{path}.{name}: unknown to the library" for name in said if name not in hints and name != "object"]
    for name, hint in hints.items():
        if name in said:
            found += of_hint(said[name], hint, f"{path}.{name}")
        elif NoneType not in get_args(hint):
            found.append(f"{path}.{name}: missing")
    return found


@cache
def hints_of(kind: type) -> dict[str, Any]:
    hints = {
        name: hint for part in reversed(kind.__mro__) for name, hint in vars(part).get("__annotations__", {}).items()
    }
    return {name: hint for name, hint in hints.items() if not name.startswith("_") and name not in OF_THE_LIBRARY}


def of_hint(said: Any, hint: Any, path: str) -> list[str]:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Union:
        return of_union(said, parts, path)
    if origin is Literal:
        return [] if said in parts else [f"{path}: {said!r} is none of {parts}"]
    if origin is list:
        if not isinstance(said, list):
            return [f"{path}: {said!r} is no list"]
        return [fault for n, one in enumerate(said) for fault in of_hint(one, parts[0], f"{path}[{n}]")]
    if origin is ListObject or isinstance(hint, str | ForwardRef):
        return of_object(said, path) if isinstance(said, dict) else [f"{path}: {said!r} is no object"]
    if origin is UntypedStripeObject:
        is_object = isinstance(said, dict) and isinstance(said.get("object"), str)
        return of_object(said, path) if is_object else [] if isinstance(said, dict) else [f"{path}: no object"]
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        return of_class(said, hint, path)
    if hint is Any:
        return []
    is_right = type(said) is hint or (hint is float and type(said) is int) or hint.__name__ == "Decimal"
    return [] if is_right else [f"{path}: {said!r} is no {hint.__name__}"]


def of_union(said: Any, parts: tuple[Any, ...], path: str) -> list[str]:
    if said is None:
        return [] if NoneType in parts else [f"{path}: null"]
    words = [part for part in parts if get_origin(part) is Literal]
    if words and isinstance(said, str):
        return of_hint(said, words[0], path)
    ways = [part for part in parts if part is not NoneType and part not in words]
    tried = [of_hint(said, way, path) for way in ways]
    return min(tried, key=len) if tried else [f"{path}: {said!r}"]
