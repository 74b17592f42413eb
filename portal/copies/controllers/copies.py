"""The completed copy of a document, for its client and for staff."""

from functools import partial
from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from portal.access import Area, Permission, acts_for, needs
from portal.clients import queries as clients
from portal.copies.controllers.files import sent
from portal.copies.queries import copies
from portal.web.request import Request


class CopyController(Controller):
    path = "/clients/{client_id:int}/documents/{document_id:int}/copy"
    opt = {**acts_for(Area.DOCUMENTS), "background": True}

    @get(name="document-copy")
    async def show(self, request: Request, client_id: FromPath[int], document_id: FromPath[int]) -> Response[Any]:
        find = partial(copies.of_client, request.viewer, client_id, document_id)
        back = request.app.route_reverse("document", client_id=client_id, document_id=document_id)
        return await sent(request, find, about=client_id, back=back, layout="layouts/client.html")


class StaffCopyController(Controller):
    path = "/staff/documents/{document_id:int}/copy"
    opt = {**needs(Permission.DOCUMENT_SHARE), "background": True}

    @get(name="staff-document-copy")
    async def show(self, request: Request, document_id: FromPath[int]) -> Response[Any]:
        find = partial(copies.of_staff, request.viewer, document_id)
        client_id = (await find()).client_id
        client = await clients.client(request.viewer, client_id)
        back = request.app.route_reverse("staff-document", document_id=document_id)
        return await sent(request, find, about=client_id, client=client, back=back, layout="layouts/staff.html")
