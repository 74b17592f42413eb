"""A worker dies by kill -9 in the middle of an announcement, again and again: each client has one thread in the end."""

import asyncio
from pathlib import Path

from portal.announcements.actions import spreading
from portal.announcements.queries import announcements
from portal.database import fetch
from tests.announcements.steps import many_clients, sent
from tests.cast import Cast
from tests.factories import TEST
from tests.messages.steps import as_
from tests.tasks.post import WorkerProcess, eventually

CLIENTS, KILLS = 400, 4


async def test_killed_again_and_again_it_reaches_everybody_once(cast: Cast, db: str, tmp_path: Path):
    await many_clients(CLIENTS - 2)
    announcement_id = await sent(await as_(cast, "supervisor"))
    reached = 0
    for place in range(KILLS):
        worker = WorkerProcess(tmp_path, DATABASE_URL=db, OUTBOX_LEASE="2")
        try:
            await eventually(lambda seen=reached: _more_than(seen), within=60)
            await asyncio.sleep(0.01 * place)
        finally:
            worker.kill()
        reached = await _threads()
    assert spreading.PORTION <= reached < CLIENTS, "it was over before it was killed"
    worker = WorkerProcess(tmp_path, DATABASE_URL=db, OUTBOX_LEASE="2")
    try:
        await eventually(lambda: _is_done(announcement_id), within=90)
    finally:
        worker.kill()
    rows = await fetch(
        "SELECT count(*) AS threads, count(DISTINCT t.client) AS clients, min(said) AS fewest, max(said) AS most"
        " FROM thread AS t, LATERAL (SELECT count(*) AS said FROM message WHERE thread = t.id) AS m"
    )
    assert rows[0] == {"threads": CLIENTS, "clients": CLIENTS, "fewest": 1, "most": 1}
    assert (await fetch("SELECT count(*) FROM event WHERE kind = 'message.sent'"))[0]["count"] == CLIENTS
    assert (await announcements.announcement(TEST, announcement_id)).total == CLIENTS


async def _threads() -> int:
    return int((await fetch("SELECT count(*) FROM thread"))[0]["count"])


async def _more_than(seen: int) -> bool:
    return await _threads() > seen


async def _is_done(announcement_id: int) -> bool:
    await fetch("UPDATE errand SET due_at = now() WHERE state = 'queued' AND attempts > 0")
    return not (await announcements.announcement(TEST, announcement_id)).is_on_its_way
