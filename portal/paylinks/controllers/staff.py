"""Staff make a link for an invoice: by letter, or on paper."""

from typing import Any

import segno
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, Viewer, needs
from portal.billing import ways
from portal.billing.controllers.whose import whose
from portal.language import lazy
from portal.paylinks import actions, queries
from portal.payments.settings import takes_cards
from portal.refusal import Refused
from portal.settings import settings
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request


@ways.declare_link
async def address(viewer: Viewer, invoice_id: int) -> str:
    may = viewer.may(Permission.INVOICE_ISSUE) and await takes_cards(viewer)
    return f"/staff/invoices/{invoice_id}/link" if may else ""


class InvoiceLinkController(Controller):
    path = "/staff/invoices/{invoice_id:int}/link"
    opt = needs(Permission.INVOICE_ISSUE)

    @get(name="invoice-link")
    async def show(self, request: Request, invoice_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, invoice_id, Form())

    @post()
    async def create(self, request: Request, invoice_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        is_letter = form["act"] == "send"
        try:
            if is_letter and not form["email"]:
                raise Refused(email=lazy("Choose where to send it"))
            await actions.make(request.viewer, invoice_id, form["email"] if is_letter else "")
        except Refused as refusal:
            return await self.screen(request, invoice_id, form.refused(refusal))
        if is_letter:
            await tell(request, "ok", lazy("The letter is on its way."))
            return leave_for(request, "invoice-link", invoice_id=invoice_id)
        return leave_for(request, "invoice-link-print", invoice_id=invoice_id)

    @post("/end", name="invoice-link-end")
    async def delete(self, request: Request, invoice_id: FromPath[int]) -> Response[Any]:
        await actions.end(request.viewer, invoice_id)
        await tell(request, "ok", lazy("The link opens nothing any more."))
        return leave_for(request, "invoice-link", invoice_id=invoice_id)

    @get("/print", name="invoice-link-print")
    async def print(self, request: Request, invoice_id: FromPath[int]) -> Response[Any]:
        found = await queries.of_invoice(request.viewer, invoice_id)
        if found.live is None:
            raise NotFoundException
        base = settings().base_url
        link = base + request.app.route_reverse("pay-link", token=queries.token_of(found.live))
        drawn = segno.make(link, error="m").svg_inline(scale=4, border=2, svgclass="qr", lineclass=None)
        return await reply(
            request, "paylinks/staff/print", about=found.client_id, invoice_id=invoice_id, found=found, qr=drawn,
            code=queries.code_of(found.live), address=base + request.app.route_reverse("pay-code"),
        )  # fmt: skip

    async def screen(self, request: Request, invoice_id: int, form: Form) -> Response[Any]:
        found = await queries.of_invoice(request.viewer, invoice_id)
        return await reply(
            request, "paylinks/staff/link", form=form, about=found.client_id, invoice_id=invoice_id, found=found,
            client=await whose(request, found.client_id), addresses=[(one, one) for one in found.emails],
        )  # fmt: skip
