"""Workers die by kill -9 while papers are made: each is made, and each once."""

import asyncio
from pathlib import Path

from portal.database import fetch
from portal.invoices.actions import issuing
from tests.billing.factories import an_encounter
from tests.cast import Cast
from tests.factories import TEST, a_client
from tests.invoices.steps import a_whole_practice
from tests.tasks.post import WorkerProcess, eventually

MANY, KILLS = 8, 2
MADE = "SELECT count(*) AS count FROM issued_paper WHERE state = 'ready' AND let_go_at IS NULL"
BEGUN = "SELECT count(*) AS count FROM issued_paper WHERE begun > 0"


async def count(sql: str) -> int:
    return int((await fetch(sql))[0]["count"])


async def test_each_paper_is_made_once(cast: Cast, db: str, tmp_path: Path):
    await a_whole_practice(cast.client)
    for number in range(MANY):
        client = await a_client("Payer", f"Number {number}", principal_clinician=cast.client.principal_clinician)
        await an_encounter(client)
        await issuing.issue(TEST, client.id)
    told = {"DATABASE_URL": db, "OUTBOX_LEASE": "4"}
    worker = WorkerProcess(tmp_path, **told)
    try:
        for kill in range(1, KILLS + 1):
            await eventually(lambda least=kill: more_than(BEGUN, least), within=60)
            await asyncio.sleep(0.2)
            worker.kill()
            worker = WorkerProcess(tmp_path, **told)
        await eventually(lambda: more_than(MADE, MANY - 1), within=120)
        assert await count("SELECT count(*) FROM issued_paper") == MANY, "none was made twice"
        keys = {row["key"] for row in await fetch("SELECT key FROM issued_paper")}
        assert len(keys) == MANY
        assert await count("SELECT count(*) FROM review_item") == 0
    finally:
        worker.kill()


async def more_than(sql: str, least: int) -> bool:
    return await count(sql) > least
