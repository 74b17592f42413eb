"""Where a visit fits: for each calendar one large number, a bit for every five minutes at which it may begin.

The hours are ones, and each appointment clears the beginnings that would run into it; "anybody" is an `or`. Measured
against sweeping through sorted lists this takes half the time (docs/performance.md).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from portal.appointments.hours import MINUTE, Span

CELL = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Shape:
    """Minutes: of the visit, kept free before and after it, and from one possible beginning to the next."""

    length: int
    before: int
    after: int
    step: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The time that is looked at, in seconds of the epoch: a visit begins in it or is not offered."""

    begins: int
    ends: int

    @property
    def origin(self) -> int:
        return self.begins // CELL


@lru_cache(maxsize=4096)
def beginnings(open_times: tuple[Span, ...], length: int, step: int, frame: Frame) -> int:
    """A bit for each beginning whose visit of `length` minutes ends within the hours; steps count from their begin."""
    found = 0
    for span in open_times:
        for second in range(span.begins, span.ends - length * MINUTE + 1, step * MINUTE):
            if frame.begins <= second < frame.ends:
                found |= 1 << second // CELL - frame.origin
    return found


def free(possible: int, busy: Iterable[tuple[int, int]], shape: Shape, frame: Frame) -> int:
    """What is left of the beginnings. `busy` spans hold the time kept free around those appointments already."""
    ahead, behind, origin, taken = (shape.length + shape.after) * MINUTE, shape.before * MINUTE, frame.origin, 0
    for begins, ends in busy:
        first = (begins - ahead) // CELL + 1 - origin
        after_last = -(-(ends + behind) // CELL) - origin
        if first < 0:
            first = 0
        if after_last > first:
            taken |= ((1 << after_last - first) - 1) << first
    return possible & ~taken


def moments(bits: int, frame: Frame) -> Iterator[int]:
    """The beginnings in order, in seconds of the epoch."""
    while bits:
        lowest = bits & -bits
        yield (lowest.bit_length() - 1 + frame.origin) * CELL
        bits ^= lowest


def between(bits: int, begins: int, ends: int, frame: Frame) -> int:
    """Only the beginnings from one second to before another."""
    first, after_last = (max(-(-second // CELL) - frame.origin, 0) for second in (begins, ends))
    return bits & ((1 << after_last) - (1 << min(first, after_last)))


def anybody(calendars: Sequence[int]) -> int:
    found = 0
    for bits in calendars:
        found |= bits
    return found
