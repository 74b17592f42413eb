"""Whether the ledger adds up, when somebody asks."""

from typing import Any

from litestar import Controller, Response, get, post

from portal.access import Permission, needs
from portal.billing.actions import alarming
from portal.billing.kinds import PARTS
from portal.web.replies import reply
from portal.web.request import Request

MOST = 100


class LedgerCheckController(Controller):
    path = "/staff/billing/check"
    opt = needs(Permission.LEDGER_ADJUST)

    @get(name="ledger-check")
    async def show(self, request: Request) -> Response[Any]:
        return await reply(request, "billing/staff/check", checked=None, faults=[], words=PARTS)

    @post()
    async def create(self, request: Request) -> Response[Any]:
        checked = await alarming.check(request.viewer)
        return await reply(
            request, "billing/staff/check", checked=checked, faults=checked.faults[:MOST], words=PARTS, status=200
        )
