"""What staff see of a client's details beside the queue: photos of cards, and who changed what."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.clients import images, record
from portal.clients import queries as clients
from portal.information import kinds, queries, views
from portal.web.replies import picture, reply
from portal.web.request import Request


class CardController(Controller):
    path = "/staff/clients/{client_id:int}/photos"
    opt = needs(Permission.CLIENT_READ)

    @get("/{image_id:int}", name="information-card")
    async def show(self, request: Request, client_id: FromPath[int], image_id: FromPath[int]) -> Response[Any]:
        await clients.client(request.viewer, client_id)
        row = await images.image(request.viewer, client_id, image_id)
        return picture(request, await images.content(row))


class ChartHistoryController(Controller):
    path = "/staff/clients/{client_id:int}/information"
    opt = needs(Permission.CLIENT_READ)

    @get("/{section:str}", name="information-trail")
    async def list(self, request: Request, client_id: FromPath[int], section: FromPath[str]) -> Response[Any]:
        """Who changed what, when, in one section of a chart."""
        client = await clients.client(request.viewer, client_id)
        asked = kinds.section(section)
        rows = await queries.history(request.viewer, client_id, asked)
        return await reply(
            request,
            "information/staff/history",
            about=client_id,
            client=client,
            section=asked,
            changes=views.past(rows, await record.names_of_images(request.viewer, client_id)),
        )
