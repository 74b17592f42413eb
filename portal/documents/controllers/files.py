"""The file of a document, to save; and how it looks, for whoever has no program for it."""

from typing import Any, Protocol

from litestar import Response
from litestar.response import Stream

from portal import storage
from portal.access import NotFoundException
from portal.uploads import Unfit, sheet
from portal.web.replies import NOTHING, ONLY_A_PICTURE, note_reading, saved_as
from portal.web.request import Request


class Filed(Protocol):
    """A document as either side has found it: whoever has it was allowed to."""

    @property
    def client_id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def pages(self) -> int | None: ...
    @property
    def picture(self) -> tuple[str, str]: ...


async def sent(request: Request, one: Filed) -> Response[Any]:
    """Never shown by the browser within our pages: saved, or opened with nothing allowed."""
    headers = {
        "Content-Disposition": saved_as(one.name),
        "Content-Length": str(one.size),
        "Content-Security-Policy": NOTHING,
    }
    answer = await _streamed(one.key, one.media_type, headers)
    await note_reading(request, one.client_id, "documents/download")
    return answer


async def pictured(one: Filed, number: int = 1, kept: str = "") -> Response[Any]:
    """Its first page is kept as a picture, of a form all of them; others are drawn when somebody turns to them."""
    key, media_type = (kept, "image/jpeg") if kept else one.picture
    headers = {"Content-Disposition": "inline", "Content-Security-Policy": ONLY_A_PICTURE}
    if number == 1 or kept:
        return await _streamed(key, media_type, headers)
    if not 1 < number <= (one.pages or 1):
        raise NotFoundException
    try:
        return Response(await sheet(await storage.get(one.key), number), media_type="image/jpeg", headers=headers)
    except (Unfit, storage.NoSuchFile):
        raise NotFoundException from None


def number_of(request: Request, one: Filed) -> int:
    """Which page was asked for; the first, where there is no such page."""
    asked = request.asked.number("page") or 1
    return asked if 1 <= asked <= (one.pages or 1) else 1


async def _streamed(key: str, media_type: str, headers: dict[str, str]) -> Response[Any]:
    if not key:
        raise NotFoundException
    try:
        return Stream(await storage.begun(key), media_type=media_type, headers=headers)
    except storage.NoSuchFile:
        raise NotFoundException from None
