"""The fee schedule: what the practice charges for, in its own words, and since when."""

from datetime import date
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal import clock
from portal.access import Permission, needs
from portal.fees import actions, forms, queries
from portal.language import lazy
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request


class FeesController(Controller):
    path = "/staff/settings/fees"
    opt = needs(Permission.FEE_MANAGE)

    @get(name="fees")
    async def list(self, request: Request) -> Response[Any]:
        return await reply(request, "fees/fees", services=await queries.services(request.viewer, await today(request)))

    @get("/new", name="fee-new")
    async def new(self, request: Request) -> Response[Any]:
        return await reply(request, "fees/new", form=Form.of(since=await today(request)))

    @post()
    async def create(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            await actions.add_service(request.viewer, *forms.new_service(form))
        except Refused as refusal:
            return await reply(request, "fees/new", form=form.refused(refusal))
        await tell(request, "ok", lazy("Added to the fee schedule."))
        return leave_for(request, "fees")

    @get("/{service_id:int}", name="fee")
    async def show(self, request: Request, service_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, service_id, Form())

    @post("/{service_id:int}", name="fee-wording")
    async def update(self, request: Request, service_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            await actions.reword(request.viewer, service_id, forms.wording(form))
        except Refused as refusal:
            return await self.screen(request, service_id, form.refused(refusal))
        await tell(request, "ok", lazy("Saved. What was recorded before keeps its words."))
        return see_other(request, "fee", service_id=service_id)

    @post("/{service_id:int}/amounts", name="fee-amounts")
    async def charge(self, request: Request, service_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            await actions.set_fee(request.viewer, service_id, *forms.fee(form))
        except Refused as refusal:
            return await self.screen(request, service_id, form.refused(refusal))
        await tell(request, "ok", lazy("Saved. Visits that are recorded already keep their fee."))
        return see_other(request, "fee", service_id=service_id)

    @post("/{service_id:int}/retirement", name="fee-retirement")
    async def retire(self, request: Request, service_id: FromPath[int]) -> Response[Any]:
        """Or it is brought back: the form says which."""
        is_used = (await request.typed())["used"] == "yes"
        try:
            await actions.retire_service(request.viewer, service_id, is_used=is_used)
        except Refused as refusal:
            return await self.screen(request, service_id, Form().refused(refusal))
        retired = lazy("Retired. It is not recorded any more; what was recorded stays.")
        await tell(request, "ok", lazy("In use again.") if is_used else retired)
        return see_other(request, "fees")

    async def screen(self, request: Request, service_id: int, form: Form) -> Response[Any]:
        """As it is, and over it what was typed."""
        day = await today(request)
        found = await queries.service(request.viewer, service_id, day)
        present = Form.of(words=found.words, words_es=found.words_es, since=day)
        shown = Form({**present.typed, **form.typed}, form.errors)
        fees = await queries.fees(request.viewer, service_id)
        return await reply(request, "fees/fee", form=shown, service=found, fees=fees, today=day)


async def today(request: Request) -> date:
    return clock.today((await practices.practice(request.viewer)).time_zone)
