"""`portal worker` as a machine meets it: a real process, a real mail server, real signals, a database that goes."""

import asyncio
import json
import re
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from portal import database, outbox
from portal.accounts.tables import Account
from portal.database import embedded, fetch, transaction
from portal.letters.tables import Delivery, DeliveryState
from portal.outbox import Errand
from portal.review.tables import ReviewItem
from portal.settings import settings
from tasks.actors import email as post
from tests.factories import a_client, an_account, an_invitation
from tests.tasks.post import Redis, Sink, WorkerProcess, eventually, kill_database, knows, own_server, work_through
from tests.tasks.tls import Authority

Begin = Callable[..., Awaitable[WorkerProcess]]
SIGNALS = [
    signal.SIGTERM,
    pytest.param(signal.SIGINT, marks=pytest.mark.torture),
    pytest.param(signal.SIGHUP, marks=pytest.mark.torture),
]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as it:
        yield it


@pytest.fixture
async def begin(db: str, sink: Sink, tmp_path: Path) -> AsyncIterator[Begin]:
    """Starts workers; whatever a test does with them, their logs are JSON lines that betray nobody."""
    workers: list[WorkerProcess] = []

    async def begin_one(is_ready: bool = True, **environment: str) -> WorkerProcess:
        told = {"DATABASE_URL": db, "SMTP_URL": sink.url, **environment}
        workers.append(WorkerProcess(tmp_path / "data", **told))
        if is_ready:
            await eventually(workers[-1].is_ready, within=30)
        return workers[-1]

    yield begin_one
    for worker in workers:
        worker.kill()
        for line in worker.said.splitlines():
            assert isinstance(json.loads(line), dict), line
            assert not re.search(r"@example|reyes|maya|canary|s3cret", line, re.IGNORECASE), line


async def states() -> dict[str, int]:
    rows = await fetch("SELECT state, count(*) AS count FROM delivery GROUP BY state")
    return {row["state"]: row["count"] for row in rows}


async def all_sent(count: int) -> bool:
    return await states() == {"sent": count}


async def letters(count: int) -> Account:
    """As many, in one transaction, to one account."""
    account = await Account.objects().first() or await an_account()
    async with transaction():
        for _ in range(count):
            await outbox.record("password.changed", account.id)
    return account


async def try_again_now() -> None:
    await fetch("UPDATE errand SET due_at = now() WHERE state = 'queued'")
    await database.notify("errands")


# Carrying -----------------------------------------------------------------------------------------------------------


async def test_a_letter_is_there_about_a_second_after_the_commit(begin, sink):
    worker = await begin()
    client = await a_client()
    took = []
    for number in range(5):
        await an_invitation(client, f"maya{number}@example.com")
        committed = time.monotonic()
        await eventually(lambda: len(sink.letters) > len(took))
        took.append(sink.letters[-1].at - committed)
    assert statistics.median(took) < 1, took
    assert [letter.to for letter in sink.letters] == [f"maya{number}@example.com" for number in range(5)]
    await eventually(lambda: all_sent(5))
    assert await Errand.count().where(Errand.state == "done") == 10
    assert worker.process.poll() is None


async def test_several_workers_share_the_work_and_repeat_nothing(begin, sink):
    await asyncio.gather(*(begin() for _ in range(2)))
    await letters(80)
    await eventually(lambda: all_sent(80), within=60)
    assert set(sink.copies.values()) == {1}
    workers = {row["lease_by"].split(":")[1] for row in await fetch("SELECT lease_by FROM errand")}
    assert len(workers) == 2


async def test_without_a_mail_server_letters_lie_in_a_folder(begin, tmp_path):
    await begin(SMTP_URL="")
    await letters(3)
    await eventually(lambda: all_sent(3))
    assert len(list((tmp_path / "data" / "mail").glob("*.eml"))) == 3


