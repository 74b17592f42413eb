"""What an insurer decides: typed, looked over, posted."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.billing import money_forms
from portal.billing.actions import deciding
from portal.billing.actions.deciding import OF_INSURERS, Remittance
from portal.billing.controllers.whose import today, whose
from portal.billing.queries import owed
from portal.billing.queries.owed import Owed
from portal.billing.words import METHODS
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request


class RemittanceController(Controller):
    path = "/staff/clients/{client_id:int}/account/remittances/new"
    opt = needs(Permission.LEDGER_ADJUST)

    @get(name="remittance-new")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        payers = {one.payer for one in await owed.of_insurers(request.viewer, client_id)}
        form = money_forms.opened(await today(request), payer=payers.pop() if len(payers) == 1 else "")
        return await self.screen(request, client_id, form)

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form, viewer = await request.typed(), request.viewer
        await whose(request, client_id)
        if form["act"] == "change":
            return await self.screen(request, client_id, form)
        try:
            told = money_forms.remittance(form)
            if form["act"] != "post":
                return await self.check(
                    request, client_id, form, told, await deciding.look_over(viewer, client_id, told)
                )
            await deciding.post_remittance(viewer, client_id, told)
        except Refused as refusal:
            if "changed" in refusal.sentences:
                waiting = await deciding.look_over(viewer, client_id, told)
                return await self.check(
                    request, client_id, form.told({"": refusal.sentences["changed"]}), told, waiting
                )
            return await self.screen(request, client_id, form.refused(refusal))
        await tell(request, "ok", lazy("The decision is posted."))
        return leave_for(request, "chart-account", client_id=client_id)

    async def screen(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        client = await whose(request, client_id)
        waiting = await owed.of_insurers(request.viewer, client_id)
        return await reply(
            request,
            "billing/staff/remittance",
            form=form,
            about=client_id,
            client=client,
            waiting=waiting[: money_forms.MOST_LINES],
            more=len(waiting) - money_forms.MOST_LINES,
            methods=[(name, METHODS[name]) for name in OF_INSURERS],
        )

    async def check(
        self, request: Request, client_id: int, form: Form, told: Remittance, waiting: list[Owed]
    ) -> Response[Any]:
        parts = {part.line: part for part in told.parts}
        return await reply(
            request,
            "billing/staff/remittance_check",
            form=form,
            about=client_id,
            client=await whose(request, client_id),
            told=told,
            how=METHODS[told.method],
            seen=owed.seen(waiting),
            parts=[(one, parts[one.id]) for one in waiting if one.id in parts],
            still=sum(one.insurance_due for one in waiting) - sum(part.sum for part in told.parts),
        )
