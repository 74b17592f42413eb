"""Every refusal of the framework as one of our pages; 500 tells a reference and nothing else."""

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.types import Empty, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from portal import language
from portal.access import NotSignedIn
from portal.database import Away
from portal.language import lazy
from portal.web.csrf import TokenExpired
from portal.web.replies import HTML, common, go, page_of, shown_page
from portal.web.request import Request
from portal.web.templates import render

log = logging.getLogger("portal")

Handler = Callable[[Request, Any], Awaitable[Response[Any]]]

PAGES = {
    400: "422",
    403: "403",
    404: "404",
    405: "405",
    409: "409",
    413: "413",
    419: "419",
    422: "422",
    429: "429",
    503: "503",
}
FILES_TOO_LARGE = lazy(
    "That file is too large: all files together may have %(number)s MB at most. Choose a smaller one."
)
WORDS_TOO_LONG = lazy("That is more than the portal accepts. Make it shorter and send it again.")
STILL_HERE = lazy("Nothing was sent. What you typed is still here.")
MOST_HEARD, HEARD_FOR = 64 * 1024 * 1024, 60
RETARGET = {"HX-Retarget": "#main", "HX-Reswap": "outerHTML"}


async def error_page(
    request: Request, status: int, name: str = "", headers: dict[str, str] | None = None, **context: Any
) -> Response[str]:
    """A whole page; htmx is told to put its main part in the place of the present one, or by `headers` what else."""
    if "visit" not in request.scope:
        request.scope["visit"] = await request.app.state.chrome.visit(request)  # type: ignore[typeddict-unknown-key]
    language.choose(request.visit.language)
    page = await page_of(request)
    told = {"reference": reference(), "given_back": None, **context}
    route = str(request.scope.get("path_template", ""))
    log.info(json.dumps({"event": "refused", "status": status, "reference": told["reference"], "route": route}))
    body = render(name or f"errors/{PAGES[status]}.html", {**common(request, page), **told})
    headers = {**(RETARGET if request.htmx and not name else {}), **(headers or {})}
    return Response(body, media_type=HTML, status_code=status, headers=headers)


def reference() -> str:
    """What a person reads to us over the phone."""
    return secrets.token_hex(4).upper()


async def on_http(request: Request, error: HTTPException) -> Response[Any]:
    """Whoever comes by hand to an address that only takes forms is led to the page above it."""
    status = error.status_code if error.status_code in PAGES else 500
    if status == 500:
        return await on_anything(request, error)
    if status == 405 and request.method == "GET":
        return go(request.url.path.rpartition("/")[0] or "/")
    if status == 405:
        return await error_page(request, status, headers={"Allow": (error.headers or {}).get("allow", "")})
    return await (on_too_large(request) if status == 413 else error_page(request, status))


async def on_too_large(request: Request) -> Response[str]:
    """What was typed is in the browser alone: with htmx its form stays as it is, and a notice gets the focus."""
    megabytes = (request.route_handler.resolve_request_max_body_size() or 0) // 1024**2
    if not request.wants_fragment:
        return await error_page(request, 413, megabytes=megabytes, back_url=shown_page(request))
    has_files = request.content_type[0] == RequestEncodingType.MULTI_PART
    sentence = str(FILES_TOO_LARGE) % {"number": megabytes} if has_files else WORDS_TOO_LONG
    request.visit.notices.insert(0, f"bad:{sentence} {STILL_HERE}")
    return await error_page(request, 413, "layouts/_flashes.html", {"HX-Reswap": "none"})


async def on_expired_token(request: Request, error: TokenExpired) -> Response[Any]:
    """What was typed is given back in a form with a fresh token."""
    form = await request.typed()
    fields = [(name, value) for name, values in form.typed.items() for value in values if "password" not in name]
    files = list(await request.uploads())
    return await error_page(request, 419, given_back={"action": request.url.path, "fields": fields, "files": files})


async def on_anything(request: Request, error: Exception) -> Response[str]:
    """Needs no database, no session, no catalog: whatever failed may be one of them."""
    number = reference()
    log.error(
        json.dumps(
            {
                "event": "error",
                "reference": number,
                "route": str(request.scope.get("path_template", "")),
                "kind": type(error).__name__,
            }
        ),
        exc_info=error,
    )
    return _standalone(request, "errors/500", 500, number)


async def on_away(request: Request, error: Away) -> Response[str]:
    """No page of ours can be made without the database; this one needs nothing."""
    number = reference()
    log.error(json.dumps({"event": "database away", "reference": number, "kind": str(error)}))
    answered = _standalone(request, "errors/away", 503, number)
    answered.headers["Retry-After"] = "15"
    return answered


def _standalone(request: Request, name: str, status: int, number: str) -> Response[str]:
    try:
        body = render(f"{name}.html", {"reference": number})
    except Exception:
        body = (
            f"<!doctype html><title>Error</title><p>Something went wrong ({number}). In a crisis call 988 or 911.</p>"
        )
    return Response(body, media_type=HTML, status_code=status, headers=RETARGET if request.htmx else None)


class Later(Response[None]):
    """Litestar's handlers of exceptions do not wait: this answer is made when it is sent, and may ask the database."""

    def __init__(self, handler: Handler, request: Request, error: Any) -> None:
        super().__init__(None)
        self.handler, self.request, self.error = handler, request, error

    def to_asgi_response(self, *args: Any, **options: Any) -> Any:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                answered = await self.handler(self.request, self.error)
            except HTTPException as error:
                answered = await on_http(self.request, error)
            except Away as error:
                answered = await on_away(self.request, error)
            except Exception as error:
                answered = await on_anything(self.request, error)
            if answered.status_code == 413:
                await _hear_out(receive)
            try:
                await answered.to_asgi_response(None, self.request)(scope, receive, send)
            finally:
                await _close_files(scope)

        return answer


async def _hear_out(receive: Receive) -> None:
    """A browser reads no answer while it is still sending: closed at once, it would show an error of its own."""
    heard, more = 0, True
    try:
        async with asyncio.timeout(HEARD_FOR):
            while more and heard < MOST_HEARD:
                message = await receive()
                heard += len(message.get("body", b""))  # type: ignore[arg-type]
                more = bool(message.get("more_body", False))
    except TimeoutError:
        return


async def _close_files(scope: Scope) -> None:
    """Of a form that was refused before its handler was called."""
    form = ScopeState.from_scope(scope).form
    if form is not Empty:
        await FormMultiDict.from_form_data(form).close()


def handlers(on_signed_out: Handler) -> dict[Any, Any]:
    """For the app: each kind of exception and who answers it."""
    answers: dict[type[Exception], Handler] = {
        NotSignedIn: on_signed_out,
        TokenExpired: on_expired_token,
        HTTPException: on_http,
        Away: on_away,
        Exception: on_anything,
    }
    return {kind: _later(handler) for kind, handler in answers.items()}


def _later(handler: Handler) -> Callable[[Request, Any], Response[Any]]:
    return lambda request, error: Later(handler, request, error)
