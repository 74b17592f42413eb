"""Messages on paper: a clean page, and a PDF of it; for clients, and for staff."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Area, Permission, acts_for, needs
from portal.messages import printing
from portal.messages.queries import conversation, printed
from portal.messages.queries.conversation import Head
from portal.papers.controllers import made
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import reply
from portal.web.request import Request


class MessagePrintController(Controller):
    path = "/clients/{client_id:int}/messages/{thread_id:int}"
    opt = acts_for(Area.MESSAGES)

    @get("/print", name="message-print")
    async def show(self, request: Request, client_id: FromPath[int], thread_id: FromPath[int]) -> Response[Any]:
        head = await conversation.of_client(request.viewer, client_id, thread_id)
        return await page(request, head, request.asked, client_addresses(client_id, thread_id))

    @post("/paper", name="message-paper")
    async def create(self, request: Request, client_id: FromPath[int], thread_id: FromPath[int]) -> Response[Any]:
        head = await conversation.of_client(request.viewer, client_id, thread_id)
        return await paper(request, head, client_addresses(client_id, thread_id), is_staff=False)


class StaffMessagePrintController(Controller):
    path = "/staff/messages/{thread_id:int}"
    opt = needs(Permission.MESSAGE_READ)

    @get("/print", name="staff-message-print")
    async def show(self, request: Request, thread_id: FromPath[int]) -> Response[Any]:
        """Without what staff have noted beside it."""
        head = await conversation.of_staff(request.viewer, thread_id)
        return await page(request, head, request.asked, staff_addresses(thread_id))

    @post("/paper", name="staff-message-paper")
    async def create(self, request: Request, thread_id: FromPath[int]) -> Response[Any]:
        head = await conversation.of_staff(request.viewer, thread_id)
        return await paper(request, head, staff_addresses(thread_id), is_staff=True)


Addresses = Mapping[str, str]


def client_addresses(client_id: int, thread_id: int) -> Addresses:
    here = f"/clients/{client_id}/messages/{thread_id}"
    return {"thread": here, "print": f"{here}/print", "paper": f"{here}/paper", "layout": "layouts/client.html"}


def staff_addresses(thread_id: int) -> Addresses:
    here = f"/staff/messages/{thread_id}"
    return {"thread": here, "print": f"{here}/print", "paper": f"{here}/paper", "layout": "layouts/staff.html"}


async def paper(request: Request, head: Head, addresses: Addresses, *, is_staff: bool) -> Response[Any]:
    form = await request.typed()
    found = await _found(request, head, form)
    want = await printing.wanted(request.viewer, head, found, form.number("message"), is_staff=is_staff)
    try:
        return await made(request, want)
    except Refused as refusal:
        return await page(request, head, form.refused(refusal), addresses)


async def page(request: Request, head: Head, form: Form, addresses: Addresses) -> Response[Any]:
    found = await _found(request, head, form)
    return await reply(
        request,
        "messages/print",
        form=form,
        about=head.client_id,
        addresses=addresses,
        up_to=found.up_to,
        message_id=form.number("message"),
        **printing.shown(head, found),
    )


async def _found(request: Request, head: Head, form: Form) -> printed.Printed:
    """As the address or the form asks: one message, or all up to one."""
    return await printed.printed(request.viewer, head, until=form.number("until"), message_id=form.number("message"))
