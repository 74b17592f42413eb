"""A form, filled in: one part to a page, or all of it at once. Each page is saved as it is left."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, acts_for
from portal.filling import forms, spoken
from portal.filling.controllers import parts
from portal.filling.controllers.parts import Part, part_of
from portal.language import lazy
from portal.refusal import Refused
from portal.web import typed
from portal.web.replies import go, leave, leave_for, reply, see_other, tell
from portal.web.request import Request

STOPPED = lazy("Saved. You can go on whenever you like, on any device.")

typed.declare(spoken.ADDRESSES, spoken.reading)


class FormPagesController(Controller):
    path = "/clients/{client_id:int}/documents/{document_id:int}/form/pages/{number:int}"
    opt = acts_for(Area.DOCUMENTS)

    @get(name="form-page")
    async def show(
        self, request: Request, client_id: FromPath[int], document_id: FromPath[int], number: FromPath[int]
    ) -> Response[Any]:
        return await opened(request, await part_of(request, client_id, document_id, number))

    @post(name="form-page-save", request_max_body_size=forms.MOST_BYTES)
    async def update(
        self, request: Request, client_id: FromPath[int], document_id: FromPath[int], number: FromPath[int]
    ) -> Response[Any]:
        return await save(request, await part_of(request, client_id, document_id, number))

    @post("/draft", name="form-page-draft", request_max_body_size=forms.MOST_BYTES, opt={"saves_itself": True})
    async def edit(
        self, request: Request, client_id: FromPath[int], document_id: FromPath[int], number: FromPath[int]
    ) -> Response[Any]:
        return await save_itself(request, await part_of(request, client_id, document_id, number))


class WholeFormController(Controller):
    path = "/clients/{client_id:int}/documents/{document_id:int}/form/all"
    opt = acts_for(Area.DOCUMENTS)

    @get(name="form-all")
    async def show(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        return await opened(request, await part_of(request, client_id, document_id))

    @post(name="form-all-save", request_max_body_size=forms.MOST_BYTES)
    async def update(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        return await save(request, await part_of(request, client_id, document_id))

    @post("/draft", name="form-all-draft", request_max_body_size=forms.MOST_BYTES, opt={"saves_itself": True})
    async def edit(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        return await save_itself(request, await part_of(request, client_id, document_id))


async def opened(request: Request, part: Part) -> Response[Any]:
    if not part.filled.is_open:
        return see_other(request, "document", **part.at)
    return await parts.screen(request, part, forms.opened(part.questions, part.filled.answers))


async def save(request: Request, part: Part) -> Response[Any]:
    """What can be kept is kept, whatever is said of the rest; who goes on must have filled in what is needed."""
    form = await request.typed()
    try:
        saved = await parts.save(request, part, form)
    except Refused as refusal:
        return await parts.screen(request, part, form.refused(refusal))
    wrong = dict(saved.wrong)
    if not form["act"]:
        wrong |= forms.missing(part.lacking(saved.kept.answers, wrong))
    if wrong:
        return await parts.refused(request, part, form.told(in_order(part, wrong)), saved)
    if form["act"] == "stop":
        await tell(request, "ok", STOPPED)
        return leave_for(request, "document", **part.at)
    return leave(request, part.before if form["act"] == "back" else part.after)


async def save_itself(request: Request, part: Part) -> Response[Any]:
    """Without a word but when it was, and what of it is not kept."""
    if not request.wants_fragment:
        return go(part.here)
    form = await request.typed()
    try:
        saved = await parts.save(request, part, form)
    except Refused as refusal:
        said = next(iter(refusal.sentences.values()))
        return await reply(request, "filling/saved", known=form["known"], refused=said)
    return await reply(request, "filling/saved", **parts.told(part, form, saved))


def in_order(part: Part, wrong: dict[str, object]) -> dict[str, object]:
    """As they stand on the page."""
    names = [forms.input_of(one.place) for one in part.questions]
    return dict(sorted(wrong.items(), key=lambda one: names.index(one[0].partition("_")[0])))
