"""One folder of PostgreSQL's data and the server on it: made, started, found and ended."""

import os
import pwd
import re
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from portal.database.passage import belongs_to_another, let_pass, server_user
from portal.database.programs import VERSION, binaries, run
from portal.settings import Misconfigured

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
LOST_CONNECTION = 2  # psql's exit code


class Cluster:
    def __init__(self, home: Path) -> None:
        self.home, self.log = home, home / "server.log"

    def start(self) -> str:
        """Where it answers, with the database `portal` in it."""
        user = server_user(self.home)
        if not self.home.exists():
            self._create(user)
        self._insist_on_version()
        for _ in range(3):
            address = self.address() or self._launch(user)
            if _has_database(address):
                return address
        raise Misconfigured(f"The database dies as soon as it has started.\n{self._last_words()}")

    def address(self) -> str | None:
        """None where nothing answers."""
        status = self.status()
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

    def status(self) -> list[str]:
        """The lines of postmaster.pid: number, data, start, port, socket's folder, address, memory, status."""
        try:
            return [line.strip() for line in (self.home / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []
        except PermissionError:
            raise belongs_to_another(self.home) from None

    def postmaster(self) -> int | None:
        """The number in postmaster.pid, if a living server with these data has it (its command line says so)."""
        import psutil

        status = self.status()
        if status and _lives(int(status[0])):
            with suppress(psutil.NoSuchProcess):
                if str(self.home) in psutil.Process(int(status[0])).cmdline():
                    return int(status[0])
        return None

    def end(self, patience: float) -> None:
        """Sessions end and a checkpoint is written. Past `patience` without one, which is as safe as a power cut."""
        pid = self.postmaster()
        if pid is not None:
            folder = Path(self.status()[4])
            for request, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 5.0)):
                with suppress(ProcessLookupError):
                    os.kill(pid, request)
                if _ends(pid, seconds):
                    break
            if folder != self.home:
                with suppress(OSError):
                    folder.rmdir()

    def _create(self, user: pwd.struct_passwd | None) -> None:
        """Beside its place and then moved there, so that an interrupted start leaves nothing that looks complete."""
        for left in self.home.parent.glob("postgres.new-*"):
            shutil.rmtree(left, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.home.parent))
        if user is not None:
            os.chown(fresh, user.pw_uid, user.pw_gid)
            let_pass(user, fresh)
        made = run(
            binaries() / "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-D", fresh, user=user,
        )  # fmt: skip
        if made.returncode != 0:
            raise Misconfigured(f"The database could not be made in {self.home}:\n{made.stderr.strip()}")
        fresh.rename(self.home)

    def _insist_on_version(self) -> None:
        with suppress(FileNotFoundError):
            if (self.home / "PG_VERSION").read_text().strip() == VERSION:
                return
        raise Misconfigured(f"{self.home} does not hold the data of a PostgreSQL {VERSION}: choose another DATA_DIR.")

    def _launch(self, user: pwd.struct_passwd | None) -> str:
        """A server that ends at once is tried again for 5 s: the orphans of a killed one need a moment to go."""
        if user is not None:
            let_pass(user, self.home)
        address = self._awaited(self.postmaster())
        until = time.monotonic() + 5
        while address is None:
            pid = None
            try:
                with _undisturbed():
                    pid = self._spawn(user)
                address = self._awaited(pid)
            except BaseException:  # Ctrl-C, before the server has left its number where `end` looks
                if pid is not None:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGTERM)
                raise
            if address is None and time.monotonic() > until:
                raise Misconfigured(f"The database does not start.\n{self._last_words()}")
            time.sleep(0.1 if address is None else 0)
        return address

    def _awaited(self, pid: int | None) -> str | None:
        """As long as it lives: recovery after a crash takes its time."""
        while pid is not None and _lives(pid):
            if address := self.address():
                return address
            time.sleep(0.01)
        return None

    def _spawn(self, user: pwd.struct_passwd | None) -> int:
        """By way of a shell that ends at once: a child of ours would stay as a zombie, whose number blocks a start."""
        folder = self._socket_folder(user)
        for stale in (self.home / "postmaster.pid", folder / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)  # PostgreSQL takes any process that has its number by now for a server
        if self.log.exists() and self.log.stat().st_size > 5_000_000:
            self.log.replace(self.log.with_suffix(".log.1"))
        options = [f"--{name}={value}" for name, value in OPTIONS.items()]
        options += ["-p", "5432", "-k", str(folder), "-D", str(self.home)]
        background = 'log="$1"; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
        return int(run("sh", "-c", background, "sh", self.log, binaries() / "postgres", *options, user=user).stdout)

    def _socket_folder(self, user: pwd.struct_passwd | None) -> Path:
        """The data folder; where its path is too long or too strange for a socket's, a private one under /tmp."""
        if len(str(self.home)) <= 88 and re.fullmatch(r"[\w/.+@~=-]+", str(self.home), re.ASCII):
            return self.home
        uid = os.geteuid() if user is None else user.pw_uid
        name = sha256(os.fsencode(self.home)).hexdigest()[:12]
        folder = Path("/tmp") / f"portal-{uid}-{name}"  # noqa: S108 - checked below
        if not folder.exists():
            folder.mkdir(mode=0o700)
            os.chown(folder, uid, -1)
        found = folder.lstat()
        if found.st_uid != uid or found.st_mode & 0o170777 != 0o040700:
            raise Misconfigured(f"{folder} is not a private folder of the database's: remove it.")
        return folder

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([f"The end of {self.log}:", *lines[-8:]])


def _has_database(address: str) -> bool:
    """Makes it where it is missing. False if the server has just gone away."""
    _, _, place = address.partition("?")
    psql = (binaries() / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
    made = run(*psql, f"postgresql://postgres@/postgres?{place}", told=ROLE_AND_DATABASE)
    if made.returncode not in (0, LOST_CONNECTION):
        raise Misconfigured(f"The database `portal` could not be made:\n{made.stderr.strip()}")
    return made.returncode == 0


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A signal waits until the number of the new server is known."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
