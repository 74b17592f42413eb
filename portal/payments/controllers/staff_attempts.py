"""One attempt to pay by card, for staff who are asked about it: what is known of it, and what to do."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.billing.controllers.whose import whose
from portal.payments import staff_words, words
from portal.payments.queries import staff_charges
from portal.web.replies import reply
from portal.web.request import Request


class CardAttemptController(Controller):
    path = "/staff/clients/{client_id:int}/account/attempts/{public:uuid}"
    opt = needs(Permission.LEDGER_READ)

    @get(name="card-attempt")
    async def show(self, request: Request, client_id: FromPath[int], public: FromPath[UUID]) -> Response[Any]:
        found = await staff_charges.attempt(request.viewer, client_id, public)
        row = found.attempt
        return await reply(
            request, "payments/staff/attempt", about=client_id, client=await whose(request, client_id), found=found,
            brand=words.brand, source=staff_words.SOURCES[row.source], state=staff_words.STATES[row.state],
            why=staff_words.why(row.state, row.code),
        )  # fmt: skip
