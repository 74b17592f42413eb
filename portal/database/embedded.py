"""The PostgreSQL that the portal runs for itself where no DATABASE_URL is set, shared by all its processes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from typing import TextIO

from portal.database.cluster import Cluster
from portal.database.programs import VERSION, binaries
from portal.settings import Misconfigured

__all__ = ["PATIENCE", "VERSION", "binaries", "dsn", "is_alive", "running", "start", "stop"]

PATIENCE = 30.0


@contextmanager
def running(data_dir: Path, patience: Callable[[], float] = lambda: PATIENCE) -> Iterator[str]:
    """Yields the DSN. Processes inside this block share the server; the last one out stops it.

    Each holds a shared lock, which the kernel drops even at a kill -9; whoever can make it exclusive is the last.
    """
    with _opened(data_dir / "postgres.users") as users:
        flock(users, LOCK_SH)
        try:
            yield start(data_dir)
        finally:
            if _is_last(users.fileno()):
                stop(data_dir, patience())


def start(data_dir: Path) -> str:
    """The DSN of the server under `data_dir`, which is made, started or only found."""
    with _alone(data_dir):
        return _cluster(data_dir).start()


def stop(data_dir: Path, patience: float = PATIENCE) -> None:
    """Whoever started it. It gets `patience` seconds for a checkpoint; without one, the next start recovers."""
    if data_dir.exists():
        with _alone(data_dir):
            _cluster(data_dir).end(patience)


def dsn(data_dir: Path) -> str | None:
    """Where the server under `data_dir` answers; None where none does. Starts nothing."""
    return _cluster(data_dir).address()


def is_alive(data_dir: Path) -> bool:
    """Without knocking, which costs the server a process: for those who ask all the time."""
    return _cluster(data_dir).postmaster() is not None


def _cluster(data_dir: Path) -> Cluster:
    return Cluster(data_dir.resolve() / "postgres")


def _is_last(users: int) -> bool:
    try:
        flock(users, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """One process at a time starts or stops."""
    with _opened(data_dir / "postgres.lock") as lock:
        flock(lock, LOCK_EX)
        yield


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a")
    except PermissionError as error:
        raise Misconfigured(f"{error.filename} is not this user's to write: choose another DATA_DIR.") from None
