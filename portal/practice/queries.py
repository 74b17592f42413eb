"""The practice as everyone may see it, and its people."""

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from portal.access import Viewer
from portal.database import fetch
from portal.practice.tables import Practice, Setting

KEPT_FOR = 1.0  # seconds: of many requests one asks, and what was chosen elsewhere is soon known
NAME = ("prefix", "given_name", "family_name")
T = TypeVar("T")
_kept: dict[str, tuple[float, Any]] = {}


class Person(NamedTuple):
    """A member of staff, by name."""

    id: int
    name: str


async def practice(viewer: Viewer) -> Practice:
    """Public facts, kept for a second: every page shows them. A portal without a practice yet gets an empty one."""
    return await _keeping("practice", _practice)


async def chosen(viewer: Viewer) -> dict[str, str]:
    """What was chosen for each switch that somebody has turned; kept as long, for every request may ask."""
    return await _keeping("chosen", _chosen)


async def clinicians(viewer: Viewer) -> list[Person]:
    """Those who see clients now; kept as long, for each look at the queue offers them."""
    return await _keeping("clinicians", _clinicians)


async def clinicians_with_clients(viewer: Viewer) -> list[Person]:
    """Those of them who have any: an import brings whole hospitals, whose clients are elsewhere. Kept as long."""
    return await _keeping("clinicians_with_clients", _clinicians_with_clients)


async def everybody(viewer: Viewer) -> list[Person]:
    """Whoever works here, or once did."""
    return await _people("TRUE")


def forget() -> None:
    """After a change, this process shows it at once."""
    _kept.clear()


def name_of(member: str) -> str:
    """A member's name in SQL: of the row of `staff_member` that is called so; empty where there is none."""
    return "concat_ws(' ', " + ", ".join(f"nullif({member}.{part}, '')" for part in NAME) + ")"


async def _keeping(name: str, read: Callable[[], Awaitable[T]]) -> T:
    if name not in _kept or monotonic() - _kept[name][0] > KEPT_FOR:
        _kept[name] = (monotonic(), await read())
    found: T = _kept[name][1]
    return found


async def _practice() -> Practice:
    return await Practice.objects().first() or Practice(name="", id=0)


async def _chosen() -> dict[str, str]:
    rows = await Setting.select(Setting.name, Setting.value)
    return {row["name"]: row["value"] for row in rows}


async def _clinicians() -> list[Person]:
    return await _people("is_clinician AND is_active")


async def _clinicians_with_clients() -> list[Person]:
    return await _people("is_clinician AND is_active AND EXISTS (SELECT FROM client WHERE principal_clinician = m.id)")


async def _people(who: str) -> list[Person]:
    rows = await fetch(
        f"SELECT id, {name_of('m')} AS name FROM staff_member AS m WHERE {who} ORDER BY family_name, given_name, id"
    )
    return [Person(**row) for row in rows]
