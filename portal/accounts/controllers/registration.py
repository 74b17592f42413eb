"""From the letter's link, or the typed code, to the dashboard."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import PUBLIC
from portal.accounts import passage, throttle
from portal.accounts.actions import opening, registration, sign_in
from portal.accounts.actions.invitation import token_of
from portal.accounts.controllers.sign_in import signed_in, with_cookies
from portal.accounts.forms import PasswordForm, WhoForm, must_be_about
from portal.accounts.visits import cookie_of
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request

WHAT = "invitation"
OPENED, CONFIRMED = "opened", "confirmed"


class InvitationController(Controller):
    """Looking at a link consumes nothing: mail scanners look. A button opens it."""

    path = "/invitation"
    opt = PUBLIC

    @get(name="invitation-code")
    async def new(self, request: Request) -> Response[Any]:
        return await reply(request, "accounts/invitation_code")

    @post()
    async def create(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            found = await opening.by_code(request.viewer, form["code"])
        except Refused as refusal:
            how = throttle.manner(refusal)
            return await reply(request, "accounts/invitation_code", form=form.refused(refusal), **how)
        if not registration.is_live(found):
            return see_other(request, "invitation", token=token_of(found))
        return with_cookies(see_other(request, "registration"), passage.issue(WHAT, found.id, OPENED))

    @get("/{token:str}", name="invitation")
    async def show(self, request: Request, token: FromPath[str]) -> Response[Any]:
        found = await opening.by_token(request.viewer, token)
        is_live = found is not None and registration.is_live(found)
        return await reply(
            request,
            "accounts/invitation",
            status=200 if is_live else 410,
            token=token,
            invitation=found,
            is_live=is_live,
        )

    @post("/{token:str}")
    async def update(self, request: Request, token: FromPath[str]) -> Response[Any]:
        found = await opening.by_token(request.viewer, token)
        if found is None or not registration.is_live(found):
            return see_other(request, "invitation", token=token)
        return with_cookies(see_other(request, "registration"), passage.issue(WHAT, found.id, OPENED))


class RenewalController(Controller):
    opt = PUBLIC

    @post("/invitation/{token:str}/renewal", name="invitation-renewal")
    async def create(self, request: Request, token: FromPath[str]) -> Response[Any]:
        """An expired link asks the practice for a new one; the answer is the same whatever the link was."""
        found = await opening.by_token(request.viewer, token)
        if found is not None:
            await opening.ask_again(request.viewer, found)
        return see_other(request, "renewal-asked")

    @get("/renewal-asked", name="renewal-asked")
    async def show(self, request: Request) -> Response[Any]:
        return await reply(request, "accounts/renewal_asked")


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
        done = await sign_in.start_registered(request.viewer, account_id, cookie_of(request, "device"))
        return with_cookies(signed_in("/", done), passage.forget(WHAT))

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        confirmed = passage.read(request, WHAT)
        if confirmed is None or confirmed[1] != CONFIRMED:
            return see_other(request, "registration")
        standing = await registration.standing(request.viewer, confirmed[0])
        return await reply(request, "accounts/registration_password", form=form, standing=standing)
