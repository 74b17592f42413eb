"""Why a card on file could not be charged, for staff: of somebody else's card, no more than what helps."""

from portal.language import lazy

ASKED = lazy(
    "The bank wants the client to confirm that it is them, which they can only do themselves. They were told that a"
    " payment did not go through, and can pay in the portal."
)
OF_STAFF = {
    "authentication_required": ASKED,
    "expired_card": lazy("The card has expired."),
    "insufficient_funds": lazy("There is not enough money on the card."),
    "never_arrived": lazy("The card service did not answer, and nothing was charged."),
    "processing_error": lazy("Something went wrong at the bank. Try again later."),
}
OTHER_FOR_STAFF = lazy("The bank did not accept the card. The client was told that a payment did not go through.")


NOT_DONE = lazy("The card service did not take the charge. The client was told that a payment did not go through.")


def why(state: str, code: str) -> object:
    """The bank's no, or Stripe's."""
    return OF_STAFF.get(code, OTHER_FOR_STAFF if state == "declined" else NOT_DONE)
