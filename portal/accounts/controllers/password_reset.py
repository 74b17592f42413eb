"""Forgot password: asked for, opened from the letter, set anew."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import PUBLIC
from portal.accounts import passage, throttle
from portal.accounts.actions import password_reset, sign_in
from portal.accounts.controllers.sign_in import signed_in, with_cookies
from portal.accounts.forms import PasswordForm
from portal.accounts.visits import cookie_of
from portal.clients.forms import email_address
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import reply, see_other
from portal.web.request import Request

WHAT = "reset"


class ForgotPasswordController(Controller):
    path = "/forgot-password"
    opt = PUBLIC

    @get(name="forgot-password")
    async def new(self, request: Request) -> Response[Any]:
        return await reply(request, "accounts/forgot_password", form=Form.of(email=request.asked["email"]))

    @post()
    async def create(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            await password_reset.ask(request.viewer, email_address(form["email"]))
        except Refused as refusal:
            how = throttle.manner(refusal)
            return await reply(request, "accounts/forgot_password", form=form.refused(refusal), **how)
        return see_other(request, "reset-sent")

    @get("/sent", name="reset-sent")
    async def show(self, request: Request) -> Response[Any]:
        return await reply(request, "accounts/reset_sent")


class ResetController(Controller):
    path = "/reset/{token:str}"
    opt = PUBLIC

    @get(name="reset")
    async def show(self, request: Request, token: FromPath[str]) -> Response[Any]:
        found = await password_reset.by_token(request.viewer, token)
        return await reply(
            request, "accounts/reset", status=200 if found else 410, token=token, is_live=found is not None
        )

    @post()
    async def update(self, request: Request, token: FromPath[str]) -> Response[Any]:
        found = await password_reset.by_token(request.viewer, token)
        if found is None:
            return see_other(request, "reset", token=token)
        return with_cookies(see_other(request, "new-password"), passage.issue(WHAT, found.id, "opened"))


class NewPasswordController(Controller):
    path = "/new-password"
    opt = PUBLIC

    @get(name="new-password")
    async def show(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form())

    @post()
    async def update(self, request: Request) -> Response[Any]:
        opened = passage.read(request, WHAT)
        form = await request.typed()
        if opened is None:
            return see_other(request, "forgot-password")
        try:
            typed = PasswordForm.read(form)
            account_id = await password_reset.set_password(request.viewer, opened[0], typed.password, typed.again)
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        saved = lazy("Your new password is saved. You are signed out everywhere else.")
        done = await sign_in.start_registered(request.viewer, account_id, cookie_of(request, "device"), saved)
        return with_cookies(signed_in("/", done), passage.forget(WHAT))

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        if passage.read(request, WHAT) is None:
            return see_other(request, "forgot-password")
        return await reply(request, "accounts/new_password", form=form)
