"""The session middleware: who visits, from where, in which language; and the cookies that follow."""

from ipaddress import ip_address

from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from portal import language
from portal.access import Viewer
from portal.accounts import sessions
from portal.settings import settings
from portal.web.replies import asks_by_itself
from portal.web.request import Request
from portal.web.visit import Visit

YEAR = 365 * 24 * 3600


class Visits(ASGIMiddleware):
    """Puts `visit` and `viewer` on the scope; a route with `opt` background does not renew the session
    when htmx asks; whoever goes there by hand is there.

    One with `opt` stateless (static files, health) asks for none.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        request = Request(scope)
        is_for_nobody = scope["route_handler"].opt.get("stateless")
        visit = Visit() if is_for_nobody else await visit_of(request)
        scope["visit"] = visit  # type: ignore[typeddict-unknown-key]
        scope["viewer"] = visit.viewer  # type: ignore[typeddict-unknown-key]
        language.choose(visit.language)

        await next_app(scope, receive, send)


async def before_send(message: Message, scope: Scope) -> None:
    """The cookie before sign-in goes with whatever page needed a token, an error's page too."""
    visit: Visit | None = scope.get("visit")  # type: ignore[assignment]
    if visit and visit.is_new_secret and message["type"] == "http.response.start":
        start = cookie("start", visit.secret).to_header(header="")
        MutableScopeHeaders.from_message(message).add("Set-Cookie", start)


def cookie_name(what: str) -> str:
    """`__Host-` where the browser sees https; plain on loopback."""
    return ("__Host-" if settings().is_secure else "") + f"portal-{what}"


def cookie(what: str, value: str, *, max_age: int | None = None) -> Cookie:
    """HttpOnly, Lax, whole site; `max_age` 0 forgets it, None ends with the browser."""
    return Cookie(
        key=cookie_name(what),
        value=value,
        max_age=max_age,
        path="/",
        secure=settings().is_secure,
        httponly=True,
        samesite="lax",
    )


def cookie_of(request: Request, what: str) -> str:
    return request.cookies.get(cookie_name(what), "")


def address_of(scope: Scope) -> str:
    """The browser's address: what a trusted proxy says of it, and of nobody else."""
    client = scope.get("client")
    host = client[0] if client else ""
    hops = [host]
    for name, value in scope["headers"]:
        if name == b"x-forwarded-for":
            hops = [*value.decode("latin-1").split(","), host]
    address = hops.pop().strip()
    while hops and _is_trusted(address):
        address = hops.pop().strip()
    try:
        return str(ip_address(address))[:45]
    except ValueError:
        return host[:45]


async def visit_of(request: Request) -> Visit:
    """Of a path that no route knows as well, so that its page of error knows who reads it."""
    address = address_of(request.scope)
    agent = request.headers.get("user-agent", "")[:300].replace("\0", "")
    token = cookie_of(request, "session")
    found = await sessions.find(token, address, agent) if token else None
    if found is not None and not found.is_expired:
        handler = request.scope.get("route_handler")
        if handler is not None and not asks_by_itself(request):
            await sessions.touch(found)
        return Visit(found.viewer, found.language, found.theme, secret=token, notices=found.notices)
    chosen = cookie_of(request, "language")
    spoken = chosen if chosen in language.LANGUAGES else language.preferred(request.headers.get("accept-language", ""))
    return Visit(
        viewer=Viewer.nobody(address, agent),
        language=spoken,
        secret=cookie_of(request, "start"),
        expired_account=found.account_id if found is not None else None,
    )


def is_chosen_for(request: Request, spoken: str) -> bool:
    """Whether staff chose this language for somebody who has not said anything; English is what nobody chose."""
    has_said = request.viewer.is_signed_in or cookie_of(request, "language") in language.LANGUAGES
    return spoken != "en" and not has_said


def speak(request: Request, spoken: str) -> None:
    """This answer in another language than the browser's: the one that somebody chose for this person."""
    request.visit.language = spoken
    language.choose(spoken)


def _is_trusted(address: str) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in settings().trusted_proxies)
