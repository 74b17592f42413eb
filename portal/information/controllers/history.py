"""What a client changed in the past and what became of it, with the photos of cards."""

from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from portal.access import Area, acts_for
from portal.clients import images, record
from portal.information import kinds, queries, views
from portal.web.replies import picture, reply
from portal.web.request import Request


class InformationHistoryController(Controller):
    path = "/clients/{client_id:int}/information"
    opt = acts_for(Area.INFORMATION)

    @get("/{section:str}/history", name="information-history")
    async def list(self, request: Request, client_id: FromPath[int], section: FromPath[str]) -> Response[Any]:
        asked = kinds.section(section)
        rows = await queries.history(request.viewer, client_id, asked)
        photos = await record.names_of_images(request.viewer, client_id)
        return await reply(
            request, "information/history", about=client_id, client_id=client_id, section=asked,
            changes=views.past(rows, photos),
        )  # fmt: skip

    @get("/photos/{image_id:int}", name="information-photo")
    async def show(self, request: Request, client_id: FromPath[int], image_id: FromPath[int]) -> Response[Any]:
        row = await images.image(request.viewer, client_id, image_id)
        return picture(request, await images.content(row))
