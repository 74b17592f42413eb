"""`portal serve` as a machine meets it: real processes, real signals."""

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import psutil
import pytest

from portal.database import embedded
from portal.settings import ROOT

READY = "The portal is ready"
SIGNALS = [
    signal.SIGTERM,
    pytest.param(signal.SIGINT, marks=pytest.mark.torture),
    pytest.param(signal.SIGHUP, marks=pytest.mark.torture),
]


def here(seconds: float) -> float:
    """So long as this machine has other things to do as well; exactly so long when it has not."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


class Portal:
    """`portal <command>` with its own data; what it says is kept."""

    def __init__(self, data_dir: Path, port: int, *command: str, **environment: str) -> None:
        self.port, self.said, self._lines = port, "", Queue[str]()
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tasks.cli", *(command or ("serve", "--no-demo"))],
            cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=_plain() | {"DATA_DIR": str(data_dir), "PORT": str(port), "PORTAL_MODE": "test"} | environment,
        )  # fmt: skip
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._lines.put(line)

    def says(self, sentence: str, within: float = 30) -> float:
        """Waits until it does; returns the seconds since the start."""
        until = time.monotonic() + within
        while sentence not in self.said:
            try:
                self.said += self._lines.get(timeout=max(0.01, until - time.monotonic()))
            except Empty:
                raise AssertionError(f"{sentence!r} was not said in {within} s, but:\n{self.said}") from None
        return time.monotonic() - self.began

    def child(self, name: str) -> psutil.Process:
        """The process of that name, once there is one."""

        def found() -> psutil.Process | None:
            children = psutil.Process(self.process.pid).children()
            return next((child for child in children if _is(child, name)), None)

        child = _eventually(found)
        assert isinstance(child, psutil.Process)
        return child

    def is_up(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def ends(self, within: float = 30) -> int:
        code = self.process.wait(within)
        self._listener.join(10)
        while not self._lines.empty():
            self.said += self._lines.get()
        return code


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="portal-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "var"
        embedded.stop(Path(folder) / "var")


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


@pytest.fixture
def portal(data_dir: Path, port: int) -> Iterator[Portal]:
    it = Portal(data_dir, port)
    it.says(READY)
    yield it
    it.process.terminate()
    it.ends()


def test_it_says_where_it_is_when_it_answers_there(portal: Portal) -> None:
    assert f"http://127.0.0.1:{portal.port}" in portal.said
    assert portal.is_up()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_stops_everything_within_five_seconds(portal: Portal, data_dir: Path, number: signal.Signals) -> None:
    children = [portal.child("web"), portal.child("worker")]
    portal.process.send_signal(number)
    assert portal.ends(within=here(5)) == 0
    assert not any(_lives(child) for child in children)
    assert embedded.dsn(data_dir) is None
    assert "Traceback" not in portal.said


def test_children_that_hang_do_not_keep_it_longer(portal: Portal, data_dir: Path) -> None:
    children = [portal.child("web"), portal.child("worker")]
    for child in children:
        child.suspend()
    portal.process.terminate()
    assert portal.ends(within=here(5)) == 0
    assert not any(_lives(child) for child in children)
    assert embedded.dsn(data_dir) is None


@pytest.mark.parametrize("moment", [0.2, 0.6, 1.0])
def test_a_signal_in_the_middle_of_starting_leaves_nothing_behind(data_dir: Path, port: int, moment: float) -> None:
    it = Portal(data_dir, port)
    time.sleep(moment)
    family = psutil.Process(it.process.pid).children(recursive=True)
    it.process.terminate()
    assert it.ends(within=here(5)) in (0, -signal.SIGTERM)
    assert not any(_lives(child) for child in family)
    assert embedded.dsn(data_dir) is None


@pytest.mark.torture
def test_signals_and_kills_at_any_moment_leave_nothing_behind(data_dir: Path, port: int) -> None:
    dice = random.Random(7)
    for _ in range(60):
        left = embedded.dsn(data_dir)
        it = Portal(data_dir, port)
        time.sleep(dice.uniform(0.05, 1.5))
        children = psutil.Process(it.process.pid).children()
        number = dice.choice([signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
        it.process.send_signal(number)
        code = it.ends(within=here(5))
        assert (
            "Traceback" not in it.said or "Exception ignored in" in it.said
        )  # asyncpg's, if a signal meets its making
        assert _all_end(children)
        if number != signal.SIGKILL:
            assert code in (0, -number) or "Aborted!" in it.said  # the latter before the command has begun
            assert embedded.dsn(data_dir) in (None, left)


def test_a_second_start_is_ready_within_three_seconds(portal: Portal, data_dir: Path) -> None:
    """One of three: another test may want the machine at the same moment."""
    took: list[float] = []
    while len(took) < 3 and not (took and min(took) < here(3)):
        portal.process.terminate()
        portal.ends()
        portal = Portal(data_dir, portal.port)
        took.append(portal.says(READY))
    portal.process.terminate()
    portal.ends()
    assert min(took) < here(3), took


def test_kill_9_orphans_nothing_and_a_new_start_just_works(portal: Portal, data_dir: Path) -> None:
    children = [portal.child("web"), portal.child("worker")]
    portal.process.kill()
    again = Portal(data_dir, portal.port)
    again.says(READY)
    assert again.is_up()
    assert _all_end(children)
    again.process.terminate()
    assert again.ends(within=here(5)) == 0
    assert embedded.dsn(data_dir) is None


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_child_that_dies_is_started_again(portal: Portal, name: str) -> None:
    before = portal.child(name)
    before.kill()
    portal.says(f"The {name} process was killed by SIGKILL. It starts again in 0.5 s.")
    assert _eventually(lambda: portal.child(name).pid != before.pid)
    assert _eventually(portal.is_up)


def test_a_question_asked_while_the_web_process_is_away_is_answered_by_the_next_one(portal: Portal) -> None:
    portal.child("web").kill()
    connection = HTTPConnection("127.0.0.1", portal.port, timeout=20)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    connection.close()


def test_a_child_that_dies_again_and_again_is_started_later_each_time(portal: Portal) -> None:
    for pause in ("0.5", "1", "2"):
        portal.child("worker").kill()
        portal.says(f"The worker process was killed by SIGKILL. It starts again in {pause} s.")


def test_a_database_that_dies_is_started_again(portal: Portal, data_dir: Path) -> None:
    os.kill(int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    portal.says("The database has died. It starts again.")
    assert _eventually(lambda: embedded.dsn(data_dir) is not None)
    assert _eventually(portal.is_up)


def test_a_command_beside_it_does_not_stop_its_database(portal: Portal, data_dir: Path) -> None:
    command = "import sys; from pathlib import Path; from portal.database import embedded\n"
    command += "with embedded.running(Path(sys.argv[1])) as dsn: print(dsn)"
    subprocess.run([sys.executable, "-c", command, str(data_dir)], cwd=ROOT, check=True)
    assert embedded.dsn(data_dir) is not None
    assert portal.is_up()


def test_a_second_one_on_the_same_data_says_so_and_ends(portal: Portal, data_dir: Path) -> None:
    second = Portal(data_dir, portal.port)
    assert second.ends() == 1
    assert f"already running (process {portal.process.pid})" in second.said
    assert "Traceback" not in second.said
    assert portal.is_up()


def test_a_port_held_by_another_program_is_named_in_a_sentence(tmp_path: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        it = Portal(tmp_path / "var", port)
        assert it.ends() == 1
    assert (
        it.said.strip()
        == f"Error: Port {port} is taken by another program. Stop that one, or choose another with --port."
    )
    assert not (tmp_path / "var" / "postgres").exists()


def test_a_port_that_becomes_free_in_a_moment_is_waited_for(data_dir: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        it = Portal(data_dir, port)
        time.sleep(2)
    it.says(READY)
    it.process.terminate()
    assert it.ends() == 0


def test_a_setting_that_is_wrong_is_named_in_a_sentence(tmp_path: Path, port: int) -> None:
    it = Portal(tmp_path / "var", port, PORTAL_MODE="production")
    assert it.ends() == 1
    assert it.said.startswith("Error: SECRET_KEY is missing")


def test_a_database_that_does_not_answer_is_named_in_a_sentence(tmp_path: Path, port: int) -> None:
    it = Portal(tmp_path / "var", port, DATABASE_URL=f"postgresql://nobody@127.0.0.1:{port + 1}/none")
    assert it.ends() == 1
    assert it.said.startswith("Error: The database at DATABASE_URL does not let the portal in")


def test_a_database_of_ones_own_choice_is_used_and_left_running(data_dir: Path, tmp_path: Path, port: int) -> None:
    with embedded.running(data_dir) as dsn:
        it = Portal(tmp_path / "var", port, DATABASE_URL=dsn)
        it.says(READY)
        it.process.terminate()
        assert it.ends() == 0
        assert embedded.dsn(data_dir) == dsn
    assert not (tmp_path / "var" / "postgres").exists()


def test_the_halves_run_apart_and_the_last_one_out_stops_the_database(
    portal: Portal, data_dir: Path, port: int
) -> None:
    portal.process.terminate()
    portal.ends()
    web, worker = Portal(data_dir, port, "web"), Portal(data_dir, port, "worker")
    assert _eventually(web.is_up)
    web.process.terminate()
    assert web.ends(within=here(5)) == 0
    assert embedded.dsn(data_dir) is not None
    worker.process.terminate()
    assert worker.ends(within=here(5)) == 0
    assert embedded.dsn(data_dir) is None


def _plain() -> dict[str, str]:
    """Without what a test run or a developer has set for the portal."""
    ours = {
        "DATABASE_URL",
        "BASE_URL",
        "HOST",
        "SECRET_KEY",
        "SMTP_URL",
        "BROKER_URL",
        "STORAGE_URL",
        "DEBUG",
        "KEYS_FILE",
    }
    return {name: value for name, value in os.environ.items() if name not in ours}


def _is(process: psutil.Process, name: str) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and name in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _all_end(processes: list[psutil.Process]) -> bool:
    return bool(_eventually(lambda: not any(_lives(process) for process in processes), within=5))


def _eventually(question: Callable[[], object], within: float = 15) -> object:
    until = time.monotonic() + within
    while not (answer := question()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)
    return answer
