"""An encounter that is there already: its codes are completed, or all of it is corrected."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, needs
from portal.billing import recording
from portal.billing.actions import charging
from portal.billing.controllers import fields
from portal.encounters import filling, forms
from portal.encounters.queries.recorded import Recorded, recorded
from portal.language import lazy
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request

CODES, TITLE = lazy("Complete the codes"), lazy("Correct what was recorded")


class CodesController(Controller):
    """Diagnoses and what points to them: no money moves."""

    path = "/staff/encounters/{encounter_id:int}/codes"
    opt = needs(Permission.ENCOUNTER_RECORD)

    @get(name="encounter-codes")
    async def show(self, request: Request, encounter_id: FromPath[int]) -> Response[Any]:
        one = await recorded(request.viewer, encounter_id)
        return await self.form(request, one, filling.of_recorded(one)) if not one.is_void else await gone(request, one)

    @post()
    async def update(self, request: Request, encounter_id: FromPath[int]) -> Response[Any]:
        one, form = await recorded(request.viewer, encounter_id), await request.typed()
        if one.is_void:
            return await gone(request, one)
        if (other := fields.rearranged(form)) is not None:
            return await self.form(request, one, other)
        try:
            known = await recording.diagnoses_of(request.viewer, one, form)
            version = form.number("version") or 0
            await charging.recode(request.viewer, one.id, version, forms.recoded(form, known, one))
        except NotFoundException:
            return await gone(request, await recorded(request.viewer, encounter_id))
        except Stale:
            return await self.form(request, await recorded(request.viewer, encounter_id), form, is_stale=True)
        except Refused as refusal:
            return await self.form(request, one, form.refused(refusal))
        await tell(request, "ok", lazy("Saved. The charge is as it was."))
        return leave_for(request, "encounter", encounter_id=one.id)

    async def form(self, request: Request, one: Recorded, form: Form, *, is_stale: bool = False) -> Response[Any]:
        return await writing(request, "billing/codes", "encounter-codes", CODES, one, form, is_stale=is_stale)


class CorrectionController(Controller):
    """Voided and recorded anew, at once."""

    path = "/staff/encounters/{encounter_id:int}/correction"
    opt = needs(Permission.ENCOUNTER_RECORD)

    @get(name="encounter-correction")
    async def show(self, request: Request, encounter_id: FromPath[int]) -> Response[Any]:
        one = await recorded(request.viewer, encounter_id)
        return await self.form(request, one, filling.of_recorded(one)) if not one.is_void else await gone(request, one)

    @post()
    async def update(self, request: Request, encounter_id: FromPath[int]) -> Response[Any]:
        one, form = await recorded(request.viewer, encounter_id), await request.typed()
        if one.is_void:
            return await gone(request, one)
        if (other := fields.rearranged(form)) is not None:
            return await self.form(request, one, other)
        around = await recording.of_recorded(request.viewer, one, form)
        try:
            draft, why = forms.corrected(form, around)
            if form["act"] != "record" or form["seen"] != str(draft.charge):
                about = told(request, "encounter-correction", TITLE, one)
                return await fields.check(request, form, around, draft, reason=why, **about)
            new = await charging.correct(request.viewer, one.id, form.number("version") or 0, draft, why)
        except NotFoundException:
            return await gone(request, await recorded(request.viewer, encounter_id))
        except Stale:
            return await self.form(request, await recorded(request.viewer, encounter_id), form, is_stale=True)
        except Refused as refusal:
            return await self.form(request, one, form.refused(refusal))
        await tell(request, "ok", lazy("Corrected. What stood there before is voided, and stays on record."))
        return leave_for(request, "encounter", encounter_id=new)

    async def form(self, request: Request, one: Recorded, form: Form, *, is_stale: bool = False) -> Response[Any]:
        name = "encounter-correction"
        return await writing(request, "billing/record", name, TITLE, one, form, is_stale=is_stale, last=None)


async def gone(request: Request, one: Recorded) -> Response[Any]:
    """Voided meanwhile, perhaps by the same press: what stands in its place is shown."""
    await tell(request, "wait", lazy("It was voided before. This is what stands there now."))
    return leave_for(request, "encounter", encounter_id=one.replaced_by or one.id)


async def writing(
    request: Request, page: str, name: str, title: object, one: Recorded, form: Form, *, is_stale: bool, **more: Any
) -> Response[Any]:
    """Where somebody was quicker, what is sent once more is meant."""
    if is_stale:
        form = Form({**form.typed, "version": [str(one.version)]}, form.errors)
    around = await recording.of_recorded(request.viewer, one, form)
    return await reply(
        request, page, form=form, about=one.client_id, status=409 if is_stale else None, is_stale=is_stale,
        **await fields.around(request, form, around), **told(request, name, title, one), **more,
    )  # fmt: skip


def told(request: Request, name: str, title: object, one: Recorded) -> dict[str, Any]:
    url, back = (request.app.route_reverse(each, encounter_id=one.id) for each in (name, "encounter"))
    return {"title": title, "subject": one, "url": url, "back": back, "one": one}
