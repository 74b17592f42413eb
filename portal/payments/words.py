"""What cards are called, and what somebody agrees to who saves one."""

from portal import language
from portal.access import Viewer
from portal.language import lazy
from portal.practice import queries as practices

BRANDS: dict[str, object] = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "link": "Link",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
CARD = lazy("Card")
CONSENT = lazy(
    "%(practice)s may keep this card with Stripe, its card service, and charge it for what is owed on this account:"
    " when you pay here, or when you ask the staff to. You can remove it in My Account at any time."
)


def brand(name: str) -> object:
    return BRANDS.get(name, CARD)


async def consent(viewer: Viewer, spoken: str) -> str:
    """The sentence beside Save this card, as it was shown in that language."""
    practice = await practices.practice(viewer)
    with language.speaking(spoken):
        return str(lazy(CONSENT.message, practice=practice.name))
