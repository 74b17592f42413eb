"""Workers die by kill -9, again and again, under load: nothing is lost, nothing is made up, and copies are alike."""

import asyncio
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncpg
import httpx
import pytest

from portal import outbox
from portal.access import Role
from portal.audit import chain
from portal.database import embedded, fetch, transaction
from portal.letters.actions import _message_id
from portal.settings import settings
from tests.factories import a_client, a_member, a_practice, an_account, an_invitation
from tests.tasks.post import READY, Redis, SinkProcess, WorkerProcess, eventually, free_port, kill_database, own_server

LEASE = "2"
AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
WRITERS = 2
MOST_WAITING = 200
PER_KILL = 3  # of eight in hand: those that the mail server has and the worker could not note any more


class Undone(Exception):
    """This transaction is to leave nothing behind."""


@dataclass
class Load:
    """Writes all the time, as the portal does, and as much as is carried; each tenth transaction is undone at its end.

    Each letter has an address of its own, so that two letters to one address are two copies of one letter.
    """

    written: int = 0
    undone: set[str] = field(default_factory=set)
    unknown: int = 0
    is_over: bool = False

    async def write(self, name: str) -> None:
        number = 0
        while not self.is_over:
            number += 1
            try:
                await self.write_one(f"{name}-{number}@example.com", number)
                self.written += 1
                while number % 16 == 0 and not self.is_over and await how_many("queued") > MOST_WAITING:
                    await asyncio.sleep(0.1)
            except Undone:
                pass
            except AWAY:
                self.unknown += 1
                await asyncio.sleep(0.2)
            await asyncio.sleep(0.015)

    async def write_one(self, address: str, number: int) -> None:
        async with transaction():
            if number % 5:
                kind, subject_id = "password-changed", (await an_account(address)).id
                event_id = await outbox.record("password.changed", subject_id)
            else:
                kind, invitation = "invitation", await an_invitation(await a_client(), address)
                rows = await fetch("SELECT max(id) AS id FROM event WHERE subject_id = {}", invitation.id)
                event_id = rows[0]["id"]
            if number % 10 == 0:
                self.undone.add(_message_id(event_id, kind, address))
                raise Undone


@dataclass
class Outcome:
    """What the tables say, beside what arrived."""

    kills: int
    rows: int
    lost: set[str]
    ghosts: set[str]
    copies: int
    unlike: dict[str, set[str]]

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.rows} letters: {len(self.lost)} lost, {len(self.ghosts)} ghosts,"
            f" {self.copies} copies ({self.copies / self.kills:.2f} per kill), {len(self.unlike)} unlike their twin"
        )


async def outcome(kills: int, load: Load, sink: SinkProcess) -> Outcome:
    rows = await fetch("SELECT message_id, state FROM delivery")
    by_address: defaultdict[str, set[str]] = defaultdict(set)
    for message_id, address in sink.letters:
        by_address[address].add(message_id)
    known, arrived = {row["message_id"] for row in rows}, {message_id for message_id, _ in sink.letters}
    unsent = {row["message_id"] for row in rows if row["state"] != "sent"}
    mute = await fetch("SELECT id FROM event WHERE NOT EXISTS (SELECT FROM delivery WHERE delivery.event = event.id)")
    return Outcome(
        kills=kills,
        rows=len(rows),
        lost=(known - arrived) | unsent | {f"event {row['id']}" for row in mute},
        ghosts=(arrived - known) | (arrived & load.undone),
        copies=len(sink.letters) - len(arrived),
        unlike={address: ids for address, ids in by_address.items() if len(ids) > 1},
    )


async def everything_is_done() -> bool:
    """What waits after a failure is asked for at once: how long the pause is, is tested elsewhere."""
    await fetch("UPDATE errand SET due_at = now() WHERE state = 'queued' AND due_at > now()")
    assert await how_many("dead") == 0
    return await how_many("queued") + await how_many("leased") == 0


async def how_many(state: str) -> int:
    rows = await fetch("SELECT count(*) AS count FROM errand WHERE state = {}", state)
    return int(rows[0]["count"])


