"""Workers die by kill -9 while people write: every message is there once, every burst is told, what was read is not."""

import asyncio
import random
from pathlib import Path

from portal import storage
from portal.database import fetch
from portal.messages.actions import reading, sending
from portal.messages.actions.putting import Beginning
from portal.messages.tables import Topic
from portal.papers import actions as papers
from portal.papers.actions import Wanted
from portal.settings import settings
from tests.cast import Cast
from tests.factories import a_client, a_grant, an_account
from tests.messages.steps import as_, viewer_of, words
from tests.papers.steps import words_of
from tests.tasks.post import SinkProcess, WorkerProcess, eventually

PEOPLE, BURST = 20, 5
DUE = "UPDATE errand SET due_at = now() WHERE state = 'queued' AND due_at > now() AND actor <> 'tell'"
LATER = "UPDATE errand SET due_at = now() WHERE state = 'queued' AND due_at > now()"


class Mortals:
    """Two workers that are killed again and again, and come back."""

    def __init__(self, folder: Path, **told: str) -> None:
        self.folder, self.told, self.kills = folder, told, 0
        self.workers = self.born()

    def born(self) -> list[WorkerProcess]:
        return [WorkerProcess(self.folder, **self.told) for _ in range(2)]

    def die(self) -> None:
        for worker in self.workers:
            worker.kill()
        self.kills += len(self.workers)

    async def again_and_again(self) -> None:
        while True:
            await eventually(lambda: all(worker.is_ready() for worker in self.workers), within=60)
            await asyncio.sleep(random.uniform(0, 0.4))
            self.die()
            self.workers = self.born()


async def somebody(number: int) -> tuple[int, object]:
    client = await a_client("Reader", f"Number {number:02}")
    account = await an_account(f"reader{number:02}@example.com")
    await a_grant(account, client)
    return client.id, account


async def test_a_hundred_messages_are_a_hundred_and_every_burst_is_told(cast: Cast, db: str, tmp_path: Path):
    desk = await as_(cast, "front_desk")
    people = [await somebody(number) for number in range(PEOPLE)]
    with SinkProcess(tmp_path) as sink:
        mortals = Mortals(tmp_path, DATABASE_URL=db, SMTP_URL=sink.url, OUTBOX_LEASE="2")
        killing = asyncio.create_task(mortals.again_and_again())
        try:
            threads = [await begun(desk, *one) for one in people]
            for number in range(1, BURST):
                for thread in threads:
                    await sending.answer_for_staff(desk, thread, words(f"Number {number}"))
                await asyncio.sleep(0.5)
            await eventually(everything_is_announced, within=120)
            for (client_id, account), thread in list(zip(people, threads, strict=True))[::2]:
                latest = (await fetch("SELECT latest FROM thread WHERE id = {}", thread))[0]["latest"]
                await reading.mark_read(await viewer_of(account), client_id, thread, latest)
            await eventually(everything_is_done, within=120)
        finally:
            killing.cancel()
            mortals.die()
        arrived = {address for _, address in sink.letters}
    assert mortals.kills >= 4
    rows = await fetch("SELECT count(*) AS all, count(DISTINCT key) AS keys FROM message")
    assert rows == [{"all": PEOPLE * BURST, "keys": PEOPLE * BURST}]
    assert arrived == {account.email for _, account in people[1::2]}, "whoever had not read it, and nobody else"
    rows = await fetch("SELECT address, count(*) AS many FROM delivery WHERE kind = 'message-waiting' GROUP BY address")
    assert {row["address"]: row["many"] for row in rows} == dict.fromkeys(arrived, 1)


async def begun(desk, client_id: int, account) -> int:
    beginning = Beginning(Topic.APPOINTMENTS, "Thursday", None, frozenset({account.id}))
    return await sending.begin_for_staff(desk, client_id, beginning, words("Number 0"))


async def everything_is_announced() -> bool:
    """But nothing is told yet: five minutes have not passed."""
    await fetch(DUE)
    rows = await fetch("SELECT count(*) AS many FROM errand WHERE actor = 'announce' AND state <> 'done'")
    told = await fetch("SELECT count(*) AS many FROM errand WHERE actor = 'tell'")
    return rows[0]["many"] == 0 and told[0]["many"] == PEOPLE * BURST


async def everything_is_done() -> bool:
    """As if the five minutes were over."""
    await fetch(LATER)
    return not await fetch("SELECT id FROM errand WHERE state <> 'done' LIMIT 1")


async def test_a_pdf_that_was_asked_for_survives_it(cast: Cast, db: str, tmp_path: Path):
    maya, desk = await as_(cast, "client"), await as_(cast, "front_desk")
    thread = await begun(desk, cast.client.id, cast.accounts["client"])
    await fetch(MANY)
    rows = await fetch("UPDATE thread SET latest = (SELECT max(id) FROM message) RETURNING latest")
    mortals = Mortals(settings().data_dir, DATABASE_URL=db, OUTBOX_LEASE="6")
    try:
        wanted = Wanted("thread", thread, rows[0]["latest"], cast.client.id, "en", "messages.pdf")
        paper = await papers.ask(maya, wanted)
        for time in (1, 2, 3):
            await eventually(lambda least=time: has_begun(paper, least), within=60)
            mortals.die()
            mortals.workers = mortals.born()
        await eventually(lambda: is_ready(paper), within=60)
    finally:
        mortals.die()
    row = (await fetch("SELECT key, size FROM paper WHERE id = {}", paper))[0]
    pdf = await storage.get(row["key"])
    assert len(pdf) == row["size"] and "Number 0" in words_of(pdf, tmp_path)
    errand = (await fetch("SELECT state, attempts FROM errand WHERE actor = 'render'"))[0]
    assert errand["state"] == "done" and errand["attempts"] > 1, "at least one of them died over it"


MANY = """
INSERT INTO message (thread, client, kind, author, staff, body, key, sent_at)
SELECT thread, client, kind, author, staff, repeat('word and ', 30), 'many' || n, now()
  FROM message, generate_series(1, 250) AS n
"""


async def has_begun(paper: int, least: int) -> bool:
    await fetch(LATER)
    rows = await fetch("SELECT state, attempts FROM errand WHERE actor = 'render' AND subject_id = {}", paper)
    return bool(rows) and (rows[0]["state"] == "done" or rows[0]["attempts"] >= least)


async def is_ready(paper: int) -> bool:
    await fetch(LATER)
    return bool(await fetch("SELECT id FROM paper WHERE id = {} AND state = 'ready'", paper))
