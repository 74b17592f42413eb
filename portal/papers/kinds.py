"""What can become a PDF: each feature declares its own, and says who may have it and what stands on it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from portal.access import Viewer
from portal.papers.tables import Paper


@dataclass(frozen=True)
class Kind:
    """Both raise not found for whoever does not reach it any more. All that the page needs stands in it."""

    name: str
    must_reach: Callable[[Viewer, Paper], Awaitable[None]]
    page: Callable[[Viewer, Paper], Awaitable[str]]


KINDS: dict[str, Kind] = {}


def declare(kind: Kind) -> Kind:
    KINDS[kind.name] = kind
    return kind
