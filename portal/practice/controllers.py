"""What an administrator chooses for the whole practice."""

from typing import Any

from litestar import Controller, Response, get, post

from portal.access import Permission, needs
from portal.language import lazy
from portal.practice import switches
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request


class SettingsController(Controller):
    path = "/staff/settings"
    opt = needs(Permission.PRACTICE_CONFIGURE)

    @get(name="settings")
    async def show(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form())

    @post()
    async def update(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            await switches.turn_all(request.viewer, {name: form[name] for name in form.typed})
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        await tell(request, "ok", lazy("Saved."))
        return see_other(request, "settings")

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        """As it is, and over it what was typed."""
        present = Form.of(**await switches.values(request.viewer))
        shown = Form({**present.typed, **form.typed}, form.errors)
        return await reply(request, "practice/settings", form=shown, groups=switches.groups())
