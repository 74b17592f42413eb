"""Why a card was declined, and what helps: a sentence for each of Stripe's codes.

Of a card that was reported as lost or stolen, or that looks like fraud, nothing is said that whoever holds it should
not hear: Stripe asks for the same words as where the bank gave no reason.
"""

from portal.language import lazy

GENERIC = lazy("The bank declined this card and did not say why. Try another card, or ask the bank that gave it out.")
CALL = lazy("The bank declined this card. Call the number on its back to ask why, or try another card.")
FUNDS = lazy("There is not enough money or credit on this card. Try another card, or pay a smaller amount.")
LIMIT = lazy("This card has reached its limit. Try another card, or ask the bank that gave it out.")
EXPIRED = lazy("This card has expired. Try another card.")
EXPIRY = lazy("The expiration date does not match this card. Look at the card and enter it again.")
CODE = lazy("The security code does not match this card. Look at the card and enter it again.")
NUMBER = lazy("There is no card with this number. Look at the card and enter it again.")
ADDRESS = lazy("The ZIP code or address does not match what the bank has. Enter it again as on the card's statements.")
CONFIRM = lazy("Your bank has to confirm that it is you. Try again, and follow what your bank asks.")
UNCONFIRMED = lazy("Your bank could not confirm that it was you. Try again, or try another card.")
SUPPORTED = lazy("This card cannot be used for this kind of payment. Try another card.")
CURRENCY = lazy("This card cannot be charged in US dollars. Try another card.")
ACCOUNT = lazy("The account behind this card is closed or has changed. Try another card, or ask the bank.")
AMOUNT = lazy("The bank does not allow this amount. Ask the bank, or pay a smaller amount.")
TWICE = lazy("The bank has just seen the same payment. Look at your payments before you try again.")
LATER = lazy("The bank did not answer or could not do it now. Try again in a few minutes, or try another card.")
PIN = lazy("The bank asks for the card's PIN, which cannot be entered here. Try another card.")
REVOKED = lazy("The bank was told to let no payments of this kind through. Try another card, or ask the bank.")
TEST = lazy("This is a card for tests, and no money can be taken from it. Try another card.")
OFTEN = lazy("This card was tried too often. Wait a day, or try another card.")

SENTENCES: dict[str, object] = {
    "account_closed": ACCOUNT,
    "approve_with_id": LATER,
    "authentication_not_handled": CONFIRM,
    "authentication_required": CONFIRM,
    "call_issuer": CALL,
    "card_decline_rate_limit_exceeded": OFTEN,
    "card_declined": GENERIC,
    "card_not_supported": SUPPORTED,
    "card_velocity_exceeded": LIMIT,
    "currency_not_supported": CURRENCY,
    "do_not_honor": CALL,
    "do_not_try_again": CALL,
    "duplicate_transaction": TWICE,
    "expired_card": EXPIRED,
    "fraudulent": GENERIC,
    "generic_decline": GENERIC,
    "highest_risk_level": GENERIC,
    "incorrect_address": ADDRESS,
    "incorrect_cvc": CODE,
    "incorrect_number": NUMBER,
    "incorrect_pin": PIN,
    "incorrect_zip": ADDRESS,
    "insufficient_funds": FUNDS,
    "invalid_account": ACCOUNT,
    "invalid_amount": AMOUNT,
    "invalid_cvc": CODE,
    "invalid_expiry_month": EXPIRY,
    "invalid_expiry_year": EXPIRY,
    "invalid_number": NUMBER,
    "invalid_pin": PIN,
    "issuer_not_available": LATER,
    "lost_card": GENERIC,
    "merchant_blacklist": GENERIC,
    "mobile_device_authentication_required": CONFIRM,
    "new_account_information_available": ACCOUNT,
    "no_action_taken": CALL,
    "not_permitted": SUPPORTED,
    "offline_pin_required": PIN,
    "online_or_offline_pin_required": PIN,
    "payment_intent_authentication_failure": UNCONFIRMED,
    "pickup_card": GENERIC,
    "pin_try_exceeded": PIN,
    "previously_declined_do_not_retry": CALL,
    "processing_error": LATER,
    "reenter_transaction": LATER,
    "restricted_card": GENERIC,
    "revocation_of_all_authorizations": REVOKED,
    "revocation_of_authorization": REVOKED,
    "rule": GENERIC,
    "security_violation": GENERIC,
    "service_not_allowed": SUPPORTED,
    "setup_intent_authentication_failure": UNCONFIRMED,
    "stolen_card": GENERIC,
    "stop_payment_order": REVOKED,
    "testmode_decline": TEST,
    "transaction_not_allowed": SUPPORTED,
    "try_again_later": LATER,
    "withdrawal_count_limit_exceeded": LIMIT,
}
HIDDEN = ("fraudulent", "lost_card", "stolen_card", "merchant_blacklist", "pickup_card", "restricted_card",
          "security_violation")  # fmt: skip


def sentence(code: str) -> object:
    """For a code that Stripe has added since, what is true of each."""
    return SENTENCES.get(code, GENERIC)


# Why a refund did not go, as staff read it.
UNTOLD = lazy("The bank sent it back and did not say why.")
RETURNED: dict[str, object] = {
    "charge_for_pending_refund_disputed": lazy("The client disputed the payment while it was on its way."),
    "declined": lazy("The bank does not take it for this card."),
    "expired_or_canceled_card": lazy("The card has expired, or its account is closed."),
    "insufficient_funds": lazy("There was not enough money in the practice's balance at Stripe."),
    "lost_or_stolen_card": lazy("The card was reported as lost or stolen."),
    "merchant_request": lazy("The practice has asked Stripe to stop it."),
    "unknown": UNTOLD,
}


def returned(code: str) -> object:
    return RETURNED.get(code, UNTOLD)
