"""The file of a completed copy; while it is made, a page says so."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from litestar import Response
from litestar.response import Stream

from portal import audit, storage
from portal.access import NotFoundException
from portal.copies.queries.copies import Copy
from portal.web.replies import NOTHING, note_reading, reply, saved_as
from portal.web.request import Request

PATIENCE, PAUSE = 3.0, 0.1


async def sent(request: Request, find: Callable[[], Awaitable[Copy]], **shown: Any) -> Response[Any]:
    """While it is made, a page looks again by itself and by a link; loaded again, it gives the file."""
    until = monotonic() + (0 if request.wants_fragment else PATIENCE)
    while (copy := await find()).state == "waiting" and monotonic() < until:
        await asyncio.sleep(PAUSE)
    if not copy.is_ready or request.wants_fragment:
        return await reply(request, "copies/copy", copy=copy, url=request.url.path, **shown)
    try:
        content = await storage.begun(copy.key)
    except storage.NoSuchFile:
        raise NotFoundException from None
    await audit.record(request.viewer, "copy.fetched", client_id=copy.client_id, subject_id=copy.document_id)
    await note_reading(request, copy.client_id, "copies/download")
    headers = {
        "Content-Disposition": saved_as(copy.name),
        "Content-Length": str(copy.size),
        "Content-Security-Policy": NOTHING,
    }
    return Stream(content, media_type="application/pdf", headers=headers)
