"""Pages that become PDFs: what somebody asked for, drawn as they would see it now, and what was issued."""

import dramatiq

import tasks.broker  # noqa: F401
from portal import consequences, language, outbox, storage
from portal.access import NotFoundException, Viewer
from portal.accounts import sessions
from portal.database import transaction
from portal.estimates import printing as estimates  # noqa: F401 - declares what it prints
from portal.invoices import papers as of_invoices  # noqa: F401 - declares what it prints
from portal.messages import printing  # noqa: F401 - declares what it prints
from portal.outbox import Leased
from portal.papers import actions as papers
from portal.papers import issued
from portal.papers.kinds import ISSUED, KINDS
from portal.papers.tables import IssuedPaper, Paper
from portal.signing import papers as of_signing  # noqa: F401 - declares what it prints
from tasks.actors import carry_out
from tasks.actors.press import Unprintable, printed

PRINTER = Viewer.portal("printer")
MOST_TRIES = 3


@dramatiq.actor
async def render(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, make)


@dramatiq.actor
async def issue(errand_id: int, lease_by: str, attempts: int) -> None:
    await carry_out(errand_id, lease_by, attempts, make_issued)


# Asked for -----------------------------------------------------------------------------------------------------------


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


# Issued --------------------------------------------------------------------------------------------------------------


async def make_issued(errand: Leased) -> None:
    """What is drawn is what is true after it was taken up: whoever changes it later marks it again."""
    begun = await issued.begin(PRINTER, errand.subject_id)
    html = await _issued_page(begun) if begun is not None else None
    if begun is None or html is None:
        async with transaction():
            if begun is not None:
                await issued.let_go(PRINTER, begun.kind, int(begun.subject_id))
            await outbox.settle(errand)
        return
    digest = issued.digest_of(html)
    try:
        stored = await storage.put(await printed(html)) if digest != begun.digest or not begun.key else None
    except Unprintable as why:
        if errand.attempts < MOST_TRIES:
            raise
        await _give_up(errand, str(why))
    else:
        await _file_issued(errand, begun, digest, stored)


async def _issued_page(paper: IssuedPaper) -> str | None:
    with language.speaking(paper.language):
        return await ISSUED[paper.kind].page(PRINTER, int(paper.subject_id))


async def _file_issued(errand: Leased, begun: IssuedPaper, digest: bytes, stored: storage.Stored | None) -> None:
    is_kept = False
    try:
        async with transaction():
            is_kept = await issued.finish(PRINTER, begun, digest, stored)
            await outbox.settle(errand)
    except BaseException:
        is_kept = False
        raise
    finally:
        if stored is not None and not is_kept:
            await storage.delete(stored.key)  # no row names it
