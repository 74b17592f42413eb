"""What browsers may have from Stripe, and on which pages: where a card is typed, and where the way leads on to Stripe's.

No other page names Stripe: whose pages somebody reads here is nobody else's business.
"""

from portal.settings import settings
from portal.web.headers import policy

SCRIPT = "/clover/stripe.js"
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(self {origin}), usb=()"


def script() -> str:
    """Stripe asks that its script comes from Stripe, so it has no hash of ours."""
    return settings().stripe_script_origin + SCRIPT


def where_cards_are_typed() -> dict[str, str]:
    """Headers. The bank may ask in a window of its own, which has to find its way back."""
    ours = settings().stripe_api
    scripts = ours or "https://js.stripe.com https://*.js.stripe.com"
    return {
        "Content-Security-Policy": policy(
            {
                "script-src": scripts,
                "frame-src": ours or f"{scripts} https://hooks.stripe.com",
                "connect-src": ours or "https://api.stripe.com",
                "img-src": ours or "https://*.stripe.com",
                **_onward(),
            }
        ),
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        "Permissions-Policy": PERMISSIONS.format(origin=f'"{settings().stripe_script_origin}"'),
    }


def where_a_form_leads_to_stripe() -> dict[str, str]:
    """Headers. The answer to the form is Stripe's own page."""
    return {"Content-Security-Policy": policy(_onward())}


def _onward() -> dict[str, str]:
    return {"form-action": settings().stripe_api or "https://checkout.stripe.com"}
