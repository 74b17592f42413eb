"""One's own account: sign-in address, language, appearance, password."""

from typing import Any

from litestar import Controller, Response, get, post

from portal.access import SIGNED_IN
from portal.accounts import throttle
from portal.accounts.actions import own
from portal.accounts.controllers.sign_in import with_cookies
from portal.accounts.forms import ChangeForm
from portal.accounts.visits import YEAR, cookie
from portal.language import LANGUAGES, lazy, zones
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request

THEMES = ("", "light", "dark")


class AccountController(Controller):
    path = "/account"
    opt = SIGNED_IN

    @get(name="account")
    async def show(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form())

    @post("/appearance", name="appearance")
    async def edit(self, request: Request) -> Response[Any]:
        form = await request.typed()
        language = form["language"] if form["language"] in LANGUAGES else "en"
        theme = form["theme"] if form["theme"] in THEMES else ""
        await own.choose_appearance(request.viewer, language, theme)
        await tell(request, "ok", lazy("Saved."))
        return with_cookies(see_other(request, "account"), cookie("language", language, max_age=YEAR))

    @get("/time-zone", name="time-zone")
    async def zone(self, request: Request) -> Response[Any]:
        return await self.zones(request, Form.of(time_zone=request.viewer.time_zone))

    @post("/time-zone")
    async def choose(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            await own.choose_time_zone(request.viewer, form["time_zone"])
        except Refused as refusal:
            return await self.zones(request, form.refused(refusal))
        await tell(request, "ok", lazy("Saved."))
        return leave_for(request, "account")

    async def zones(self, request: Request, form: Form) -> Response[Any]:
        return await reply(request, "accounts/zone", form=form, groups=zones.groups(request.visit.language))

    @post("/password", name="password")
    async def update(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            typed = ChangeForm.read(form)
            await own.change_password(request.viewer, typed.present, typed.password, typed.again)
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal), **throttle.manner(refusal))
        await tell(request, "ok", lazy("Your password is changed. You are signed out everywhere else."))
        return see_other(request, "account")

    async def screen(self, request: Request, form: Form, **how: Any) -> Response[Any]:
        chosen = Form.of(language=request.visit.language, theme=request.visit.theme)
        zone = request.viewer.time_zone
        lives = zones.named(zone) if zone else ""
        return await reply(request, "accounts/account", form=form, chosen=chosen, lives=lives, **how)
