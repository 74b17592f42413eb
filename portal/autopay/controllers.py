"""AutoPay on the client's pages: what it does, on with one form, off with one press; off by staff, too."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, NotFoundException, Permission, acts_for, needs
from portal.autopay import forms, words
from portal.autopay.actions import agreeing
from portal.autopay.queries import agreements
from portal.billing.controllers.whose import whose
from portal.language import lazy
from portal.payments import settings
from portal.payments.queries import cards
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request


class AutoPayController(Controller):
    path = "/clients/{client_id:int}/account/autopay"
    opt = acts_for(Area.BILLING)

    @get(name="autopay")
    async def show(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, forms.opened())

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form, viewer = await request.typed(), request.viewer
        try:
            typed = forms.wanted(form)
            agreed = await words.consent(viewer, typed.language)
            await agreeing.agree(viewer, client_id, typed.most, agreed)
        except Refused as refusal:
            return await self.screen(request, client_id, form.refused(refusal))
        await tell(request, "ok", lazy("AutoPay is on. You are written to before each charge."))
        return see_other(request, "autopay", client_id=client_id)

    @post("/end", name="autopay-end")
    async def end(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        await agreeing.end(request.viewer, client_id)
        await tell(request, "ok", lazy("AutoPay is off. Nothing is charged by itself any more."))
        return see_other(request, "cards", client_id=client_id)

    async def screen(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        """Where the practice offers it no more, what is on can still be turned off."""
        viewer = request.viewer
        agreed, offers = await agreements.live(viewer, client_id), await settings.offers_autopay(viewer)
        if agreed is None and not offers:
            raise NotFoundException
        found = await cards.of_client(viewer, client_id)
        return await reply(
            request, "autopay/autopay", form=form, about=client_id, client_id=client_id, agreed=agreed, offers=offers,
            card=next((one for one in found if one.is_default), None), dues=await agreements.dues(viewer, client_id),
            consent=await words.consent(viewer, form["language"]), days=await settings.autopay_days(viewer),
        )  # fmt: skip


class ChartAutoPayController(Controller):
    path = "/staff/clients/{client_id:int}/account/autopay/end"
    opt = needs(Permission.CARD_CHARGE)

    @get(name="chart-autopay-end")
    async def show(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        client = await whose(request, client_id)
        agreed = await cards.autopay_of(request.viewer, client_id)
        return await reply(request, "autopay/staff/end", about=client_id, client=client, agreed=agreed)

    @post()
    async def end(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        await agreeing.turn_off(request.viewer, client_id)
        await tell(request, "ok", lazy("AutoPay is off. The client is written to."))
        return leave_for(request, "chart-cards", client_id=client_id)
