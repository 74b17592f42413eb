"""Settings → Forms: what the practice gives clients to read, to fill in and to sign."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.language import lazy
from portal.library import forms, queries
from portal.library.actions import adding, keeping
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import MOST_UPLOADED, Request

NO_FILE = Refused(file=lazy("Choose a PDF"))


class FormsController(Controller):
    path = "/staff/settings/forms"
    opt = needs(Permission.FORM_MANAGE)

    @get(name="forms")
    async def list(self, request: Request) -> Response[Any]:
        return await reply(request, "library/forms", forms=await queries.forms(request.viewer))

    @get("/new", name="form-new")
    async def new(self, request: Request) -> Response[Any]:
        return await reply(request, "library/new")

    @post(name="form-create", request_max_body_size=MOST_UPLOADED)
    async def create(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            told, refused = None, None
            try:
                told = forms.words(form)
            except Refused as refusal:
                refused = refusal
            filename, content = await uploaded(request, refused)
            assert told is not None
            form_id, number = await adding.add(request.viewer, told, filename, content)
        except Refused as refusal:
            return await reply(request, "library/new", form=form.refused(refusal))
        await tell(request, "ok", lazy("Uploaded. Look it over, and publish it when it is right."))
        return leave_for(request, "form-version", form_id=form_id, number=number)

    @get("/{form_id:int}", name="form")
    async def show(self, request: Request, form_id: FromPath[int]) -> Response[Any]:
        return await screen(request, form_id, Form())

    @post("/{form_id:int}", name="form-words")
    async def update(self, request: Request, form_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            await keeping.describe(request.viewer, form_id, form.number("version") or 0, forms.words(form))
        except Stale:
            return await screen(request, form_id, form, is_stale=True)
        except Refused as refusal:
            return await screen(request, form_id, form.refused(refusal))
        await tell(request, "ok", lazy("Saved. What was shared before keeps its title."))
        return see_other(request, "form", form_id=form_id)

    @post("/{form_id:int}/retirement", name="form-retirement")
    async def retire(self, request: Request, form_id: FromPath[int]) -> Response[Any]:
        """Or it is brought back: the form says which."""
        is_used = (await request.typed())["used"] == "yes"
        await keeping.retire(request.viewer, form_id, is_used=is_used)
        retired = lazy("Retired. Nobody can share it any more; what was shared stays.")
        await tell(request, "ok", lazy("In use again.") if is_used else retired)
        return see_other(request, "form", form_id=form_id)


async def uploaded(request: Request, refused: Refused | None = None) -> tuple[str, bytes]:
    """What is wrong beside the file is said with what is wrong about it. Raises `Refused`."""
    chosen = next(iter(await request.files("file")), None)
    if chosen is None or refused:
        raise Refused({**(refused.sentences if refused else {}), **({} if chosen else NO_FILE.sentences)})
    return chosen.filename, await chosen.read()


async def screen(request: Request, form_id: int, form: Form, *, is_stale: bool = False) -> Response[Any]:
    """As it is, and over it what was typed; 409 where somebody was quicker."""
    one = await queries.form(request.viewer, form_id)
    names = ("title", "title_es", "words", "words_es")
    present = Form.of(**{name: getattr(one, name) for name in names}, is_signed="yes" if one.is_signed else "")
    shown = form if form.typed else present
    return await reply(
        request, "library/form", form=shown, one=one, is_stale=is_stale, status=409 if is_stale else None,
        versions=await queries.versions(request.viewer, form_id),
    )  # fmt: skip
