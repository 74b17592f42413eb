"""What the practice takes off, what it leaves to the client, and what is taken back."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, needs
from portal.billing import money_forms
from portal.billing.actions import deciding, returning
from portal.billing.controllers.whose import today, whose
from portal.billing.queries import account, owed
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request


class AdjustmentController(Controller):
    path = "/staff/clients/{client_id:int}/account/adjustments/new"
    opt = needs(Permission.LEDGER_ADJUST)

    @get(name="adjustment-new")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        asked = request.asked
        return await self.screen(
            request, client_id, money_forms.opened(await today(request), line=asked["line"], kind=asked["kind"])
        )

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form, viewer = await request.typed(), request.viewer
        await whose(request, client_id)
        try:
            act, line, cents, why, key = money_forms.shift(form)
            if act == money_forms.LEAVE:
                await deciding.leave_to_client(viewer, client_id, line, cents, why, key)
            else:
                is_adjustment = act == money_forms.ADJUST
                await deciding.write_off(viewer, client_id, line, cents, why, is_adjustment=is_adjustment, key=key)
        except Refused as refusal:
            return await self.screen(request, client_id, form.refused(refusal))
        await tell(request, "ok", lazy("It is posted."))
        return leave_for(request, "chart-account", client_id=client_id)

    async def screen(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        client, viewer = await whose(request, client_id), request.viewer
        both = {one.id: one for one in await owed.of_insurers(viewer, client_id)}
        both |= {one.id: one for one in await owed.of_client(viewer, client_id)}
        found = sorted(both.values(), key=lambda one: (one.starts_at, one.id))
        return await reply(request, "billing/staff/adjustment", form=form, about=client_id, client=client, owed=found)


class PostingReversalController(Controller):
    path = "/staff/clients/{client_id:int}/account/postings/{posting_id:int}/reversal"
    opt = needs(Permission.LEDGER_ADJUST)

    @get(name="posting-reversal")
    async def new(self, request: Request, client_id: FromPath[int], posting_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, posting_id, money_forms.opened(await today(request)))

    @post()
    async def create(self, request: Request, client_id: FromPath[int], posting_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        await self.found(request, client_id, posting_id)
        try:
            why = money_forms.reason(form, lazy("Say why: it stands in the ledger"))
            await returning.take_back(request.viewer, posting_id, why, key=form["key"])
        except Refused as refusal:
            return await self.screen(request, client_id, posting_id, form.refused(refusal))
        await tell(request, "ok", lazy("It is taken back. Both stay in the ledger."))
        return leave_for(request, "chart-account", client_id=client_id)

    async def screen(self, request: Request, client_id: int, posting_id: int, form: Form) -> Response[Any]:
        one = await self.found(request, client_id, posting_id)
        client = await whose(request, client_id)
        return await reply(request, "billing/staff/take_back", form=form, about=client_id, client=client, one=one)

    async def found(self, request: Request, client_id: int, posting_id: int) -> account.Moved:
        one = await account.posting(request.viewer, client_id, posting_id)
        if one is None or not returning.may_be_taken_back(one.kind, one.payment):
            raise NotFoundException
        return one