class Crew:
    """Two workers; whoever is killed is replaced at once."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.environment, self.kills = folder, {"OUTBOX_LEASE": LEASE, **environment}, 0
        self.workers = [self.another(), self.another()]

    def another(self) -> WorkerProcess:
        return WorkerProcess(self.folder, **self.environment)

    async def lose_one(self, sink: SinkProcess) -> None:
        """The one that has worked for longest, at some moment while letters are arriving."""
        await eventually(lambda: READY in self.workers[0].said, within=60)
        arrived = len(sink.letters)
        await eventually(lambda: len(sink.letters) > arrived + 5, within=60)
        await asyncio.sleep(random.uniform(0, 0.3))
        self.workers.pop(0).kill()
        self.workers.append(self.another())
        self.kills += 1

    def dismiss(self) -> None:
        for worker in self.workers:
            worker.kill()


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[object], None]:
    def aloud(words: object) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{words}\n")

    return aloud


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[SinkProcess]:
    with SinkProcess(tmp_path) as it:
        yield it


async def kill_loop(
    crew: Crew, sink: SinkProcess, kills: int, strike: Callable[[int], object] = lambda number: None
) -> Outcome:
    await a_practice()
    load = Load()
    writers = [asyncio.create_task(load.write(f"writer{number}")) for number in range(WRITERS)]
    try:
        for number in range(kills):
            await crew.lose_one(sink)
            struck = strike(number)
            if asyncio.iscoroutine(struck):
                await struck
        load.is_over = True
        await asyncio.gather(*writers)
        await eventually(everything_is_done, within=120)
    finally:
        load.is_over = True
        await asyncio.gather(*writers, return_exceptions=True)
        crew.dismiss()
    found = await outcome(crew.kills, load, sink)
    assert load.undone, "nothing was undone, so nothing is known of ghosts"
    assert load.unknown or found.rows >= load.written
    return found


async def the_audit_is_whole(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """With the anchor that the killed workers left behind."""
    assert (data_dir / "audit.anchor").exists()
    monkeypatch.setattr(chain, "settings", lambda: replace(settings(), data_dir=data_dir))
    await chain.seal()
    verdict = await chain.verify()
    assert (verdict.faults, verdict.unsealed) == ([], 0)
    return verdict.sealed > 0


def judged(found: Outcome) -> None:
    assert (found.lost, found.ghosts, found.unlike) == (set(), set(), {}), str(found)
    assert found.copies <= found.kills * PER_KILL, str(found)


async def test_ten_kills_lose_nothing(db, sink, tmp_path, monkeypatch, say):
    crew = Crew(tmp_path, DATABASE_URL=db, SMTP_URL=sink.url)
    found = await kill_loop(crew, sink, 10)
    say(found)
    judged(found)
    assert await the_audit_is_whole(tmp_path, monkeypatch)


async def test_five_kills_and_a_broker_that_forgets_lose_nothing(db, sink, tmp_path, say):
    with Redis(tmp_path) as redis:
        crew = Crew(tmp_path, DATABASE_URL=db, SMTP_URL=sink.url, BROKER_URL=redis.url)
        found = await kill_loop(crew, sink, 5, lambda number: redis.forget_everything() if number == 3 else None)
    say(f"over Redis, with a FLUSHALL: {found}")
    judged(found)


# The long form ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def server(schema: str, tmp_path: Path) -> AsyncIterator[Path]:
    async with own_server(tmp_path / "server", schema) as folder:
        yield folder


class Web:
    """`portal web`, asked all the time for new passwords, and killed in between."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder, self.dsn, self.asked, self.is_over = folder, dsn, 0, False
        self.process = self.another()

    def another(self) -> WorkerProcess:
        told = {"DATABASE_URL": self.dsn, "BASE_URL": self.url, "TRUSTED_PROXIES": "127.0.0.1/32"}
        return WorkerProcess(self.folder, "web", "--port", str(self.port), **told)

    def kill(self) -> None:
        self.process.kill()
        self.process = self.another()

    async def visit(self) -> None:
        number = 0
        while not self.is_over:
            number += 1
            try:
                await self.ask(number)
                self.asked += 1
            except (httpx.HTTPError, *AWAY):
                await asyncio.sleep(0.2)
            await asyncio.sleep(0.3)

    async def ask(self, number: int) -> None:
        address = f"visitor-{number}@example.com"
        await an_account(address)
        headers = {"Origin": self.url, "X-Forwarded-For": f"198.51.{number // 250}.{number % 250}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=10) as http:
            page = (await http.get("/forgot-password")).text
            token = re.search(r'name="_csrf_token" value="([^"]+)"', page)
            if token:
                await http.post("/forgot-password", data={"email": address, "_csrf_token": token[1]})


@pytest.mark.torture
async def test_two_hundred_kills_of_everything_lose_nothing(server, sink, tmp_path, monkeypatch, say):
    dsn = embedded.dsn(server)
    assert dsn is not None
    await a_member(Role.FRONT_DESK)
    web = Web(tmp_path / "web", dsn)
    crew = Crew(tmp_path / "workers", DATABASE_URL=dsn, SMTP_URL=sink.url)
    others = {"web": 0, "postmaster": 0}

    async def strike(number: int) -> None:
        if number % 3 == 1:
            web.kill()
            others["web"] += 1
        if number % 10 == 5:
            await asyncio.to_thread(kill_database, server)
            others["postmaster"] += 1

    began = time.monotonic()
    visitor = asyncio.create_task(web.visit())
    try:
        found = await kill_loop(crew, sink, 140, strike)
    finally:
        web.is_over = True
        await asyncio.gather(visitor, return_exceptions=True)
        web.process.kill()
    found.kills += sum(others.values())
    say(f"{found}; of them {others}; {web.asked} asked at the door; {time.monotonic() - began:.0f} s")
    judged(found)
    assert found.kills >= 200
    assert web.asked > 20
    assert await the_audit_is_whole(tmp_path / "workers", monkeypatch)
