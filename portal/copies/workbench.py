"""What the workshop does for a copy: where on a form what is written, the flat file, its seal, and its check."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from portal.signets import Signet
from portal.uploads import bench
from portal.workshop import CHECK, FLATTEN, PLAN, SEAL, TIMESTAMP, packed


@dataclass(frozen=True)
class Box:
    """Where one widget stands on its page as one sees it, in points from the upper left corner, and what it looks like.

    `turn` is how far its words are turned clockwise. `on` is the state of a box to tick; `has_tick` that the form
    brings a picture of its tick. `says` is what the form itself has written there.
    """

    page: int
    name: str
    says: str
    left: float
    top: float
    width: float
    height: float
    turn: int
    size: float
    align: int
    ink: str
    lines: bool
    comb: int
    paper: str
    edge: str
    edge_width: float
    edge_style: str
    on: str
    is_round: bool
    has_tick: bool


@dataclass(frozen=True)
class Plan:
    """`pages`: width and height of each as one sees it."""

    pages: tuple[tuple[float, float], ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Flat:
    content: bytes
    pages: int


@dataclass(frozen=True)
class Seal:
    """One that stands in a file; `is_whole` says that it covers all of it."""

    fingerprint: bytes
    holds: bool
    is_whole: bool
    at: datetime | None


@dataclass(frozen=True)
class Checked:
    """`record` is what a file that we sealed says of itself, as JSON."""

    seals: tuple[Seal, ...] = ()
    record: str = ""


async def plan(form: bytes) -> Plan:
    return msgspec.convert((await bench.made(PLAN, form)).facts, Plan)


async def flattened(
    form: bytes, ticks: Mapping[str, Sequence[str]], written: bytes, pages: Sequence[int], behind: bytes, *,
    title: str, record: str,
) -> Flat:  # fmt: skip
    """`written` has one page for each of `pages`; `behind` is what follows."""
    order = json.dumps({"ticks": ticks, "written": list(pages), "title": title, "record": record})
    made = await bench.made(FLATTEN, packed(order.encode(), form, written, behind))
    return Flat(made.content, made.facts["pages"])


async def sealed(file: bytes, signet: Signet, name: str, *, wants_time: bool) -> tuple[bytes, bytes]:
    """The file, and what a server of times is to be asked."""
    order = json.dumps({"name": name, "wants_time": wants_time}).encode()
    made = await bench.made(SEAL, packed(order, file, signet.key, signet.certificate))
    return made.content, bytes.fromhex(made.facts["asked"])


async def stamped(file: bytes, asked: bytes, answered: bytes) -> bytes:
    """With the answer of the server of times. Raises `Turned` where it does not answer that."""
    return (await bench.made(TIMESTAMP, packed(file, asked, answered))).content


async def checked(file: bytes) -> Checked:
    """What cannot be read has no seal."""
    try:
        facts = (await bench.made(CHECK, file)).facts
    except bench.Turned:
        return Checked()
    return Checked(tuple(map(_seal, facts["seals"])), facts["record"])


def _seal(told: Mapping[str, Any]) -> Seal:
    at = datetime.fromisoformat(told["at"]) if told["at"] else None
    return Seal(bytes.fromhex(told["fingerprint"]), told["holds"], told["is_whole"], at)
