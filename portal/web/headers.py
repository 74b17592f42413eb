"""Headers of every answer, also of 404 and 500."""

from collections.abc import Mapping

from litestar.types import Message, Scope

from portal.settings import settings

SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
}


def policy(more: Mapping[str, str] | None = None) -> str:
    """That of every page; `more` are sources beside ours that one page may have, by directive."""
    allowed = SOURCES | {name: f"{SOURCES.get(name, '')} {sources}".strip() for name, sources in (more or {}).items()}
    return "; ".join(f"{name} {sources}" for name, sources in allowed.items())


# same-origin, not no-referrer: under that, browsers post forms with `Origin: null`.
ALWAYS = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
TWO_YEARS = "max-age=63072000; includeSubDomains"


VARY = b"HX-Request"
PACKED = [(name.lower().encode(), value.encode()) for name, value in ALWAYS.items()]
SECURE = (b"strict-transport-security", TWO_YEARS.encode())


async def before_send(message: Message, scope: Scope) -> None:
    """Written on the bare list: by the framework's mapping each name would be looked for in all of them, each time."""
    if message["type"] != "http.response.start":
        return
    headers = [(name.lower(), value) for name, value in message["headers"]]
    told = dict(headers)
    headers += [(name, value) for name, value in PACKED if name not in told]
    if settings().is_secure and SECURE[0] not in told:
        headers.append(SECURE)
    vary = told.get(b"vary", b"")
    if b"immutable" not in told.get(b"cache-control", b"") and VARY not in vary:
        headers = [(name, value) for name, value in headers if name != b"vary"]
        headers.append((b"vary", b", ".join(part for part in (vary, VARY) if part)))
    message["headers"] = headers
