"""A payment by card goes back to the card: all of it, or by service; and what of card payments has to be looked at."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, needs
from portal.billing import money_forms
from portal.billing.actions import returning
from portal.billing.controllers.whose import today, whose
from portal.billing.queries import paid
from portal.billing.queries.paid import Receipt
from portal.language import lazy
from portal.payments import refund_forms
from portal.payments.actions import alarming, another_way, refunding
from portal.payments.queries import troubles
from portal.refusal import Refused
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request

typed.declare(refund_forms.ADDRESSES, refund_forms.reading)
ENDED: dict[str, tuple[str, object]] = {
    "succeeded": ("ok", lazy("It has gone back to the card, and the refund is posted.")),
    "pending": ("wait", lazy("It is on its way to the card. It is posted when the bank has it.")),
    "submitting": ("wait", lazy("Stripe has not answered yet. It is asked again by itself: do not send it once more.")),
    "failed": ("bad", lazy("Nothing went back: Stripe refused it.")),
}


class CardRefundController(Controller):
    path = "/staff/payments/{payment_id:int}/card-refund"
    opt = needs(Permission.PAYMENT_REVERSE)

    @get(name="card-refund")
    async def new(self, request: Request, payment_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, payment_id, money_forms.opened(await today(request)))

    @post()
    async def create(self, request: Request, payment_id: FromPath[int]) -> Response[Any]:
        form, viewer = await request.typed(), request.viewer
        found = await self.found(request, payment_id)
        if form["act"] == "change":
            return await self.screen(request, payment_id, form)
        try:
            back = refund_forms.back(form)
            if form["act"] != "refund":
                most = await refunding.returnable(viewer, payment_id)
                return await self.check(request, found, form, back, returning.wanted(back, most))
            row = await refunding.ask(viewer, payment_id, back)
        except Refused as refusal:
            if "changed" in refusal.sentences:
                return await self.screen(request, payment_id, form.told({"": refusal.sentences["changed"]}))
            return await self.screen(request, payment_id, form.refused(refusal))
        await tell(request, *ENDED[row.state])
        return leave_for(request, "card-refund", payment_id=payment_id)

    async def screen(self, request: Request, payment_id: int, form: Form) -> Response[Any]:
        found = await self.found(request, payment_id)
        most = await refunding.returnable(request.viewer, payment_id)
        return await reply(
            request,
            "payments/staff/card_refund",
            form=form,
            about=found.paid.client_id,
            client=await whose(request, found.paid.client_id),
            found=found,
            parts=named(found, most),
            sum=sum(most.values()),
            back=await troubles.refunds(request.viewer, payment_id),
            may_be_by_hand=await another_way.by_hand(request.viewer, payment_id) is not None,
            by_hand=[one for one in found.back if not one.is_by_card],
            disputes=await troubles.disputes(request.viewer, payment_id),
        )

    async def check(
        self, request: Request, found: Receipt, form: Form, back: returning.Back, wanted: dict[int, int]
    ) -> Response[Any]:
        return await reply(
            request,
            "payments/staff/card_refund_check",
            form=form,
            about=found.paid.client_id,
            client=await whose(request, found.paid.client_id),
            found=found,
            reason=back.reason,
            parts=named(found, wanted),
            sum=sum(wanted.values()),
        )

    async def found(self, request: Request, payment_id: int) -> Receipt:
        found = await paid.receipt(request.viewer, payment_id)
        if found.paid.is_refund or not found.paid.is_by_card:
            raise NotFoundException
        return found


class CardTroublesController(Controller):
    path = "/staff/billing/cards"
    opt = needs(Permission.PAYMENT_REVERSE)

    @get(name="card-troubles")
    async def list(self, request: Request) -> Response[Any]:
        found = await troubles.open_ones(request.viewer)
        return await reply(
            request,
            "payments/staff/card_troubles",
            found=found,
            listed=sorted({one.client_id for one in found if one.client_id}),
            compared=await troubles.last_compared(request.viewer),
        )

    @post("/{item_id:int}", name="card-trouble")
    async def update(self, request: Request, item_id: FromPath[int]) -> Response[Any]:
        await alarming.looked_at(request.viewer, item_id)
        await tell(request, "ok", lazy("Noted as looked at."))
        return leave_for(request, "card-troubles")


def named(found: Receipt, cents: dict[int, int]) -> list[tuple[int, Any, int]]:
    """(line, what is known of it, cents); credit is the line 0."""
    known = {one.line or returning.CREDIT: one for one in found.parts}
    return [(line, known.get(line), cents[line]) for line in sorted(cents, key=lambda line: (line == 0, line))]
