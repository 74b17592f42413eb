"""Workers die by kill -9 while reminders go out: nobody is left out, and nobody has two of one."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

from portal import clock
from portal.access import Area, Reach, Viewer
from portal.database import fetch
from portal.reminders.actions import consent
from portal.settings import settings
from tests.cast import Cast
from tests.reminders.steps import a_practice_that_reminds, a_visit, reminded, somebody
from tests.reminders.test_texts import a_phone
from tests.tasks.commands import portal
from tests.tasks.post import SinkProcess, WorkerProcess, eventually

MANY, PEOPLE = 240, 8
TENTH = timedelta(minutes=10)


async def many_due(cast: Cast) -> None:
    """Of eight people, one after the other, from an hour from now on: all of them are due already, by both rules."""
    calendar = await a_practice_that_reminds(cast, first="168", second="72")
    people = [await somebody(number) for number in range(PEOPLE)]
    first = clock.now() + timedelta(hours=2)
    for number in range(MANY):
        await a_visit(calendar, people[number % PEOPLE][0].id, first + number * TENTH, minutes=10)
    for client, account in people[:4]:
        reach = Reach(client.id, "self", frozenset(str(area) for area in Area))
        viewer = Viewer(account_id=account.id, grants=(reach,))
        await consent.agree(viewer, client.id, await a_phone(client.id), agrees=True)


async def everything_is_done() -> bool:
    await fetch("UPDATE errand SET due_at = now() WHERE state = 'queued' AND due_at > now()")
    waits = await fetch("SELECT count(*) AS count FROM errand WHERE state <> 'done'")
    return len(await reminded()) == 2 * MANY and waits[0]["count"] == 0


async def test_nobody_is_left_out_and_nobody_has_two(cast: Cast, db: str, tmp_path: Path):
    await many_due(cast)
    with SinkProcess(tmp_path) as sink:
        told = {"DATABASE_URL": db, "SMTP_URL": sink.url, "OUTBOX_LEASE": "2"}
        workers = [WorkerProcess(tmp_path, **told) for _ in range(2)]
        kills = 0
        try:
            for step in (0.1, 0.4, 0.7):
                await eventually(lambda least=step: _as_many(least * MANY), within=60)
                await asyncio.sleep(random.uniform(0, 0.2))
                for worker in workers:
                    worker.kill()
                kills += len(workers)
                workers = [WorkerProcess(tmp_path, **told) for _ in range(2)]
            await eventually(everything_is_done, within=120)
        finally:
            for worker in workers:
                worker.kill()
        arrived = Counter(message_id for message_id, _ in sink.letters)
    rows = await fetch("SELECT message_id, state, address FROM delivery")
    assert {row["state"] for row in rows} == {"sent"}
    assert len(rows) == MANY, "two rules that came due together are one letter"
    assert set(Counter(row["address"] for row in rows).values()) == {MANY // PEOPLE}
    assert set(arrived) == {row["message_id"] for row in rows}, "nothing is lost, nothing is made up"
    assert sum(arrived.values()) - len(arrived) <= kills * 8
    assert len(set(await reminded())) == 2 * MANY
    texts = await fetch("SELECT state, count(*) AS count FROM text_message GROUP BY state")
    assert texts == [{"state": "written", "count": MANY // 2}]
    assert len(list((tmp_path / "texts").glob("*.txt"))) == MANY // 2


async def _as_many(least: float) -> bool:
    return len(await reminded()) >= 2 * least


async def test_the_command_for_a_carriers_webhook_ends_consent(cast: Cast, db: str, tmp_path: Path):
    from tests.reminders.test_texts import agreed

    await agreed(cast)
    environment = {"DATABASE_URL": db, "PORTAL_MODE": "test", "SECRET_KEY": settings().secret_keys[0]}
    done = await asyncio.to_thread(portal, tmp_path, "texts", "stop", "(443) 555-0119", **environment)
    assert done.returncode == 0 and "No more text messages to +14435550119." in done.stdout, done.stderr
    done = await asyncio.to_thread(portal, tmp_path, "texts", "stop", "+14435550119", **environment)
    assert done.returncode == 0 and "Nobody gets text messages at +14435550119." in done.stdout
    done = await asyncio.to_thread(portal, tmp_path, "texts", "stop", "banana", **environment)
    assert done.returncode == 1 and "write it as +14435550142" in done.stderr
    rows = await fetch("SELECT actor FROM audit_row WHERE act = 'texts.ended'")
    assert rows == [{"actor": "portal: STOP"}]
