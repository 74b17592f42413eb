"""Pages of the lists of an account: read from an edge, which stands in the address."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from portal.keyset import Place, turned

PAGE = 25
T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """`newer` and `older` are what the address says of where those pages begin; empty where there is none."""

    rows: Sequence[T]
    newer: str = ""
    older: str = ""


@dataclass(frozen=True)
class Edge:
    """As the address says it: what is on the page comes before it, or after it."""

    before: str = ""
    after: str = ""

    @property
    def is_backwards(self) -> bool:
        return bool(self.after)

    @property
    def place(self) -> Place | None:
        return Place.read(self.after or self.before) if self.after or self.before else None

    @property
    def id(self) -> int | None:
        told = self.after or self.before
        return int(told) if told.isascii() and told.isdecimal() and len(told) < 19 else None


def way(edge: Edge) -> dict[str, str]:
    return {"beyond": ">", "way": "ASC"} if edge.is_backwards else {"beyond": "<", "way": "DESC"}


def page_of(rows: list[T], edge: Edge, begun: object, written: Callable[[T], str]) -> Page[T]:
    page, has_newer, has_older = turned(rows, PAGE, is_begun=begun is not None, is_backwards=edge.is_backwards)
    return Page(page, written(page[0]) if page and has_newer else "", written(page[-1]) if page and has_older else "")
