"""A client's invoices and receipts: the page of an invoice, and the PDFs."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from portal.access import Area, NotFoundException, acts_for
from portal.billing import ways
from portal.billing.settings import ACCOUNT, INVOICES, is_on
from portal.billing.ways import Ways
from portal.invoices import papers
from portal.invoices.queries import invoice, receipt
from portal.language import current, lazy
from portal.papers import issued
from portal.papers.controllers import sent
from portal.papers.issued import Subject
from portal.practice.switches import Switch
from portal.web.replies import reply
from portal.web.request import Request

LAYOUT = "layouts/client.html"


class InvoicePaperController(Controller):
    path = "/clients/{client_id:int}/account/invoices/{invoice_id:int}"
    opt = acts_for(Area.BILLING)

    @get(name="account-invoice")
    async def show(self, request: Request, client_id: FromPath[int], invoice_id: FromPath[int]) -> Response[Any]:
        await must_be_on(request, INVOICES)
        await invoice.client_of(request.viewer, invoice_id, client_id)
        await issued.look(request.viewer, Subject(papers.INVOICE, invoice_id, client_id), current())
        one = await invoice.invoice(request.viewer, invoice_id)
        owes = 0 if one.is_void else one.sum("client_due")
        return await reply(
            request, "invoices/invoice", about=client_id, client_id=client_id, methods=papers.METHODS, one=one,
            ways=await ways.to_pay(request.viewer, client_id, owes) if owes else Ways(),
        )  # fmt: skip

    @get("/file", name="account-invoice-file", opt={"background": True})
    async def download(
        self, request: Request, client_id: FromPath[int], invoice_id: FromPath[int]
    ) -> Response[Any] | Stream:
        await must_be_on(request, INVOICES)
        await invoice.client_of(request.viewer, invoice_id, client_id)
        one = await invoice.invoice(request.viewer, invoice_id)
        back = request.app.route_reverse("account-invoice", client_id=client_id, invoice_id=invoice_id)
        return await sent(
            request, Subject(papers.INVOICE, invoice_id, client_id), papers.invoice_name(one.number),
            layout=LAYOUT, back=back, back_words=lazy("Back to the invoice"),
        )  # fmt: skip


class ReceiptPaperController(Controller):
    path = "/clients/{client_id:int}/account/receipts/{payment_id:int}/file"
    opt = acts_for(Area.BILLING)

    @get(name="receipt-file", opt={"background": True})
    async def download(
        self, request: Request, client_id: FromPath[int], payment_id: FromPath[int]
    ) -> Response[Any] | Stream:
        await must_be_on(request, ACCOUNT)
        await receipt.client_of(request.viewer, payment_id, client_id)
        one = await receipt.receipt(request.viewer, payment_id)
        return await sent(
            request, Subject(papers.RECEIPT, payment_id, client_id), papers.receipt_name(one.number),
            layout=LAYOUT, back=f"/clients/{client_id}/account/receipts/{payment_id}",
            back_words=lazy("Back to the receipt"),
        )  # fmt: skip


async def must_be_on(request: Request, switch: Switch) -> None:
    """What the practice has turned off for clients is not there; staff keep it."""
    if not (await is_on(request.viewer, ACCOUNT) and await is_on(request.viewer, switch)):
        raise NotFoundException
