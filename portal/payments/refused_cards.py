"""Why a card could not be put on file, in words."""

from portal.language import lazy

OTHER = lazy("Your bank did not accept this card. Use another card, or ask your bank why.")
REFUSED = {
    "authentication_required": lazy("Your bank wants you to confirm that it is you. Try again and follow its steps."),
    "expired_card": lazy("This card has expired. Use another one."),
    "incorrect_cvc": lazy("The security code is not right. Enter the card again."),
    "incorrect_number": lazy("The card number is not right. Enter the card again."),
    "invalid_cvc": lazy("The security code is not right. Enter the card again."),
    "never_arrived": lazy("The card service did not answer, and no card was saved. Try again."),
    "processing_error": lazy("Something went wrong at the bank. Try again in a few minutes."),
    "setup_intent_authentication_failure": lazy(
        "Your bank could not confirm that it is you, so the card was not saved. Try again, or use another card."
    ),
}


def why(code: str) -> object:
    """In the words of whoever's card it is."""
    return REFUSED.get(code, OTHER)


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


def why_for_staff(code: str) -> object:
    """Of somebody else's card: no more than what helps."""
    return OF_STAFF.get(code, OTHER_FOR_STAFF)
