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
SOURCES: dict[str, object] = {
    "client": lazy("In the portal"),
    "staff": lazy("By staff, with a card on file"),
    "autopay": lazy("By AutoPay"),
    "link": lazy("By a payment link"),
}
STATES: dict[str, object] = {
    "open": lazy("Not sent off yet"),
    "submitting": lazy("Stripe has not answered yet"),
    "action": lazy("Waits for the client to confirm it"),
    "processing": lazy("Being processed"),
    "succeeded": lazy("Charged"),
    "declined": lazy("Declined"),
    "failed": lazy("Not charged"),
    "cancelled": lazy("Cancelled"),
    "expired": lazy("Run out"),
}
OTHER_FOR_STAFF = lazy("The bank did not accept the card. The client was told that a payment did not go through.")


NOT_DONE = lazy("The card service did not take the charge. The client was told that a payment did not go through.")


def why(state: str, code: str) -> object:
    """The bank's no, or Stripe's."""
    return OF_STAFF.get(code, OTHER_FOR_STAFF if state == "declined" else NOT_DONE)
