"""The worker's side of the press (pdf.py): one beside each worker, begun with the first page, anew when it has died."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from contextlib import suppress
from pathlib import Path
from weakref import WeakKeyDictionary

from portal.settings import ROOT

PROGRAM = Path(__file__).with_name("pdf.py")
AT_ONCE = os.cpu_count() or 1
# Nothing of the portal's own environment.
ENVIRONMENT = {
    "PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1",
    **({"DYLD_FALLBACK_LIBRARY_PATH": os.environ["DYLD_FALLBACK_LIBRARY_PATH"]}
       if "DYLD_FALLBACK_LIBRARY_PATH" in os.environ else {}),
}  # fmt: skip
TRIES = 2


class Unprintable(Exception):
    """The page is too much, or not one that can be rendered."""


class Stopped(Exception):
    """The press died under the page, or does not start: nothing is wrong with the page."""


class Press:
    """Belongs to one event loop. The press ends by itself when the other end of its feed is gone."""

    def __init__(self) -> None:
        self.free = asyncio.Semaphore(AT_ONCE)
        self.starting = asyncio.Lock()
        self.process: Process | None = None
        self.feed: socket.socket | None = None

    async def printed(self, html: str) -> bytes:
        async with self.free:
            ours, theirs = socket.socketpair()
            with ours:
                ours.setblocking(False)
                with theirs:
                    await self._hand_in(theirs)
                told = await _exchanged(ours, html.encode())
        if not told and not self.is_running:
            raise Stopped
        return _read(told)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def _hand_in(self, page: socket.socket) -> None:
        for _ in range(TRIES):
            feed = await self._open()
            with suppress(ConnectionError, BrokenPipeError):
                socket.send_fds(feed, [b"."], [page.fileno()])
                return
            await self.close()
        raise Stopped

    async def _open(self) -> socket.socket:
        async with self.starting:
            if self.feed is None or not self.is_running:
                await self.close()
                self.feed, theirs = socket.socketpair()
                with theirs:
                    self.process = await asyncio.create_subprocess_exec(
                        sys.executable, "-I", str(PROGRAM), stdin=theirs.fileno(), stdout=asyncio.subprocess.DEVNULL,
                        stderr=asyncio.subprocess.DEVNULL, cwd=ROOT, env=ENVIRONMENT, start_new_session=True,
                    )  # fmt: skip
            return self.feed

    async def close(self) -> None:
        if self.feed is not None:
            self.feed.close()
            self.feed = None
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await asyncio.shield(self.process.wait())


_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Press] = WeakKeyDictionary()


def press() -> Press:
    loop = asyncio.get_running_loop()
    if loop not in _of_loop:
        _of_loop[loop] = Press()
    return _of_loop[loop]


async def printed(html: str) -> bytes:
    """Raises `Unprintable` and `Stopped`. Who stops waiting ends the page with it."""
    return await press().printed(html)


async def _exchanged(page: socket.socket, html: bytes) -> bytes:
    loop, told = asyncio.get_running_loop(), bytearray()
    with suppress(ConnectionError):
        await loop.sock_sendall(page, b"%d\n%s" % (len(html), html))
    with suppress(ConnectionError):
        while portion := await loop.sock_recv(page, 1 << 16):
            told += portion
    return bytes(told)


def _read(told: bytes) -> bytes:
    head, _, said = told.partition(b"\n")
    word, _, size = head.partition(b" ")
    if not size.isdigit() or len(said) != int(size):
        raise Unprintable("ended by a limit")
    if word != b"made" or not said.startswith(b"%PDF-"):
        raise Unprintable(said.decode(errors="replace")[:200])
    return said
