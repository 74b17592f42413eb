"""A client's account: what is owed, by whom, for what, and everything that was ever posted."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

import portal.invoices.worklists  # noqa: F401 - declares its lists of the billing page
from portal.access import Permission, needs
from portal.billing.actions.returning import may_be_taken_back
from portal.billing.controllers.whose import whose
from portal.billing.queries import account, alarms, owed
from portal.billing.queries.pages import Edge
from portal.billing.settings import takes_cards
from portal.invoices.queries import invoices
from portal.language import lazy
from portal.web.replies import reply
from portal.web.request import Request

OPEN, ALL, LEDGER, PAYMENTS, INVOICES = "open", "services", "ledger", "payments", "invoices"
VIEWS: dict[str, object] = {
    OPEN: lazy("Open services"),
    ALL: lazy("All services"),
    LEDGER: lazy("Ledger"),
    PAYMENTS: lazy("Payments"),
    INVOICES: lazy("Invoices"),
}


class ChartAccountController(Controller):
    path = "/staff/clients/{client_id:int}/account"
    opt = needs(Permission.LEDGER_READ)

    @get(name="chart-account")
    async def show(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        viewer, asked = request.viewer, request.asked
        view = asked["view"] if asked["view"] in VIEWS else OPEN
        edge = Edge(asked["before"], asked["after"])
        return await reply(
            request,
            "invoices/staff/account",
            about=client_id,
            client=await whose(request, client_id),
            balance=await owed.balance(viewer, client_id),
            view=view,
            views=VIEWS,
            found=await self.listed(request, client_id, view, edge),
            takes_cards=await takes_cards(viewer),
            has_alarm=await alarms.is_open(viewer, client_id),
            may_be_taken_back=may_be_taken_back,
            may={one.name.lower(): viewer.may(one) for one in Permission},
        )

    async def listed(self, request: Request, client_id: int, view: str, edge: Edge) -> Any:
        viewer = request.viewer
        if view == LEDGER:
            return await account.postings(viewer, client_id, edge)
        if view == PAYMENTS:
            return await account.payments(viewer, client_id, edge)
        if view == INVOICES:
            return await invoices.of_client(viewer, client_id, edge)
        return await account.services(viewer, client_id, edge, is_open=view == OPEN)
