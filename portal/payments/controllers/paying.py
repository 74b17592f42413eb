"""Review Payment, and from the press of its button to where the payment stands."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, acts_for
from portal.billing.settings import how_to_pay
from portal.language import lazy
from portal.payments import declines, policy, rules, settings, words
from portal.payments.actions import charging, minding
from portal.payments.controllers.shared import takes_cards, where_it_stands
from portal.payments.queries import attempts, cards, standing
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import asks_by_itself, go, reply, see_other, tell
from portal.web.request import Request


class ReviewController(Controller):
    path = "/clients/{client_id:int}/account/payments/{public:uuid}/review"
    opt = acts_for(Area.BILLING)

    @get(name="payment-review")
    async def show(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        return await self.screen(request, client_id, public, Form())

    @post()
    async def create(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        """Whoever typed no card here goes on to Stripe's page at once."""
        form = await request.typed()
        begun = await attempts.open_attempt(request.viewer, client_id, public)
        if begun is None or not await takes_cards(request.viewer):
            return where_it_stands(request, client_id, public)
        try:
            row = await charging.submit(request.viewer, client_id, public, form["seen"])
        except Refused as refusal:
            return await self.screen(request, client_id, public, form.refused(refusal))
        return go(row.next_url) if row.session and row.next_url else where_it_stands(request, client_id, public)

    async def screen(self, request: Request, client_id: int, public: UUID, form: Form) -> Response[Any]:
        viewer = request.viewer
        row = await attempts.open_attempt(viewer, client_id, public)
        if row is None or not await takes_cards(viewer):
            return where_it_stands(request, client_id, public)
        if row.way is None:
            return see_other(request, "payment-card", client_id=client_id, public=public)
        return await reply(
            request, "payments/review", form=form, about=client_id, client_id=client_id, attempt=row,
            seen=charging.as_seen(row), brand=words.brand, keeps_cards=await settings.keeps_cards(viewer),
            is_first=row.saves and not await cards.of_client(viewer, client_id),
            pays=await standing.pays(viewer, client_id, row.amount), busy=await attempts.under_way(viewer, client_id),
            headers=policy.where_a_form_leads_to_stripe(),
        )  # fmt: skip


class PaymentController(Controller):
    path = "/clients/{client_id:int}/account/payments/{public:uuid}"
    opt = acts_for(Area.BILLING)

    @get(name="card-payment", opt={"background": True})
    async def show(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        """Where it stands. A step that can still be done is where the way goes on, as long as cards are taken."""
        found, takes = await standing.standing(request.viewer, client_id, public), await takes_cards(request.viewer)
        if found.is_open and takes:
            return see_other(request, "payment-review", client_id=client_id, public=public)
        if request.wants_fragment and found.waits:
            return Response(None, status_code=204)
        return await reply(
            request, "payments/payment", about=client_id, client_id=client_id, found=found, brand=words.brand,
            sentence=declines.sentence(found.code), may_begin=takes, how_to_pay=await how_to_pay(request.viewer),
        )  # fmt: skip

    @get("/return", name="payment-return", opt={"background": True})
    async def look(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        """From the bank, from Stripe's page, or by hand: what the address says is not believed, Stripe is asked.

        A page that looks by itself every few seconds waits for what the errand or Stripe's event brings.
        """
        row = await attempts.attempt(request.viewer, client_id, public)
        if not asks_by_itself(request):
            await charging.go_on(request.viewer, row.id)
        return where_it_stands(request, client_id, public)

    @post("/cancellation", name="payment-cancellation")
    async def cancel(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        """Back to My Account, unless it is too late: then to where it stands."""
        row = await minding.cancel(request.viewer, await attempts.attempt(request.viewer, client_id, public))
        if not rules.is_cancelled(row.state):
            return where_it_stands(request, client_id, public)
        await tell(request, "ok", lazy("Cancelled. Nothing was charged."))
        return see_other(request, "my-account", client_id=client_id)
