"""The documents of a chart: a file is put there, forms of the practice are shared from there."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal import clock
from portal.access import Area, Permission, needs
from portal.accounts import queries as accounts
from portal.clients import queries as clients
from portal.documents import forms, rules, words
from portal.documents.actions import adding, sharing
from portal.documents.queries import choices, kept
from portal.keyset import Place
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.uploads import MOST_BYTES
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import MOST_UPLOADED, Request

typed.declare(forms.ADDRESSES, forms.reading)


class ChartDocumentsController(Controller):
    path = "/staff/clients/{client_id:int}/documents"
    opt = needs(Permission.DOCUMENT_SHARE)

    @get(name="chart-documents")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, forms.blank())

    @post(name="chart-document-add", request_max_body_size=MOST_UPLOADED)
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """Into the chart; shared by another act, which says for what and how long."""
        form, file = await request.typed(), (await request.uploads()).get("file")
        file = file if file and file.filename else None
        try:
            title = forms.title(form, has_file=file is not None)
            assert file is not None
            content = await file.read(MOST_BYTES + 1)
            document_id = await adding.add_file(
                request.viewer, client_id, file.filename, content, title=title, once=forms.key_of(form)
            )
        except Refused as refusal:
            return await self.screen(request, client_id, form.refused(refusal))
        await tell(request, "ok", lazy("It stands in the chart. The client does not see it until you share it."))
        return leave_for(request, "staff-document", document_id=document_id)

    @get("/sharings/new", name="chart-sharing-new")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.sharing(request, client_id, forms.blank())

    @post("/sharings", name="chart-sharing")
    async def update(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """Several forms of the practice and files of the chart at once, on the same terms."""
        form = await request.typed()
        try:
            of_forms, of_files = forms.chosen(form, {one.id for one in await choices.forms(request.viewer)})
            terms = forms.terms(form)
            once = forms.key_of(form)
            await sharing.share_several(request.viewer, client_id, of_forms, of_files, terms, once=once)
        except Refused as refusal:
            return await self.sharing(request, client_id, form.refused(refusal))
        await tell_shared(request, client_id, is_kept_back=bool(terms.hidden_for))
        return leave_for(request, "chart-documents", client_id=client_id)

    async def screen(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        viewer, asked = request.viewer, request.asked
        found = await kept.of_chart(
            viewer, client_id, after=Place.read(asked["after"]), before=Place.read(asked["before"])
        )
        return await reply(
            request, "documents/staff/list", form=form, about=client_id, found=found, here=request.url.path,
            **await around(request, client_id),
        )  # fmt: skip

    async def sharing(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        offered, files = await choices.forms(request.viewer), await choices.files(request.viewer, client_id)
        return await reply(
            request, "documents/staff/sharing", form=form, about=client_id, offered=offered, files=files,
            **await around(request, client_id),
        )  # fmt: skip


async def around(request: Request, client_id: int) -> dict[str, Any]:
    """What each page about the documents of a chart says as well."""
    viewer = request.viewer
    return {
        "client": await clients.client(viewer, client_id),
        "today": clock.today((await practices.practice(viewer)).time_zone),
        "is_heard": await _is_heard(request, client_id),
        "words": words,
        "reasons": rules.HIDDEN,
        "purposes": rules.PURPOSES,
    }


async def tell_shared(request: Request, client_id: int, *, is_kept_back: bool) -> None:
    if is_kept_back:
        return await tell(request, "wait", lazy("Kept back: the client sees it when you show it."))
    if not await _is_heard(request, client_id):
        return await tell(request, "wait", lazy("Shared. Nobody reads this client's documents in the portal yet."))
    return await tell(request, "ok", lazy("Shared. A letter says that something waits in the portal."))


async def _is_heard(request: Request, client_id: int) -> bool:
    return bool(await accounts.readers(request.viewer, client_id, Area.DOCUMENTS))
