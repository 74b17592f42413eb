"""Migrations run once, whoever starts first; killed in the middle, they have not run."""

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import asyncio
from portal.database.migrations import migrate
print(*asyncio.run(migrate()))
"""
TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')"


@pytest.fixture
async def empty(dsn, tmp_path) -> AsyncIterator[str]:
    """A database without anything in it, on the same server."""
    admin = await asyncpg.connect(dsn.replace("portal@", "postgres@", 1))
    name = f"empty_{os.urandom(4).hex()}"
    await admin.execute(f"CREATE DATABASE {name} OWNER portal")
    head, _, query = dsn.partition("?")
    try:
        yield f"{head.rpartition('/')[0]}/{name}?{query}"
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


def start(dsn: str, tmp_path: Path) -> subprocess.Popen[str]:
    environ = {"DATABASE_URL": dsn, "PORTAL_MODE": "test", "DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    return subprocess.Popen(
        [sys.executable, "-c", RUN], cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def told_by(process: subprocess.Popen[str]) -> list[str]:
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return out.split()


async def names(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return [row["name"] for row in await connection.fetch("SELECT name FROM migration ORDER BY name")]
    finally:
        await connection.close()


async def test_two_processes_at_once_run_them_once(empty, tmp_path):
    told = sorted((told_by(one) for one in [start(empty, tmp_path), start(empty, tmp_path)]), key=len)
    assert told[0] == [] and len(told[1]) >= 2
    assert await names(empty) == sorted(told[1])


async def test_killed_in_the_middle_nothing_is_half_done_and_the_next_start_does_it_all(empty, tmp_path):
    """The second migration is held up, when all tables of the first one are made, by somebody with a sequence."""
    other = await asyncpg.connect(empty)
    holding = other.transaction()
    await holding.start()
    await other.execute("CREATE SEQUENCE chart_number")
    watching = await asyncpg.connect(empty)
    process = start(empty, tmp_path)
    until = time.monotonic() + 60
    while not await watching.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        assert time.monotonic() < until and process.poll() is None
    process.kill()
    process.communicate()
    await holding.rollback()
    await other.close()
    while await watching.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") > 1:
        assert time.monotonic() < until
    made = [
        row["relname"]
        for row in await watching.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )
    ]
    assert [name for name in made if name != "migration"] == []
    await watching.close()
    done = told_by(start(empty, tmp_path))
    assert len(done) >= 2 and await names(empty) == sorted(done)


async def test_where_everything_has_run_nothing_runs(schema, tmp_path):
    assert told_by(start(schema, tmp_path)) == []


async def test_a_migration_that_fails_leaves_nothing_and_says_so(empty, tmp_path):
    connection = await asyncpg.connect(empty)
    await connection.execute("CREATE SEQUENCE chart_number")
    process = start(empty, tmp_path)
    _, error = process.communicate(timeout=120)
    assert process.returncode != 0 and "chart_number" in error
    assert await connection.fetchval("SELECT to_regclass('client')") is None
    await connection.execute("DROP SEQUENCE chart_number")
    await connection.close()
    assert len(told_by(start(empty, tmp_path))) >= 2


async def test_who_waits_for_another_waits_and_finds_it_done(empty, tmp_path):
    from portal.database.migrations import LOCK

    other = await asyncpg.connect(empty)
    await other.execute("SELECT pg_advisory_lock($1)", LOCK)
    process = start(empty, tmp_path)
    until = time.monotonic() + 60
    while not await other.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
        assert time.monotonic() < until
    assert process.poll() is None and await other.fetchval("SELECT to_regclass('client')") is None
    await other.close()
    assert len(told_by(process)) >= 2
