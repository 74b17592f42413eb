"""`portal doctor`: nothing to say about a healthy portal, a remedy for each ill."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import asyncpg
import pytest
import redis

from portal import keys
from portal.database import embedded
from portal.settings import ROOT, settings
from tasks.cli.doctor import machine
from tasks.cli.doctor.findings import Finding
from tests.tasks.commands import portal, python, surroundings
from tests.tasks.post import Redis, Sink, free_port, knows

SECRET = "s" * 64
PRODUCTION = {
    "PORTAL_MODE": "production", "SECRET_KEY": SECRET, "BASE_URL": "https://portal.example.org",
    "MAIL_FROM": "portal@example.org",
}  # fmt: skip
EXAMINE = """
import json
from dataclasses import asdict
from tasks.cli.doctor import in_database
print(json.dumps([asdict(one) for one in in_database()]))
"""
STORE = "import asyncio; from portal import storage; print(asyncio.run(storage.put(b'x')).key)"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A portal in production, with people and one key; its server runs."""
    folder = tmp_path_factory.mktemp("doctor") / "var"
    with embedded.running(folder) as dsn:
        assert portal(folder, "seed", **PRODUCTION).returncode == 0
        assert portal(folder, "keys", "new", **PRODUCTION).returncode == 0
        (folder / "dsn").write_text(dsn)
        yield folder


def told(data_dir: Path, sql: str, as_: str = "portal") -> object:
    """To the database; returns the first value that it answers."""

    async def tell() -> object:
        connection = await asyncpg.connect((data_dir / "dsn").read_text().replace("portal@", f"{as_}@", 1))
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(tell())


@pytest.fixture
def changed(data_dir: Path) -> Iterator[Callable[[str, str], None]]:
    """`changed(sql, back)`: the portal is healthy again after the test."""
    undo: list[str] = []

    def change(sql: str, back: str) -> None:
        told(data_dir, sql)
        undo.append(back)

    yield change
    for back in undo:
        told(data_dir, back)


@contextmanager
def working(data_dir: Path, **environment: str) -> Iterator[None]:
    """A worker, until what was due is done."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "tasks.cli", "worker"], cwd=ROOT, stderr=subprocess.DEVNULL,
        env=surroundings(data_dir, **environment),
    )  # fmt: skip
    try:
        until_connected(data_dir, "portal worker")
        until = time.monotonic() + 60  # the letters of the demo; its papers take half a minute, and are not late yet
        while told(data_dir, "SELECT count(*) FROM errand WHERE state <> 'done' AND actor <> 'issue'"):
            assert time.monotonic() < until
            time.sleep(0.1)
        yield
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait()


@contextmanager
def answering(data_dir: Path) -> Iterator[None]:
    """A web process."""
    web = subprocess.Popen(
        [sys.executable, "-m", "tasks.cli", "web", "--port", str(free_port())], cwd=ROOT, stderr=subprocess.DEVNULL,
        env=surroundings(data_dir, **PRODUCTION),
    )  # fmt: skip
    try:
        until_connected(data_dir, "portal web")
        yield
    finally:
        web.send_signal(signal.SIGTERM)
        web.wait()


def until_connected(data_dir: Path, name: str) -> None:
    until = time.monotonic() + 30
    while not told(data_dir, f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'"):
        assert time.monotonic() < until
        time.sleep(0.1)


def examined(data_dir: Path, check: str, **environment: str) -> Finding:
    """The one finding of a check of the machine, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**PRODUCTION, "DATA_DIR": str(data_dir), **environment}.items():
            patch.setenv(name, value)
        forget()
        (found,) = getattr(machine, check)()
    forget()
    return found  # type: ignore[no-any-return]


def forget() -> None:
    settings.cache_clear()
    keys.keyring.cache_clear()


def in_database(data_dir: Path, **environment: str) -> dict[str, SimpleNamespace]:
    """By check; where one has found several things, the last of them."""
    return {one.check: one for one in all_in_database(data_dir, **environment)}


def all_in_database(data_dir: Path, **environment: str) -> list[SimpleNamespace]:
    done = python(data_dir, "-c", EXAMINE, **{**PRODUCTION, **environment})
    assert done.returncode == 0, done.stderr
    return [SimpleNamespace(**one) for one in json.loads(done.stdout)]