async def test_what_was_written_while_no_worker_ran_is_carried_by_the_next(begin, sink):
    await letters(30)
    await begin()
    await eventually(lambda: all_sent(30), within=30)
    assert set(sink.copies.values()) == {1}


# Leaving ------------------------------------------------------------------------------------------------------------


async def test_sigterm_finishes_what_is_in_hand_and_hands_the_rest_back(begin, sink):
    worker = await begin()
    sink.delay = 1
    await letters(40)
    await eventually(lambda: sink.letters)
    worker.asked_to_leave(within=5)
    arrived = len(sink.letters)
    assert 0 < arrived < 40
    assert await states() == {"sent": arrived, "queued": 40 - arrived}
    rows = await fetch("SELECT state, attempts FROM errand WHERE actor = 'deliver' AND state <> 'done'")
    assert {(row["state"], row["attempts"]) for row in rows} == {("queued", 0)}
    sink.delay = 0
    await begin()
    await eventually(lambda: all_sent(40), within=30)
    assert set(sink.copies.values()) == {1}


async def test_sigterm_does_not_wait_for_a_mail_server_that_hangs(begin, sink):
    worker = await begin()
    sink.delay = 60
    await letters(20)

    async def in_hand() -> bool:
        return await Errand.count().where(Errand.actor == "deliver", Errand.attempts == 1) == 8

    await eventually(in_hand)
    worker.asked_to_leave(within=20)
    rows = await fetch("SELECT state, attempts, count(*) AS count FROM errand WHERE actor = 'deliver' GROUP BY 1, 2")
    assert {(row["state"], row["attempts"]): row["count"] for row in rows} == {("leased", 1): 8, ("queued", 0): 12}


@pytest.mark.parametrize("number", SIGNALS)
async def test_an_idle_worker_leaves_at_once(begin, number):
    worker = await begin()
    began = time.monotonic()
    worker.process.send_signal(number)
    assert await asyncio.to_thread(worker.process.wait, 5) == 0
    assert time.monotonic() - began < 3


async def test_what_it_had_in_hand_when_it_was_killed_is_taken_up_after_the_lease(begin, sink):
    worker = await begin(OUTBOX_LEASE="2")
    sink.delay = 60
    await letters(3)
    await eventually(lambda: _begun(3))
    worker.kill()
    sink.delay = 0
    await begin(OUTBOX_LEASE="2")
    await eventually(lambda: all_sent(3))


async def _begun(count: int) -> bool:
    return await Errand.count().where(Errand.actor == "deliver", Errand.attempts == 1) == count


# The database -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def server(schema: str, tmp_path: Path) -> AsyncIterator[Path]:
    async with own_server(tmp_path / "server", schema) as folder:
        yield folder


async def test_a_database_that_goes_and_comes_back_is_survived(server, sink, tmp_path):
    dsn = embedded.dsn(server)
    assert dsn is not None
    account = await an_account()
    embedded.stop(server)
    worker = WorkerProcess(tmp_path / "data", DATABASE_URL=dsn, SMTP_URL=sink.url)
    try:
        await eventually(lambda: "failed" in worker.said, within=30)
        for number, strike in enumerate((_start, _restart, kill_database), start=1):
            await asyncio.to_thread(strike, server)
            await _written(account)
            await eventually(lambda: len(sink.letters) == number, within=20)  # noqa: B023
            await eventually(lambda: all_sent(number))  # noqa: B023
        committed = await _written(account)
        await eventually(lambda: len(sink.letters) == 4)
        assert sink.letters[-1].at - committed < 1.5, "it listens again"
        assert set(sink.copies.values()) == {1}
        worker.asked_to_leave()
    finally:
        worker.kill()


async def test_it_leaves_in_order_while_the_database_is_away(server, sink, tmp_path):
    dsn = embedded.dsn(server)
    assert dsn is not None
    worker = WorkerProcess(tmp_path / "data", DATABASE_URL=dsn, SMTP_URL=sink.url)
    try:
        await eventually(worker.is_ready, within=30)
        embedded.stop(server)
        worker.asked_to_leave(within=5)
    finally:
        worker.kill()


