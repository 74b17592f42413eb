"""The queue, an item taken over, and the log of what was decided."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.keyset import Place
from portal.review import actions, desk
from portal.review.forms import filters_told
from portal.review.kinds import titles
from portal.review.queries import decided, items
from portal.review.reach import held
from portal.web.replies import go, reply, written
from portal.web.request import Request
from portal.web.sealed import sealed, unsealed

MOST_WORDS = 200


class ReviewController(Controller):
    path = "/staff/review"
    opt = needs(Permission.REVIEW_READ)

    @get(name="review")
    async def list(self, request: Request) -> Response[Any]:
        return await desk.queue(request)

    @post("/{item_id:int}/hold", name="review-hold")
    async def update(self, request: Request, item_id: FromPath[int]) -> Response[Any]:
        item = await items.item(request.viewer, item_id)
        await actions.take_over(request.viewer, item_id)
        filters = filters_told(request.asked, await request.typed())
        return go(filters.on(item.url) if item.is_on_desk else item.url)


class DecidedController(Controller):
    path = "/staff/review/decided"
    opt = needs(Permission.REVIEW_READ)

    @get(name="decided")
    async def list(self, request: Request) -> Response[Any]:
        """What was searched for is sealed in the address, as in the client list."""
        told = unsealed("decided", request.asked["find"])
        words, kind = told.get("words", ""), told.get("kind", "")
        log = await decided.decided(
            request.viewer, words, kind, after=_place(told.get("after")), before=_place(told.get("before"))
        )
        here = request.app.route_reverse("decided")
        return await reply(
            request,
            "review/decided",
            log=log,
            words=words,
            kind=kind,
            kinds=titles(held(request.viewer)),
            listed=sorted({one.client_id for one in log.decisions if one.client_id}),
            newer=_turn(here, words, kind, before=log.newer.written) if log.newer else "",
            older=_turn(here, words, kind, after=log.older.written) if log.older else "",
            headers={"HX-Push-Url": written(_turn(here, **told))},
        )

    @post("/search", name="decided-search")
    async def find(self, request: Request) -> Response[Any]:
        typed = await request.typed()
        return go(_turn(request.app.route_reverse("decided"), typed["words"].strip()[:MOST_WORDS], typed["kind"][:40]))


def _place(told: str | None) -> Place | None:
    return Place.read(told) if told else None


def _turn(here: str, words: str = "", kind: str = "", **where: str) -> str:
    """The address of a page of the log."""
    return f"{here}?find={sealed('decided', words=words, kind=kind, **where)}" if words or kind or where else here
