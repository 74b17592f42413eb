"""What a form says where it is given back apart from its page: features know what the names of their inputs mean."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from portal.web.form import Form


@dataclass(frozen=True)
class Input:
    """`shown` makes words of its value, for people; nothing, where there is nothing to say of it."""

    label: object
    shown: Callable[[str], object] = str


Reading = Callable[[Form], dict[str, Input]]
_READINGS: list[tuple[re.Pattern[str], Reading]] = []


def declare(addresses: str, reading: Reading) -> None:
    """By a feature, when it is imported: what the inputs of forms mean that go to these addresses."""
    _READINGS.append((re.compile(addresses), reading))


def inputs_of(action: str, fields: Iterable[tuple[str, str]]) -> dict[str, Input]:
    """By name; of a name that is missing nothing is known."""
    typed: dict[str, list[str]] = {}
    for name, value in fields:
        typed.setdefault(name, []).append(value)
    found = (reading for addresses, reading in _READINGS if addresses.fullmatch(action.partition("?")[0]))
    return {name: one for reading in found for name, one in reading(Form(typed)).items()}
