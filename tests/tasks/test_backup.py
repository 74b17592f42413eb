"""A backup restored elsewhere is the same portal; anything less is refused before something is touched."""

import asyncio
import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import asyncpg
import pytest

from portal.accounts import passwords
from portal.database import embedded
from portal.settings import DEMO_MARK, ROOT
from portal.storage.archive import Archive
from tasks.cli.backup import postgres
from tests.tasks.commands import PASSPHRASE, portal, python, surroundings

STORE = """
import hashlib, json, os, sys
from tasks.cli.running import run
async def work():
    from portal import storage
    from portal.audit import chain
    sizes = [int(one) for one in sys.argv[1:]]
    stored = [await storage.put(os.urandom(size)) for size in sizes]
    await chain.seal()
    return {one.key: one.sha256.hex() for one in stored}
print(json.dumps(run(work)))
"""
READ = """
import asyncio, hashlib, json
from portal import storage
async def work():
    return {key: hashlib.sha256(await storage.get(key)).hexdigest() async for key in storage.keys_in_store()}
print(json.dumps(asyncio.run(work())))
"""
MEASURED = """
import atexit, re, sys
from pathlib import Path
atexit.register(lambda: print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]))
from tasks.cli import main
main(sys.argv[1:])
"""
SIZES = [0, 5, 70_000, 5_000_000]


@dataclass
class Portal:
    data_dir: Path
    dsn: str
    files: dict[str, str]
    backup: Path


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A practice with people, files, a sealed audit, and a backup of all of it; its server runs."""
    folder = tmp_path_factory.mktemp("source")
    data_dir, backup = folder / "var", folder / "it.backup"
    with embedded.running(data_dir) as dsn:
        assert portal(data_dir, "seed").returncode == 0
        of_the_demo = json.loads(python(data_dir, "-c", READ).stdout)
        told = python(data_dir, "-c", STORE, *SIZES)
        done = portal(data_dir, "backup", backup, BACKUP_PASSPHRASE=PASSPHRASE)
        assert done.returncode == 0, done.stderr
        yield Portal(data_dir, dsn, of_the_demo | json.loads(told.stdout), backup)


@pytest.fixture(scope="module")
def restored(source: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    data_dir = tmp_path_factory.mktemp("restored") / "var"
    done = portal(data_dir, "restore", source.backup, BACKUP_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 0, done.stderr
    with embedded.running(data_dir) as dsn:
        yield Portal(data_dir, dsn, {}, source.backup)


@pytest.fixture(scope="module")
def of_a_demo(source: Portal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backup that would have been made, were the practice of the demo."""
    file = tmp_path_factory.mktemp("demo") / "it.backup"
    done = portal(source.data_dir, "backup", file, PORTAL_MODE="demo", BACKUP_PASSPHRASE=PASSPHRASE)
    (source.data_dir / DEMO_MARK).unlink()
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "target"
    embedded.stop(tmp_path / "target")


@pytest.fixture
def url(source: Portal, tmp_path: Path) -> str:
    """An empty database: quicker than a server of its own."""
    name = f"d{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    asked(source.dsn, f"CREATE DATABASE {name}")
    return urlsplit(source.dsn)._replace(path=f"/{name}").geturl()


def asked(dsn: str, sql: str, *arguments: object) -> list[tuple[object, ...]]:
    async def answer() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(dsn)
        try:
            return [tuple(row) for row in await connection.fetch(sql, *arguments)]
        finally:
            await connection.close()

    return asyncio.run(answer())