# As a whole -----------------------------------------------------------------------------------------------------------


def test_a_healthy_portal_has_no_problem(data_dir: Path) -> None:
    with Sink() as post:
        environment = {**PRODUCTION, "SMTP_URL": post.url}
        with working(data_dir, **environment):
            done = portal(data_dir, "doctor", **environment)
    assert done.returncode == 0, done.stdout
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"ok"}, done.stdout
    assert [line.split()[1] for line in done.stdout.splitlines()] == [
        "database", "durability", "schema", "clock", "worker", "outbox", "audit", "seals",
        "settings", "secret", "keys", "storage", "mail", "texts", "broker", "fonts", "disk", "zones",
    ]  # fmt: skip


def test_a_problem_ends_with_exit_code_1_and_json_says_what_to_do(data_dir: Path) -> None:
    done = portal(data_dir, "doctor", "--json", **{**PRODUCTION, "DATABASE_URL": "postgresql://x@127.0.0.1:1/x"})
    assert done.returncode == 1
    found = {one["check"]: one for one in json.loads(done.stdout)}
    assert found["database"]["state"] == "problem" and "DATABASE_URL" in found["database"]["do"]
    assert found["fonts"]["state"] == "ok"  # the others are still checked


def test_settings_that_keep_the_portal_from_starting_are_the_only_word(tmp_path: Path) -> None:
    done = portal(tmp_path, "doctor", PORTAL_MODE="production", BASE_URL="https://x.example")
    assert done.returncode == 1 and "SECRET_KEY is missing" in done.stdout
    assert len(done.stdout.splitlines()) == 2


def test_before_the_first_start_it_makes_no_database_and_no_key(tmp_path: Path) -> None:
    assert in_database(tmp_path)["database"].state == "warning"
    assert examined(tmp_path, "keys").state == "warning"
    assert not (tmp_path / "postgres").exists() and not (tmp_path / "keys.json").exists()


# The database ---------------------------------------------------------------------------------------------------------


def test_a_database_without_tables_needs_migrate(data_dir: Path, tmp_path: Path) -> None:
    told(data_dir, "CREATE DATABASE bare")
    url = urlsplit((data_dir / "dsn").read_text())._replace(path="/bare").geturl()
    found = in_database(tmp_path, DATABASE_URL=url)
    assert (found["schema"].state, found["schema"].do) == ("problem", "Call `portal migrate`.")


def test_a_migration_that_has_not_run_is_told(data_dir: Path, changed: Callable[[str, str], None]) -> None:
    changed("UPDATE migration SET app_name = 'other'", "UPDATE migration SET app_name = 'portal'")
    found = in_database(data_dir)["schema"]
    assert found.state == "problem" and "have not run" in found.said


def test_a_server_that_does_not_wait_for_the_disk_is_a_problem(data_dir: Path) -> None:
    fsync(data_dir, "off")
    try:
        found = in_database(data_dir)["durability"]
    finally:
        fsync(data_dir, "on")
    assert found.state == "problem" and "fsync" in found.said


def fsync(data_dir: Path, value: str) -> None:
    told(data_dir, f"ALTER SYSTEM SET fsync = {value}", as_="postgres")
    told(data_dir, "SELECT pg_reload_conf()", as_="postgres")
    while told(data_dir, "SHOW fsync") != value:
        time.sleep(0.02)


def test_errands_that_wait_mean_that_no_worker_is_alive(data_dir: Path, changed: Callable[[str, str], None]) -> None:
    row = "INSERT INTO errand (actor, subject_id, dedupe_key, state, due_at, lease_until, created_at) VALUES"
    changed(
        f"{row} ('test', 1, 'late', 'queued', now() - interval '5 minutes', NULL, now()),"
        " ('test', 1, 'lapsed', 'leased', now(), now() - interval '2 minutes', now()),"
        " ('test', 1, 'later', 'queued', now() + interval '1 hour', NULL, now()),"
        " ('test', 1, 'dead', 'dead', now(), NULL, now())",
        "DELETE FROM errand WHERE actor = 'test'",
    )
    told(data_dir, "UPDATE errand SET state = 'done' WHERE actor <> 'test'")
    late, dead = (one for one in all_in_database(data_dir) if one.check == "outbox")
    assert late.state == "problem" and "2 errands wait, the oldest for 5 min" in late.said
    assert "portal worker" in late.do
    assert dead.state == "warning" and "1 errands were given up" in dead.said