async def _written(account: Account) -> float:
    """Once the database takes it."""
    for _ in range(100):
        try:
            await outbox.record("password.changed", account.id)
            break
        except Exception:
            await asyncio.sleep(0.1)
    return time.monotonic()


def _start(data: Path) -> None:
    embedded.start(data)


def _restart(data: Path) -> None:
    embedded.stop(data)
    time.sleep(1)
    embedded.start(data)


# The mail server ----------------------------------------------------------------------------------------------------


async def test_a_passing_no_is_asked_again_later(begin, sink):
    await begin()
    sink.answer = lambda address: "451 come back"
    await letters(1)
    await eventually(_failed_once)
    assert await states() == {"queued": 1}
    assert await ReviewItem.count() == 0
    sink.answer = lambda address: None
    await try_again_now()
    await eventually(lambda: all_sent(1))
    assert len(sink.letters) == 1


async def test_a_lasting_no_is_failed_at_once_and_waits_for_staff(begin, sink):
    await begin()
    sink.answer = lambda address: "550 no such user" if "gone" in address else None
    client = await a_client("Canary", "Name")
    await an_invitation(client, "gone@example.com")
    await an_invitation(await a_client(), "here@example.com")
    await eventually(lambda: _states_are({"failed": 1, "sent": 1}))
    item = await ReviewItem.objects().first()
    assert (item.kind, item.client) == ("letter.failed_invitation", client.id)
    letter = await Delivery.objects().get(Delivery.state == DeliveryState.FAILED)
    assert letter.last_error == "refused with 550"
    assert await Errand.count().where(Errand.actor == "deliver", Errand.state == "done") == 2


async def test_a_mail_server_that_is_away_loses_nothing(begin, sink):
    sink.close()
    await begin()
    await letters(5)
    await eventually(lambda: _failed_once(5))
    assert await states() == {"queued": 5}
    sink.open()
    await try_again_now()
    await eventually(lambda: all_sent(5))
    assert set(sink.copies.values()) == {1}


async def _failed_once(count: int = 1) -> bool:
    return await Errand.count().where(Errand.state == "queued", Errand.attempts == 1) == count


async def _states_are(wanted: dict[str, int]) -> bool:
    return await states() == wanted


# Secrets on the way -------------------------------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Awaitable[str]]]:
    """One letter, in this process, to the mail server of this URL; what became of its errand."""

    async def carry(url: str, authority: Authority | None = None) -> str:
        if authority is not None:
            monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        post._trust.cache_clear()
        monkeypatch.setattr(post, "settings", lambda: replace(settings(), smtp_url=url))
        await letters(1)
        await work_through("announce")
        await work_through("deliver")
        errand = await Errand.objects().get(Errand.actor == "deliver")
        return str(errand.last_error or errand.state)

    yield carry
    post._trust.cache_clear()


def secure_sink(authority: Authority, name: str = "localhost", **options: Any) -> Sink:
    told = {"auth_required": True, "authenticator": knows("portal", "s3cret/word"), **options}
    return Sink(tls_context=authority.server(name), require_starttls=True, **told)


async def test_a_password_travels_only_through_a_verified_tunnel(begin, authority):
    with secure_sink(authority) as sink:
        url = f"smtp://portal:s3cret%2Fword@localhost:{sink.port}"
        await begin(SMTP_URL=url, SSL_CERT_FILE=str(authority.file))
        await letters(2)
        await eventually(lambda: all_sent(2))
        assert sink.sessions == [(True, "portal")] * 2


async def test_tls_from_the_first_byte(db, authority, tried):
    with Sink(ssl_context=authority.server("localhost")) as sink:
        assert await tried(f"smtps://localhost:{sink.port}", authority) == "done"
        assert sink.sessions == [(True, "")]


