"""What features above say on the page of a visit: they declare it when they are imported."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from portal.access import Viewer
from portal.appointments.visit import Visit


@dataclass(frozen=True)
class Hint:
    """`route` is a page of this visit."""

    route: str
    label: object


Asking = Callable[[Viewer, Visit], Awaitable[Hint | None]]
_ASKED: list[Asking] = []


def declare(asking: Asking) -> None:
    _ASKED.append(asking)


async def hints(viewer: Viewer, visit: Visit) -> list[Hint]:
    return [hint for asking in _ASKED if (hint := await asking(viewer, visit)) is not None]
