"""A request without a session: the way to sign in and back, and what was typed is kept."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException

from portal.access import NotSignedIn
from portal.accounts.actions import kept_post
from portal.web import csrf
from portal.web.errors import on_http
from portal.web.replies import asks_by_itself, go, local, shown_page
from portal.web.request import Request

STOP_ASKING = 286


async def answer(request: Request, error: NotSignedIn) -> Response[Any]:
    """A GET comes back to its page; a POST of an expired session is kept and given back after sign-in. What the portal
    only passes on is not kept, and typed again.

    What a page asks by itself ends here, and changes nothing of what somebody may be typing.
    """
    if asks_by_itself(request):
        return Response("", media_type="text/html", status_code=STOP_ASKING, headers={"HX-Reswap": "none"})
    if request.method == "GET":
        back = shown_page(request) if request.wants_fragment else _path(request)
    else:
        try:
            csrf.must_be_our_origin(request)
        except HTTPException as refused:
            return await on_http(request, refused)
        back = "/account/kept-post" if await _kept(request) else shown_page(request)
    where = "/sign-in?" + urlencode({"next": back}) if back != "/" else "/sign-in"
    if request.htmx:
        return Response(None, status_code=401, headers={"HX-Redirect": where})
    return go(where)


async def _kept(request: Request) -> bool:
    account_id = request.visit.expired_account
    length = request.headers.get("content-length", "")
    if request.route_handler.opt.get("passes_on"):
        return False
    if account_id is None or not length.isdecimal() or int(length) > _most(request):
        return False
    form, uploads = await request.typed(), await request.uploads()
    path, typed = request.url.path, dict(form.typed)
    if request.route_handler.opt.get("saves_itself"):  # what was being typed is given back as its form would send it
        path = path.rpartition("/")[0]
        typed.pop("act", None)
    return await kept_post.keep(request.viewer, account_id, path, typed, list(uploads))


def _most(request: Request) -> int:
    """Files are not kept, but what was typed beside them is: such a form is heard as far as its route would."""
    with_files = request.content_type[0] == RequestEncodingType.MULTI_PART
    return (with_files and request.route_handler.resolve_request_max_body_size()) or kept_post.MOST_BYTES


def _path(request: Request) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return local(request.url.path + (f"?{query}" if query else ""))
