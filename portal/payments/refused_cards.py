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
