"""What a practice may choose: each feature declares its switches when it is imported, and asks for their values."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal import audit
from portal.access import NotFoundException, Permission, Viewer
from portal.database import fetch, transaction
from portal.language import lazy
from portal.practice import queries
from portal.refusal import Refused

Choice = tuple[str, object] | tuple[str, object, object]


@dataclass(frozen=True)
class Switch:
    """`name` is `feature.what`; a choice is its value, its words and, if it needs one, a hint.

    Without choices it is the practice's own words, of `most` characters.
    The switches of a feature stand together under the title that is their `group`.
    """

    name: str
    label: object
    choices: tuple[Choice, ...] = ()
    default: str = ""
    hint: object = ""
    group: object = lazy("The practice")
    most: int = 0

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(choice[0] for choice in self.choices)

    def allows(self, value: str) -> bool:
        return value in self.values if self.choices else len(value) <= self.most

    @property
    def feature(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Group:
    name: str
    title: object
    switches: list[Switch]


SWITCHES: dict[str, Switch] = {}


def declare(switch: Switch) -> Switch:
    assert switch.allows(switch.default), switch.name
    SWITCHES[switch.name] = switch
    return switch


def groups() -> list[Group]:
    """In the order in which the features were imported."""
    found: dict[str, Group] = {}
    for switch in SWITCHES.values():
        found.setdefault(switch.feature, Group(switch.feature, switch.group, [])).switches.append(switch)
    return list(found.values())


async def value(viewer: Viewer, name: str) -> str:
    return _value(SWITCHES[name], await queries.chosen(viewer))


async def values(viewer: Viewer) -> dict[str, str]:
    """Of every switch there is, whether or not somebody has turned it."""
    chosen = await queries.chosen(viewer)
    return {name: _value(switch, chosen) for name, switch in SWITCHES.items()}


async def turn(viewer: Viewer, name: str, to: str) -> None:
    """Raises not found for a switch that nobody has declared, and `Refused` for what is no choice of it."""
    await turn_all(viewer, {name: to})


async def turn_all(viewer: Viewer, chosen: Mapping[str, str]) -> None:
    """All of them or none."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    if not chosen.keys() <= SWITCHES.keys():
        raise NotFoundException
    wrong = [SWITCHES[name] for name, to in chosen.items() if not SWITCHES[name].allows(to)]
    if wrong:
        raise Refused({one.name: _refusal(one) for one in wrong})
    async with transaction():
        for name, to in sorted(chosen.items()):
            await _turn(viewer, SWITCHES[name], to.strip())
    queries.forget()


async def _turn(viewer: Viewer, switch: Switch, to: str) -> None:
    rows = await fetch("SELECT value FROM setting WHERE name = {} FOR UPDATE", switch.name)
    if to != (rows[0]["value"] if rows else switch.default):
        await fetch(
            "INSERT INTO setting (name, value) VALUES ({}, {}) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            switch.name,
            to,
        )
        await audit.record(viewer, "setting.changed", name=switch.name, value=to)


def _refusal(switch: Switch) -> object:
    return lazy("Choose one of these") if switch.choices else lazy("Use %(most)s characters or fewer", most=switch.most)


def _value(switch: Switch, chosen: Mapping[str, str]) -> str:
    """What is no choice any more counts as not chosen."""
    found = chosen.get(switch.name)
    return switch.default if found is None or not switch.allows(found) else found
