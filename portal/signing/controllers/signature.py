"""A client signs, or says no."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal import language
from portal.access import Area, NotFoundException, acts_for
from portal.documents import rules
from portal.documents.queries import shown
from portal.documents.queries.shown import Shown
from portal.language import lazy
from portal.refusal import Refused
from portal.signing import forms, words
from portal.signing.actions import declining, signing
from portal.signing.queries import asked, consents
from portal.signing.queries.asked import Asked
from portal.web.form import Form
from portal.web.replies import go, leave_for, reply, see_other, tell
from portal.web.request import Request

TAKEN_BACK = lazy("The practice has taken this document back meanwhile. Nothing was signed or sent.")
SIGNED = lazy("Signed and sent. The practice looks at it, and you are written to.")


class SignatureController(Controller):
    path = "/clients/{client_id:int}/documents/{document_id:int}/signature"
    opt = acts_for(Area.DOCUMENTS)

    @get(name="document-signature")
    async def show(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        one = await asked.asked(request.viewer, client_id, document_id)
        if not one.document.waits:
            return see_other(request, "document", client_id=client_id, document_id=document_id)
        if one.may_be_signed and await consents.live(request.viewer) is None:
            return go(f"{request.app.route_reverse('electronic-records')}?back={request.url.path}")
        return await self.screen(request, one, Form.of(how=forms.TYPED, language=language.current()))

    @post()
    async def create(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        form, viewer = await request.typed(), request.viewer
        try:
            one = await asked.asked(viewer, client_id, document_id)
            mark = forms.signed(form, has_initials=bool(one.initials))
            with language.speaking(forms.spoken(form, language.current())):
                await signing.sign(viewer, client_id, document_id, mark)
        except Refused as refusal:
            return await self.screen(request, one, form.refused(refusal))
        except NotFoundException:
            return await taken_back(request, client_id, document_id)
        await tell(request, "ok", SIGNED)
        return leave_for(request, "document", client_id=client_id, document_id=document_id)

    async def screen(self, request: Request, one: Asked, form: Form) -> Response[Any]:
        """As it stands now, whatever was typed before."""
        client_id = one.document.client_id
        one = await asked.asked(request.viewer, client_id, one.document.id)
        return await reply(
            request, "signing/signature", form=form, about=client_id, client_id=client_id, one=one, words=words,
            as_whom=words.RELATIONS[one.reach.kind],
        )  # fmt: skip


class DecliningController(Controller):
    path = "/clients/{client_id:int}/documents/{document_id:int}/declining"
    opt = acts_for(Area.DOCUMENTS)

    @get(name="document-declining")
    async def show(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, await shown.document(request.viewer, client_id, document_id), Form())

    @post()
    async def create(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            one = await shown.document(request.viewer, client_id, document_id)
            await declining.decline(request.viewer, client_id, document_id, *forms.declined(form))
        except Refused as refusal:
            return await self.screen(request, one, form.refused(refusal))
        except NotFoundException:
            return await taken_back(request, client_id, document_id)
        await tell(request, "ok", lazy("The practice knows that you will not do it, and why."))
        return leave_for(request, "document", client_id=client_id, document_id=document_id)

    async def screen(self, request: Request, one: Shown, form: Form) -> Response[Any]:
        one = await shown.document(request.viewer, one.client_id, one.id)
        return await reply(
            request, "signing/declining", form=form, about=one.client_id, client_id=one.client_id, one=one,
            reasons=list(rules.DECLINED.items()),
        )  # fmt: skip


async def taken_back(request: Request, client_id: int, document_id: int) -> Response[Any]:
    """While its page was open."""
    if not await asked.was_taken_back(request.viewer, client_id, document_id):
        raise NotFoundException
    await tell(request, "wait", TAKEN_BACK)
    return leave_for(request, "documents", client_id=client_id)
