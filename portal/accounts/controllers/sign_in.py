"""Sign in, sign out, and what lies between."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath

from portal import language
from portal.access import PUBLIC, SIGNED_IN
from portal.accounts import throttle
from portal.accounts.actions import kept_post, sign_in
from portal.accounts.forms import SignInForm
from portal.accounts.visits import YEAR, cookie, cookie_of
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import go, local, reply, see_other
from portal.web.request import Request

LEAVE = {"Clear-Site-Data": '"cache", "storage"'}


class SignInController(Controller):
    path = "/sign-in"
    opt = PUBLIC

    @get(name="sign-in")
    async def show(self, request: Request) -> Response[Any]:
        if request.viewer.is_signed_in:
            return go(local(request.asked["next"]))
        return await self.screen(request, Form.of(next=request.asked["next"]))

    @post()
    async def create(self, request: Request) -> Response[Any]:
        form = await request.typed()
        try:
            typed = SignInForm.read(form)
            done = await sign_in.sign_in(request.viewer, typed.email, typed.password, cookie_of(request, "device"))
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal), **throttle.manner(refusal))
        return signed_in(local(form["next"]), done)

    async def screen(self, request: Request, form: Form, **how: Any) -> Response[str]:
        return await reply(request, "accounts/sign_in", form=form, **how)


class SignOutController(Controller):
    """For somebody whose session has ended meanwhile, as well: no token is asked of who is signed out."""

    opt = {**PUBLIC, "needs_no_session": True}

    @post("/sign-out", name="sign-out")
    async def create(self, request: Request) -> Response[Any]:
        if request.viewer.is_signed_in:
            await sign_in.sign_out(request.viewer)
        answer = see_other(request, "signed-out")
        answer.headers.update(LEAVE)
        return with_cookies(answer, cookie("session", "", max_age=0), cookie("start", "", max_age=0))

    @get("/signed-out", name="signed-out")
    async def show(self, request: Request) -> Response[Any]:
        if request.viewer.is_signed_in:
            return go("/")
        return await reply(request, "accounts/signed_out")


class SessionController(Controller):
    path = "/session"
    opt = SIGNED_IN

    @post(name="session-extend")
    async def update(self, request: Request) -> Response[None]:
        """To be asked is enough: the middleware has renewed the session."""
        return Response(None, status_code=204)


class LanguageController(Controller):
    path = "/language"
    opt = {**PUBLIC, "needs_no_session": True}

    @post(name="language")
    async def update(self, request: Request) -> Response[Any]:
        form = await request.typed()
        chosen = form["language"] if form["language"] in language.LANGUAGES else "en"
        await sign_in.choose_language(request.viewer, chosen)
        answer = go(local(form["next"]))
        return with_cookies(answer, cookie("language", chosen, max_age=YEAR))


class KeptPostController(Controller):
    path = "/account/kept-post"
    opt = SIGNED_IN

    @get(name="kept-post")
    async def show(self, request: Request) -> Response[Any]:
        given_back = await kept_post.newest(request.viewer)
        if given_back is None:
            return go("/")
        return await reply(request, "accounts/kept_post", given_back=given_back)

    @post("/{kept_id:int}", name="kept-post-end")
    async def create(self, request: Request, kept_id: FromPath[int]) -> Response[Any]:
        """Sent on: the browser repeats this very form at the place where it belongs."""
        kept = await kept_post.newest(request.viewer)
        await kept_post.give_up(request.viewer, kept_id)
        form = await request.typed()
        if form["_decision"] != "send" or kept is None or kept.id != kept_id:
            return go("/")
        return go(local(kept.action), 307)


def signed_in(path: str, done: sign_in.SignedIn) -> Response[Any]:
    """The session's cookie, the device's, and on the way."""
    return with_cookies(
        go(path),
        cookie("session", done.session_token),
        cookie("device", done.device_token, max_age=YEAR),
        cookie("start", "", max_age=0),
    )


def with_cookies(answer: Response[Any], *cookies: Cookie) -> Response[Any]:
    answer.cookies.extend(cookies)
    return answer
