"""The desk takes a payment: typed, looked over, taken; and credit goes to what is owed."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.billing import money_forms
from portal.billing.actions import paying
from portal.billing.actions.paying import AT_THE_DESK, Plan, Taken
from portal.billing.controllers.whose import today, whose
from portal.billing.queries import owed
from portal.billing.words import METHODS
from portal.language import lazy
from portal.refusal import Refused
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request

typed.declare(money_forms.ADDRESSES, money_forms.reading)


class TakePaymentController(Controller):
    path = "/staff/clients/{client_id:int}/account/payments/new"
    opt = needs(Permission.PAYMENT_TAKE)

    @get(name="payment-new")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, money_forms.opened(await today(request)))

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """Enter only shows where it would go; a second press takes it."""
        form, viewer = await request.typed(), request.viewer
        await whose(request, client_id)
        if form["act"] == "change":
            return await self.screen(request, client_id, form)
        try:
            taken, given = money_forms.payment(form)
            if form["act"] != "take":
                return await self.check(
                    request, client_id, form, taken, await paying.plan(viewer, client_id, taken, given)
                )
            payment_id = await paying.take(viewer, client_id, taken, given, seen=form["seen"])
        except Refused as refusal:
            if "changed" in refusal.sentences:
                plan = await paying.plan(viewer, client_id, taken, given)
                return await self.check(request, client_id, _all(form, refusal), taken, plan)
            return await self.screen(request, client_id, form.refused(refusal))
        await tell(request, "ok", lazy("The payment is taken. The receipt can be printed."))
        return leave_for(request, "payment", payment_id=payment_id)

    async def screen(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        due = await owed.of_client(request.viewer, client_id)
        return await reply(
            request,
            "billing/staff/paying",
            form=form,
            about=client_id,
            client=await whose(request, client_id),
            owed=due[: money_forms.MOST_LINES],
            is_chosen=any(form[f"line{one.id}"] or f"line{one.id}" in form.errors for one in due),
            more=len(due) - money_forms.MOST_LINES,
            balance=await owed.balance(request.viewer, client_id),
            methods=[(name, METHODS[name]) for name in AT_THE_DESK],
        )

    async def check(self, request: Request, client_id: int, form: Form, taken: Taken, plan: Plan) -> Response[Any]:
        return await reply(
            request,
            "billing/staff/paying_check",
            form=form,
            about=client_id,
            client=await whose(request, client_id),
            taken=taken,
            how=METHODS[taken.method],
            plan=plan,
            parts=[(one, plan.parts[one.id]) for one in plan.owed if one.id in plan.parts],
            balance=await owed.balance(request.viewer, client_id),
        )


class CreditController(Controller):
    path = "/staff/clients/{client_id:int}/account/credit"
    opt = needs(Permission.PAYMENT_TAKE)

    @get(name="account-credit")
    async def show(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, money_forms.opened(await today(request)))

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            await paying.apply_credit(request.viewer, client_id, key=form["key"][:60], seen=form["seen"])
        except Refused as refusal:
            return await self.screen(request, client_id, _all(form, refusal))
        await tell(request, "ok", lazy("The credit is applied."))
        return leave_for(request, "chart-account", client_id=client_id)

    async def screen(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        client = await whose(request, client_id)
        due, balance = await owed.of_client(request.viewer, client_id), await owed.balance(request.viewer, client_id)
        parts, rest = owed.spread(balance.credit, due)
        return await reply(
            request,
            "billing/staff/credit",
            form=form,
            about=client_id,
            client=client,
            parts=[(one, parts[one.id]) for one in due if one.id in parts],
            rest=rest,
            balance=balance,
            seen=owed.seen(due, balance.credit),
        )


def _all(form: Form, refusal: Refused) -> Form:
    """What belongs to no field of the page stands above it."""
    return form.told({"": " ".join(str(one) for one in refusal.sentences.values())})
