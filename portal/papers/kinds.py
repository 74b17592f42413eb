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


@dataclass(frozen=True)
class IssuedKind:
    """What belongs to its subject. `page` draws the row, in the current language; None where it can be no paper now."""

    name: str
    page: Callable[[Viewer, int], Awaitable[str | None]]


KINDS: dict[str, Kind] = {}
ISSUED: dict[str, IssuedKind] = {}


def declare(kind: Kind) -> Kind:
    KINDS[kind.name] = kind
    return kind


def declare_issued(kind: IssuedKind) -> IssuedKind:
    ISSUED[kind.name] = kind
    return kind
