"""What other features have to say beside a client's appointments: each declares its own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from portal.access import Viewer


@dataclass(frozen=True)
class Note:
    """A sentence, and where it leads."""

    words: object
    url: str
    label: object


Teller = Callable[[Viewer, int], Awaitable[list[Note]]]
TELLERS: list[Teller] = []


def declare(teller: Teller) -> Teller:
    TELLERS.append(teller)
    return teller


async def notes(viewer: Viewer, client_id: int) -> list[Note]:
    return [note for teller in TELLERS for note in await teller(viewer, client_id)]
