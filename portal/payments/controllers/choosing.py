"""The steps before Review Payment: how much, and by which card."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, acts_for
from portal.payments import forms, policy, settings, words
from portal.payments.actions import attempts
from portal.payments.controllers.shared import takes_cards, where_it_stands
from portal.payments.queries import attempts as asked
from portal.payments.queries import cards
from portal.refusal import Refused
from portal.settings import settings as outside
from portal.web.form import Form
from portal.web.replies import reply, see_other
from portal.web.request import Request


class PayNowController(Controller):
    path = "/clients/{client_id:int}/account/payments/new"
    opt = acts_for(Area.BILLING)

    @get(name="pay-now")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """Where no cards are taken, My Account says how else to pay."""
        if not await takes_cards(request.viewer):
            return see_other(request, "my-account", client_id=client_id)
        return await amount_screen(request, client_id, forms.opened_amount(None, is_whole=True))

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        if not await takes_cards(request.viewer):
            return see_other(request, "my-account", client_id=client_id)
        try:
            public = await attempts.begin(request.viewer, client_id, forms.amount(form))
        except Refused as refusal:
            return await amount_screen(request, client_id, form.refused(refusal))
        return see_other(request, "payment-card", client_id=client_id, public=public)


class AmountController(Controller):
    path = "/clients/{client_id:int}/account/payments/{public:uuid}/amount"
    opt = acts_for(Area.BILLING)

    @get(name="payment-amount")
    async def edit(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        return await self.screen(request, client_id, public)

    @post()
    async def update(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        form = await request.typed()
        row = await asked.open_attempt(request.viewer, client_id, public)
        if row is None or not await takes_cards(request.viewer):
            return where_it_stands(request, client_id, public)
        try:
            await attempts.choose_amount(request.viewer, client_id, public, forms.amount(form))
        except Refused as refusal:
            return await self.screen(request, client_id, public, form.refused(refusal))
        then = "payment-review" if row.way else "payment-card"
        return see_other(request, then, client_id=client_id, public=public)

    async def screen(self, request: Request, client_id: int, public: UUID, form: Form | None = None) -> Response[Any]:
        row = await asked.open_attempt(request.viewer, client_id, public)
        if row is None or not await takes_cards(request.viewer):
            return where_it_stands(request, client_id, public)
        form = form or forms.opened_amount(row.amount, is_whole=row.is_whole)
        return await amount_screen(request, client_id, form, public)


async def amount_screen(request: Request, client_id: int, form: Form, public: UUID | None = None) -> Response[Any]:
    viewer = request.viewer
    return await reply(
        request, "payments/amount", form=form, about=client_id, client_id=client_id, public=public,
        to_pay=await asked.to_pay(viewer, client_id), least=settings.LEAST,
        allows_parts=await settings.allows_parts(viewer), busy=await asked.under_way(viewer, client_id),
    )  # fmt: skip


class CardController(Controller):
    path = "/clients/{client_id:int}/account/payments/{public:uuid}/card"
    opt = acts_for(Area.BILLING)

    @get(name="payment-card")
    async def edit(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        return await self.screen(request, client_id, public)

    @post()
    async def update(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        form = await request.typed()
        row = await asked.open_attempt(request.viewer, client_id, public)
        if row is None or not await takes_cards(request.viewer):
            return where_it_stands(request, client_id, public)
        try:
            await self.choose(request, client_id, public, forms.card(form))
        except Refused as refusal:
            return await self.screen(request, client_id, public, form.refused(refusal))
        return see_other(request, "payment-review", client_id=client_id, public=public)

    async def choose(self, request: Request, client_id: int, public: UUID, chosen: forms.Card) -> None:
        viewer = request.viewer
        if chosen.id is not None:
            return await attempts.choose_saved(viewer, client_id, public, chosen.id)
        consent = await words.consent(viewer, chosen.spoken)
        saves, first = chosen.saves, chosen.makes_default
        if chosen.token:
            return await attempts.choose_new(
                viewer, client_id, public, chosen.token, saves=saves, makes_default=first, consent=consent
            )
        return await attempts.choose_hosted(
            viewer, client_id, public, saves=saves, makes_default=first, consent=consent
        )

    async def screen(self, request: Request, client_id: int, public: UUID, form: Form | None = None) -> Response[Any]:
        viewer = request.viewer
        row = await asked.open_attempt(viewer, client_id, public)
        if row is None or not await takes_cards(request.viewer):
            return where_it_stands(request, client_id, public)
        keeps = await settings.keeps_cards(viewer)
        on_file = await cards.of_client(viewer, client_id) if keeps else []
        return await reply(
            request, "payments/card", form=form or forms.opened_card(row, on_file), about=client_id,
            client_id=client_id, attempt=row, cards=on_file, keeps_cards=keeps, brand=words.brand,
            consent=await words.consent(viewer, request.visit.language), script=policy.script(),
            key=outside().stripe_public_key, base_url=outside().base_url,
            busy=await asked.under_way(viewer, client_id), headers=policy.where_cards_are_typed(),
        )  # fmt: skip
