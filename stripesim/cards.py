"""Stripe's test cards, and no others: a number that is not here is refused and never kept."""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple


class Decline(NamedTuple):
    code: str
    decline_code: str
    message: str


DECLINED = "Your card was declined."
GENERIC = Decline("card_declined", "generic_decline", DECLINED)
FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", DECLINED)
STOLEN = Decline("card_declined", "stolen_card", DECLINED)
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
PROCESSING = Decline(
    "processing_error", "processing_error", "An error occurred while processing your card. Try again in a little bit."
)
NUMBER = Decline("incorrect_number", "incorrect_number", "Your card number is incorrect.")
UNAUTHENTICATED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)


@dataclass(frozen=True)
class Card:
    alias: str  # pm_card_visa, and tok_visa
    number: str
    brand: str = "visa"
    decline: Decline | None = None
    attaches: bool = True
    authenticates: str = ""  # "always", or "unless_saved"
    is_disputed: bool = False
    refunds_fail: bool = False  # they are said to have gone, and come back
    funding: str = "credit"

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(f"fingerprint {self.number}".encode()).hexdigest()[:16]

    @property
    def digits_of_cvc(self) -> int:
        return 4 if self.brand == "amex" else 3


def refused(alias: str, number: str, decline: Decline) -> Card:
    return Card(alias, number, decline=decline, attaches=False)


ALL = (
    Card("visa", "4242424242424242"),
    Card("visa_debit", "4000056655665556", funding="debit"),
    Card("mastercard", "5555555555554444", "mastercard"),
    Card("amex", "378282246310005", "amex"),
    Card("discover", "6011111111111117", "discover"),
    refused("chargeDeclined", "4000000000000002", GENERIC),
    refused("chargeDeclinedInsufficientFunds", "4000000000009995", FUNDS),
    refused("chargeDeclinedLostCard", "4000000000009987", LOST),
    refused("chargeDeclinedStolenCard", "4000000000009979", STOLEN),
    refused("chargeDeclinedExpiredCard", "4000000000000069", EXPIRED),
    refused("chargeDeclinedIncorrectCvc", "4000000000000127", CVC),
    refused("chargeDeclinedProcessingError", "4000000000000119", PROCESSING),
    Card("chargeCustomerFail", "4000000000000341", decline=GENERIC),
    Card("authenticationRequired", "4000002760003184", authenticates="always"),
    Card("authenticationRequiredOnSetup", "4000002500003155", authenticates="unless_saved"),
    Card("threeDSecure2Required", "4000000000003220", authenticates="always"),
    Card("threeDSecureRequiredChargeDeclined", "4000008400001629", decline=GENERIC, authenticates="always"),
    Card("createDispute", "4000000000000259", is_disputed=True),
    Card("refundFail", "4000000000005126", refunds_fail=True),
)
WRONG_NUMBER = "4242424242424241"
BY_ALIAS = {card.alias: card for card in ALL}
BY_NUMBER = {card.number: card for card in ALL}


def aliased(id: str) -> Card | None:
    """`pm_card_visa`, `pm_card_visa_chargeDeclined`, `pm_card_chargeDeclined`, `tok_visa`."""
    for beginning in ("pm_card_", "tok_"):
        if id.startswith(beginning):
            name = id.removeprefix(beginning)
            return BY_ALIAS.get(name) or BY_ALIAS.get(name.removeprefix("visa_"))
    return None
