"""The versions of a form: a draft is looked over beside the pictures of its pages, then published."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from portal.access import NotFoundException, Permission, needs
from portal.language import lazy
from portal.library import fields, forms, queries
from portal.library.actions import adding, keeping
from portal.library.controllers.forms import uploaded
from portal.library.fields import Field
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.web.form import Form
from portal.web.replies import NOTHING, ONLY_A_PICTURE, leave_for, reply, saved_as, see_other, tell
from portal.web.request import MOST_UPLOADED, Request


class VersionsController(Controller):
    path = "/staff/settings/forms/{form_id:int}/versions"
    opt = needs(Permission.FORM_MANAGE)

    @get("/new", name="form-version-new")
    async def new(self, request: Request, form_id: FromPath[int]) -> Response[Any]:
        return await reply(request, "library/next", one=await queries.form(request.viewer, form_id))

    @post(name="form-version-create", request_max_body_size=MOST_UPLOADED)
    async def create(self, request: Request, form_id: FromPath[int]) -> Response[Any]:
        one = await queries.form(request.viewer, form_id)
        try:
            number = await adding.add_version(request.viewer, form_id, *await uploaded(request))
        except Refused as refusal:
            return await reply(request, "library/next", one=one, form=Form().refused(refusal))
        await tell(request, "ok", lazy("Uploaded. Look it over, and publish it when it is right."))
        return leave_for(request, "form-version", form_id=form_id, number=number)

    @get("/{number:int}", name="form-version")
    async def show(self, request: Request, form_id: FromPath[int], number: FromPath[int]) -> Response[Any]:
        return await screen(request, form_id, number, None)

    @post("/{number:int}", name="form-review")
    async def update(self, request: Request, form_id: FromPath[int], number: FromPath[int]) -> Response[Any]:
        """Everything that was typed is saved, whichever button was pressed: to save, to move a field, to publish."""
        form = await request.typed()
        is_final, move = form["act"] == "publish", forms.move(form["act"])
        try:
            _, found = await queries.version(request.viewer, form_id, number)
            reviewed = forms.reviewed(form, found)
            reviewed = fields.moved(reviewed, *move) if move else reviewed
            version = form.number("version") or 0
            await keeping.review(request.viewer, form_id, number, version, reviewed, is_final=is_final)
        except Stale:
            return await screen(request, form_id, number, form, is_stale=True)
        except Refused as refusal:
            return await screen(request, form_id, number, form.refused(refusal))
        if is_final:
            await tell(request, "ok", lazy("Published. From now on this version is the one that is shared."))
            return leave_for(request, "form", form_id=form_id)
        if not move:
            await tell(request, "ok", lazy("Saved."))
        anchor = f"?at={sum(move)}#field-{sum(move)}" if move else ""
        return see_other(request, "form-version", anchor=anchor, form_id=form_id, number=number)

    @post("/{number:int}/removal", name="form-draft-removal")
    async def remove(self, request: Request, form_id: FromPath[int], number: FromPath[int]) -> Response[Any]:
        version = (await request.typed()).number("version") or 0
        try:
            is_gone = await keeping.discard(request.viewer, form_id, number, version)
        except Stale:
            return await screen(request, form_id, number, None, is_stale=True)
        except Refused as refusal:
            return await screen(request, form_id, number, Form().refused(refusal))
        await tell(request, "ok", lazy("The draft is deleted."))
        return see_other(request, "forms") if is_gone else see_other(request, "form", form_id=form_id)

    @get("/{number:int}/file", name="form-file")
    async def file(self, request: Request, form_id: FromPath[int], number: FromPath[int]) -> Response[Any]:
        """Saved by the browser, or opened with nothing allowed."""
        one, _ = await queries.version(request.viewer, form_id, number)
        headers = {
            "Content-Disposition": saved_as(one.name),
            "Content-Length": str(one.size),
            "Content-Security-Policy": NOTHING,
        }
        content = await queries.content(request.viewer, one.key)
        return Stream(content, media_type="application/pdf", headers=headers)

    @get("/{number:int}/pages/{page:int}/picture", name="form-picture", opt={"background": True})
    async def picture(
        self, request: Request, form_id: FromPath[int], number: FromPath[int], page: FromPath[int]
    ) -> Response[Any]:
        one, _ = await queries.version(request.viewer, form_id, number)
        if page not in one.pictures:
            raise NotFoundException
        headers = {"Content-Disposition": "inline", "Content-Security-Policy": ONLY_A_PICTURE}
        content = await queries.content(request.viewer, one.pictures[page])
        return Stream(content, media_type="image/jpeg", headers=headers)


async def screen(
    request: Request, form_id: int, number: int, form: Form | None, *, is_stale: bool = False
) -> Response[Any]:
    """As it was reviewed last, or what was typed; 409 where somebody was quicker."""
    one = await queries.form(request.viewer, form_id)
    paper, found = await queries.version(request.viewer, form_id, number)
    shown = forms.opened(found)
    if form is not None:
        shown = forms.rearranged(form, found).told(form.errors) if form.typed else shown.told(form.errors)
    return await reply(
        request, "library/version", form=shown, one=one, paper=paper, pages=by_page(found, paper.pages),
        is_stale=is_stale, status=409 if is_stale else None, by=forms.BY, asks=forms.ASKS, kinds=forms.KINDS,
        at=request.asked.number("at"),
    )  # fmt: skip


def by_page(found: list[Field], pages: int) -> list[tuple[int, list[tuple[int, Field]]]]:
    """Each page with its fields, and the place of each in the whole."""
    placed = list(enumerate(found))
    return [(page, [one for one in placed if one[1].page == page]) for page in range(1, pages + 1)]
