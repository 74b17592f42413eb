"""Letters that did not arrive, for the front desk."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, needs
from portal.language import lazy
from portal.notifications import actions, queries
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request


class LettersController(Controller):
    path = "/staff/letters"
    opt = needs(Permission.REVIEW_SETTLE)

    @get(name="letters")
    async def list(self, request: Request) -> Response[Any]:
        return await reply(request, "notifications/letters", stuck=await queries.stuck(request.viewer))

    @post("/{letter_id:int}", name="letter")
    async def update(self, request: Request, letter_id: FromPath[int]) -> Response[Any]:
        decision = (await request.typed())["decision"]
        if decision == "again":
            await actions.send_again(request.viewer, letter_id)
            await tell(request, "ok", lazy("The letter is on its way again."))
        elif decision == "drop":
            await actions.give_up(request.viewer, letter_id)
            await tell(request, "ok", lazy("The letter will not be sent."))
        else:
            raise NotFoundException
        return see_other(request, "letters")

    @post("/errands/{errand_id:int}", name="errand")
    async def create(self, request: Request, errand_id: FromPath[int]) -> Response[Any]:
        await actions.run_again(request.viewer, errand_id)
        await tell(request, "ok", lazy("The portal tries again now."))
        return see_other(request, "letters")
