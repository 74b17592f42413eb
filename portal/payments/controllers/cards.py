"""Credit/Debit cards on file, as whoever pays for the client keeps them."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, NotFoundException, acts_for
from portal.accounts import throttle
from portal.language import lazy
from portal.payments import billing_forms, card_forms, policy, settings, words
from portal.payments.actions import keeping, setting_up
from portal.payments.controllers.setups import why
from portal.payments.queries import cards
from portal.payments.settings import keeps_cards
from portal.refusal import Refused
from portal.settings import settings as outside
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import go, leave_for, reply, see_other, tell
from portal.web.request import Request

typed.declare(card_forms.ADDRESSES, card_forms.reading)


class CardsController(Controller):
    """Where the practice keeps no cards, those that are there can be let go."""

    path = "/clients/{client_id:int}/account/cards"
    opt = acts_for(Area.BILLING)

    @get(name="cards")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        found, may_keep = await cards.of_client(request.viewer, client_id), await keeps_cards(request.viewer)
        if not found and not may_keep:
            raise NotFoundException
        return await reply(
            request, "payments/cards", about=client_id, client_id=client_id, cards=found, may_keep=may_keep,
            offers_autopay=await settings.offers_autopay(request.viewer),
        )  # fmt: skip

    @get("/new", name="card-new")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        await must_keep(request)
        return await self.screen(request, client_id, card_forms.fresh())

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """The bank asks, or the card is typed at Stripe: then the way leads there, and back to the setup's page."""
        await must_keep(request)
        form, viewer = await request.typed(), request.viewer
        try:
            wanted = card_forms.new_card(form)
            agreed = await words.consent(viewer, wanted.language)
            row = await setting_up.put_on_file(
                viewer, client_id, wanted.public, wanted.token, makes_default=wanted.makes_default, consent=agreed
            )
        except Refused as refusal:
            return await self.screen(request, client_id, form.refused(refusal), **throttle.manner(refusal))
        if row.state == "succeeded":
            await tell(request, "ok", lazy("The card is on file."))
            return see_other(request, "cards", client_id=client_id)
        if row.state in ("declined", "failed"):
            return await self.screen(request, client_id, form.told({"": why(row.state, row.code)}))
        if row.session and row.next_url:
            return go(row.next_url)
        return see_other(request, "card-setup", client_id=client_id, public=row.public)

    async def screen(self, request: Request, client_id: int, form: Form, **how: Any) -> Response[Any]:
        more = how.pop("headers", None) or {}
        fresh = card_forms.fresh(form)
        return await reply(
            request, "payments/card_new", form=fresh, about=client_id, client_id=client_id,
            consent=await words.consent(request.viewer, fresh["language"]),
            is_first=not await cards.of_client(request.viewer, client_id),
            script=policy.script(), stripe_key=outside().stripe_public_key,
            headers=policy.where_cards_are_typed() | more, **how,
        )  # fmt: skip


class CardController(Controller):
    path = "/clients/{client_id:int}/account/cards/{card_id:int}"
    opt = acts_for(Area.BILLING)

    @get(name="card")
    async def show(self, request: Request, client_id: FromPath[int], card_id: FromPath[int]) -> Response[Any]:
        await must_keep(request)
        """Stripe alone knows the address; where it does not answer there is nothing that could be changed."""
        card = await cards.card(request.viewer, client_id, card_id)
        whose = await keeping.billing(request.viewer, client_id, card_id)
        opened = billing_forms.opened(card.exp_month, card.exp_year, whose) if whose else None
        return await self.screen(request, client_id, card_id, opened)

    @post(opt={"passes_on": True})
    async def update(self, request: Request, client_id: FromPath[int], card_id: FromPath[int]) -> Response[Any]:
        await must_keep(request)
        form, viewer = await request.typed(), request.viewer
        card = await cards.card(viewer, client_id, card_id)
        try:
            told = card_forms.changes(form, card.today)
            await keeping.update(viewer, client_id, card_id, told.exp_month, told.exp_year, told.billing)
        except Refused as refusal:
            return await self.screen(request, client_id, card_id, form.refused(refusal))
        await tell(request, "ok", lazy("The card is updated."))
        return leave_for(request, "cards", client_id=client_id)

    @post("/default", name="card-default")
    async def prefer(self, request: Request, client_id: FromPath[int], card_id: FromPath[int]) -> Response[Any]:
        await must_keep(request)
        await keeping.prefer(request.viewer, client_id, card_id)
        await tell(request, "ok", lazy("This card is now the default."))
        return see_other(request, "cards", client_id=client_id)

    @get("/removal", name="card-removal")
    async def ask(self, request: Request, client_id: FromPath[int], card_id: FromPath[int]) -> Response[Any]:
        found = await cards.of_client(request.viewer, client_id)
        card = await cards.card(request.viewer, client_id, card_id)
        return await reply(
            request, "payments/card_removal", about=client_id, client_id=client_id, card=card,
            next=next((one for one in found if one.id != card_id), None) if card.is_default else None,
            is_last=len(found) == 1, has_autopay=await cards.has_autopay(request.viewer, client_id),
        )  # fmt: skip

    @post("/removal")
    async def remove(self, request: Request, client_id: FromPath[int], card_id: FromPath[int]) -> Response[Any]:
        await keeping.remove(request.viewer, client_id, card_id)
        await tell(request, "ok", lazy("The card is removed."))
        left = await cards.of_client(request.viewer, client_id)
        if not left and not await keeps_cards(request.viewer):
            return leave_for(request, "my-account", client_id=client_id)
        return leave_for(request, "cards", client_id=client_id)

    async def screen(self, request: Request, client_id: int, card_id: int, form: Form | None) -> Response[Any]:
        card = await cards.card(request.viewer, client_id, card_id)
        return await reply(
            request, "payments/kept_card", form=form, about=client_id, client_id=client_id, card=card,
            is_away=form is None, labels=billing_forms.LABELS, countries=billing_forms.countries(),
            months=card_forms.MONTHS, years=card_forms.years(card.today, card.exp_year),
        )  # fmt: skip


async def must_keep(request: Request) -> None:
    if not await keeps_cards(request.viewer):
        raise NotFoundException
