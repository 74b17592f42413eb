"""Reads what Stripe's library sends: `a[b][0]=c`, as the library's own annotations say it may be."""

import re
import sys
import typing
from functools import cache
from types import NoneType, SimpleNamespace, UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin
from urllib.parse import parse_qsl

from stripe import RequestOptions

from stripesim.refusal import not_read

FOR_THE_LIBRARY = set(RequestOptions.__annotations__)
INTEGER = re.compile(r"-?\d{1,18}")
MOST_METADATA, LONGEST_NAME, LONGEST_VALUE = 50, 40, 500


def decode(body: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        path = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        if not path:
            raise not_read(f"Invalid parameter name: {name}", param=name)
        place = tree
        for step, following in zip(path, [*path[1:], None], strict=True):
            step = step or str(len(place))
            if following is None:
                place[step] = value
            else:
                place = place.setdefault(step, {})
                if not isinstance(place, dict):
                    raise not_read(f"Invalid parameter: {name} is given twice", param=name)
    return {name: listed(value) for name, value in tree.items()}


def listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [listed(value[name]) for name in sorted(value, key=int)]
    return {name: listed(inner) for name, inner in value.items()}


def checked(given: dict[str, Any], shape: Any, path: str = "") -> dict[str, Any]:
    """The values in their own types. What the annotations do not know is refused in Stripe's words."""
    hints = hints_of(shape) if path else {"expand": list[str]} | hints_of(shape)
    unknown = [within(path, name) for name in given if name not in hints]
    if unknown:
        words = "parameter" if len(unknown) == 1 else "parameters"
        raise not_read(
            f"Received unknown {words}: {', '.join(sorted(unknown))}", param=unknown[0], code="parameter_unknown"
        )
    for name in sorted(shape.__required_keys__ & set(hints)):
        if name not in given:
            param = within(path, name)
            raise not_read(f"Missing required param: {param}.", param=param, code="parameter_missing")
    return {name: read(value, hints[name], within(path, name)) for name, value in given.items()}


@cache
def hints_of(shape: Any) -> dict[str, Any]:
    """The options of the library itself are left out: they are no parameters, and name what their module only imports
    for type checkers."""
    own = {name: hint for name, hint in shape.__annotations__.items() if name not in FOR_THE_LIBRARY}
    holder = SimpleNamespace(__annotations__=own)
    names = vars(sys.modules[shape.__module__])
    return typing.get_type_hints(holder, names, include_extras=True)


def within(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def read(value: Any, hint: Any, path: str) -> Any:
    ways = flattened(hint)
    if isinstance(value, dict):
        return read_object(value, ways, path)
    if isinstance(value, list):
        for way in ways:
            if get_origin(way) is list:
                return [read(one, get_args(way)[0], f"{path}[{place}]") for place, one in enumerate(value)]
        raise not_read(f"Invalid string: {path} is no list", param=path)
    return read_scalar(value, ways, path)


def flattened(hint: Any) -> list[Any]:
    origin = get_origin(hint)
    if origin in (NotRequired, Required):
        return flattened(get_args(hint)[0])
    if origin in (Union, UnionType):
        return [way for part in get_args(hint) for way in flattened(part)]
    return [] if hint is NoneType else [hint]


def read_object(value: dict[str, Any], ways: list[Any], path: str) -> dict[str, Any]:
    for way in ways:
        if typing.is_typeddict(way) or hasattr(way, "__required_keys__"):
            return checked(value, way, path)
    if any(get_origin(way) is dict for way in ways):
        return metadata(value, path) if path.endswith(("metadata", "metadata]")) else value
    raise not_read(f"Invalid string: {path} is no object", param=path)


def metadata(value: dict[str, Any], path: str) -> dict[str, str]:
    if len(value) > MOST_METADATA:
        raise not_read(f"Metadata can have at most {MOST_METADATA} keys.", param=path)
    for name, text in value.items():
        if not isinstance(text, str):
            raise not_read("Metadata values must be strings.", param=within(path, name))
        if len(name) > LONGEST_NAME:
            raise not_read(f"Metadata keys can be at most {LONGEST_NAME} characters.", param=within(path, name))
        if len(text) > LONGEST_VALUE:
            raise not_read(f"Metadata values can be at most {LONGEST_VALUE} characters.", param=within(path, name))
    return value


def read_scalar(value: str, ways: list[Any], path: str) -> Any:
    words = [word for way in ways if get_origin(way) is Literal for word in get_args(way)]
    if value in words:
        return value
    if bool in ways and value in ("true", "false"):
        return value == "true"
    if (int in ways or float in ways) and INTEGER.fullmatch(value):
        return int(value)
    named = [word for word in words if word]
    if named and int not in ways:
        raise not_read(f"Invalid {path}: must be one of {', '.join(map(str, named))}", param=path)
    if bool in ways:
        raise not_read(f"Invalid boolean: {value}", param=path)
    if int in ways:
        raise not_read(f"Invalid integer: {value}", param=path, code="parameter_invalid_integer")
    if str not in ways and not any(getattr(way, "__name__", "") in ("float", "Decimal") for way in ways):
        raise not_read(f"Invalid {path}: this holds more than one value", param=path)
    return value
