"""The front desk's first screen: what waits, the oldest first."""

from typing import Any

from litestar import Controller, Response, get

from portal.access import Permission, needs
from portal.review import queries
from portal.web.replies import reply
from portal.web.request import Request


class ReviewController(Controller):
    path = "/staff/review"
    opt = needs(Permission.REVIEW_SETTLE)

    @get(name="review")
    async def list(self, request: Request) -> Response[Any]:
        items = await queries.waiting(request.viewer)
        named = sorted({item.client_id for item in items if item.client_id})
        return await reply(request, "review/list", items=items, listed=named)
