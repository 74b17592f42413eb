"""A page that somebody wants as a PDF: drawn as they would see it now, rendered in a process of its own, kept."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from pathlib import Path
from weakref import WeakKeyDictionary

import dramatiq

import tasks.broker  # noqa: F401
from portal import consequences, language, outbox, storage
from portal.access import NotFoundException, Viewer
from portal.accounts import sessions
from portal.database import transaction
from portal.estimates import printing as estimates  # noqa: F401 - declares what it prints
from portal.messages import printing  # noqa: F401 - the same
from portal.outbox import Leased
from portal.papers import actions as papers
from portal.papers.kinds import KINDS
from portal.papers.tables import Paper
from portal.settings import ROOT
from tasks.actors import carry_out

PRINTER = Viewer.portal("printer")
PROGRAM = Path(__file__).with_name("pdf.py")
AT_ONCE = 2
MOST_TRIES = 3
# Nothing of the portal's own environment.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
_free: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class Unprintable(Exception):
    """The page is too much, or not one that can be rendered."""


@dramatiq.actor
async def render(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, make)


async def make(errand: Leased) -> None:
    """One whom it is no business any more is told no more than that there is none."""
    paper = await Paper.objects().get(Paper.id == errand.subject_id)
    if paper is None or not paper.is_waiting:
        await outbox.settle(errand)
        return
    try:
        content = await printed(await _page(paper))
    except NotFoundException:
        await _end(errand, None)
    except Unprintable as why:
        if errand.attempts < MOST_TRIES:
            raise
        await _give_up(errand, str(why))
    else:
        await _end(errand, await storage.put(content))


async def printed(html: str) -> bytes:
    """Raises `Unprintable`."""
    async with _free.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", str(PROGRAM), stdin=PIPE, stdout=PIPE, stderr=PIPE,
            cwd=ROOT, env=ENVIRONMENT, start_new_session=True,
        )  # fmt: skip
        try:
            pdf, said = await process.communicate(html.encode())
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())
    if process.returncode or not pdf.startswith(b"%PDF-"):
        raise Unprintable(said.decode(errors="replace").strip().rpartition("\n")[2][:200] or "ended by a limit")
    return pdf


async def _page(paper: Paper) -> str:
    viewer = await sessions.viewer_of(int(paper.account))
    if viewer is None or paper.kind not in KINDS:
        raise NotFoundException
    with language.speaking(paper.language):
        return await KINDS[paper.kind].page(viewer, paper)


async def _end(errand: Leased, stored: storage.Stored | None) -> None:
    try:
        async with transaction():
            if stored is None:
                await papers.fail(PRINTER, errand.subject_id)
            else:
                await papers.finish(PRINTER, errand.subject_id, stored.key, stored.size)
            await outbox.settle(errand)
    except BaseException:
        if stored is not None:
            await storage.delete(stored.key)  # no row has ever named it
        raise


async def _give_up(errand: Leased, why: str) -> None:
    async with transaction():
        await outbox.fail(errand, why, for_good=True)
        await consequences.alarm_about_errand(errand, why)
