"""Letters that did not arrive, for the front desk; and which letters staff get, for an administrator."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, needs
from portal.language import lazy
from portal.notifications import actions
from portal.notifications.queries import stuck, told
from portal.notifications.rules import Rule
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request


class LettersController(Controller):
    path = "/staff/letters"
    opt = needs(Permission.REVIEW_SETTLE)

    @get(name="letters")
    async def list(self, request: Request) -> Response[Any]:
        return await reply(request, "notifications/letters", stuck=await stuck.stuck(request.viewer))

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


class NoticesController(Controller):
    path = "/staff/settings/notices"
    opt = needs(Permission.PRACTICE_CONFIGURE)

    @get(name="notices")
    async def show(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form())

    @post()
    async def update(self, request: Request) -> Response[Any]:
        form = await request.typed()
        kinds = dict.fromkeys(field.rpartition(".")[0] for field in form.typed)
        try:
            await actions.choose_notices(
                request.viewer, {kind: Rule(form[f"{kind}.audience"], form[f"{kind}.timing"]) for kind in kinds}
            )
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        await tell(request, "ok", lazy("Saved."))
        return see_other(request, "notices")

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        """As it is, and over it what was typed."""
        notices = sorted(await told.notices(request.viewer), key=lambda one: str(one.kind.title))
        present = {f"{one.kind.name}.audience": (one.rule.audience,) for one in notices}
        present |= {f"{one.kind.name}.timing": (one.rule.timing,) for one in notices}
        shown = Form({**present, **form.typed}, form.errors)
        return await reply(request, "notifications/notices", form=shown, notices=notices)
