"""A page of a list that is read from an edge onwards."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
T = TypeVar("T")


class Place(NamedTuple):
    """A row's place in time; rows of one moment stand in the order of their ids."""

    at: datetime
    id: int

    @property
    def written(self) -> str:
        packed = struct.pack(">qq", (self.at - EPOCH) // timedelta(microseconds=1), self.id)
        return urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """None for what was never ours: then a list begins at its beginning."""
        try:
            micros, id = struct.unpack(">qq", urlsafe_b64decode(text.encode() + b"=="))
            return cls(EPOCH + timedelta(microseconds=micros), id)
        except (ValueError, struct.error, OverflowError):
            return None


def turned(rows: Sequence[T], size: int, *, is_begun: bool, is_backwards: bool) -> tuple[list[T], bool, bool]:
    """(the page in the order of the list, whether there are others before it, and after it).

    `rows` are one more than `size`, if there are so many, read away from the edge; `is_begun` says that a page read
    forwards has an edge before it.
    """
    has_more, page = len(rows) > size, list(rows[:size])
    if is_backwards:
        page.reverse()
    return (page, has_more, True) if is_backwards else (page, is_begun, has_more)
