"""What is agreed to beside the button that puts a card on file. It is stored with the card as it was read."""

from portal.access import Viewer
from portal.language import gettext, speaking
from portal.practice import queries as practices


async def to_keep(viewer: Viewer, language: str) -> str:
    """In the language in which the page was shown, whatever the next one is."""
    practice = (await practices.practice(viewer)).name
    with speaking(language):
        return gettext(
            "I agree that %(practice)s keeps this card on file with Stripe, its card service, and charges it for what"
            " is owed on this account: when I pay here, and when its staff charge it, never for more than is owed. A"
            " receipt stands in My Account each time. I can remove the card here at any time.",
            practice=practice,
        )
