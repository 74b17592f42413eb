"""Workers die by kill -9 in the middle of a run: nobody is left out, nobody invoiced twice, no number lacks."""

import asyncio
import logging
import random
from pathlib import Path
from time import monotonic

import pytest

from portal.database import ENGINE, fetch, transaction
from portal.invoices.actions import running
from portal.invoices.queries import runs
from tests.billing.factories import a_site
from tests.billing.test_ledger import adds_up
from tests.cast import Cast
from tests.factories import TEST
from tests.invoices.test_runs import last_month
from tests.messages.test_killed import LATER
from tests.tasks.post import WorkerProcess, eventually

log = logging.getLogger("tests")
# As `charging.record` leaves them, in a few statements: the triggers count as they do there.
CLIENTS = """
INSERT INTO client (chart_number, given_name, family_name, family_key, given_key, created_at)
SELECT 'crowd-' || n, 'Crowd', 'Member ' || n, 'member', 'crowd', now() FROM generate_series(1, {}) AS n
"""
ACCOUNTS = "INSERT INTO ledger_account (client) SELECT id FROM client WHERE chart_number LIKE 'crowd-%'"
ENCOUNTERS = """
INSERT INTO encounter (client, clinician, site, starts_at, time_zone, recorded_at)
SELECT id, {}, {}, now() - interval '70 days', 'America/New_York', now() FROM client WHERE chart_number LIKE 'crowd-%'
"""
LINES = """
INSERT INTO service_line (encounter, client, place, code, words, units, fee)
SELECT id, client, 1, 'H0004', 'Counseling', 4, 3750 FROM encounter
"""
POSTINGS = """
INSERT INTO posting (client, kind, counts_on, made_at) SELECT client, 'encounter', current_date, now() FROM encounter
"""
ENTRIES = """
INSERT INTO entry (posting, client, line, kind, share, amount)
SELECT p.id, p.client, l.id, 'charge', 'client', 15000 FROM posting AS p JOIN service_line AS l ON l.client = p.client
"""
LAPSE = "UPDATE errand SET lease_until = now() - interval '1 second' WHERE state = 'leased'"


async def a_crowd(cast: Cast, count: int) -> None:
    await fetch(CLIENTS, count)
    await fetch(ACCOUNTS)
    await fetch(ENCOUNTERS, cast.client.principal_clinician, (await a_site()).id)
    for sql in (LINES, POSTINGS, ENTRIES):
        await fetch(sql)
    await adds_up()


async def is_done(run: int) -> bool:
    await fetch(LATER)
    return not (await runs.run(TEST, run)).is_running


async def everybody_has_one(count: int) -> None:
    rows = await fetch("SELECT count(*) AS many, count(DISTINCT client) AS clients, max(number) AS last FROM invoice")
    assert rows == [{"many": count, "clients": count, "last": count}]
    await adds_up()


async def test_a_run_survives_its_workers(cast: Cast, db: str, tmp_path: Path):
    count = 4 * running.PORTION + 5
    await a_crowd(cast, count)
    run = await running.start(TEST, last_month())
    for _ in range(3):
        worker = WorkerProcess(tmp_path, DATABASE_URL=db)
        try:
            await eventually(is_at_it, within=60)
            await asyncio.sleep(random.uniform(0, 0.6))
        finally:
            worker.kill()
        await fetch(LAPSE)
    worker = WorkerProcess(tmp_path, DATABASE_URL=db)
    try:
        await eventually(lambda: is_done(run), within=90)
    finally:
        worker.kill()
    one = await runs.run(TEST, run)
    assert (one.done, one.issued, one.refused, one.amount) == (count, count, 0, count * 15000)
    await everybody_has_one(count)


async def test_a_portion_that_dies_in_its_middle_is_undone_as_a_whole(cast: Cast, db: str, tmp_path: Path):
    """The worker is held in its last statement, the numbers, and killed there."""
    await a_crowd(cast, running.PORTION)
    run = await running.start(TEST, last_month())
    await fetch("INSERT INTO counter (name, last) VALUES ('invoice', 0)")
    worker = WorkerProcess(tmp_path, DATABASE_URL=db)
    try:
        async with transaction():
            await fetch("SELECT last FROM counter WHERE name = 'invoice' FOR UPDATE")
            await eventually(is_held, within=60)
            worker.kill()
    finally:
        worker.kill()
    assert await fetch("SELECT id FROM invoice") == []
    await fetch(LAPSE)
    worker = WorkerProcess(tmp_path, DATABASE_URL=db)
    try:
        await eventually(lambda: is_done(run), within=60)
    finally:
        worker.kill()
    await everybody_has_one(running.PORTION)
    errand = (await fetch("SELECT max(attempts) AS most FROM errand WHERE actor = 'bill'"))[0]
    assert errand["most"] > 1, "it died over it"


async def is_at_it() -> bool:
    return bool(await fetch("SELECT id FROM errand WHERE actor = 'bill' AND state = 'leased' AND attempts > 0"))


async def is_held() -> bool:
    """On a connection of its own: a transaction sees what the server does as it was at first."""
    assert ENGINE.pool is not None
    async with ENGINE.pool.acquire() as other:
        sql = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%counter%'"
        return bool(await other.fetch(sql))


@pytest.mark.torture
async def test_a_thousand_invoices(cast: Cast, db: str, tmp_path: Path):
    """By a worker as it runs; `-o log_cli=true` says the seconds."""
    await a_crowd(cast, 1000)
    worker = WorkerProcess(tmp_path, DATABASE_URL=db)
    try:
        await eventually(worker.is_ready, within=60)
        began = monotonic()
        run = await running.start(TEST, last_month())
        await eventually(lambda: is_done(run), within=300)
        log.info("1,000 invoices in %.1f s", monotonic() - began)
    finally:
        worker.kill()
    await everybody_has_one(1000)
