"""Cards on file as staff see them, and charge them."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, needs
from portal.accounts import throttle
from portal.billing.controllers.whose import whose
from portal.billing.queries import owed
from portal.language import lazy
from portal.payments import charge_forms, settings, staff_words
from portal.payments.actions import staff_charging
from portal.payments.actions.staff_charging import Charge
from portal.payments.queries import cards, staff_charges
from portal.payments.queries.cards import Kept
from portal.refusal import Refused
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request

typed.declare(charge_forms.ADDRESSES, charge_forms.reading)


class ChartCardsController(Controller):
    path = "/staff/clients/{client_id:int}/account/cards"
    opt = needs(Permission.LEDGER_READ)

    @get(name="chart-cards")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        client = await whose(request, client_id)
        viewer = request.viewer
        may_charge = viewer.may(Permission.CARD_CHARGE) and await settings.takes_cards(viewer)
        return await reply(
            request, "payments/staff/cards", about=client_id, client=client, may_charge=may_charge,
            cards=await cards.of_chart(viewer, client_id), to_pay=await _to_pay(request, client_id),
            autopay=await cards.autopay_of(viewer, client_id),
        )  # fmt: skip


class CardChargeController(Controller):
    """Typed, looked over, and charged with the password of whoever charges: it counts for this charge only."""

    path = "/staff/clients/{client_id:int}/account/charge"
    opt = needs(Permission.CARD_CHARGE)

    @get(name="card-charge")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        await whose(request, client_id)
        await must_take(request)
        found = await cards.of_chart(request.viewer, client_id)
        first = next((one.id for one in found if one.may_be_charged), None)
        opened = charge_forms.opened(await _to_pay(request, client_id), first)
        return await self.screen(request, client_id, opened)

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form, viewer = await request.typed(), request.viewer
        await whose(request, client_id)
        await must_take(request)
        if form["act"] == "change":
            return await self.screen(request, client_id, form)
        try:
            wanted = charge_forms.charge(form)
            if form["act"] != "charge":
                card = await staff_charging.plan(viewer, client_id, wanted)
                return await self.check(request, client_id, form, wanted, card)
            row = await staff_charging.charge(viewer, client_id, wanted, form["password"])
        except Refused as refusal:
            if isinstance(refusal, throttle.TooMany) or "password" in refusal.sentences:
                card = await staff_charging.plan(viewer, client_id, wanted)
                how = throttle.manner(refusal)
                return await self.check(request, client_id, form.refused(refusal), wanted, card, **how)
            return await self.screen(request, client_id, form.refused(refusal))
        if row.state == "succeeded":
            await tell(request, "ok", lazy("The card is charged. The receipt can be printed."))
            return leave_for(request, "payment", payment_id=row.payment)
        return leave_for(request, "card-charge-made", client_id=client_id, public=row.public)

    @get("/{public:uuid}", name="card-charge-made")
    async def show(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        row = await staff_charges.charge(request.viewer, client_id, public)
        return await reply(
            request, "payments/staff/charge_made", about=client_id, client=await whose(request, client_id), row=row,
            why=staff_words.why(row.state, row.code),
        )  # fmt: skip

    async def screen(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        found = await cards.of_chart(request.viewer, client_id)
        return await reply(
            request, "payments/staff/charge", form=form, about=client_id, client=await whose(request, client_id),
            cards=[one for one in found if one.may_be_charged], others=[one for one in found if not one.may_be_charged],
            to_pay=await _to_pay(request, client_id),
        )  # fmt: skip

    async def check(
        self, request: Request, client_id: int, form: Form, wanted: Charge, card: Kept, **how: Any
    ) -> Response[Any]:
        return await reply(
            request, "payments/staff/charge_check", form=form, about=client_id,
            client=await whose(request, client_id), wanted=wanted, card=card,
            left=await _to_pay(request, client_id) - wanted.cents, **how,
        )  # fmt: skip


async def must_take(request: Request) -> None:
    if not await settings.takes_cards(request.viewer):
        raise NotFoundException


async def _to_pay(request: Request, client_id: int) -> int:
    return max((await owed.balance(request.viewer, client_id)).to_pay, 0)
