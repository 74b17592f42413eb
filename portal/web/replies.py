"""One way to answer: a page to a browser, its fragment to htmx."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Litestar, Response

from portal import audit
from portal.access import Area
from portal.settings import settings
from portal.web.form import Form
from portal.web.request import Request
from portal.web.templates import Chrome, Page, csrf_input, render

HTML = "text/html"
KINDS = ("ok", "wait", "bad")
NOTHING = "sandbox; default-src 'none'; frame-ancestors 'none'"  # saved, or opened with nothing allowed
ONLY_A_PICTURE = "default-src 'none'; frame-ancestors 'none'; sandbox"


async def reply(
    request: Request,
    name: str,
    *,
    form: Form | None = None,
    about: int | None = None,
    listed: Sequence[int] = (),
    status: int | None = None,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """`reply(request, "clients/list")` picks `clients/_list.html` for htmx and `clients/list.html` otherwise.

    A form with errors answers 422. `about` is the client whose record is shown: read by staff or for somebody
    else, it is one audit row per page.
    `listed` are the clients whose names stand in a list for staff: one row for the list.
    """
    form = form or Form()
    folder, _, leaf = name.rpartition("/")
    if about is not None and _is_audited(request, about):
        await audit.record_reading(request.viewer, about, name, is_part=request.wants_fragment)
    if listed:
        await audit.record(request.viewer, "list.read", page=name, clients=list(listed))
    page = await page_of(request)
    template = f"{folder}/_{leaf}.html" if request.wants_fragment else f"{name}.html"
    body = render(template, {**common(request, page), "form": form, **context})
    return Response(
        body,
        media_type=HTML,
        status_code=status or (422 if form.errors else 200),
        headers=headers,
    )


def picture(request: Request, content: bytes) -> Response[bytes]:
    """A JPEG that was made here; opened by itself it is nothing else."""
    headers = {"Content-Disposition": 'inline; filename="card.jpg"', "Content-Security-Policy": ONLY_A_PICTURE}
    return Response(content, media_type="image/jpeg", headers=headers)


def saved_as(name: str) -> str:
    """A header (RFC 6266): every alphabet for those who can, what is plain for all others."""
    plain = "".join(one if one.isascii() and one.isprintable() and one not in '"\\%' else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def common(request: Request, page: Page) -> dict[str, Any]:
    """What every template may call. The token is masked once for each answer, and made only where a form stands."""
    return {
        "page": page,
        "url_for": _addresses(request.app),
        "csrf_field": cache(lambda: csrf_input(request.visit.csrf_token())),
    }


@cache
def _addresses(app: Litestar) -> Callable[..., str]:
    """The framework searches its routes for each link anew; addresses that differ in numbers have one shape."""
    shapes: dict[tuple[str, ...], str] = {}

    def url_for(name: str, **params: Any) -> str:
        if not all(type(value) is int for value in params.values()):
            return app.route_reverse(name, **params)
        key = (name, *params)
        if key not in shapes:
            marks = {param: 10**15 + place for place, param in enumerate(params)}
            shape = app.route_reverse(name, **marks)
            for param, mark in marks.items():
                shape = shape.replace(str(mark), f"{{{param}}}")
            shapes[key] = shape
        return shapes[key].format_map(params)

    return url_for


def see_other(request: Request, name: str, /, anchor: str = "", **params: Any) -> Response[None]:
    """After a POST, GET: htmx repeats its headers, so the fragment comes back by itself."""
    return go(request.app.route_reverse(name, **params) + anchor)


def panel_of(request: Request, panel: str, page: str, /, **params: Any) -> Response[None]:
    """After a POST from a panel: htmx gets the panel by itself, a plain browser the page that it stands in."""
    return see_other(request, panel if request.htmx else page, **params)


def instead_of(request: Request, form: str, page: str, /, **params: Any) -> dict[str, str]:
    """Headers: a form that was opened in place had given the page its address, which goes when the form goes."""
    left, there = (request.app.route_reverse(name, **params) for name in (form, page))
    is_left = request.wants_fragment and shown_page(request).partition("?")[0] == left
    return {"HX-Replace-Url": written(there)} if is_left else {}


def shown_page(request: Request) -> str:
    """The page that the person looks at: never a fragment's address, never another site's."""
    try:
        shown = urlsplit(str(request.headers.get("hx-current-url") or request.headers.get("referer", "")))
    except ValueError:
        return "/"
    ours = ("", settings().origin, f"{request.url.scheme}://{request.url.netloc}")
    if (f"{shown.scheme}://{shown.netloc}" if shown.netloc else "") not in ours:
        return "/"
    return local((shown.path or "/") + (f"?{shown.query}" if shown.query else ""))


def leave_for(request: Request, name: str, /, **params: Any) -> Response[None]:
    """After a POST, a page that is not a part of the present one: htmx is told to go there altogether."""
    return leave(request, request.app.route_reverse(name, **params))


def leave(request: Request, path: str) -> Response[None]:
    return Response(None, status_code=200, headers={"HX-Redirect": written(path)}) if request.htmx else go(path)


def go(path: str, status: int = 303) -> Response[None]:
    return Response(None, status_code=status, headers={"Location": written(path)})


def written(path: str) -> str:
    """As a header may say it: no other alphabet, no line end that would begin a header of its own."""
    return quote(path, safe="/?#[]@!$&'()*+,;=:%~")


def local(path: str) -> str:
    """A path of ours, or the first page: nobody is sent elsewhere."""
    ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if ours and path.isprintable() and len(path) < 2000 else "/"


async def tell(request: Request, kind: str, sentence: object) -> None:
    """Kept with the session until the next page shows it. No health detail belongs here."""
    assert kind in KINDS
    chrome: Chrome = request.app.state.chrome
    request.visit.notices.append(f"{kind}:{sentence}")
    if request.viewer.session_id:
        await chrome.keep_notices(request.viewer.session_id, request.visit.notices)


async def page_of(request: Request) -> Page:
    chrome: Chrome = request.app.state.chrome
    visit = request.visit
    notices, visit.notices = ([], visit.notices) if asks_by_itself(request) else (visit.notices, [])
    if notices and visit.viewer.session_id:
        await chrome.keep_notices(visit.viewer.session_id, [])
    client_id = _client_of(request)
    return Page(
        locale=visit.language,
        theme=visit.theme,
        path=_path(request),
        viewer=visit.viewer if visit.viewer.is_signed_in else None,
        practice=await chrome.practice(),
        flashes=tuple((kind, text) for kind, _, text in (notice.partition(":") for notice in notices)),
        home_url=chrome.home(visit.viewer),
        nav=() if request.wants_fragment else tuple(await chrome.nav(visit)),
        is_fragment=request.wants_fragment,
        is_demo=settings().is_demo,
        client_id=client_id,
        unread=await _unread(request, client_id) if client_id else 0,
        may_write=await chrome.may_write(visit.viewer) if client_id else False,
    )


def asks_by_itself(request: Request) -> bool:
    """A poll: nobody is there, so it renews no session and takes no notice away."""
    handler = request.scope.get("route_handler")
    return handler is not None and bool(request.htmx and handler.opt.get("background"))


def _client_of(request: Request) -> int | None:
    """Whose page it is, on the client's side, if the viewer reads their messages."""
    client_id: Any = request.scope.get("path_params", {}).get("client_id")
    is_theirs = request.scope["path"].startswith("/clients/") and isinstance(client_id, int)
    return client_id if is_theirs and request.viewer.acts_for(client_id, Area.MESSAGES) else None


async def _unread(request: Request, client_id: int) -> int:
    """A fragment shows no header: it brings the number along where it has one."""
    visit, chrome = request.visit, request.app.state.chrome
    return (visit.unread or 0) if request.wants_fragment else await chrome.unread(visit, client_id)


def _path(request: Request) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return request.scope["path"] + (f"?{query}" if query else "")


async def note_reading(request: Request, about: int, name: str) -> None:
    """Of what is no page: a file that somebody saves."""
    if _is_audited(request, about):
        await audit.record_reading(request.viewer, about, name, is_part=False)


def _is_audited(request: Request, client_id: int) -> bool:
    """Staff always; a client's own reading of their own chart is not."""
    return request.viewer.is_staff or not any(
        grant.client_id == client_id and grant.kind == "self" for grant in request.viewer.grants
    )
