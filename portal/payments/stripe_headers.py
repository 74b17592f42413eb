"""Headers of the few pages on which a browser meets Stripe: its script, its frames, and the way to its own pages.

All other pages know nothing of Stripe (portal/web/headers.py): whoever reads there is nobody else's business.
"""

from portal.settings import settings

SCRIPT = "/clover/stripe.js"
FRAMES = ("https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com")
SCRIPTS = ("https://js.stripe.com", "https://*.js.stripe.com")
API, CHECKOUT, PICTURES = "https://api.stripe.com", "https://checkout.stripe.com", "https://*.stripe.com"


def script() -> str:
    """Always from Stripe, as it asks for: no copy of ours, and so no hash of it either."""
    return settings().stripe_script_origin + SCRIPT


def headers() -> dict[str, str]:
    """The stand-in of demo and tests has one origin for everything."""
    one = settings().stripe_api
    scripts, frames = (one, one) if one else (" ".join(SCRIPTS), " ".join(FRAMES))
    policy = (
        "default-src 'none'",
        f"script-src 'self' {scripts}",
        f"frame-src {frames}",
        "style-src 'self'",
        f"img-src 'self' data: {one or PICTURES}",
        "font-src 'self'",
        f"connect-src 'self' {one or API}",
        f"form-action 'self' {one or CHECKOUT}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
    payment = f'payment=(self "{settings().stripe_script_origin}")'
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        "Permissions-Policy": f"camera=(), microphone=(), geolocation=(), {payment}, usb=()",
    }
