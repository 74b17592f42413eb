"""The letter's link, the code to type, and the way to a new one."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import PUBLIC
from portal.accounts import passage, throttle
from portal.accounts.actions import opening, registration
from portal.accounts.actions.invitation import token_of
from portal.accounts.controllers.sign_in import with_cookies
from portal.accounts.visits import YEAR, cookie, is_chosen_for, speak
from portal.refusal import Refused
from portal.web.replies import reply, see_other
from portal.web.request import Request

WHAT = "invitation"
OPENED = "opened"


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
        if found is not None and is_chosen_for(request, found.language):
            speak(request, found.language)
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
        answer = with_cookies(see_other(request, "registration"), passage.issue(WHAT, found.id, OPENED))
        if is_chosen_for(request, found.language):
            with_cookies(answer, cookie("language", found.language, max_age=YEAR))
        return answer


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
