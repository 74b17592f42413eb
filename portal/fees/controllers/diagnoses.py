"""Diagnoses that the practice uses beside those that come with the portal."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.fees import actions, forms, queries
from portal.fees.queries import OwnCode
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request

MOST_WORDS = 100


class DiagnosesController(Controller):
    path = "/staff/settings/diagnoses"
    opt = needs(Permission.FEE_MANAGE)

    @get(name="diagnoses")
    async def list(self, request: Request) -> Response[Any]:
        return await reply(request, "fees/diagnoses", codes=await queries.own_codes(request.viewer))

    @get("/new", name="diagnosis-new")
    async def new(self, request: Request) -> Response[Any]:
        return await reply(request, "fees/diagnosis", code=None)

    @post()
    async def create(self, request: Request) -> Response[Any]:
        return await self.save(request, None)

    @get("/{code_id:int}", name="diagnosis")
    async def show(self, request: Request, code_id: FromPath[int]) -> Response[Any]:
        found = await queries.own_code(request.viewer, code_id)
        return await reply(request, "fees/diagnosis", code=found, form=Form.of(words=found.words))

    @post("/{code_id:int}", name="diagnosis-wording")
    async def update(self, request: Request, code_id: FromPath[int]) -> Response[Any]:
        return await self.save(request, await queries.own_code(request.viewer, code_id))

    @post("/{code_id:int}/retirement", name="diagnosis-retirement")
    async def retire(self, request: Request, code_id: FromPath[int]) -> Response[Any]:
        """Or it is brought back: the form says which."""
        is_used = (await request.typed())["used"] == "yes"
        await actions.retire_diagnosis(request.viewer, code_id, is_used=is_used)
        retired = lazy("Retired. It is not recorded any more; what was recorded stays.")
        await tell(request, "ok", lazy("In use again.") if is_used else retired)
        return see_other(request, "diagnoses")

    async def save(self, request: Request, one: OwnCode | None) -> Response[Any]:
        form = await request.typed()
        try:
            code, words = forms.diagnosis(form, is_new=one is None)
            await actions.save_diagnosis(request.viewer, one.id if one else None, code, words)
        except Refused as refusal:
            return await reply(request, "fees/diagnosis", code=one, form=form.refused(refusal))
        await tell(request, "ok", lazy("Saved. What was recorded before keeps its words."))
        return leave_for(request, "diagnoses")


class CodesController(Controller):
    """Every diagnosis that may be recorded, to look one up."""

    path = "/staff/billing/diagnoses"
    opt = needs(Permission.LEDGER_READ)

    @get(name="codes")
    async def list(self, request: Request) -> Response[Any]:
        """For htmx what a form shows below its field, each a button that takes it; else a page."""
        words = request.asked["find"].strip()[:MOST_WORDS]
        found = await queries.sought(request.viewer, words)
        return await reply(request, "fees/codes", words=words, found=found)