def tables(dsn: str) -> dict[str, tuple[object, ...]]:
    """Of each: how many rows, and the hash of their content."""
    names = [
        str(one)
        for (one,) in asked(dsn, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname !~ '^(pg|sql)_'")
    ]
    rows = "SELECT count(*), md5(coalesce(string_agg(one::text, '|' ORDER BY one::text), '')) FROM \"{}\" AS one"
    return {name: asked(dsn, rows.format(name))[0] for name in names}


def untouched(target: Path) -> bool:
    """In test mode a command that looks at its settings makes a secret; nothing else may be there."""
    return not target.exists() or {path.name for path in target.iterdir()} <= {"secret_key"}


def restore(target: Path, file: Path, *options: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return portal(target, "restore", file, *options, **{"BACKUP_PASSPHRASE": PASSPHRASE, **environment})


# Restored elsewhere -------------------------------------------------------------------------------------------------


def test_every_table_has_the_same_rows(source: Portal, restored: Portal) -> None:
    assert tables(restored.dsn) == tables(source.dsn)
    assert asked(restored.dsn, "SELECT count(*) FROM client") == [(10,)]


def test_indexes_constraints_triggers_and_functions_come_along(source: Portal, restored: Portal) -> None:
    for question in (
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint ORDER BY conrelid::regclass::text, 1",
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1",
    ):
        assert asked(restored.dsn, question) == asked(source.dsn, question)


def test_the_next_number_is_nobodys_yet(source: Portal, restored: Portal) -> None:
    highest = "SELECT max(chart_number::bigint) FROM client"
    assert asked(restored.dsn, "SELECT nextval('chart_number')")[0][0] > asked(source.dsn, highest)[0][0]  # type: ignore[operator]


def test_people_sign_in_as_before(restored: Portal) -> None:
    found = asked(restored.dsn, "SELECT password_hash FROM account WHERE email_key = 'maya.reyes@example.com'")
    assert asyncio.run(passwords.matches(str(found[0][0]), "harbor lane demo only"))


def test_every_file_opens_with_the_restored_keys(source: Portal, restored: Portal) -> None:
    assert json.loads(python(restored.data_dir, "-c", READ).stdout) == source.files
    assert len(source.files) > len(SIZES) and hashlib.sha256(b"").hexdigest() in source.files.values()


def test_the_audit_is_whole_and_its_end_is_known(source: Portal, restored: Portal) -> None:
    told = json.loads(portal(restored.data_dir, "audit", "verify", "--json").stdout)
    assert told["whole"] and told["sealed"] > 20
    anchors = [(one.data_dir / "audit.anchor").read_text() for one in (source, restored)]
    assert anchors[0] == anchors[1]


def test_links_sent_before_still_work_because_the_secret_comes_along(source: Portal, restored: Portal) -> None:
    assert (restored.data_dir / "secret_key").read_text() == (source.data_dir / "secret_key").read_text()


def test_keys_and_secret_are_their_owners_only(restored: Portal) -> None:
    assert all((restored.data_dir / name).stat().st_mode & 0o777 == 0o600 for name in ("keys.json", "secret_key"))
    assert not (restored.data_dir / "restoring").exists()


# The file -----------------------------------------------------------------------------------------------------------


def test_nothing_of_it_can_be_read_without_the_passphrase(source: Portal) -> None:
    content = source.backup.read_bytes()
    for word in (b"Reyes", b"PGDMP", b"manifest", b"secret_key", (source.data_dir / "keys.json").read_bytes()[20:60]):
        assert word not in content
    assert source.backup.stat().st_mode & 0o777 == 0o600


def test_without_a_name_it_goes_into_backups_and_says_what_it_holds(source: Portal) -> None:
    told = portal(source.data_dir, "backup", "--json", BACKUP_PASSPHRASE=PASSPHRASE)
    said = json.loads(told.stdout)
    assert Path(said["file"]).parent == source.data_dir / "backups"
    assert said["files"] == len(source.files) and said["rows"]["client"] == 10
    assert said["warnings"] == []  # the secret of test mode is in it
    assert [path.suffix for path in (source.data_dir / "backups").iterdir()] == [".backup"]


def test_a_secret_that_is_only_in_the_environment_must_be_kept_too(source: Portal, tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    given = ("--passphrase-file", tmp_path / "passphrase")
    told = portal(source.data_dir, "backup", tmp_path, *given, SECRET_KEY="x" * 40)
    assert "Keep SECRET_KEY too" in told.stdout
    parts = Archive(next(tmp_path.glob("portal-*.backup")), PASSPHRASE).parts()
    assert next(parts).name == "database.dump"


def test_a_backup_is_not_written_over_another(source: Portal) -> None:
    before = source.backup.read_bytes()
    told = portal(source.data_dir, "backup", source.backup, BACKUP_PASSPHRASE=PASSPHRASE)
    assert told.returncode == 1 and "choose another name" in told.stderr
    assert source.backup.read_bytes() == before


@pytest.mark.parametrize("given", [{}, {"BACKUP_PASSPHRASE": "elevenchars"}])
def test_without_a_good_passphrase_there_is_no_backup(source: Portal, tmp_path: Path, given: dict[str, str]) -> None:
    told = portal(source.data_dir, "backup", tmp_path / "x.backup", **given)
    assert told.returncode == 1 and ("at least 12" if given else "BACKUP_PASSPHRASE") in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_no_portal_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    told = portal(tmp_path / "var", "backup", tmp_path / "x.backup", BACKUP_PASSPHRASE=PASSPHRASE)
    assert told.returncode == 1 and "no portal in" in told.stderr
    assert not (tmp_path / "var" / "postgres").exists()


def test_a_backup_that_fails_leaves_no_half_a_file(source: Portal, tmp_path: Path) -> None:
    unreachable = "postgresql://portal@127.0.0.1:1/portal"
    told = portal(source.data_dir, "backup", tmp_path, DATABASE_URL=unreachable, BACKUP_PASSPHRASE=PASSPHRASE)
    assert told.returncode == 1 and "Traceback" not in told.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_backup_that_is_stopped_leaves_no_half_a_file(source: Portal, tmp_path: Path, number: signal.Signals) -> None:
    """On a busy machine it may be done before the signal comes: then once more."""
    for turn in range(10):
        folder = tmp_path / str(turn)
        folder.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-m", "tasks.cli", "backup", folder], cwd=ROOT, stderr=subprocess.DEVNULL,
            env=surroundings(source.data_dir, BACKUP_PASSPHRASE=PASSPHRASE),
        )  # fmt: skip
        while not list(folder.iterdir()):
            assert process.poll() is None
        process.send_signal(number)
        if process.wait(30) != 0:
            break
    assert process.returncode not in (0, -number)
    assert list(folder.iterdir()) == []


def test_while_people_write_it_is_of_one_moment(source: Portal, target: Path, tmp_path: Path, url: str) -> None:
    """Rows and their counts would not agree otherwise, and restoring compares them."""
    with writing_to(source.dsn) as written:
        done = portal(source.data_dir, "backup", tmp_path / "x.backup", BACKUP_PASSPHRASE=PASSPHRASE)
        assert done.returncode == 0, done.stderr
    assert written() > 20
    done = restore(target, tmp_path / "x.backup", DATABASE_URL=url)
    assert done.returncode == 0, done.stderr


@contextmanager
def writing_to(dsn: str) -> Iterator[Callable[[], int]]:
    stop, count = Event(), 0

    async def write() -> None:
        nonlocal count
        connection = await asyncpg.connect(dsn)
        while not stop.is_set():
            await connection.execute("INSERT INTO event (kind, subject_id, happened_at) VALUES ('test', 1, now())")
            count += 1
        await connection.close()

    thread = Thread(target=lambda: asyncio.run(write()))
    thread.start()
    try:
        yield lambda: count
    finally:
        stop.set()
        thread.join()
        asked(dsn, "DELETE FROM event WHERE kind = 'test'")


# Refused, and nothing touched ---------------------------------------------------------------------------------------


def test_a_wrong_passphrase_is_told_in_a_sentence(source: Portal, target: Path) -> None:
    told = restore(target, source.backup, BACKUP_PASSPHRASE="correct horse battery!")
    assert told.returncode == 1 and "passphrase does not open" in told.stderr
    assert untouched(target)


@pytest.mark.parametrize("place", [200, 0.3, 0.7, -5])
def test_one_flipped_bit_is_refused(source: Portal, target: Path, tmp_path: Path, place: float) -> None:
    content = bytearray(source.backup.read_bytes())
    content[int(place * len(content)) if isinstance(place, float) else place] ^= 1
    (tmp_path / "x.backup").write_bytes(content)
    told = restore(target, tmp_path / "x.backup")
    assert told.returncode == 1 and "is damaged" in told.stderr and "Nothing was changed" in told.stderr
    assert untouched(target)


def test_another_file_is_no_backup(target: Path) -> None:
    told = restore(target, ROOT / "pyproject.toml")
    assert told.returncode == 1 and "not a backup" in told.stderr
    assert untouched(target)


def test_a_portal_is_not_overwritten_unless_told_so_and_then_kept(source: Portal, target: Path) -> None:
    (target / "files" / "ab").mkdir(parents=True)
    (target / "files" / "ab" / "mine").write_text("precious")
    told = restore(target, source.backup)
    assert told.returncode == 1 and "--force" in told.stderr
    told = restore(target, source.backup, "--force")
    assert told.returncode == 0, told.stderr
    kept = next(target.glob("replaced-*"))
    assert str(kept) in told.stdout
    assert (kept / "files" / "ab" / "mine").read_text() == "precious"
    assert not (target / "files" / "ab" / "mine").exists() and (target / "postgres").exists()


def test_a_portal_that_runs_is_left_alone_whatever_is_said(source: Portal, target: Path) -> None:
    target.mkdir()
    with (target / "serve.lock").open("a") as lock:
        flock(lock, LOCK_EX)
        told = restore(target, source.backup, "--force")
    assert told.returncode == 1 and "is running: stop it first" in told.stderr
    assert not (target / "postgres").exists()


def test_a_backup_of_a_newer_portal_waits_for_the_update(source: Portal, target: Path, tmp_path: Path) -> None:
    asked(source.dsn, "INSERT INTO migration (name, app_name, ran_on) VALUES ('2099-01-01', 'portal', now())")
    try:
        portal(source.data_dir, "backup", tmp_path / "x.backup", BACKUP_PASSPHRASE=PASSPHRASE)
    finally:
        asked(source.dsn, "DELETE FROM migration WHERE name = '2099-01-01'")
    told = restore(target, tmp_path / "x.backup")
    assert told.returncode == 1 and "newer portal" in told.stderr
    assert untouched(target)


def test_a_server_newer_than_pg_dump_is_told_in_a_sentence() -> None:
    postgres.must_know(180004)
    with pytest.raises(postgres.Failed, match=r"PostgreSQL 19.*Update the portal"):
        postgres.must_know(190001)


# Another server -------------------------------------------------------------------------------------------------------


def test_an_empty_database_by_url_is_filled_and_a_full_one_is_not(
    source: Portal, target: Path, tmp_path: Path, url: str
) -> None:
    told = restore(target, source.backup, DATABASE_URL=url)
    assert told.returncode == 0, told.stderr
    assert tables(url) == tables(source.dsn)
    assert not (target / "postgres").exists() and (target / "files").exists()
    told = portal(target, "backup", tmp_path / "x.backup", DATABASE_URL=url, BACKUP_PASSPHRASE=PASSPHRASE)
    assert told.returncode == 0, told.stderr
    told = restore(tmp_path / "third", tmp_path / "x.backup", DATABASE_URL=url)
    assert told.returncode == 1 and "not empty" in told.stderr
    assert not (tmp_path / "third" / "files").exists()
    assert not (tmp_path / "third" / "restoring").exists()


def test_a_password_does_not_stand_where_everybody_sees_it() -> None:
    address, secrets = postgres._without_password("postgresql://portal:p%40ss@db.example:5433/portal?sslmode=require")
    assert address == ("--dbname=postgresql://portal@db.example:5433/portal?sslmode=require",)
    assert secrets == {"PGPASSWORD": "p@ss"}
    address, secrets = postgres._without_password("postgresql://portal@/portal?host=/a%20b&port=5432&password=x")
    assert address == ("--dbname=postgresql://portal@/portal?host=%2Fa%20b&port=5432",) and secrets == {
        "PGPASSWORD": "x"
    }


def test_another_secret_key_restores_and_says_what_does_not_work(source: Portal, target: Path, url: str) -> None:
    told = restore(target, source.backup, DATABASE_URL=url, SECRET_KEY="y" * 40)
    assert told.returncode == 0, told.stderr
    assert "SECRET_KEY here is not the one" in told.stdout


# The demo -------------------------------------------------------------------------------------------------------------


def test_a_demo_is_restored_as_a_demo_and_nothing_need_be_set(of_a_demo: Path, target: Path, tmp_path: Path) -> None:
    told = restore(tmp_path, of_a_demo, "--into", target, PORTAL_MODE="")
    assert told.returncode == 0, told.stderr
    assert "The audit is whole" in told.stdout
    told = portal(target, "audit", "verify", PORTAL_MODE="")
    assert told.returncode == 0, told.stderr


def test_what_is_no_demo_is_refused_until_its_settings_are_there(source: Portal, target: Path) -> None:
    target.mkdir()
    (target / DEMO_MARK).touch()
    told = restore(target, source.backup, PORTAL_MODE="")
    assert told.returncode == 1 and "set SECRET_KEY" in told.stderr and "BASE_URL" in told.stderr
    assert [path.name for path in target.iterdir()] == [DEMO_MARK]


def test_a_refused_backup_of_a_demo_makes_no_demo_of_the_folder(of_a_demo: Path, target: Path) -> None:
    told = restore(target, of_a_demo, PORTAL_MODE="", BACKUP_PASSPHRASE="another one altogether")
    assert told.returncode == 1 and not target.exists()


def test_production_that_lacks_a_setting_hears_so_before_anything_is_read(of_a_demo: Path, target: Path) -> None:
    told = restore(target, of_a_demo, PORTAL_MODE="", BASE_URL="https://portal.example.org")
    assert told.returncode == 1 and "SECRET_KEY is missing" in told.stderr and "Checking" not in told.stderr
    assert not target.exists()


def test_a_folder_of_the_demo_holds_real_people_after_it_and_is_none_any_more(
    source: Portal, target: Path, url: str
) -> None:
    target.mkdir()
    (target / DEMO_MARK).touch()
    told = restore(target, source.backup, DATABASE_URL=url)
    assert told.returncode == 0, told.stderr
    assert not (target / DEMO_MARK).exists()


# Memory ---------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells it")
@pytest.mark.parametrize("megabytes", [30, pytest.param(300, marks=pytest.mark.torture)])
def test_memory_does_not_grow_with_the_files(
    source: Portal, target: Path, tmp_path: Path, url: str, megabytes: int
) -> None:
    """Most of it is what the passphrase costs: scrypt's 128 MiB."""
    told = python(source.data_dir, "-c", STORE, *[10_000_000] * (megabytes // 10))
    files = json.loads(told.stdout)
    backup = tmp_path / "x.backup"
    try:
        assert most_memory(source.data_dir, "backup", backup) < 200_000
        assert backup.stat().st_size > megabytes * 1_000_000
        assert most_memory(target, "restore", backup, DATABASE_URL=url) < 200_000
    finally:
        for key in files:
            (source.data_dir / "files" / key).unlink()
    found = json.loads(python(target, "-c", READ).stdout)
    assert found == {**source.files, **files}


def most_memory(data_dir: Path, *arguments: object, **environment: str) -> int:
    """In KiB, as the kernel counts it for this program alone: `ru_maxrss` begins with what pytest holds."""
    done = python(data_dir, "-c", MEASURED, *arguments, BACKUP_PASSPHRASE=PASSPHRASE, **environment)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.splitlines()[-1])
