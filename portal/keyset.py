"""A page of a list that is read from an edge onwards."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def turned(rows: Sequence[T], size: int, *, is_begun: bool, is_backwards: bool) -> tuple[list[T], bool, bool]:
    """(the page in the order of the list, whether there are others before it, and after it).

    `rows` are one more than `size`, if there are so many, read away from the edge; `is_begun` says that a page read
    forwards has an edge before it.
    """
    has_more, page = len(rows) > size, list(rows[:size])
    if is_backwards:
        page.reverse()
    return (page, has_more, True) if is_backwards else (page, is_begun, has_more)
