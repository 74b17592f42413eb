"""One file, one process: started, fed, listened to, and ended for good. Two at once: so much memory, and no more."""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from portal.settings import ROOT
from portal.workshop import CONTENT, END, FACTS, PAGE, PREVIEW, READY, REFUSED, THUMBNAIL

log = logging.getLogger("portal.uploads")
AT_ONCE = 2
SECONDS = 30
MOST_TOLD = 32 * 1024 * 1024
# Nothing of the portal's own environment. Few pools of memory, since addresses are counted.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"}


class Turned(Exception):
    """The workshop did not take it, or did not live through it; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Broken(Exception):
    """The workshop does not open: nothing is wrong with the file."""


@dataclass
class Made:
    facts: dict[str, Any] = field(default_factory=dict)
    content: bytes = b""
    thumbnail: bytes | None = None
    preview: bytes | None = None
    pages: list[bytes] = field(default_factory=list)


_free: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def made(job: str, content: bytes) -> Made:
    """Raises `Turned`, or `Broken`."""
    async with _free.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)):
        process = await _started(job)
        done, told, is_late = Made(), set[str](), False
        try:
            async with asyncio.timeout(SECONDS):
                await _feed(process, content)
                async for name, part in _frames(process):
                    told.add(name)
                    _note(done, name, part)
        except TimeoutError:
            is_late = True
        finally:
            await _end(process)
    _must_be_whole(job, told, is_late)
    return done


async def _started(job: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "portal.workshop",
        job,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=ENVIRONMENT,
        start_new_session=True,
    )


async def _feed(process: asyncio.subprocess.Process, content: bytes) -> None:
    """Whoever dies of it does not hear the rest."""
    assert process.stdin is not None
    with suppress(ConnectionError):
        process.stdin.write(content)
        await process.stdin.drain()
    process.stdin.close()


async def _frames(process: asyncio.subprocess.Process) -> AsyncIterator[tuple[str, bytes]]:
    """Until the last, or as far as it came. What it says is not believed further than a size and a name."""
    assert process.stdout is not None
    left = MOST_TOLD
    while left > 0:
        try:
            name, size = (await process.stdout.readline()).split()
            left -= int(size)
            if left < 0 or int(size) < 0:
                return
            yield name.decode(), await process.stdout.readexactly(int(size))
        except (ValueError, asyncio.IncompleteReadError):
            return
        if name == END.encode():
            return


def _note(done: Made, name: str, part: bytes) -> None:
    if part == b"broken" and name == REFUSED:
        raise Broken
    if name == REFUSED:
        raise Turned(part.decode(errors="replace"))
    if name == FACTS:
        done.facts = json.loads(part)
    elif name == CONTENT:
        done.content = part
    elif name == THUMBNAIL:
        done.thumbnail = part
    elif name == PREVIEW:
        done.preview = part
    elif name == PAGE:
        done.pages.append(part)


async def _end(process: asyncio.subprocess.Process) -> None:
    """With all that it may have started, also where this task is being cancelled."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await asyncio.shield(process.wait())


def _must_be_whole(job: str, told: set[str], is_late: bool) -> None:
    if READY not in told and not is_late:
        raise Broken
    if END not in told:
        log.warning('{"said": "the workshop was ended", "job": "%s", "late": %s}', job, str(is_late).lower())
    if not told >= {FACTS, CONTENT}:
        raise Turned("too_much")
