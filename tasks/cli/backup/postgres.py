"""What is asked of the database before and after, and the three programs that carry it over."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import IO, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from portal.database import embedded, fetch, transaction

PORTION = 1024 * 1024
HEAD = 8192
UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"  # pg_dump writes it for every server


class Failed(Exception):
    """The sentence says what to do."""


@asynccontextmanager
async def snapshot() -> AsyncIterator[str]:
    """Its name. What is asked inside and what is dumped under this name are of the same moment."""
    async with transaction():
        await fetch("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        await fetch("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield (await fetch("SELECT pg_export_snapshot() AS name"))[0]["name"]


async def insist_on_known_version() -> str:
    told = (await fetch("SELECT current_setting('server_version_num')::int AS number, version() AS text"))[0]
    must_know(told["number"])
    return " ".join(str(told["text"]).split()[:2])


def must_know(number: int) -> None:
    if number // 10000 > int(embedded.VERSION):
        raise Failed(
            f"The database server is PostgreSQL {number // 10000}, and the portal's own programs for backups are of"
            f" PostgreSQL {embedded.VERSION}. Update the portal, or back up with the server's own pg_dump."
        )


async def rows() -> dict[str, int]:
    """Of each table."""
    found = await fetch(
        "SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        " ORDER BY relname"
    )
    counted = {}
    for one in found:
        quoted = '"' + one["name"].replace('"', '""') + '"'
        counted[one["name"]] = int((await fetch(f"SELECT count(*) AS count FROM public.{quoted}"))[0]["count"])
    return counted


async def is_empty() -> bool:
    found = await fetch("SELECT count(*) AS count FROM pg_class WHERE relnamespace = 'public'::regnamespace")
    return bool(found[0]["count"] == 0)


async def dump(dsn: str, snapshot: str) -> AsyncIterator[bytes]:
    options = ("--format=custom", "--compress=gzip:3", "--no-owner", "--no-acl", "--schema=public")
    async with _running("pg_dump", *options, f"--snapshot={snapshot}", "--lock-wait-timeout=60s", dsn=dsn) as program:
        while portion := await program.stdout.read(PORTION):
            yield portion
        await program.insist_on_success()


async def load(dsn: str, dumped: Iterable[bytes]) -> None:
    """All or nothing: one transaction, which psql commits only where its input comes to a good end."""
    unpacking = ("--format=custom", "--no-owner", "--no-acl", "--schema=public", "--file=-")
    applying = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    async with _running("psql", *applying, dsn=dsn) as target, _running("pg_restore", *unpacking) as source:
        feeding = asyncio.create_task(_feed(source, dumped))
        try:
            if await _pump(source, target):
                await feeding
                await source.insist_on_success()
                target.stdin.close()
            await target.insist_on_success()
        finally:
            feeding.cancel()


async def _feed(program: "Program", portions: Iterable[bytes]) -> None:
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            for portion in portions:
                program.stdin.write(portion)
                await program.stdin.drain()
    finally:
        program.stdin.close()


async def _pump(source: "Program", target: "Program") -> bool:
    """Whether the target took all."""
    head = b""
    while len(head) < HEAD and (portion := await source.stdout.read(PORTION)):
        head += portion
    portion = head.replace(UNKNOWN_BEFORE_17, b"", 1)
    with suppress(BrokenPipeError, ConnectionResetError):
        while portion:
            target.stdin.write(portion)
            await target.stdin.drain()
            portion = await source.stdout.read(PORTION)
    return not portion


class Program:
    """One of PostgreSQL's, on its way."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, complaints: IO[bytes]) -> None:
        self.name, self._process, self._complaints = name, process, complaints

    @property
    def stdin(self) -> asyncio.StreamWriter:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> asyncio.StreamReader:
        assert self._process.stdout is not None
        return self._process.stdout

    async def insist_on_success(self) -> None:
        if await self._process.wait() != 0:
            self._complaints.seek(0)
            said = self._complaints.read().decode(errors="replace").strip()
            raise Failed(f"{self.name} failed: {said[-1000:] or 'it said nothing'}")


@asynccontextmanager
async def _running(name: str, *options: str, dsn: str | None = None) -> AsyncIterator[Program]:
    address, secrets = ((), {}) if dsn is None else _without_password(dsn)
    with tempfile.TemporaryFile() as complaints:
        process = await asyncio.create_subprocess_exec(
            embedded.binaries() / name, *options, *address,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=complaints, limit=PORTION,
            env={**os.environ, "LC_ALL": "C", **secrets},
        )  # fmt: skip
        try:
            yield Program(name, process, complaints)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _without_password(dsn: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Everybody on the machine sees the arguments of a program; its environment is its owner's."""
    parts = urlsplit(dsn)
    told = parse_qsl(parts.query, keep_blank_values=True)
    password = unquote(parts.password) if parts.password else dict(told).get("password")
    user, _, host = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}@{host}" if user else host
    query = urlencode([(name, value) for name, value in told if name != "password"], quote_via=quote)
    address = urlunsplit(parts._replace(netloc=netloc, query=query))
    return (f"--dbname={address}",), {"PGPASSWORD": password} if password else {}
