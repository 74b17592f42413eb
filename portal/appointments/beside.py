"""What features above say beside a client's appointments, on the page of one, and to staff who answer a request: they
declare it when imported.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from portal.access import Viewer
from portal.appointments.visit import Visit

About = TypeVar("About")


@dataclass(frozen=True)
class Note:
    """Where it leads, and a sentence before it, if there is one."""

    label: object
    url: str
    words: object = ""


class Tellers(Generic[About]):
    def __init__(self) -> None:
        self._tellers: list[Callable[[Viewer, About], Awaitable[list[Note]]]] = []

    def declare(self, teller: Callable[[Viewer, About], Awaitable[list[Note]]]) -> None:
        self._tellers.append(teller)

    async def told(self, viewer: Viewer, about: About) -> list[Note]:
        return [note for teller in self._tellers for note in await teller(viewer, about)]


OF_CLIENT: Tellers[int] = Tellers()
OF_VISIT: Tellers[Visit] = Tellers()
OF_REQUEST: Tellers[Visit] = Tellers()
