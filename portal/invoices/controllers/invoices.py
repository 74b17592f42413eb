"""Invoices: what would stand on the next one, what stands on this one, and what becomes of it."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.billing import money_forms, ways
from portal.billing.controllers.whose import today, whose
from portal.invoices import warnings
from portal.invoices.actions import issuing
from portal.invoices.queries import invoices
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request

VOIDED = lazy("The invoice is void. It keeps its number.")


class NewInvoiceController(Controller):
    path = "/staff/clients/{client_id:int}/account/invoices/new"
    opt = needs(Permission.INVOICE_ISSUE)

    @get(name="invoice-new")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, None)

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        await whose(request, client_id)
        chosen = [int(one) for one in form.all("line") if one.isascii() and one.isdecimal() and len(one) < 19]
        try:
            if not chosen:
                raise Refused(line=lazy("Choose at least one service"))
            invoice_id = await issuing.issue(request.viewer, client_id, chosen)
        except Refused as refusal:
            return await self.screen(request, client_id, form.refused(refusal))
        await tell(request, "ok", lazy("The invoice is issued."))
        return leave_for(request, "invoice", invoice_id=invoice_id)

    async def screen(self, request: Request, client_id: int, form: Form | None) -> Response[Any]:
        """All of them are chosen, until somebody chooses."""
        client = await whose(request, client_id)
        found = await invoices.not_invoiced(request.viewer, client_id)
        if form is None:
            form = Form({"line": [str(one.id) for one in found]})
        return await reply(
            request,
            "invoices/staff/new",
            form=form,
            about=client_id,
            client=client,
            found=found,
            sum=sum(one.charged for one in found if str(one.id) in form.all("line")),
            due_on=await invoices.due_on(request.viewer),
            warned=await warnings.of(request.viewer, client_id, [one.id for one in found]),
        )


class InvoiceController(Controller):
    path = "/staff/invoices/{invoice_id:int}"
    opt = needs(Permission.LEDGER_READ)

    @get(name="invoice")
    async def show(self, request: Request, invoice_id: FromPath[int]) -> Response[Any]:
        one = await invoices.invoice(request.viewer, invoice_id)
        lines = await invoices.lines(request.viewer, invoice_id)
        named = [] if one.voided_at else [line.line for line in lines]
        return await reply(
            request,
            "invoices/staff/invoice",
            about=one.client_id,
            one=one,
            client=await whose(request, one.client_id),
            lines=lines,
            warned=await warnings.of(request.viewer, one.client_id, named),
            pay_link=await ways.link_of(request.viewer, one.id) if one.balance > 0 and not one.voided_at else "",
            may_void=request.viewer.may(Permission.INVOICE_VOID),
        )

    @get("/voiding", name="invoice-voiding", opt=needs(Permission.INVOICE_VOID))
    async def ask_to_void(self, request: Request, invoice_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, invoice_id, "voiding", money_forms.opened(await today(request)))

    @post("/voiding", opt=needs(Permission.INVOICE_VOID))
    async def void(self, request: Request, invoice_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        await invoices.invoice(request.viewer, invoice_id)
        try:
            await issuing.void(request.viewer, invoice_id, _why(form))
        except Refused as refusal:
            return await self.screen(request, invoice_id, "voiding", form.refused(refusal))
        await tell(request, "ok", VOIDED)
        return leave_for(request, "invoice", invoice_id=invoice_id)

    @get("/replacement", name="invoice-replacement", opt=needs(Permission.INVOICE_VOID))
    async def ask_to_replace(self, request: Request, invoice_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, invoice_id, "replacement", money_forms.opened(await today(request)))

    @post("/replacement", opt=needs(Permission.INVOICE_VOID))
    async def replace(self, request: Request, invoice_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        await invoices.invoice(request.viewer, invoice_id)
        try:
            new_id = await issuing.replace(request.viewer, invoice_id, _why(form))
        except Refused as refusal:
            return await self.screen(request, invoice_id, "replacement", form.refused(refusal))
        await tell(request, "ok", lazy("The old invoice is void, and this one takes its place."))
        return leave_for(request, "invoice", invoice_id=new_id)

    async def screen(self, request: Request, invoice_id: int, act: str, form: Form) -> Response[Any]:
        one = await invoices.invoice(request.viewer, invoice_id)
        client = await whose(request, one.client_id)
        return await reply(
            request, f"invoices/staff/{act}", form=form, about=one.client_id, one=one, client=client
        )  # fmt: skip


def _why(form: Form) -> str:
    return money_forms.reason(form, lazy("Say why: it stands on the invoice"))
