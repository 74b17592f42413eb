"""My Documents: what the practice has shared, and what is to be done with each."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal import clock
from portal.access import Area, NotFoundException, acts_for
from portal.documents import words
from portal.documents.actions import opening
from portal.documents.controllers.files import number_of, pictured, sent
from portal.documents.queries import shown
from portal.documents.queries.shown import ALL, TABS
from portal.keyset import Place
from portal.practice import queries as practices
from portal.web.replies import reply, see_other
from portal.web.request import Request

AFTER_OPENING = {"save": "document-file", "fill": "form-start"}


class DocumentsController(Controller):
    path = "/clients/{client_id:int}/documents"
    opt = acts_for(Area.DOCUMENTS)

    @get(name="documents")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        tab = request.asked["tab"] if request.asked["tab"] in TABS else ALL
        after, before = (Place.read(request.asked[name]) for name in ("after", "before"))
        here = request.url.path + ("?" if tab == ALL else f"?{urlencode({'tab': tab})}&")
        return await reply(
            request,
            "documents/list",
            about=client_id,
            client_id=client_id,
            found=await shown.listed(request.viewer, client_id, tab, after=after, before=before),
            tab=tab,
            here=here,
            **await _spoken(request),
        )

    @get("/{document_id:int}", name="document")
    async def show(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        """What it is and how it stands; that is not opening it."""
        one = await shown.document(request.viewer, client_id, document_id)
        return await reply(
            request, "documents/document", about=client_id, client_id=client_id, one=one, **await _spoken(request)
        )

    @post("/{document_id:int}/opening", name="document-opening")
    async def create(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        await opening.opened(request.viewer, client_id, document_id)
        name = AFTER_OPENING.get(form["act"], "document-preview")
        return see_other(request, name, client_id=client_id, document_id=document_id)

    @get("/{document_id:int}/preview", name="document-preview")
    async def preview(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        one = await shown.document(request.viewer, client_id, document_id)
        if not one.picture[0]:
            raise NotFoundException
        return await reply(
            request, "documents/preview", about=client_id, client_id=client_id, one=one, number=number_of(request, one)
        )

    @get("/{document_id:int}/picture", name="document-picture", opt={"background": True})
    async def picture(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        one = await shown.document(request.viewer, client_id, document_id)
        number = request.asked.number("page") or 1
        return await pictured(one, number, await shown.page(request.viewer, client_id, document_id, number))

    @get("/{document_id:int}/file", name="document-file")
    async def download(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        return await sent(request, await shown.document(request.viewer, client_id, document_id))


async def _spoken(request: Request) -> dict[str, Any]:
    today = clock.today((await practices.practice(request.viewer)).time_zone)
    return {"words": words, "today": today}
