"""Where a form is begun or gone on with, and where everything is looked over before it is sent or signed."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, NotFoundException, acts_for
from portal.filling import forms, words
from portal.filling.actions import sending
from portal.filling.controllers.parts import REVIEW
from portal.filling.queries import filled as queries
from portal.filling.queries.filled import Filled
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import go, leave, leave_for, reply, see_other, tell
from portal.web.request import Request

SENT = lazy("Sent. The practice looks it over; here you see what became of it.")


class FormController(Controller):
    path = "/clients/{client_id:int}/documents/{document_id:int}/form"
    opt = acts_for(Area.DOCUMENTS)

    @get(name="form-start")
    async def start(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        """Where one goes on: what is only signed has no pages to fill in."""
        found = await queries.filled(request.viewer, client_id, document_id)
        if not found.is_open:
            return see_other(request, "document", **found.at)
        if not found.groups:
            return go(signature_of(request, found))
        if found.begins is not None:
            return see_other(request, "form-page", **found.at, number=found.begins)
        return see_other(request, "form-review-answers", **found.at)

    @get("/review", name="form-review-answers")
    async def show(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        """What was sent can be looked at again. Of what nothing was saved yet there is nothing to look over."""
        found = await must_have_questions(request, client_id, document_id)
        if not (found.is_open or found.is_sent):
            return see_other(request, "document", **found.at)
        if found.saved_at is None:
            return see_other(request, "form-start", **found.at)
        return await screen(request, found, Form())

    @post("/review", name="form-sending")
    async def create(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        """What is to be signed is sent by signing it. Pressed twice, it is sent once."""
        form, found = await request.typed(), await must_have_questions(request, client_id, document_id)
        if found.is_signed and found.is_open:
            return leave(request, signature_of(request, found))
        try:
            await sending.submit(request.viewer, client_id, document_id, form["seen"])
        except Refused as refusal:
            found = await queries.filled(request.viewer, client_id, document_id)
            if found.is_sent:
                return leave_for(request, "document", **found.at)
            return await screen(request, found, Form().refused(refusal))
        await tell(request, "ok", SENT)
        return leave_for(request, "document", **found.at)


async def must_have_questions(request: Request, client_id: int, document_id: int) -> Filled:
    found = await queries.filled(request.viewer, client_id, document_id)
    if not found.groups:
        raise NotFoundException
    return found


async def screen(request: Request, found: Filled, form: Form) -> Response[Any]:
    return await reply(
        request, "filling/review", form=form, about=found.document.client_id, found=found, one=found.document,
        said=words.said, input_of=forms.input_of, signature=signature_of(request, found), then=REVIEW, at=found.at,
        **found.at,
    )  # fmt: skip


def signature_of(request: Request, found: Filled) -> str:
    """Its page is another feature's, above this one."""
    return f"{request.app.route_reverse('document', **found.at)}/signature"
