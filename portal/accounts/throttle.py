"""Doors count who knocks: by account, by address, for all. Delays grow; a stranger locks nobody out.

A browser that has signed in before has a count of its own, so that tries from elsewhere never hold up its owner.
"""

from datetime import datetime, timedelta

from portal import clock, keys
from portal.database import fetch
from portal.language import lazy
from portal.refusal import Refused

FREE_TRIES = 5
LONGEST_DELAY = 900
ADDRESS_LIMIT, ADDRESS_WINDOW = 10, timedelta(minutes=5)
GLOBAL_LIMIT, GLOBAL_WINDOW = 1000, timedelta(minutes=5)
MOST_IN_A_ROW, MEMORY = 100, timedelta(days=30)
EVERYONE = "everyone"


class TooMany(Refused):
    """Come back in `seconds`; 0 means by a new password only."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        minutes = -(-seconds // 60)
        if seconds == 0:
            sentence = lazy("Too many tries for this e-mail. Choose “Forgot your password?” to set a new one.")
        elif seconds <= 90:
            sentence = lazy("Too many tries. Wait %(seconds)s seconds, then try again.", seconds=seconds)
        else:
            sentence = lazy("Too many tries. Wait %(minutes)s minutes, then try again.", minutes=minutes)
        super().__init__({"": sentence})


async def knock(door: str, who: str, address: str, *, device: str = "") -> None:
    """Counted before it is answered, so that a hundred at once count as a hundred. Raises `TooMany`."""
    now = clock.now()
    subjects = [_digest(door, f"device:{device}" if device else f"who:{who}"), _digest(door, f"address:{address}")]
    subjects.append(_digest(door, EVERYONE))
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
        _must_have_waited(mine["tries"], mine["last"], now)
    if theirs and theirs["lately"] >= ADDRESS_LIMIT:
        raise TooMany(int(ADDRESS_WINDOW.total_seconds()))
    if everyone and everyone["lately"] >= GLOBAL_LIMIT:
        raise TooMany(int(GLOBAL_WINDOW.total_seconds()))
    await fetch(
        "INSERT INTO attempt (door, subject, happened_at) SELECT {}, unnest({}::bytea[]), {}", door, subjects, now
    )


async def let_in(door: str, who: str, address: str, *, device: str = "") -> None:
    """A right try clears its own count, and takes itself out of the others."""
    own = _digest(door, f"device:{device}" if device else f"who:{who}")
    await fetch("DELETE FROM attempt WHERE door = {} AND subject = {}", door, own)
    for subject in (_digest(door, f"address:{address}"), _digest(door, EVERYONE)):
        await fetch(
            "DELETE FROM attempt WHERE id = (SELECT max(id) FROM attempt WHERE door = {} AND subject = {})",
            door,
            subject,
        )


async def forget(door: str, who: str) -> None:
    """After a new password: what strangers tried no longer counts."""
    await fetch("DELETE FROM attempt WHERE door = {} AND subject = {}", door, _digest(door, f"who:{who}"))


async def prune() -> None:
    await fetch("DELETE FROM attempt WHERE happened_at < {}", clock.now() - MEMORY)


def delay(tries: int) -> int:
    """Seconds after the last try before the next one counts: 0 for the first five, then 2, 4, 8 … 900."""
    return 0 if tries < FREE_TRIES else min(2 ** (tries - FREE_TRIES + 1), LONGEST_DELAY)


def _must_have_waited(tries: int, last: datetime, now: datetime) -> None:
    if tries >= MOST_IN_A_ROW:
        raise TooMany(0)
    left = delay(tries) - (now - last).total_seconds()
    if left > 0:
        raise TooMany(max(1, round(left)))


def _digest(door: str, subject: str) -> bytes:
    return keys.derive("attempt", door, subject)[:16]
