"""The Portal access panel on the chart."""

from typing import Any

import segno
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.accounts import queries
from portal.accounts.actions import invitation
from portal.accounts.forms import InvitationForm
from portal.clients import queries as clients
from portal.letters import queries as letters
from portal.refusal import Refused
from portal.settings import settings
from portal.web.form import Form
from portal.web.replies import leave_for, panel_of, reply
from portal.web.request import Request


class PortalAccessController(Controller):
    path = "/staff/clients/{client_id:int}/portal-access"
    opt = needs(Permission.PORTAL_ACCESS_MANAGE)

    @get(name="portal-access", opt=needs(Permission.CLIENT_READ))
    async def show(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, Form())

    @get("/activation", name="activation")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.choice(request, client_id, None, "activation")

    @post("/activation")
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.invited(request, client_id, "activation")

    @get("/owner", name="owner")
    async def edit(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.choice(request, client_id, None, "owner")

    @post("/owner")
    async def update(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.invited(request, client_id, "owner")

    async def screen(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        return await reply(
            request, "accounts/staff/portal_access", form=form, about=client_id, **await panel(request, client_id)
        )

    async def choice(self, request: Request, client_id: int, form: Form | None, act: str) -> Response[Any]:
        """Where the invitation goes: an address of the chart, another one, or paper."""
        client = await clients.client(request.viewer, client_id)
        emails = await clients.emails(request.viewer, client_id)
        first = emails[0].address if emails else "other"
        opened = Form.of(how=first, kind="self", language="es" if client.language.startswith("es") else "en")
        people = await clients.people(request.viewer, client_id)
        return await reply(
            request,
            "accounts/staff/invitation",
            form=form or opened,
            about=client_id,
            client=client,
            emails=emails,
            people=people,
            act=act,
        )

    async def invited(self, request: Request, client_id: int, act: str) -> Response[Any]:
        form = await request.typed()
        emails = await clients.emails(request.viewer, client_id)
        try:
            typed = InvitationForm.read(form, [email.address for email in emails])
            invite = invitation.change_owner if act == "owner" else invitation.activate
            await invite(
                request.viewer,
                client_id,
                email=typed.email,
                kind=typed.kind,
                holder_name=typed.holder_name,
                language=typed.language,
                keeps_email=typed.keeps_email,
            )
        except Refused as refusal:
            return await self.choice(request, client_id, form.refused(refusal), act)
        return onward(request, client_id, is_printed=not typed.email, changes_chart=typed.keeps_email)


class ResendController(Controller):
    path = "/staff/clients/{client_id:int}/portal-access"
    opt = needs(Permission.PORTAL_ACCESS_MANAGE)

    @post("/resending", name="invitation-resending")
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        try:
            again = await invitation.resend(request.viewer, client_id)
        except Refused as refusal:
            return await self.refused(request, client_id, refusal)
        return onward(request, client_id, is_printed=not again.email)

    @post("/revocation", name="revocation")
    async def update(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        await invitation.revoke(request.viewer, client_id)
        return onward(request, client_id)

    @get("/print", name="invitation-print")
    async def show(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """A page for paper: address, code and QR of the open invitation."""
        try:
            row, token, code = await invitation.printed(request.viewer, client_id)
        except Refused as refusal:
            return await self.refused(request, client_id, refusal)
        link = settings().base_url + request.app.route_reverse("invitation", token=token)
        drawn = segno.make(link, error="m").svg_inline(scale=4, border=2, svgclass="qr", lineclass=None)
        client = await clients.client(request.viewer, client_id)
        address = settings().base_url + request.app.route_reverse("invitation-code")
        return await reply(
            request, "accounts/staff/print", client=client, invitation=row, code=code, address=address, qr=drawn
        )

    async def refused(self, request: Request, client_id: int, refusal: Refused) -> Response[Any]:
        return await reply(
            request,
            "accounts/staff/portal_access",
            form=Form().refused(refusal),
            about=client_id,
            **await panel(request, client_id),
        )


def onward(request: Request, client_id: int, *, is_printed: bool = False, changes_chart: bool = False) -> Response[Any]:
    """To the panel; to the page for paper; or to the chart, where another panel has changed as well."""
    if is_printed:
        return leave_for(request, "invitation-print", client_id=client_id)
    if changes_chart:
        return leave_for(request, "chart", client_id=client_id)
    return panel_of(request, "portal-access", "chart", client_id=client_id)


async def panel(request: Request, client_id: int) -> dict[str, Any]:
    """What the panel shows: the state, its dates, and what became of the letter."""
    access = await queries.portal_access(request.viewer, client_id)
    letter = await letters.of_subject(request.viewer, "invitation", access.invitation.id) if access.invitation else None
    return {
        "client": await clients.client(request.viewer, client_id),
        "access": access,
        "letter": letter,
        "may_manage": request.viewer.may(Permission.PORTAL_ACCESS_MANAGE),
    }
