"""What is checked in the database: version, schema, durability, clock, and whether the worker keeps up."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal import keys
from portal.database import fetch
from portal.settings import settings
from tasks.cli.doctor.findings import Finding, ok, problem, warning
from tasks.cli.serve import WEB, WORKER

OLDEST = 15
APART = 2.0
START_IT = "Start `portal serve`, or `portal worker`, and look at what it says."
SEALED = (("kept_post", "sealed"),)
SIGNED = (
    ("invitation", "state = 'open' AND expires_at > now()", "open invitations"),
    ("password_reset", "ended_at IS NULL AND expires_at > now()", "open password resets"),
)


async def version() -> AsyncIterator[Finding]:
    found = (await fetch("SELECT current_setting('server_version_num')::int AS number"))[0]["number"]
    where = "at DATABASE_URL" if settings().database_url else "the portal's own"
    if found < OLDEST * 10000:
        yield problem("database", f"PostgreSQL {found // 10000} is too old.", f"Update it to {OLDEST} or newer.")
    else:
        yield ok("database", f"PostgreSQL {found // 10000}.{found % 10000}, {where}")


async def schema() -> AsyncIterator[Finding]:
    from portal.database.migrations import pending

    is_there = (await fetch("SELECT to_regclass('public.migration') IS NOT NULL AS it"))[0]["it"]
    waiting = await pending() if is_there else None
    if waiting is None:
        yield problem("schema", "The database is empty.", "Call `portal migrate`.")
    elif waiting:
        yield problem("schema", f"{len(waiting)} migrations have not run.", "Call `portal migrate`.")
    else:
        yield ok("schema", "the newest")


async def durability() -> AsyncIterator[Finding]:
    names = ("fsync", "full_page_writes", "synchronous_commit")
    found = (await fetch("SELECT " + ", ".join(f"current_setting('{name}') AS {name}" for name in names)))[0]
    off = [name for name in names if found[name] == "off"]
    if off:
        yield problem(
            "durability", f"{', '.join(off)} off: a power cut loses what was saved.", "Turn it on in the server."
        )
    else:
        yield ok("durability", "what is committed is on the disk")


async def clock() -> AsyncIterator[Finding]:
    before = datetime.now(UTC)
    theirs: datetime = (await fetch("SELECT clock_timestamp() AS it"))[0]["it"]
    ours = before + (datetime.now(UTC) - before) / 2
    apart = abs((theirs - ours).total_seconds())
    if apart > APART:
        yield problem(
            "clock", f"The database's clock is {apart:.0f} s off ours.", "Let both machines keep time by NTP."
        )
    else:
        yield ok("clock", f"{apart:.1f} s between the database and here")
    for row in await fetch("SELECT time_zone FROM practice WHERE time_zone <> ''"):
        try:
            ZoneInfo(row["time_zone"])
            await fetch("SELECT now() AT TIME ZONE {}::text AS it", row["time_zone"])
        except (ZoneInfoNotFoundError, ValueError):
            yield problem(
                "clock",
                f"{row['time_zone']} is no time zone here.",
                "Set it: `portal practice set time_zone=America/New_York`.",
            )


async def outbox() -> AsyncIterator[Finding]:
    late = (
        await fetch(
            "SELECT count(*) AS count, extract(epoch FROM now() - min(since))::bigint AS seconds FROM ("
            " SELECT due_at AS since FROM errand WHERE state = 'queued' AND due_at < now() - interval '1 minute'"
            " UNION ALL SELECT lease_until FROM errand"
            " WHERE state = 'leased' AND lease_until < now() - interval '1 minute') AS late"
        )
    )[0]
    dead = (await fetch("SELECT count(*) AS count FROM errand WHERE state = 'dead'"))[0]["count"]
    if late["count"]:
        yield problem(
            "outbox", f"{late['count']:,} errands wait, the oldest for {_in_words(late['seconds'])}.", START_IT
        )
    else:
        yield ok("outbox", "nothing that is due waits")
    if dead:
        yield warning("outbox", f"{dead:,} errands were given up.", "The review queue names each, with what to do.")


async def worker() -> AsyncIterator[Finding]:
    """By the names of the connections; the outbox tells what that has led to."""
    rows = await fetch("SELECT application_name AS name FROM pg_stat_activity WHERE datname = current_database()")
    connected = {row["name"] for row in rows}
    if WORKER in connected:
        yield ok("worker", "one is connected")
    else:
        also = "The web is connected, but no worker" if WEB in connected else "No worker is connected"
        yield warning("worker", f"{also}: letters wait.", START_IT)


async def audit() -> AsyncIterator[Finding]:
    tail = (
        await fetch(
            "SELECT count(*) AS count, extract(epoch FROM now() - min(happened_at))::bigint AS seconds"
            " FROM audit_row WHERE seal_number IS NULL AND happened_at < now() - interval '1 minute'"
        )
    )[0]
    if tail["count"]:
        said = f"{tail['count']:,} rows are not sealed, the oldest for {_in_words(tail['seconds'])}."
        yield problem("audit", said, START_IT)
    else:
        yield ok("audit", "sealed up to the last minute")


async def seals() -> AsyncIterator[Finding]:
    """Whether every key that rows name is still here."""
    opening = {one.id for one in keys.keyring()} if settings().keys_file.exists() else set()
    is_well = True
    for table, column in SEALED:
        for row in await fetch(
            f"SELECT DISTINCT encode(substr({column}, 1, {keys.ID_BYTES}), 'hex') AS key_id FROM {table}"
        ):
            if row["key_id"] not in opening:
                is_well = False
                yield problem(
                    "seals", f"{table} holds what the key {row['key_id']} sealed, which is not here.",
                    f"Put it back into {settings().keys_file}: it is in a backup.",
                )  # fmt: skip
    for table, condition, words in SIGNED:
        rows = await fetch(f"SELECT key_id, count(*) AS count FROM {table} WHERE {condition} GROUP BY key_id")
        lost = sum(row["count"] for row in rows if not keys.knows(row["key_id"]))
        if lost:
            is_well = False
            yield warning(
                "seals", f"The links of {lost:,} {words} do not work: their SECRET_KEY is gone.",
                "Put the former key behind the new one in SECRET_KEY, after a comma.",
            )  # fmt: skip
    last = await fetch("SELECT key_id FROM audit_row WHERE seal_number IS NOT NULL ORDER BY seal_number DESC LIMIT 1")
    if last and not keys.knows(last[0]["key_id"]):
        is_well = False
        yield problem(
            "seals", "The audit was sealed with a SECRET_KEY that is gone, and cannot be verified.",
            "Put the former key behind the new one in SECRET_KEY, after a comma.",
        )  # fmt: skip
    if is_well:
        yield ok("seals", "every key that the database names is here")


def _in_words(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60:,} min" if seconds < 7200 else f"{seconds // 3600:,} h"


FIRST: tuple[Callable[[], AsyncIterator[Finding]], ...] = (version, durability, schema)
THEN: tuple[Callable[[], AsyncIterator[Finding]], ...] = (clock, worker, outbox, audit, seals)