def test_a_worker_is_known_by_the_name_of_its_connections(data_dir: Path) -> None:
    found = in_database(data_dir)["worker"]
    assert found.state == "warning" and "No worker is connected" in found.said and "portal worker" in found.do
    with working(data_dir, **PRODUCTION):
        assert in_database(data_dir)["worker"].state == "ok"


def test_the_web_without_a_worker_is_told(data_dir: Path) -> None:
    with answering(data_dir):
        found = in_database(data_dir)["worker"]
    assert found.state == "warning" and "The web is connected, but no worker" in found.said


def test_a_command_is_called_the_portal(data_dir: Path) -> None:
    asks = "from tasks.cli.running import run; from portal.database import fetch; print(run(lambda: fetch('{}')))"
    done = python(data_dir, "-c", asks.format("SHOW application_name"), **PRODUCTION)
    assert "'application_name': 'portal'" in done.stdout


def test_an_audit_that_nobody_seals_is_a_problem(data_dir: Path) -> None:
    told(data_dir, "INSERT INTO audit_row (happened_at, act) VALUES (now() - interval '3 minutes', 'test.done')")
    found = in_database(data_dir)["audit"]
    assert found.state == "problem" and "are not sealed" in found.said
    python(
        data_dir,
        "-c",
        "from tasks.cli.running import run; from portal.audit import chain; run(chain.seal)",
        **PRODUCTION,
    )
    assert in_database(data_dir)["audit"].state == "ok"


def test_a_secret_key_that_is_gone_is_missed_where_it_signed(data_dir: Path) -> None:
    found = in_database(data_dir, SECRET_KEY="t" * 64)["seals"]
    assert found.state == "problem" and "SECRET_KEY" in found.do
    assert in_database(data_dir, SECRET_KEY=f"{'t' * 64},{SECRET}")["seals"].state == "ok"


def test_a_key_that_sealed_a_kept_post_is_missed(data_dir: Path, changed: Callable[[str, str], None]) -> None:
    changed(
        "INSERT INTO kept_post (account, sealed, kept_at)"
        " SELECT id, '\\x0123456789abcdef00', now() FROM account LIMIT 1",
        "DELETE FROM kept_post",
    )
    found = in_database(data_dir)["seals"]
    assert found.state == "problem" and "0123456789abcdef" in found.said


# The machine ----------------------------------------------------------------------------------------------------------


def test_a_key_file_that_others_may_read_is_a_problem(data_dir: Path) -> None:
    (data_dir / "keys.json").chmod(0o640)
    try:
        found = examined(data_dir, "keys")
    finally:
        (data_dir / "keys.json").chmod(0o600)
    assert found.state == "problem" and "chmod 600" in found.do


def test_a_broken_key_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "keys.json").touch(mode=0o600)
    assert examined(tmp_path, "keys").state == "problem"


def test_a_store_that_works_is_left_as_it_was(data_dir: Path) -> None:
    before = sorted(path for path in (data_dir / "files").rglob("*") if path.is_file())
    assert examined(data_dir, "storage").state == "ok"
    assert sorted(path for path in (data_dir / "files").rglob("*") if path.is_file()) == before


def test_a_store_that_does_not_answer_is_a_problem(tmp_path: Path) -> None:
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
    credentials = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    found = examined(tmp_path, "storage", STORAGE_URL="s3://bucket/x", **nowhere, **credentials)
    assert found.state == "problem" and "STORAGE_URL" in found.do and "\n" not in found.said


def test_files_whose_key_is_gone_are_a_problem(tmp_path: Path) -> None:
    python(tmp_path, "-c", STORE)
    (tmp_path / "keys.json").unlink()
    found = examined(tmp_path, "storage")
    assert found.state == "problem" and "backup" in found.do


def test_a_damaged_file_is_a_problem(tmp_path: Path) -> None:
    key = python(tmp_path, "-c", STORE).stdout.strip()
    (tmp_path / "files" / key).write_bytes(b"")
    found = examined(tmp_path, "storage")
    assert found.state == "problem" and key in found.said


