"""What whoever issues an invoice should know before: features above bring their own warnings."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from portal.access import Viewer


@dataclass(frozen=True)
class Caution:
    """A sentence, and the page that tells more."""

    words: object
    url: str


Ask = Callable[[Viewer, int, Sequence[int]], Awaitable[list[Caution]]]
_ASKED: list[Ask] = []


def declare(ask: Ask) -> Ask:
    """By the feature that knows it, when it is imported. It is told the client and ids of service lines."""
    _ASKED.append(ask)
    return ask


async def of(viewer: Viewer, client_id: int, lines: Sequence[int]) -> list[Caution]:
    return [one for ask in _ASKED for one in await ask(viewer, client_id, lines)] if lines else []
