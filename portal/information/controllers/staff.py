"""What a client changed, on the desk of whoever settles it."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, needs
from portal.clients import record
from portal.clients.sheets import Sheet, differences, merged
from portal.information import forms, given_back, kinds, queries, views
from portal.information.actions import decision
from portal.information.controllers.photos import with_photos
from portal.information.controllers.told import fields, told
from portal.information.queries import Request as Change
from portal.language import lazy
from portal.refusal import Refused
from portal.review import desk
from portal.review.actions import Stale
from portal.web.form import Form, Reader
from portal.web.request import MOST_UPLOADED, Request

DETAIL, EDITING = "information/staff/_change.html", "information/staff/_edit.html"


class ChangeReviewController(Controller):
    path = "/staff/information/{request_id:int}"
    opt = needs(Permission.REVIEW_SETTLE)

    @get(name="information-review")
    async def show(self, request: Request, request_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, await queries.for_review(request.viewer, request_id), Form())

    @post(name="information-decision")
    async def update(self, request: Request, request_id: FromPath[int]) -> Response[Any]:
        change = await queries.for_review(request.viewer, request_id)
        form = await request.typed()
        try:
            sentence = await decided(request, change, form)
        except Stale:
            return await self.too_late(request, request_id, form)
        except Refused as refusal:
            return await self.screen(request, change, form.refused(refusal))
        return await desk.onward(request, kind=change.kind, subject_id=change.id, sentence=sentence)

    @get("/edit", name="information-review-edit")
    async def edit(self, request: Request, request_id: FromPath[int]) -> Response[Any]:
        return await self.editing(request, await queries.for_review(request.viewer, request_id), None)

    @post("/edit", name="information-review-change", request_max_body_size=MOST_UPLOADED)
    async def create(self, request: Request, request_id: FromPath[int]) -> Response[Any]:
        change = await queries.for_review(request.viewer, request_id)
        form = await request.typed()
        try:
            form, unfit = await with_photos(request, change.client_id, form)
            another = forms.rearranged(change.section, form)
            form = another or form
            now = await queries.on_record(request.viewer, change)
            if (change.is_pending, change.version, queries.digest(now)) != (True, version_in(form), form["seen"]):
                raise Stale
            if unfit:
                raise Refused(unfit)
            if another:
                return await self.editing(request, change, form)
            photos = await record.names_of_images(request.viewer, change.client_id)
            own = await record.words_of_names(request.viewer, change.client_id)
            sheet = forms.read(change.section, form, change.wanted(now), photos, own)
            if form["act"] != "approve":
                return await self.editing(request, change, form, sheet)
            await decision.approve(request.viewer, change.id, change.version, form["seen"], sheet)
        except Stale:
            return await self.too_late(request, request_id, form)
        except Refused as refusal:
            return await self.editing(request, change, form.refused(refusal))
        sentence = lazy("Approved with edits.")
        return await desk.onward(request, kind=change.kind, subject_id=change.id, sentence=sentence)

    async def screen(self, request: Request, change: Change, form: Form) -> Response[Any]:
        return await desk.on_desk(
            request, DETAIL, kind=change.kind, subject_id=change.id, form=form, about=change.client_id,
            **await told(request, change),
        )  # fmt: skip

    async def editing(
        self, request: Request, change: Change, form: Form | None, checked: Sheet | None = None
    ) -> Response[Any]:
        """The section as the client wants it, for staff to put right; `checked` is what they made of it so far."""
        if not change.is_pending:
            return await self.too_late(request, change.id, form or Form())
        known = await told(request, change)
        shown = fields(change, known["wanted"], form)
        if checked is not None:
            edits = differences(change.section, known["wanted"], checked)
            shown |= {"checked": checked, "edits": views.compared(edits, checked)}
        return await desk.on_desk(
            request, EDITING, kind=change.kind, subject_id=change.id, about=change.client_id,
            is_marked=checked or shown["added"], **known, **shown,
        )  # fmt: skip

    async def too_late(self, request: Request, request_id: int, form: Form) -> Response[Any]:
        """Shown as it is by now: nothing was applied, and nothing that was typed is lost."""
        change = await queries.for_review(request.viewer, request_id)
        known = await told(request, change)
        detail, more = DETAIL, {"form": form}
        if base := given_back.shown_before(form, change):
            photos = await record.names_of_images(request.viewer, change.client_id)
            typed = given_back.typed(change.section, form, base, photos)
            known["given"] = views.compared(given_back.lost(change, base, typed, known["now"]), typed)
            if change.is_pending:
                wanted = merged(change.section, known["wanted"], base, typed)
                detail, more = EDITING, fields(change, wanted, base=known["wanted"])
        sentence = "" if not change.is_pending else lazy(
            "The client or the record has changed since you opened this. Nothing was applied: look at it again."
        )  # fmt: skip
        return await desk.stale(
            request, detail, kind=change.kind, subject_id=change.id, sentence=sentence, about=change.client_id,
            **known, **more,
        )  # fmt: skip


async def decided(request: Request, change: Change, form: Form) -> object:
    """Does what the button says; returns the sentence for whoever pressed it."""
    if form["decision"] == "seen":
        await decision.acknowledge(request.viewer, change.id)
        return lazy("Seen.")
    if form["decision"] == "approve":
        await decision.approve(request.viewer, change.id, version_in(form), form["seen"])
        return lazy("Approved.")
    if form["decision"] != "return":
        raise NotFoundException
    reader = Reader(form)
    words = reader.lines("reason", most=500)
    common = form["common_reason"] if form["common_reason"] in kinds.REASONS else ""
    reader.finish()
    await decision.give_back(request.viewer, change.id, version_in(form), common, words)
    return lazy("Returned to the client.")


def version_in(form: Form) -> int:
    return int(form["version"]) if form["version"].isdecimal() and len(form["version"]) < 9 else 0