def test_letters_that_nobody_receives_are_a_warning_in_production(tmp_path: Path) -> None:
    assert examined(tmp_path, "mail").state == "warning"
    assert examined(tmp_path, "mail", PORTAL_MODE="test").state == "ok"


def test_a_mail_server_is_greeted_and_told_nothing(tmp_path: Path) -> None:
    with Sink() as post:
        found = examined(tmp_path, "mail", SMTP_URL=post.url)
        assert found.state == "ok" and "no letter was sent" in found.said
        assert post.letters == []


def test_a_mail_server_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert examined(tmp_path, "mail", SMTP_URL="smtp://127.0.0.1:1").state == "problem"


def test_a_password_is_not_told_over_an_open_line(tmp_path: Path) -> None:
    with Sink(authenticator=knows("user", "secret"), auth_require_tls=False) as post:
        found = examined(tmp_path, "mail", SMTP_URL=post.url.replace("//", "//user:secret@"))
    assert found.state == "problem" and "no encryption" in found.said and "secret" not in found.said


def test_without_broker_url_the_broker_is_in_the_process(tmp_path: Path) -> None:
    found = examined(tmp_path, "broker")
    assert found.state == "ok" and "in the process" in found.said


def test_a_broker_that_answers_is_greeted_and_keeps_nothing(tmp_path: Path) -> None:
    with Redis(tmp_path) as server, redis.Redis(port=server.port) as client:
        found = until_it_listens(lambda: examined(tmp_path, "broker", BROKER_URL=server.url))
        assert found.said == f"Redis at 127.0.0.1:{server.port} answers"
        assert client.keys() == []


def until_it_listens(ask: Callable[[], Finding]) -> Finding:
    until = time.monotonic() + 10
    while (found := ask()).state != "ok" and time.monotonic() < until:
        time.sleep(0.05)
    return found


def test_a_broker_that_is_not_there_is_a_problem_and_its_password_is_not_told(tmp_path: Path) -> None:
    found = examined(tmp_path, "broker", BROKER_URL="redis://user:pass-word@127.0.0.1:1/0")
    assert found.state == "problem" and "Redis at 127.0.0.1:1 does not answer" in found.said
    assert "BROKER_URL" in found.do and "pass-word" not in found.said + found.do


@pytest.mark.skipif(find_spec("pika") is not None, reason="only without RabbitMQ's package")
def test_a_broker_whose_package_is_missing_says_which(tmp_path: Path) -> None:
    found = examined(tmp_path, "broker", BROKER_URL="amqp://127.0.0.1:1")
    assert found.state == "problem" and "the package pika" in found.said and "Install it" in found.do


def test_without_any_font_it_says_so_and_lives(tmp_path: Path) -> None:
    """Pango crashes then, and whoever asked it."""
    (tmp_path / "none.conf").write_text("<fontconfig><dir>/nonexistent</dir></fontconfig>")
    found = examined(tmp_path, "fonts", FONTCONFIG_FILE=str(tmp_path / "none.conf"))
    assert found.state == "problem" and "apt-get install" in found.do


def test_a_disk_that_is_nearly_full_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: SimpleNamespace(free=900_000_000))
    (found,) = machine.disk()
    assert found.state == "problem" and "0.9 GB" in found.said


@pytest.mark.parametrize(
    ("environment", "state"),
    [
        ({}, "ok"),
        ({"PORTAL_MODE": "demo"}, "warning"),
        ({"BASE_URL": "http://127.0.0.1:8000"}, "warning"),
    ],
)
def test_a_setting_that_is_not_for_real_people_is_a_warning(
    tmp_path: Path, environment: dict[str, str], state: str
) -> None:
    assert examined(tmp_path, "settings_", **environment).state == state


def test_short_and_repeated_secrets_are_told(tmp_path: Path) -> None:
    assert examined(tmp_path, "secret", PORTAL_MODE="test", SECRET_KEY="short").state == "problem"
    assert examined(tmp_path, "secret", SECRET_KEY=f"{SECRET},{SECRET}").state == "warning"
    assert "2 keys" in examined(tmp_path, "secret", SECRET_KEY=f"{SECRET},{'t' * 64}").said
