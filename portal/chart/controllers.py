"""The staff page of one client: composes the panels of the features."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from portal import clock
from portal.access import Permission, needs
from portal.accounts.controllers import staff as portal_access
from portal.billing.queries import owed
from portal.clients import queries as clients
from portal.clients.sections import SECTIONS
from portal.documents import words
from portal.documents.queries import kept
from portal.information import queries as information
from portal.messages import topics
from portal.messages.queries import inbox
from portal.practice import queries as practices
from portal.web.form import Form
from portal.web.replies import reply
from portal.web.request import Request

NEWEST = 5


class ChartController(Controller):
    path = "/staff/clients/{client_id:int}"
    opt = needs(Permission.CLIENT_READ)

    @get(name="chart")
    async def show(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        viewer = request.viewer
        return await reply(
            request,
            "chart/show",
            form=Form.of(address_kind="personal"),
            about=client_id,
            details=await clients.details(request.viewer, client_id),
            emails=await clients.emails(request.viewer, client_id),
            waiting=await information.open_of_client(request.viewer, client_id),
            sections=SECTIONS.values(),
            may_settle=request.viewer.may(Permission.REVIEW_SETTLE),
            may_book=request.viewer.may(Permission.SCHEDULE_KEEP),
            threads=await inbox.of_client(viewer, client_id) if viewer.may(Permission.MESSAGE_READ) else None,
            titles=topics.TITLES,
            balance=await owed.balance(viewer, client_id) if viewer.may(Permission.LEDGER_READ) else None,
            documents=(await kept.of_chart(viewer, client_id, size=NEWEST)).documents
            if viewer.may(Permission.DOCUMENT_SHARE)
            else None,
            words=words,
            today=clock.today((await practices.practice(viewer)).time_zone),
            may_edit=request.viewer.may(Permission.CLIENT_EDIT),
            **await portal_access.panel(request, client_id),
        )
