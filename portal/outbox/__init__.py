"""What happened is a row, in the transaction in which it happened; what follows is an errand beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random

from piccolo.querystring import QueryString

from portal import clock
from portal.database import fetch, notify, transaction
from portal.outbox.tables import Errand, ErrandState, Event

__all__ = [
    "MOST_ATTEMPTS",
    "Errand",
    "ErrandState",
    "Event",
    "LeaseLost",
    "Leased",
    "begin",
    "claim",
    "fail",
    "hurry",
    "in_hand",
    "prune",
    "record",
    "release",
    "revive",
    "send_on",
    "settle",
    "settling",
    "waiting",
]

CHANNEL = "errands"
MOST_ATTEMPTS = 24  # over 14 hours: a mail server may be away for a night
LONGEST_WAIT = timedelta(hours=1)
BEGUN = "+"


@dataclass(frozen=True)
class Leased:
    """An errand that is `lease_by`'s until its lease lapses. `attempts` counts how often it was begun."""

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
    await fetch(
        "INSERT INTO errand (actor, subject_id, dedupe_key, state, attempts, due_at, lease_by, last_error, created_at)"
        " VALUES ({}, {}, {}, 'queued', 0, coalesce({}::timestamptz, now()), '', '', {})"
        " ON CONFLICT (dedupe_key) DO NOTHING",
        actor,
        subject_id,
        dedupe_key,
        due_at,
        clock.now(),
    )


async def hurry(dedupe_key: str) -> None:
    """Somebody waits for it: it is taken up before all that came earlier."""
    moved = await fetch(
        "UPDATE errand SET due_at = 'epoch' WHERE dedupe_key = {} AND state = 'queued' AND due_at > 'epoch'"
        " RETURNING id",
        dedupe_key,
    )
    if moved:
        await notify(CHANNEL)


async def claim(lease_by: str, lease: timedelta, limit: int, actors: list[str]) -> list[Leased]:
    """Due errands for these actors, and those whose holder has died; nobody else gets them while the lease lasts.

    Leases go by the database's clock, which is the same for every machine that claims.
    """
    rows = await fetch(
        "WITH lapsed AS ("
        "  SELECT id FROM errand WHERE state = 'leased' AND lease_until < now() AND actor = ANY({}::text[])"
        "  ORDER BY lease_until LIMIT {} FOR UPDATE SKIP LOCKED"
        "), due AS ("
        "  SELECT id FROM errand WHERE state = 'queued' AND due_at <= greatest(now(), {}) AND actor = ANY({}::text[])"
        "  ORDER BY due_at LIMIT {} FOR UPDATE SKIP LOCKED"
        ") UPDATE errand SET state = 'leased', lease_until = now() + {}::interval, lease_by = {}"
        " WHERE id IN (SELECT id FROM lapsed UNION ALL SELECT id FROM due LIMIT {})"
        " RETURNING id, actor, subject_id, attempts",
        actors,
        limit,
        clock.now(),
        actors,
        limit,
        lease,
        lease_by,
        limit,
    )
    return [Leased(lease_by=lease_by, **row) for row in sorted(rows, key=lambda row: row["id"])]


class LeaseLost(Exception):
    """It took too long, and somebody else has it now: whatever was done here is rolled back."""


async def begin(errand_id: int, lease_by: str, attempts: int, lease: timedelta) -> Leased | None:
    """What a broker's message is worth: one beginning, while the lease is still its sender's.

    The lease starts afresh, and the attempt counts from here on: what was only claimed has cost nothing.
    """
    rows = await fetch(
        "UPDATE errand SET attempts = attempts + 1, lease_by = {}, lease_until = now() + {}::interval"
        " WHERE id = {} AND state = 'leased' AND lease_by = {} AND attempts = {} AND lease_until > now()"
        " RETURNING id, actor, subject_id, attempts, lease_by",
        lease_by + BEGUN,
        lease,
        errand_id,
        lease_by,
        attempts,
    )
    return Leased(**rows[0]) if rows else None


async def settle(errand: Leased) -> None:
    """Done, in the transaction of what was done. Raises `LeaseLost`."""
    if not await fetch("{}", settling(errand)):
        raise LeaseLost


def settling(errand: Leased) -> QueryString:
    """The same as a part of another statement, where a transaction would take too long. No row: the lease is lost."""
    return _ending(errand, ErrandState.DONE, "")


async def fail(errand: Leased, error: str, *, for_good: bool = False) -> bool:
    """Back in the queue after a growing pause; dead after the last attempt. Returns whether it is dead.

    Raises `LeaseLost`.
    """
    if for_good or errand.attempts >= MOST_ATTEMPTS:
        if not await fetch("{}", _ending(errand, ErrandState.DEAD, error)):
            raise LeaseLost
        return True
    wait = min(timedelta(seconds=5 * 2 ** (errand.attempts - 1)), LONGEST_WAIT) * (0.75 + random() / 2)
    queued = await fetch(
        "UPDATE errand SET state = 'queued', due_at = now() + {}::interval, lease_until = NULL, lease_by = '',"
        " last_error = {} WHERE id = {} AND state = 'leased' AND lease_by = {} AND attempts = {} RETURNING id",
        wait,
        error[:500],
        errand.id,
        errand.lease_by,
        errand.attempts,
    )
    if not queued:
        raise LeaseLost
    return False


async def release(lease_by: str) -> None:
    """Hands back at once what was claimed and not begun. What was begun keeps its lease: it may yet be finished."""
    released = await fetch(
        "UPDATE errand SET state = 'queued', lease_until = NULL, lease_by = ''"
        " WHERE state = 'leased' AND lease_by = {} RETURNING id",
        lease_by,
    )
    if released:
        await notify(CHANNEL)


async def waiting(lease_by: str) -> int:
    """How many are claimed and not begun. A lapsed lease does not count: its message is lost."""
    rows = await fetch(
        "SELECT count(*) AS count FROM errand WHERE state = 'leased' AND lease_by = {} AND lease_until > now()",
        lease_by,
    )
    return int(rows[0]["count"])


async def in_hand(lease_by: str, actors: list[str]) -> int:
    """How many errands of these actors it has, begun or not."""
    rows = await fetch(
        "SELECT count(*) AS count FROM errand WHERE state = 'leased' AND lease_by = ANY({}::text[])"
        " AND actor = ANY({}::text[]) AND lease_until > now()",
        [lease_by, lease_by + BEGUN],
        actors,
    )
    return int(rows[0]["count"])


async def prune(keep: timedelta = timedelta(days=90)) -> None:
    """Done errands are forgotten; events, dead errands and their reasons stay."""
    await fetch("DELETE FROM errand WHERE state = 'done' AND ended_at < {}", clock.now() - keep)


async def revive(errand_id: int) -> None:
    """A dead errand is queued afresh; anything else is left as it is."""
    await fetch(
        "UPDATE errand SET state = 'queued', attempts = 0, due_at = now(), ended_at = NULL"
        " WHERE id = {} AND state = 'dead'",
        errand_id,
    )
    await notify(CHANNEL)


def _ending(errand: Leased, state: ErrandState, error: str) -> QueryString:
    return QueryString(
        "UPDATE errand SET state = {}, ended_at = {}, lease_until = NULL, last_error = {}"
        " WHERE id = {} AND state = 'leased' AND lease_by = {} AND attempts = {} RETURNING id",
        str(state),
        clock.now(),
        error[:500],
        errand.id,
        errand.lease_by,
        errand.attempts,
    )
