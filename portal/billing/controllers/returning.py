"""One payment: its receipt, what of it goes back, and what was never so."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal import clock
from portal.access import NotFoundException, Permission, needs
from portal.billing import money_forms
from portal.billing.actions import returning
from portal.billing.actions.returning import Back
from portal.billing.controllers.whose import today, whose
from portal.billing.queries import owed, paid
from portal.billing.queries.paid import Receipt
from portal.billing.words import METHODS
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request


class PaymentController(Controller):
    path = "/staff/payments/{payment_id:int}"
    opt = needs(Permission.LEDGER_READ)

    @get(name="payment")
    async def show(self, request: Request, payment_id: FromPath[int]) -> Response[Any]:
        found = await paid.receipt(request.viewer, payment_id)
        return await reply(
            request,
            "billing/staff/payment",
            about=found.paid.client_id,
            found=found,
            client=await whose(request, found.paid.client_id),
            balance=await owed.balance(request.viewer, found.paid.client_id),
            now=clock.now(),
            may_reverse=request.viewer.may(Permission.PAYMENT_REVERSE),
        )


class RefundController(Controller):
    path = "/staff/payments/{payment_id:int}/refund"
    opt = needs(Permission.PAYMENT_REVERSE)

    @get(name="payment-refund")
    async def new(self, request: Request, payment_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, payment_id, money_forms.opened(await today(request)))

    @post()
    async def create(self, request: Request, payment_id: FromPath[int]) -> Response[Any]:
        form, viewer = await request.typed(), request.viewer
        found = await self.found(request, payment_id)
        if form["act"] == "change":
            return await self.screen(request, payment_id, form)
        try:
            most = await returning.by_hand(viewer, payment_id)
            back = money_forms.back(form)
            if form["act"] != "refund":
                return await self.check(request, found, form, back, returning.wanted(back, most))
            refund_id = await returning.refund(viewer, payment_id, back)
        except Refused as refusal:
            if "changed" in refusal.sentences:
                return await self.screen(request, payment_id, form.told({"": refusal.sentences["changed"]}))
            return await self.screen(request, payment_id, form.refused(refusal))
        await tell(request, "ok", lazy("The refund is posted. Its receipt can be printed."))
        return leave_for(request, "payment", payment_id=refund_id)

    async def screen(self, request: Request, payment_id: int, form: Form) -> Response[Any]:
        found = await self.found(request, payment_id)
        most, is_by_hand = await self.most(request, payment_id)
        return await reply(
            request,
            "billing/staff/refund",
            form=form,
            about=found.paid.client_id,
            client=await whose(request, found.paid.client_id),
            found=found,
            is_by_hand=is_by_hand,
            parts=_named(found, most),
            sum=sum(most.values()),
            methods=[(name, METHODS[name]) for name in returning.WAYS_BACK],
        )

    async def check(
        self, request: Request, found: Receipt, form: Form, back: Back, wanted: dict[int, int]
    ) -> Response[Any]:
        return await reply(
            request,
            "billing/staff/refund_check",
            form=form,
            about=found.paid.client_id,
            client=await whose(request, found.paid.client_id),
            found=found,
            back=back,
            how=METHODS[back.method],
            parts=_named(found, wanted),
            sum=sum(wanted.values()),
        )

    async def most(self, request: Request, payment_id: int) -> tuple[dict[int, int], bool]:
        """Of what goes to the card nothing goes back here."""
        try:
            return await returning.by_hand(request.viewer, payment_id), True
        except Refused:
            return {}, False

    async def found(self, request: Request, payment_id: int) -> Receipt:
        found = await paid.receipt(request.viewer, payment_id)
        if found.paid.is_from_insurer or found.paid.is_refund:
            raise NotFoundException
        return found


class PaymentReversalController(Controller):
    path = "/staff/payments/{payment_id:int}/reversal"
    opt = needs(Permission.PAYMENT_REVERSE)

    @get(name="payment-reversal")
    async def new(self, request: Request, payment_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, payment_id, money_forms.opened(await today(request)))

    @post()
    async def create(self, request: Request, payment_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        await paid.payment(request.viewer, payment_id)
        try:
            why = money_forms.reason(form, lazy("Say why: it stands beside the payment"))
            await returning.reverse(request.viewer, payment_id, why, key=form["key"])
        except Refused as refusal:
            return await self.screen(request, payment_id, form.refused(refusal))
        await tell(request, "ok", lazy("It is reversed: what it had paid for is owed again."))
        return leave_for(request, "payment", payment_id=payment_id)

    async def screen(self, request: Request, payment_id: int, form: Form) -> Response[Any]:
        found = await paid.receipt(request.viewer, payment_id)
        client = await whose(request, found.paid.client_id)
        about = found.paid.client_id
        return await reply(request, "billing/staff/reversal", form=form, about=about, client=client, found=found)


def _named(found: Receipt, cents: dict[int, int]) -> list[tuple[int, Any, int]]:
    """(line, what is known of it, cents); credit is the line 0."""
    known = {one.line or returning.CREDIT: one for one in found.parts}
    return [(line, known.get(line), cents[line]) for line in sorted(cents, key=lambda line: (line == 0, line))]
