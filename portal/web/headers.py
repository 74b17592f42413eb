"""Headers of every answer, also of 404 and 500."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

from portal.settings import settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
)

# same-origin, not no-referrer: under that, browsers post forms with `Origin: null`.
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
TWO_YEARS = "max-age=63072000; includeSubDomains"


async def before_send(message: Message, scope: Scope) -> None:
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    if settings().is_secure:
        headers.setdefault("Strict-Transport-Security", TWO_YEARS)
    vary = headers.get("Vary", "")
    if "immutable" not in headers["Cache-Control"] and "HX-Request" not in vary:
        headers["Vary"] = f"{vary}, HX-Request" if vary else "HX-Request"