async def test_a_server_whose_certificate_nobody_vouches_for_gets_no_letter_and_no_password(db, authority, tried):
    asked: list[Any] = []
    with secure_sink(authority, authenticator=lambda *told: asked.append(told)) as sink:
        assert await tried(f"smtp://portal:s3cret%2Fword@localhost:{sink.port}") == "SSLCertVerificationError"
        assert (asked, sink.letters) == ([], [])


async def test_a_server_with_somebody_elses_certificate_gets_no_letter_and_no_password(db, authority, tried):
    asked: list[Any] = []
    with secure_sink(authority, "elsewhere.test", authenticator=lambda *told: asked.append(told)) as sink:
        assert (
            await tried(f"smtp://portal:s3cret%2Fword@localhost:{sink.port}", authority) == "SSLCertVerificationError"
        )
        assert (asked, sink.letters) == ([], [])


async def test_a_server_that_offers_no_tunnel_is_not_told_the_password(db, tried):
    asked: list[Any] = []
    with Sink(auth_require_tls=False, authenticator=lambda *told: asked.append(told)) as sink:
        assert await tried(f"smtp://portal:s3cret%2Fword@127.0.0.1:{sink.port}") == "SMTPNotSupportedError"
        assert (asked, sink.letters) == ([], [])


async def test_a_tunnel_that_is_offered_is_taken_without_a_password_too(db, authority, tried):
    with Sink(tls_context=authority.server("localhost")) as sink:
        assert await tried(f"smtp://localhost:{sink.port}", authority) == "done"
        assert sink.sessions == [(True, "")]


async def test_a_wrong_password_leaves_the_letter_queued(db, authority, tried):
    with secure_sink(authority) as sink:
        assert await tried(f"smtp://portal:wrong@localhost:{sink.port}", authority) == "SMTPAuthenticationError"
        assert await states() == {"queued": 1}
        assert sink.letters == []


# A broker between ---------------------------------------------------------------------------------------------------


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path) as it:
        yield it


async def test_a_broker_that_is_away_or_forgets_everything_loses_nothing(begin, sink, redis):
    worker = await begin(BROKER_URL=redis.url, OUTBOX_LEASE="2")
    await letters(5)
    await eventually(lambda: all_sent(5), within=20)
    redis.kill()
    await letters(40)
    await eventually(lambda: "claim failed" in worker.said)
    redis.start()
    sink.delay = 0.05
    await eventually(lambda: len(sink.letters) > 10, within=30)
    for _ in range(3):
        redis.forget_everything()
        await asyncio.sleep(0.1)
    await eventually(lambda: all_sent(45), within=40)
    assert len(sink.copies) == 45
    worker.asked_to_leave()


async def test_a_leaving_worker_leaves_the_brokers_messages_to_the_others(begin, sink, redis):
    leaving, staying = await begin(BROKER_URL=redis.url), await begin(BROKER_URL=redis.url)
    sink.delay = 0.2
    await letters(60)
    await eventually(lambda: sink.letters)
    leaving.asked_to_leave(within=5)
    await eventually(lambda: all_sent(60), within=30)
    assert set(sink.copies.values()) == {1}
    staying.asked_to_leave(within=5)


# The long form ------------------------------------------------------------------------------------------------------


@pytest.mark.torture
async def test_memory_stays_flat_over_five_thousand_letters(begin, capsys):
    worker = await begin()
    process = psutil.Process(worker.process.pid)
    began, sizes = time.monotonic(), []
    for round_ in range(1, 11):
        await letters(500)
        await eventually(lambda: all_sent(500 * round_), within=120)  # noqa: B023
        sizes.append(process.memory_info().rss / 2**20)
    with capsys.disabled():
        rate = 5000 / (time.monotonic() - began)
        sys.stdout.write(f"\n5,000 letters, {rate:.0f}/s, MiB: {[round(size) for size in sizes]}\n")
    assert sizes[-1] < sizes[1] * 1.05 + 2
