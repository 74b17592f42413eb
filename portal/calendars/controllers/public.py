"""What a calendar program reads, by a link that nobody can guess."""

import hashlib

from litestar import Controller, Response, get
from litestar.params import FromPath

from portal import language
from portal.access import PUBLIC, NotFoundException, Viewer
from portal.accounts.visits import address_of
from portal.calendars import actions, ics, queries
from portal.web.request import Request

ENDING = ".ics"


class CalendarController(Controller):
    """No session is looked for: the link alone says whose it is."""

    opt = {**PUBLIC, "stateless": True}

    @get("/calendar/{token:str}", name="calendar")
    async def show(self, request: Request, token: FromPath[str]) -> Response[bytes]:
        """Nobody counts the wrong ones: to refuse one costs less than to count it, and 200 bits are not guessed."""
        if not token.endswith(ENDING):
            raise NotFoundException
        nobody = Viewer.nobody(address_of(request.scope), request.headers.get("user-agent", "")[:300].replace("\0", ""))
        reading = await queries.reading(nobody, token.removesuffix(ENDING))
        with language.speaking(reading.language):
            content = ics.feed(await queries.entries(reading.viewer))
        await actions.mark_read(reading.viewer, reading)
        tag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if _is_known(request.headers.get("if-none-match", ""), tag):
            return Response(b"", status_code=304, headers=headers)
        return Response(content, media_type="text/calendar", headers=headers)


def _is_known(told: str, tag: str) -> bool:
    return tag in (one.strip() for one in told.split(","))
