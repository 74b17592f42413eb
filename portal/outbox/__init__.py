"""What happened is a row, in the transaction in which it happened; what follows is an errand beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random

from portal import clock
from portal.database import fetch, notify, transaction
from portal.outbox.tables import Errand, ErrandState, Event

__all__ = [
    "Errand",
    "ErrandState",
    "Event",
    "LeaseLost",
    "Leased",
    "claim",
    "fail",
    "holds",
    "in_hand",
    "prune",
    "record",
    "release",
    "revive",
    "send_on",
    "settle",
]

MOST_ATTEMPTS = 12
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Leased:
    """An errand in hand until `lease_by` loses it."""

    id: int
    actor: str
    subject_id: int
    attempts: int
    lease_by: str


async def record(kind: str, subject_id: int, client_id: int | None = None) -> int:
    """Inside the transaction of the change: the event, and the errand that announces it. Returns the event's id."""
    async with transaction():
        event = Event(kind=kind, subject_id=subject_id, client_id=client_id, happened_at=clock.now())
        await event.save()
        await send_on("announce", event.id, f"announce:{event.id}")
    return int(event.id)


async def send_on(actor: str, subject_id: int, dedupe_key: str, due_at: datetime | None = None) -> None:
    """Once per key, however often it is asked. The insert itself wakes the worker."""
    now = clock.now()
    await fetch(
        "INSERT INTO errand (actor, subject_id, dedupe_key, state, attempts, due_at, lease_by, last_error, created_at)"
        " VALUES ({}, {}, {}, 'queued', 0, {}, '', '', {}) ON CONFLICT (dedupe_key) DO NOTHING",
        actor,
        subject_id,
        dedupe_key,
        due_at or now,
        now,
    )


async def claim(lease_by: str, lease: timedelta, limit: int) -> list[Leased]:
    """Due errands, and those whose holder has died; nobody else gets them while the lease lasts."""
    now = clock.now()
    rows = await fetch(
        "UPDATE errand SET state = 'leased', attempts = attempts + 1, lease_until = {}, lease_by = {}"
        " WHERE id IN (SELECT id FROM errand WHERE (state = 'queued' AND due_at <= {})"
        " OR (state = 'leased' AND lease_until < {}) ORDER BY due_at, id LIMIT {} FOR UPDATE SKIP LOCKED)"
        " RETURNING id, actor, subject_id, attempts",
        now + lease,
        lease_by,
        now,
        now,
        limit,
    )
    return [Leased(lease_by=lease_by, **row) for row in sorted(rows, key=lambda row: row["id"])]


class LeaseLost(Exception):
    """It took too long, and somebody else has it now: whatever was done here is rolled back."""


async def holds(errand_id: int, lease_by: str, attempts: int) -> Leased | None:
    """What a broker's message is worth: nothing, unless the lease is still its sender's."""
    rows = await fetch(
        "SELECT id, actor, subject_id, attempts, lease_by FROM errand"
        " WHERE id = {} AND state = 'leased' AND lease_by = {} AND attempts = {} AND lease_until > {}",
        errand_id,
        lease_by,
        attempts,
        clock.now(),
    )
    return Leased(**rows[0]) if rows else None


async def settle(errand: Leased) -> None:
    await _end(errand, ErrandState.DONE, "")


async def fail(errand: Leased, error: str, *, for_good: bool = False) -> bool:
    """Back in the queue after a growing pause; dead after the last attempt. Returns whether it is dead."""
    if for_good or errand.attempts >= MOST_ATTEMPTS:
        await _end(errand, ErrandState.DEAD, error)
        return True
    wait = min(timedelta(seconds=5 * 2 ** (errand.attempts - 1)), LONGEST_WAIT) * (0.75 + random() / 2)
    await fetch(
        "UPDATE errand SET state = 'queued', due_at = {}, lease_until = NULL, lease_by = '', last_error = {}"
        " WHERE id = {} AND state = 'leased' AND lease_by = {} AND attempts = {}",
        clock.now() + wait,
        error[:500],
        errand.id,
        errand.lease_by,
        errand.attempts,
    )
    return False


async def release(lease_by: str) -> None:
    """A worker that stops hands back what it did not begin."""
    await fetch(
        "UPDATE errand SET state = 'queued', attempts = attempts - 1, lease_until = NULL, lease_by = ''"
        " WHERE state = 'leased' AND lease_by = {}",
        lease_by,
    )


async def prune(keep: timedelta = timedelta(days=90)) -> None:
    """Done errands are forgotten; events, dead errands and their reasons stay."""
    await fetch("DELETE FROM errand WHERE state = 'done' AND ended_at < {}", clock.now() - keep)


async def revive(errand_id: int) -> None:
    """A dead errand is queued afresh; anything else is left as it is."""
    await fetch(
        "UPDATE errand SET state = 'queued', attempts = 0, due_at = {}, ended_at = NULL"
        " WHERE id = {} AND state = 'dead'",
        clock.now(),
        errand_id,
    )
    await notify("errands")


async def in_hand(lease_by: str) -> int:
    rows = await fetch("SELECT count(*) AS count FROM errand WHERE state = 'leased' AND lease_by = {}", lease_by)
    return int(rows[0]["count"])


async def _end(errand: Leased, state: ErrandState, error: str) -> None:
    ended = await fetch(
        "UPDATE errand SET state = {}, ended_at = {}, lease_until = NULL, last_error = {}"
        " WHERE id = {} AND state = 'leased' AND lease_by = {} AND attempts = {} RETURNING id",
        str(state),
        clock.now(),
        error[:500],
        errand.id,
        errand.lease_by,
        errand.attempts,
    )
    if not ended:
        raise LeaseLost
