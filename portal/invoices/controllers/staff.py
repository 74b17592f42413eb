"""The same papers for staff, whatever clients may have; and what a superbill lacks, with the way to where it stands."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from portal.access import Permission, needs
from portal.invoices import lacking, papers
from portal.invoices.lacking import CLIENT, CLINICIAN, ENCOUNTER, PRACTICE
from portal.invoices.queries import invoice, receipt, superbill
from portal.invoices.queries.superbill import Superbill
from portal.language import current, lazy
from portal.papers import issued
from portal.papers.controllers import sent
from portal.papers.issued import Subject
from portal.web.replies import reply
from portal.web.request import Request

LAYOUT = "layouts/staff.html"
# A superbill names diagnoses, as the encounter does to whoever may record one.
OF_CODES = {**needs(Permission.ENCOUNTER_RECORD), "background": True}


class StaffPapersController(Controller):
    path = "/staff"
    opt = needs(Permission.LEDGER_READ)

    @get("/invoices/{invoice_id:int}/file", name="invoice-file", opt={"background": True})
    async def invoice(self, request: Request, invoice_id: FromPath[int]) -> Response[Any] | Stream:
        client_id = await invoice.client_of(request.viewer, invoice_id)
        one = await invoice.invoice(request.viewer, invoice_id)
        return await sent(
            request, Subject(papers.INVOICE, invoice_id, client_id), papers.invoice_name(one.number),
            layout=LAYOUT, back=f"/staff/invoices/{invoice_id}", back_words=lazy("Back to the invoice"),
        )  # fmt: skip

    @get("/payments/{payment_id:int}/receipt", name="payment-receipt", opt={"background": True})
    async def receipt(self, request: Request, payment_id: FromPath[int]) -> Response[Any] | Stream:
        client_id = await receipt.client_of(request.viewer, payment_id)
        one = await receipt.receipt(request.viewer, payment_id)
        return await sent(
            request, Subject(papers.RECEIPT, payment_id, client_id), papers.receipt_name(one.number),
            layout=LAYOUT, back=f"/staff/payments/{payment_id}", back_words=lazy("Back to the payment"),
        )  # fmt: skip

    @get("/encounters/{encounter_id:int}/superbill", name="superbill", opt=needs(Permission.ENCOUNTER_RECORD))
    async def superbill(self, request: Request, encounter_id: FromPath[int]) -> Response[Any]:
        client_id = await superbill.client_of(request.viewer, encounter_id)
        return await self.screen(request, client_id, await superbill.superbill(request.viewer, encounter_id))

    @get("/encounters/{encounter_id:int}/superbill/file", name="superbill-file", opt=OF_CODES)
    async def superbill_file(self, request: Request, encounter_id: FromPath[int]) -> Response[Any] | Stream:
        client_id = await superbill.client_of(request.viewer, encounter_id)
        one = await superbill.superbill(request.viewer, encounter_id)
        if lacking.lacks(one):
            return await self.screen(request, client_id, one, status=409)
        return await sent(
            request, Subject(papers.SUPERBILL, encounter_id, client_id), papers.superbill_name(encounter_id),
            layout=LAYOUT, back=f"/staff/encounters/{encounter_id}/superbill",
            back_words=lazy("Back to the superbill"),
        )  # fmt: skip

    async def screen(
        self, request: Request, client_id: int, one: Superbill, status: int | None = None
    ) -> Response[Any]:
        lacks = lacking.lacks(one)
        if not lacks:
            await issued.look(request.viewer, Subject(papers.SUPERBILL, one.id, client_id), current())
        places = {
            PRACTICE: "/staff/settings/papers",
            CLINICIAN: "/staff/settings/clinicians",
            CLIENT: f"/staff/clients/{client_id}",
            ENCOUNTER: f"/staff/encounters/{one.id}",
        }
        return await reply(
            request, "invoices/staff/superbill", about=client_id, status=status, one=one,
            lacks=[(lack.words, places[lack.where]) for lack in lacks],
        )  # fmt: skip
