"""Doors count who knocks: by account, by address, for all. Delays grow; a stranger locks nobody out.

A browser that has signed in before has a count of its own, so that tries from elsewhere never hold up its owner.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from time import monotonic
from typing import Any

from portal import clock, keys
from portal.database import fetch, transaction
from portal.language import lazy
from portal.refusal import Refused

FREE_TRIES = 5
LONGEST_DELAY = 900
ADDRESS_LIMIT, ADDRESS_WINDOW = 10, timedelta(minutes=5)
GLOBAL_LIMIT, GLOBAL_WINDOW = 1000, timedelta(minutes=5)
MOST_IN_A_ROW, MEMORY = 100, timedelta(days=30)
ENDLESS = 10**9
PACE = 0.1
EVERYONE = "everyone"


class TooMany(Refused):
    """Come back in `seconds`; 0 means by a new password only."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        minutes = -(-seconds // 60)
        if seconds == 0:
            sentence = lazy("Too many tries for this e-mail. Choose “Forgot your password?” to set a new one.")
        elif seconds == 1:
            sentence = lazy("Too many tries. Wait one second, then try again.")
        elif seconds <= 90:
            sentence = lazy("Too many tries. Wait %(seconds)s seconds, then try again.", seconds=seconds)
        else:
            sentence = lazy("Too many tries. Wait %(minutes)s minutes, then try again.", minutes=minutes)
        super().__init__({"": sentence})


def manner(refusal: Refused) -> dict[str, Any]:
    """How a refusal is answered: with 429 and when to come back, where that is what it says."""
    if not isinstance(refusal, TooMany):
        return {}
    return {"status": 429, "headers": {"Retry-After": str(refusal.seconds)} if refusal.seconds else None}


async def knock(door: str, who: str, address: str, *, device: str = "", most: int = MOST_IN_A_ROW) -> None:
    """Counted before it is answered, one after the other, so that a hundred at once count as a hundred.

    Raises `TooMany`. Where nobody's password is guessed, `most` is `ENDLESS`, so that strangers cannot close the door.
    """
    subjects = [_own(door, who, device), _digest(door, f"address:{_reach(address)}"), _digest(door, EVERYONE)]
    async with transaction():
        for subject in sorted(subjects[:2]):
            await fetch("SELECT pg_advisory_xact_lock({}::bigint)", int.from_bytes(subject[:8], "big", signed=True))
        await _must_be_free(door, subjects, is_known=bool(device), most=most)
        await fetch(
            "INSERT INTO attempt (door, subject, happened_at) SELECT {}, unnest({}::bytea[]), {}",
            door,
            subjects,
            clock.now(),
        )


async def _must_be_free(door: str, subjects: Sequence[bytes], *, is_known: bool, most: int) -> None:
    now = clock.now()
    rows = await fetch(
        "SELECT subject, max(happened_at) AS last, count(*) AS tries,"
        " count(*) FILTER (WHERE happened_at > {}) AS lately"
        " FROM attempt WHERE door = {} AND subject = ANY({}::bytea[]) AND happened_at > {} GROUP BY subject",
        now - ADDRESS_WINDOW,
        door,
        subjects,
        now - MEMORY,
    )
    seen = {bytes(row["subject"]): row for row in rows}
    mine, theirs, everyone = (seen.get(subject) for subject in subjects)
    if mine:
        _must_have_waited(mine["tries"], mine["last"], now, most)
    if theirs and theirs["lately"] >= ADDRESS_LIMIT and not is_known:
        raise TooMany(int(ADDRESS_WINDOW.total_seconds()))
    if everyone and everyone["lately"] >= GLOBAL_LIMIT and not is_known:
        raise TooMany(int(GLOBAL_WINDOW.total_seconds()))


async def let_in(door: str, who: str, address: str, *, device: str = "") -> None:
    """A right try clears its own count, and takes itself out of the others."""
    await fetch("DELETE FROM attempt WHERE door = {} AND subject = {}", door, _own(door, who, device))
    for subject in (_digest(door, f"address:{_reach(address)}"), _digest(door, EVERYONE)):
        await fetch(
            "DELETE FROM attempt WHERE id = (SELECT max(id) FROM attempt WHERE door = {} AND subject = {})",
            door,
            subject,
        )


async def forget(door: str, who: str, devices: Sequence[str] = ()) -> None:
    """After a new password: what was tried before, by strangers or from the owner's devices, no longer counts."""
    subjects = [_own(door, who, device) for device in ("", *devices)]
    await fetch("DELETE FROM attempt WHERE door = {} AND subject = ANY({}::bytea[])", door, subjects)


@asynccontextmanager
async def same_time() -> AsyncIterator[None]:
    """What is done inside takes as long for an address with an account as for one without."""
    until = monotonic() + PACE
    try:
        yield
    finally:
        await asyncio.sleep(until - monotonic())


async def prune() -> None:
    await fetch("DELETE FROM attempt WHERE happened_at < {}", clock.now() - MEMORY)


def delay(tries: int) -> int:
    """Seconds after the last try before the next one counts: 0 for the first five, then 2, 4, 8 … 900."""
    return 0 if tries < FREE_TRIES else min(2 ** (tries - FREE_TRIES + 1), LONGEST_DELAY)


def _must_have_waited(tries: int, last: datetime, now: datetime, most: int) -> None:
    if tries >= most:
        raise TooMany(0)
    left = delay(tries) - (now - last).total_seconds()
    if left > 0:
        raise TooMany(max(1, round(left)))


def _own(door: str, who: str, device: str) -> bytes:
    """A device counts for each account that it signs in to."""
    return _digest(door, f"device:{device}:{who}" if device else f"who:{who}")


def _reach(address: str) -> str:
    """Whoever has one IPv6 address has the 2^64 beside it."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return address
    return str(known.ipv4_mapped or ip_network((int(known), 64), strict=False))


def _digest(door: str, subject: str) -> bytes:
    return keys.derive("attempt", door, subject)[:16]
