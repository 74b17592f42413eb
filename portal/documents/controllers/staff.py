"""One document of a chart: shared, shown, taken back; and what happened to it."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.documents import forms
from portal.documents.actions import sharing
from portal.documents.controllers.chart import around, tell_shared
from portal.documents.controllers.files import pictured, sent
from portal.documents.queries import kept
from portal.documents.queries.kept import Kept
from portal.language import lazy
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request

QUICKER = lazy("Somebody else was quicker. Look at how it stands now, and send it again if it is still right.")


class StaffDocumentController(Controller):
    path = "/staff/documents/{document_id:int}"
    opt = needs(Permission.DOCUMENT_SHARE)

    @get(name="staff-document")
    async def show(self, request: Request, document_id: FromPath[int]) -> Response[Any]:
        one = await kept.document(request.viewer, document_id)
        return await screen(request, one, _opened(one))

    @post("/sharing", name="staff-document-sharing")
    async def create(self, request: Request, document_id: FromPath[int]) -> Response[Any]:
        one, form = await kept.document(request.viewer, document_id), await request.typed()
        try:
            terms = forms.terms(form, shares=one.shares)
            await sharing.share(request.viewer, document_id, form.number("version") or 0, terms)
        except Refused as refusal:
            return await screen(request, one, form.refused(refusal))
        except Stale:
            return await stale(request, document_id, form)
        await tell_shared(request, one.client_id, is_kept_back=bool(terms.hidden_for))
        return leave_for(request, "staff-document", document_id=document_id)

    @post("/showing", name="staff-document-showing")
    async def update(self, request: Request, document_id: FromPath[int]) -> Response[Any]:
        one, form = await kept.document(request.viewer, document_id), await request.typed()
        try:
            await sharing.show(request.viewer, document_id, form.number("version") or 0)
        except Stale:
            return await stale(request, document_id, form)
        await tell_shared(request, one.client_id, is_kept_back=False)
        return leave_for(request, "staff-document", document_id=document_id)

    @get("/file", name="staff-document-file")
    async def download(self, request: Request, document_id: FromPath[int]) -> Response[Any]:
        return await sent(request, await kept.document(request.viewer, document_id))

    @get("/picture", name="staff-document-picture", opt={"background": True})
    async def picture(self, request: Request, document_id: FromPath[int]) -> Response[Any]:
        return await pictured(await kept.document(request.viewer, document_id))


class WithdrawalController(Controller):
    path = "/staff/documents/{document_id:int}/withdrawal"
    opt = needs(Permission.DOCUMENT_SHARE)

    @get(name="staff-document-withdrawal")
    async def show(self, request: Request, document_id: FromPath[int]) -> Response[Any]:
        one = await kept.document(request.viewer, document_id)
        return await self.sure(request, one, Form.of(version=one.version))

    @post()
    async def create(self, request: Request, document_id: FromPath[int]) -> Response[Any]:
        one, form = await kept.document(request.viewer, document_id), await request.typed()
        try:
            version = form.number("version") or 0
            await sharing.withdraw(request.viewer, document_id, version, forms.reason(form))
        except Refused as refusal:
            return await self.sure(request, one, form.refused(refusal))
        except Stale:
            one = await kept.document(request.viewer, document_id)
            typed = Form({**form.typed, "version": [str(one.version)]})
            return await self.sure(request, one, typed.told({"": QUICKER}))
        await tell(request, "ok", lazy("Taken back. The client does not find it any more."))
        return leave_for(request, "staff-document", document_id=document_id)

    async def sure(self, request: Request, one: Kept, form: Form) -> Response[Any]:
        return await reply(
            request, "documents/staff/withdrawal", form=form, about=one.client_id, one=one,
            **await around(request, one.client_id),
        )  # fmt: skip


async def stale(request: Request, document_id: int, form: Form) -> Response[Any]:
    """What is sent once more is meant."""
    one = await kept.document(request.viewer, document_id)
    typed = Form({**form.typed, "version": [str(one.version)]})
    return await screen(request, one, typed.told({"": QUICKER}))


async def screen(request: Request, one: Kept, form: Form) -> Response[Any]:
    return await reply(
        request, "documents/staff/document", form=form, about=one.client_id, one=one,
        steps=await kept.steps(request.viewer, one.id), **await around(request, one.client_id),
    )  # fmt: skip


def _opened(one: Kept) -> Form:
    """Shared again, it begins with what was said the last time."""
    return Form.of(
        version=one.version, purpose=forms.SIGN if one.is_signed else forms.SHARE, note=one.note,
        hidden_for=forms.NOW,
    )  # fmt: skip
