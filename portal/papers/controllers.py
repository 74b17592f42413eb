"""A PDF that was asked for: fetched, or waited for."""

import asyncio
from time import monotonic
from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from portal import audit, language, storage
from portal.access import SIGNED_IN, NotFoundException
from portal.papers import issued, queries
from portal.papers.actions import Wanted, ask
from portal.papers.issued import Subject
from portal.web.replies import reply, see_other
from portal.web.request import Request

PATIENCE, PAUSE = 3.0, 0.1
ONLY_A_FILE = "default-src 'none'; frame-ancestors 'none'; sandbox"


class PapersController(Controller):
    path = "/papers/{paper_id:int}"
    opt = SIGNED_IN

    @get(name="paper", opt={"background": True})
    async def show(self, request: Request, paper_id: FromPath[int]) -> Response[Any]:
        """Looks again by itself while it is made; that keeps nobody signed in."""
        paper = await queries.paper(request.viewer, paper_id)
        return await reply(request, "papers/paper", paper=paper, client_id=int(paper.client))

    @get("/file", name="paper-file")
    async def download(self, request: Request, paper_id: FromPath[int]) -> Stream:
        paper = await queries.paper(request.viewer, paper_id)
        if not paper.is_ready or not await storage.exists(paper.key):
            raise NotFoundException
        client_id = int(paper.client)
        await audit.record(request.viewer, "paper.fetched", client_id=client_id, subject_id=paper_id, kind=paper.kind)
        return _file(paper.key, int(paper.size), paper.name)


async def made(request: Request, wanted: Wanted) -> Response[None]:
    """After a POST: mostly it is made while one waits, else there is a page that says so. Raises `Refused`."""
    paper_id = await ask(request.viewer, wanted)
    until = monotonic() + PATIENCE
    while not (is_made := await queries.is_made(request.viewer, paper_id)) and monotonic() < until:
        await asyncio.sleep(PAUSE)
    paper = await queries.paper(request.viewer, paper_id)
    return see_other(request, "paper-file" if is_made and paper.is_ready else "paper", paper_id=paper_id)


async def sent(request: Request, subject: Subject, name: str, **shown: Any) -> Response[Any] | Stream:
    """The file of what was issued. While it is made, a page says so, which gives it when it is loaded again; htmx is
    told when there is one. Whoever calls has asked whether they reach it.
    """
    spoken = language.current()
    until = monotonic() + (0 if request.wants_fragment else PATIENCE)
    paper = await queries.issued(request.viewer, subject, spoken)
    if paper is None or paper.is_waiting:
        await issued.want(request.viewer, subject, spoken)
    while (paper is None or paper.is_waiting) and monotonic() < until:
        await asyncio.sleep(PAUSE)
        paper = await queries.issued(request.viewer, subject, spoken)
    if paper is None or not paper.is_ready or request.wants_fragment:
        state = paper.state if paper else "waiting"
        return await reply(request, "papers/issued", state=state, url=request.url.path, **shown)
    if not await storage.exists(paper.key):
        raise NotFoundException
    await audit.record(
        request.viewer, "paper.fetched", client_id=subject.client_id, subject_id=subject.id, kind=subject.kind
    )
    return _file(paper.key, int(paper.size), name)


def _file(key: str, size: int, name: str) -> Stream:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(size),
        "Content-Security-Policy": ONLY_A_FILE,
    }
    return Stream(storage.stream(key), media_type="application/pdf", headers=headers)
