"""A portal to measure: its data made once, its processes started here and ended here."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from bench import conversations
from bench.client import Line, Person
from portal.database import embedded
from portal.settings import ROOT

T = TypeVar("T")
STARTS_WITHIN = 60.0
CROWD = 20
CLINICIANS = 100
WAITING = 30
OF_BOTH_KINDS = """
CASE WHEN id % 3 = 0 THEN 'letter.failed' ELSE 'information.changed' END AS kind,
CASE WHEN id % 3 = 0 THEN '' ELSE 'insurance: coverages.plan coverages.member_id' END AS about
"""
# What a practice of this size has and the invented crowd lacks: clinicians, a queue, many who sign in at once; and what
# is said there (conversations.py).
FURNISH = f"""
INSERT INTO staff_member (prefix, given_name, family_name, credentials, is_clinician, npi, is_active)
SELECT 'Dr.', 'Alex', 'Clinician-' || n, '', true, '', true FROM generate_series(1, {CLINICIANS}) AS n;
UPDATE client SET principal_clinician = (SELECT min(id) FROM staff_member WHERE given_name = 'Alex') + id % {CLINICIANS}
 WHERE principal_clinician IS NULL;
INSERT INTO review_item (kind, subject_id, client, about, url, opened_at, outcome, reason)
SELECT kind, 900000 + id, id, about, '/staff/information/' || 900000 + id, now() - id * interval '7 minutes', '', ''
  FROM (SELECT id, {OF_BOTH_KINDS} FROM client ORDER BY id LIMIT {WAITING}) AS first;
INSERT INTO account (email, email_key, name, password_hash, language, theme, is_suspended, created_at)
SELECT 'bench-' || n || '@example.com', 'bench-' || n || '@example.com', 'Bench ' || n, password_hash,
       'en', '', false, now()
  FROM account, generate_series(1, {CROWD}) AS n WHERE email_key = 'maya.reyes@example.com';
"""


@dataclass(frozen=True)
class Site:
    """One data folder with its database running."""

    data_dir: Path
    dsn: str
    secret: str
    keys_file: Path

    def environ(self, port: int) -> dict[str, str]:
        """Production's, and no proxy but ourselves: so a measurement may come from many addresses."""
        return {
            **_plain_environ(),
            "PORTAL_MODE": "production", "SECRET_KEY": self.secret, "BASE_URL": f"http://127.0.0.1:{port}",
            "HOST": "127.0.0.1", "PORT": str(port), "DATA_DIR": str(self.data_dir), "DATABASE_URL": self.dsn,
            "KEYS_FILE": str(self.keys_file), "TRUSTED_PROXIES": "127.0.0.1/32",
        }  # fmt: skip

    def portal(self, *arguments: str) -> "AbstractContextManager[Server]":
        """`portal web`, `portal serve`, …"""
        return self.python("-m", "tasks.cli", *arguments)

    def python(self, *arguments: str) -> "AbstractContextManager[Server]":
        """`{port}` in an argument is the port that it gets."""
        port = free_port()
        filled = [argument.replace("{port}", str(port)) for argument in arguments]
        return server(port, [sys.executable, *filled], self.environ(port))

    def rows(self, sql: str, *args: Any) -> list[asyncpg.Record]:
        async def ask(connection: asyncpg.Connection) -> list[asyncpg.Record]:
            return await connection.fetch(sql, *args)

        return asyncio.run(_connected(self.dsn, ask))


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid


@contextmanager
def site(
    data_dir: Path, clients: int, secret: str, keys_file: Path, *, fill: Callable[[Site], None] | None = None
) -> Iterator[Site]:
    """Seeded the first time, and again when the migrations are others: a note beside the data says with what."""
    note, wanted = data_dir / "bench.seeded", f"{clients} clients, migrations {_schema()}"
    if note.exists() and note.read_text() != wanted:
        shutil.rmtree(data_dir)
    with embedded.running(data_dir) as dsn:
        made = Site(data_dir, dsn, secret, keys_file)
        if not note.exists():
            print(f"Making a portal with {clients:,} clients …", file=sys.stderr)
            _run(made, "seed", "--clients", str(clients))
            asyncio.run(_connected(dsn, lambda connection: connection.execute(FURNISH + conversations.FILL)))
            if fill is not None:
                fill(made)
            asyncio.run(_connected(dsn, lambda connection: connection.execute("VACUUM (FULL, ANALYZE)")))
            note.write_text(wanted)
        yield made


@contextmanager
def server(port: int, command: list[str], environ: dict[str, str]) -> Iterator[Server]:
    """Yields when it answers /health; ends it as a supervisor would."""
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            until_ready(port, process)
            yield Server(port, process)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def demo(folder: Path) -> "AbstractContextManager[Server]":
    """`portal serve` with the demo, its database and the stand-in for Stripe, all in one folder."""
    port = free_port()
    environ = {**_plain_environ(), "PORTAL_MODE": "demo", "DATA_DIR": str(folder), "PORT": str(port)}
    return server(port, [sys.executable, "-m", "tasks.cli", "serve"], environ)


def until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            with Line(port) as line:
                if line.ask(Person(port).get("/health")).status == 200:
                    return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"nothing answers on port {port}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


async def _connected(dsn: str, work: Callable[[asyncpg.Connection], Any]) -> Any:
    connection = await asyncpg.connect(dsn)
    try:
        return await work(connection)
    finally:
        await connection.close()


def _run(made: Site, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "tasks.cli", *arguments],
        cwd=ROOT,
        env=made.environ(1),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _schema() -> str:
    texts = [path.read_bytes() for path in sorted((ROOT / "migrations").glob("portal_*.py"))]
    return sha256(b"".join(texts)).hexdigest()[:12]


def _plain_environ() -> dict[str, str]:
    """Nothing of the portal's own settings comes along by chance."""
    names = ("PATH", "HOME", "LANG", "TMPDIR", "DYLD_FALLBACK_LIBRARY_PATH")
    return {name: os.environ[name] for name in names if name in os.environ}
