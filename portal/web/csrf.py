"""A POST is ours or it is nothing: the Origin first, then the token that belongs to this session."""

from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from portal.settings import settings
from portal.web.request import Request

SAFE = ("GET", "HEAD", "OPTIONS")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class TokenExpired(HTTPException):
    """The page was open too long, or in another session: what was typed is given back."""

    status_code = 419
    detail = "token expired"  # without words of its own the framework asks Python for those of 419, which has none


async def guard(connection: ASGIConnection, handler: BaseRouteHandler) -> None:
    """Runs after `access.guard`, so that nobody unknown makes us read a body.

    What its sender signs comes from no page, ours or another's: its handler believes the signature and nothing else.
    """
    if connection.scope["method"] in SAFE:  # type: ignore[typeddict-item]
        return
    assert isinstance(connection, Request)
    if handler.opt["access"].is_signed:
        return
    must_be_our_origin(connection)
    if handler.opt.get("needs_no_session") and not connection.viewer.is_signed_in:
        return
    if not connection.visit.is_our_token(await connection.csrf_token()):
        raise TokenExpired


def must_be_our_origin(connection: Request) -> None:
    """403, and the only one there is."""
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        raise PermissionDeniedException
    if origin is not None and not _is_ours(origin, connection.headers.get("host", "")):
        raise PermissionDeniedException


def _is_ours(origin: str, host: str) -> bool:
    if origin == settings().origin:
        return True
    try:
        told = urlsplit(origin)
    except ValueError:
        return False
    on_loopback = told.hostname in LOOPBACK and urlsplit(settings().base_url).hostname in LOOPBACK
    return on_loopback and told.netloc == host
