"""From an opened invitation to the dashboard."""

from typing import Any

from litestar import Controller, Response, get, post

from portal.access import PUBLIC
from portal.accounts import passage
from portal.accounts.actions import registration, sign_in
from portal.accounts.controllers.invitation import WHAT
from portal.accounts.controllers.sign_in import signed_in, with_cookies
from portal.accounts.forms import PasswordForm, WhoForm, must_be_about
from portal.accounts.visits import cookie_of
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request

CONFIRMED = "confirmed"


class RegistrationController(Controller):
    path = "/registration"
    opt = PUBLIC

    @get(name="registration")
    async def show(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form())

    @post()
    async def create(self, request: Request) -> Response[Any]:
        """The client's last name and birth date; then a password, or at once for who is signed in already."""
        opened = passage.read(request, WHAT)
        form = await request.typed()
        if opened is None:
            return see_other(request, "registration")
        try:
            must_be_about(form, opened[0])
            typed = WhoForm.read(form)
            await registration.confirm(request.viewer, opened[0], typed.last_name, typed.birth_date)
            if not await registration.is_for_account(request.viewer, opened[0]):
                answer = see_other(request, "registration-password")
                return with_cookies(answer, passage.issue(WHAT, opened[0], CONFIRMED))
            client_id = await registration.gain(request.viewer, opened[0])
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        await tell(request, "ok", lazy("You can now use the portal for one more person."))
        return with_cookies(see_other(request, "dashboard", client_id=client_id), passage.forget(WHAT))

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        opened = passage.read(request, WHAT)
        standing = await registration.standing(request.viewer, opened[0]) if opened else None
        return await reply(request, "accounts/registration", form=form, standing=standing)


class RegistrationPasswordController(Controller):
    path = "/registration/password"
    opt = PUBLIC

    @get(name="registration-password")
    async def show(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form())

    @post()
    async def create(self, request: Request) -> Response[Any]:
        confirmed = passage.read(request, WHAT)
        form = await request.typed()
        if confirmed is None or confirmed[1] != CONFIRMED:
            return see_other(request, "registration")
        try:
            must_be_about(form, confirmed[0])
            standing = await registration.standing(request.viewer, confirmed[0])
            typed = PasswordForm.read(form, needs_email=standing is not None and not standing.email)
            account_id = await registration.register(
                request.viewer, confirmed[0], typed.password, typed.again, email=typed.email
            )
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        ready = lazy("Your account is ready, and you are signed in.")
        done = await sign_in.start_registered(request.viewer, account_id, cookie_of(request, "device"), ready)
        return with_cookies(signed_in("/", done), passage.forget(WHAT))

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        confirmed = passage.read(request, WHAT)
        if confirmed is None or confirmed[1] != CONFIRMED:
            return see_other(request, "registration")
        standing = await registration.standing(request.viewer, confirmed[0])
        if standing is None or not standing.is_live:
            return see_other(request, "registration")
        return await reply(request, "accounts/registration_password", form=form, standing=standing)
