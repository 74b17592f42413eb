"""What whoever has the link sees: practice, amount and number. A button leads to Stripe's own page."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.access import PUBLIC, NotFoundException
from portal.accounts import throttle
from portal.accounts.visits import is_chosen_for, speak
from portal.paylinks import actions, queries
from portal.payments import policy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other
from portal.web.request import Request


class PayCodeController(Controller):
    """The code of a paper, typed."""

    path = "/pay"
    opt = PUBLIC

    @get(name="pay-code")
    async def new(self, request: Request) -> Response[Any]:
        return await reply(request, "paylinks/code")

    @post()
    async def create(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            link = await actions.open_by_code(request.viewer, form["code"])
        except Refused as refusal:
            how = throttle.manner(refusal)
            return await reply(request, "paylinks/code", form=form.refused(refusal), **how)
        return see_other(request, "pay-link", token=queries.token_of(link))


class PayLinkController(Controller):
    """Looking at a link changes nothing: mail scanners look."""

    path = "/pay/{token:str}"
    opt = PUBLIC

    @get(name="pay-link")
    async def show(self, request: Request, token: FromPath[str]) -> Response[Any]:
        return await self.screen(request, token, Form())

    @post()
    async def create(self, request: Request, token: FromPath[str]) -> Response[Any]:
        form = await request.typed()
        try:
            attempt = await actions.pay(request.viewer, token, form["seen"])
        except Refused as refusal:
            return await self.screen(request, token, form.refused(refusal))
        if attempt.next_url:
            return Redirect(attempt.next_url, status_code=303)
        return leave_for(request, "pay-link", token=token)

    @post("/cancellation", name="pay-link-cancellation")
    async def delete(self, request: Request, token: FromPath[str]) -> Response[Any]:
        await actions.cancel(request.viewer, token)
        return see_other(request, "pay-link", token=token)

    async def screen(self, request: Request, token: str, form: Form) -> Response[Any]:
        link = await queries.by_token(request.viewer, token)
        if is_chosen_for(request, link.language):
            speak(request, link.language)
        asked = await queries.asked(request.viewer, link)
        return await reply(
            request, "paylinks/pay", form=form, token=token, asked=asked, headers=policy.where_a_form_leads_to_stripe(),
            status=410 if asked.is_over and not asked.is_paid else None,
        )  # fmt: skip


class PayReturnController(Controller):
    """From Stripe's page. Nothing in the address is believed but which attempt it was; Stripe is asked."""

    opt = PUBLIC

    @get("/pay/attempts/{public:uuid}/return", name="pay-return")
    async def show(self, request: Request, public: FromPath[UUID]) -> Response[Any]:
        link = await queries.of_attempt(request.viewer, public)
        if link is None:
            raise NotFoundException
        token = queries.token_of(link)
        await actions.come_back(request.viewer, token)
        return see_other(request, "pay-link", token=token)
