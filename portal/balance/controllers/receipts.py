"""Payments: what was paid and what was given back, and the receipt of each to print again."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from portal import audit, language, spreadsheet
from portal.access import Area, acts_for
from portal.balance import exports, forms
from portal.balance.controllers.shared import download, edges, name_of, papers, query
from portal.balance.queries import receipts
from portal.balance.steps import METHODS
from portal.billing.settings import ACCOUNT, is_on
from portal.web.form import Form
from portal.web.replies import reply, see_other
from portal.web.request import Request

NAMES = ("from", "until", "kind", "method")


class ReceiptsController(Controller):
    path = "/clients/{client_id:int}/account/receipts"
    opt = acts_for(Area.BILLING)

    @get(name="receipts")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        if not await is_on(request.viewer, ACCOUNT):
            return see_other(request, "my-account", client_id=client_id)
        asked = request.asked
        filters, wrong = forms.of_payments(asked)
        found = await receipts.receipts(request.viewer, client_id, filters, **edges(asked))
        form = Form({name: asked.all(name) for name in NAMES}, wrong)
        return await reply(
            request, "balance/receipts", form=form, about=client_id, client_id=client_id, found=found,
            is_narrow=filters.is_narrow, kinds=forms.KINDS.items(), methods=METHODS,
            query=query(form, NAMES),
            newer=query(form, NAMES, before=found.newer) if found.newer else "",
            older=query(form, NAMES, after=found.older) if found.older else "",
        )  # fmt: skip

    @get("/csv", name="receipts-csv")
    async def export(self, request: Request, client_id: FromPath[int]) -> Response[Any] | Stream:
        """Exactly what is filtered, on all pages."""
        if not await is_on(request.viewer, ACCOUNT):
            return see_other(request, "my-account", client_id=client_id)
        pieces = exports.payments_as_csv(await self.whole(request, client_id, "csv"))
        return await download(request, pieces, "text/csv; charset=utf-8", "payments", "csv")

    @get("/excel", name="receipts-excel")
    async def excel(self, request: Request, client_id: FromPath[int]) -> Response[Any] | Stream:
        if not await is_on(request.viewer, ACCOUNT):
            return see_other(request, "my-account", client_id=client_id)
        file = await exports.payments_as_excel(await self.whole(request, client_id, "excel"))
        return await download(request, spreadsheet.sent(file), spreadsheet.EXCEL, "payments", "xlsx")

    async def whole(self, request: Request, client_id: int, format: str) -> Any:
        filters, _ = forms.of_payments(request.asked)
        await audit.record(request.viewer, "payments.exported", client_id=client_id, format=format)
        return receipts.whole(request.viewer, client_id, filters)

    @get("/{payment_id:int}", name="receipt")
    async def show(self, request: Request, client_id: FromPath[int], payment_id: FromPath[int]) -> Response[Any]:
        if not await is_on(request.viewer, ACCOUNT):
            return see_other(request, "my-account", client_id=client_id)
        found = await receipts.receipt(request.viewer, client_id, payment_id, language.current())
        return await reply(
            request, "balance/receipt", about=client_id, client_id=client_id, found=found, methods=METHODS,
            papers=await papers(request, client_id),
            whose=name_of(request.viewer, client_id),
        )  # fmt: skip
