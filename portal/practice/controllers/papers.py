"""What invoices, receipts and superbills say of the practice, and of who treats there."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.language import lazy
from portal.practice import actions, clinicians, queries
from portal.practice.clinicians import Clinician
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request

FACTS = ("legal_name", "tax_id", "npi", "street", "city", "state", "postal_code")


class PapersSettingsController(Controller):
    path = "/staff/settings/papers"
    opt = needs(Permission.PRACTICE_CONFIGURE)

    @get(name="papers-settings")
    async def show(self, request: Request) -> Response[Any]:
        found = await queries.practice(request.viewer)
        return await self.screen(request, Form.of(**{name: getattr(found, name) for name in FACTS}))

    @post()
    async def update(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            await actions.set_up(request.viewer, **{name: form[name] for name in FACTS if name in form.typed})
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        await tell(request, "ok", lazy("Saved. Papers that are issued already stay as they are."))
        return see_other(request, "papers-settings")

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        name = (await queries.practice(request.viewer)).name
        return await reply(request, "practice/papers", form=form, practice_name=name)


class CliniciansController(Controller):
    path = "/staff/settings/clinicians"
    opt = needs(Permission.PRACTICE_CONFIGURE)

    @get(name="clinicians")
    async def list(self, request: Request) -> Response[Any]:
        return await reply(request, "practice/clinicians", people=await clinicians.clinicians(request.viewer))

    @get("/{staff_id:int}", name="clinician")
    async def show(self, request: Request, staff_id: FromPath[int]) -> Response[Any]:
        found = await clinicians.clinician(request.viewer, staff_id)
        return await self.screen(request, found, Form.of(**{name: getattr(found, name) for name in clinicians.FACTS}))

    @post("/{staff_id:int}", name="clinician-facts")
    async def update(self, request: Request, staff_id: FromPath[int]) -> Response[Any]:
        found = await clinicians.clinician(request.viewer, staff_id)
        form = await request.typed()
        try:
            await clinicians.save(request.viewer, staff_id, {name: form[name] for name in clinicians.FACTS})
        except Refused as refusal:
            return await self.screen(request, found, form.refused(refusal))
        await tell(request, "ok", lazy("Saved. Papers that are issued already stay as they are."))
        return leave_for(request, "clinicians")

    async def screen(self, request: Request, one: Clinician, form: Form) -> Response[Any]:
        return await reply(request, "practice/clinician", form=form, person=one)
