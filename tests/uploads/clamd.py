"""A real clamd on loopback, which knows one virus; and one that only pretends, for what goes wrong."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

PROGRAM = os.environ.get("PORTAL_TEST_CLAMD") or shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin")
STREAM_MOST = 12 * 1024 * 1024
# The 68 bytes of the test file of the anti-virus makers, wherever they stand.
SIGNATURE = "Portal.Test.EICAR:0:*:{}\n"


@contextmanager
def clamd(folder: Path, eicar: bytes, most: int = STREAM_MOST) -> Iterator[str]:
    assert PROGRAM, "clamd is missing: bin/test installs it"
    (folder / "db").mkdir(parents=True)
    (folder / "db" / "own.ndb").write_text(SIGNATURE.format(eicar.hex()))
    port = free_port()
    (folder / "clamd.conf").write_text(
        f"Foreground yes\nDatabaseDirectory {folder}/db\nTCPSocket {port}\nTCPAddr 127.0.0.1\nLocalSocket {folder}/s\n"
        f"StreamMaxLength {most}\nTemporaryDirectory {folder}\nMaxThreads 2\n"
    )
    process = subprocess.Popen([PROGRAM, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL)
    try:
        must_listen(process, port)
        yield f"tcp://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def must_listen(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(300):
        assert process.poll() is None, "clamd did not start"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("clamd does not listen")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def pretended(answer: Answer) -> AsyncIterator[str]:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
