"""A card on its way: the bank asks, Stripe's own page waits, or nobody knows yet. Each is an address of its own."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, acts_for
from portal.language import lazy
from portal.payments import declines
from portal.payments.actions import minding_setups
from portal.payments.queries import setups
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request

NO_FUNDS = lazy("There is not enough money or credit on this card. Try another card.")
NOT_SAVED = lazy("The card service did not take this card, and it was not saved. Try again, or use another card.")


class CardSetupController(Controller):
    path = "/clients/{client_id:int}/account/cards/setups/{public:uuid}"
    opt = acts_for(Area.BILLING)

    @get(name="card-setup")
    async def show(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        row = await setups.setup(request.viewer, client_id, public)
        if row.state == "succeeded":
            return see_other(request, "cards", client_id=client_id)
        return await reply(
            request, "payments/card_setup", about=client_id, client_id=client_id, state=row.state, public=public,
            next_url=row.next_url, is_hosted=bool(row.session), why=why(row.state, row.code),
        )  # fmt: skip

    @get("/return", name="card-setup-return")
    async def come_back(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        """Asks Stripe, whatever the address says."""
        row = await minding_setups.come_back(request.viewer, client_id, public)
        if row.state == "succeeded":
            await tell(request, "ok", lazy("The card is on file."))
            return see_other(request, "cards", client_id=client_id)
        return see_other(request, "card-setup", client_id=client_id, public=public)

    @post("/cancellation", name="card-setup-cancellation")
    async def cancel(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        row = await minding_setups.cancel(request.viewer, client_id, public)
        if row.state == "cancelled":
            await tell(request, "ok", lazy("No card was saved."))
        return see_other(request, "cards", client_id=client_id)


def why(state: str, code: str) -> object:
    """The bank's no, or Stripe's."""
    if state != "declined":
        return NOT_SAVED
    sentence = declines.sentence(code)
    return NO_FUNDS if sentence is declines.FUNDS else sentence
