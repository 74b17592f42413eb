"""What a client sent, on the desk of whoever looks it over."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from portal import storage
from portal.access import NotFoundException, Permission, needs
from portal.documents import rules
from portal.documents.controllers.chart import around
from portal.documents.queries import kept
from portal.filling import forms as questions
from portal.filling.kinds import SENT
from portal.filling.words import said as questions_said
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.review import desk
from portal.review.actions import Stale
from portal.signing import forms, words
from portal.signing.actions import deciding, declining
from portal.signing.kinds import DECLINED
from portal.signing.queries import sent as sendings
from portal.signing.queries.sent import Sent
from portal.web.form import Form
from portal.web.replies import ONLY_A_PICTURE, reply, see_other
from portal.web.request import Request

DETAIL, NO = "signing/staff/_submission.html", "signing/staff/_declined.html"


class SubmissionController(Controller):
    path = "/staff/submissions/{submission_id:int}"
    opt = needs(Permission.DOCUMENT_SHARE)

    @get(name="submission")
    async def show(self, request: Request, submission_id: FromPath[int]) -> Response[Any]:
        """One that was sent again since is only read."""
        one = await sendings.submission(request.viewer, submission_id)
        if one.is_last:
            return await self.screen(request, one, Form())
        client = await around(request, one.client_id)
        return await reply(
            request, "signing/staff/earlier", about=one.client_id, **{**client, **await told(request, one)}
        )

    @post(name="submission-decision")
    async def update(self, request: Request, submission_id: FromPath[int]) -> Response[Any]:
        one, form = await sendings.submission(request.viewer, submission_id), await request.typed()
        try:
            sentence = await decided(request, one, form)
        except Stale:
            one = await sendings.submission(request.viewer, submission_id)
            return await desk.stale(
                request, DETAIL, kind=SENT.name, subject_id=one.document_id, form=form.but(version=str(one.version)),
                heading=one.title, about=one.client_id, **await told(request, one),
            )  # fmt: skip
        except Refused as refusal:
            return await self.screen(request, one, form.refused(refusal))
        return await desk.onward(request, kind=SENT.name, subject_id=one.document_id, sentence=sentence)

    async def screen(self, request: Request, one: Sent, form: Form) -> Response[Any]:
        return await desk.on_desk(
            request, DETAIL, kind=SENT.name, subject_id=one.document_id, heading=one.title, form=form,
            about=one.client_id, **await told(request, one),
        )  # fmt: skip

    @get("/signature", name="submission-signature", opt={"background": True})
    async def picture(self, request: Request, submission_id: FromPath[int]) -> Response[Any]:
        """As it was drawn; there is none where it was typed."""
        one = await sendings.submission(request.viewer, submission_id)
        key = next((each.image_key for each in one.signatures if each.is_drawn), "")
        if not key:
            raise NotFoundException
        headers = {"Content-Disposition": "inline", "Content-Security-Policy": ONLY_A_PICTURE}
        try:
            return Stream(await storage.begun(key), media_type="image/png", headers=headers)
        except storage.NoSuchFile:
            raise NotFoundException from None


class DocumentSubmissionController(Controller):
    """From the page of a document to what was sent last."""

    path = "/staff/documents/{document_id:int}/submission"
    opt = needs(Permission.DOCUMENT_SHARE)

    @get(name="document-submission")
    async def show(self, request: Request, document_id: FromPath[int]) -> Response[Any]:
        submission_id = await sendings.last_of(request.viewer, document_id)
        return see_other(request, "submission", submission_id=submission_id)


class DeclinedDocumentController(Controller):
    """A client will not do it: somebody has to know."""

    path = "/staff/documents/{document_id:int}/declining"
    opt = needs(Permission.DOCUMENT_SHARE)

    @get(name="declined-document")
    async def show(self, request: Request, document_id: FromPath[int]) -> Response[Any]:
        one = await kept.document(request.viewer, document_id)
        return await desk.on_desk(
            request, NO, kind=DECLINED.name, subject_id=document_id, heading=one.title, about=one.client_id, one=one
        )

    @post(name="declined-document-seen")
    async def update(self, request: Request, document_id: FromPath[int]) -> Response[Any]:
        one, form = await kept.document(request.viewer, document_id), await request.typed()
        if form["decision"] != "seen":
            raise NotFoundException
        try:
            await declining.acknowledge(request.viewer, document_id)
        except Stale:
            return await desk.stale(
                request, NO, kind=DECLINED.name, subject_id=document_id, heading=one.title, about=one.client_id,
                one=one,
            )  # fmt: skip
        return await desk.onward(request, kind=DECLINED.name, subject_id=document_id, sentence=lazy("Seen."))


async def told(request: Request, one: Sent) -> dict[str, Any]:
    practice = await practices.practice(request.viewer)
    return {
        "one": one,
        "words": words,
        "said": questions_said,
        "options": questions.options,
        "longest": questions.longest,
        "input_of": questions.input_of,
        "reasons": tuple(rules.RETURNED.items()),
        "intent": words.intent_of_the_practice(one.title, practice.name),
    }


async def decided(request: Request, one: Sent, form: Form) -> object:
    """Does what the button says; returns the sentence for whoever pressed it."""
    version = form.number("version") or 0
    if form["decision"] == "approve":
        own, mark = forms.accepted(form, one.for_the_practice, must=one.must_be_countersigned)
        await deciding.accept(request.viewer, one.id, version, own, mark)
        return lazy("Accepted. It stands in the chart, and the client is written to.")
    if form["decision"] != "return":
        raise NotFoundException
    await deciding.give_back(request.viewer, one.id, version, *forms.returned(form))
    return lazy("Returned. The client reads why, and finds the answers as they were.")
