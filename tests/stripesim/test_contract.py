"""What the portal relies on. With STRIPE_TEST_KEY set, the same sentences are said to Stripe's own test mode."""

from uuid import uuid4

import httpx
import pytest
from stripe import (
    AuthenticationError,
    CardError,
    Customer,
    IdempotencyError,
    InvalidRequestError,
    StripeClient,
)

from tests.stripesim.conftest import KEY

RETURN = "https://portal.example/account/pay/7/return"
UNKNOWN = "payment_method_types"  # of older versions of the API
CARDS_ONLY = {"allowed_payment_method_types": ["card"]}


def key() -> dict[str, str]:
    return {"idempotency_key": str(uuid4())}


def token(stripe: StripeClient, method: str = "pm_card_visa") -> str:
    return stripe.v1.test_helpers.confirmation_tokens.create({"payment_method": method}).id


def payment(amount: int = 1500, **more) -> dict:
    return {"amount": amount, "currency": "usd", "confirm": True, "return_url": RETURN} | CARDS_ONLY | more


@pytest.fixture
def customer(stripe: StripeClient) -> Customer:
    return stripe.v1.customers.create({"metadata": {"client": "17"}})


def saved(stripe: StripeClient, customer: Customer, method: str = "pm_card_visa") -> str:
    return stripe.v1.payment_methods.attach(method, {"customer": customer.id}).id


# Customers and their cards


def test_a_customer_is_made_changed_and_found(stripe, customer):
    stripe.v1.customers.update(customer.id, {"name": "Maya Reyes", "metadata": {"client": "18", "more": "1"}})
    found = stripe.v1.customers.retrieve(customer.id)
    assert found.name == "Maya Reyes" and found.metadata.client == "18" and not found.livemode


def test_a_deleted_customer_says_so_and_pays_no_more(stripe, customer):
    method = saved(stripe, customer)
    assert stripe.v1.customers.delete(customer.id).deleted
    assert stripe.v1.customers.retrieve(customer.id).deleted
    with pytest.raises(InvalidRequestError, match="No such customer"):
        stripe.v1.payment_intents.create(payment(customer=customer.id))
    assert stripe.v1.payment_methods.retrieve(method).customer is None


def test_a_card_is_kept_listed_renewed_and_let_go(stripe, customer):
    method = saved(stripe, customer)
    listed = stripe.v1.customers.payment_methods.list(customer.id, {"type": "card"}).data
    assert [one.id for one in listed] == [method]
    changed = stripe.v1.payment_methods.update(
        method, {"card": {"exp_month": 7, "exp_year": 2040}, "billing_details": {"address": {"postal_code": "02139"}}}
    )
    assert (changed.card.exp_month, changed.card.exp_year) == (7, 2040)
    assert changed.billing_details.address.postal_code == "02139"
    assert stripe.v1.payment_methods.detach(method).customer is None
    assert stripe.v1.payment_methods.list({"customer": customer.id, "type": "card"}).data == []
    with pytest.raises(InvalidRequestError):
        stripe.v1.payment_methods.attach(method, {"customer": customer.id})


@pytest.mark.parametrize("card", [{"exp_month": 13}, {"exp_month": 1, "exp_year": 2020}])
def test_a_card_is_not_renewed_into_the_past(stripe, customer, card):
    method = saved(stripe, customer)
    with pytest.raises(CardError, match="expiration"):
        stripe.v1.payment_methods.update(method, {"card": card})
    assert stripe.v1.payment_methods.retrieve(method).card.exp_year > 2026


ADDRESS = {
    "line1": "12 Harbor Lane", "line2": "Apt 3", "city": "Annapolis", "state": "MD", "postal_code": "21401",
    "country": "US",
}  # fmt: skip


def address(stripe: StripeClient, method: str) -> dict:
    return stripe.v1.payment_methods.retrieve(method).billing_details.address.to_dict()


def test_a_billing_address_is_kept_whole_and_what_is_sent_empty_is_gone(stripe, customer):
    method = saved(stripe, customer)
    details = {"name": "Maya Reyes", "address": ADDRESS}
    changed = stripe.v1.payment_methods.update(method, {"billing_details": details})
    assert changed.billing_details.name == "Maya Reyes" and address(stripe, method) == ADDRESS
    stripe.v1.payment_methods.update(method, {"billing_details": {"name": "Maya R Reyes"}})
    assert address(stripe, method) == ADDRESS, "what is not sent stays"
    told = ADDRESS | {"line1": "4 Rue du Port", "line2": "", "state": "", "country": "FR", "postal_code": "75001"}
    stripe.v1.payment_methods.update(method, {"billing_details": {"address": told}})
    assert address(stripe, method) == told | {"line2": None, "state": None}
    assert stripe.v1.payment_methods.retrieve(method).billing_details.name == "Maya R Reyes"
    stripe.v1.payment_methods.update(method, {"billing_details": {"address": dict.fromkeys(ADDRESS, "")}})
    assert address(stripe, method) == dict.fromkeys(ADDRESS)


@pytest.mark.parametrize(
    ("wrong", "param", "words"),
    [
        ({"country": "United States"}, "billing_details[address][country]", "Country 'United States' is unknown"),
        ({"country": "ZZ"}, "billing_details[address][country]", "Country 'ZZ' is unknown"),
        ({"street": "12 Harbor Lane"}, "billing_details[address][street]", "Received unknown parameter"),
    ],
)
def test_an_address_that_is_none_is_refused_and_nothing_is_changed(stripe, customer, wrong, param, words):
    method = saved(stripe, customer)
    stripe.v1.payment_methods.update(method, {"billing_details": {"address": ADDRESS}})
    changes = {"card": {"exp_month": 7, "exp_year": 2041}, "billing_details": {"address": {"city": "Paris"} | wrong}}
    with pytest.raises(InvalidRequestError, match=words) as refusal:
        stripe.v1.payment_methods.update(method, changes)
    assert refusal.value.param == param and address(stripe, method) == ADDRESS
    assert stripe.v1.payment_methods.retrieve(method).card.exp_year != 2041


def test_a_payment_says_the_billing_address_of_its_card(stripe, customer):
    method = saved(stripe, customer)
    stripe.v1.payment_methods.update(method, {"billing_details": {"address": ADDRESS}})
    paid = stripe.v1.payment_intents.create(
        payment(customer=customer.id, payment_method=method, expand=["latest_charge"]), key()
    )
    assert paid.latest_charge.billing_details.address.to_dict() == ADDRESS


def test_the_same_number_has_the_same_fingerprint(stripe, customer):
    one, other = saved(stripe, customer), saved(stripe, customer)
    mastercard = saved(stripe, customer, "pm_card_mastercard")
    prints = [stripe.v1.payment_methods.retrieve(method).card.fingerprint for method in (one, other, mastercard)]
    assert one != other and prints[0] == prints[1] != prints[2]


def test_the_default_card_is_one_of_ones_own(stripe, customer):
    method = saved(stripe, customer)
    stripe.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method}})
    found = stripe.v1.customers.retrieve(customer.id, {"expand": ["invoice_settings.default_payment_method"]})
    assert found.invoice_settings.default_payment_method.card.last4 == "4242"
    other = stripe.v1.customers.create({})
    with pytest.raises(InvalidRequestError):
        stripe.v1.customers.update(other.id, {"invoice_settings": {"default_payment_method": method}})
    stripe.v1.payment_methods.detach(method)
    assert stripe.v1.customers.retrieve(customer.id).invoice_settings.default_payment_method is None


def test_a_card_that_its_bank_refuses_is_not_kept(stripe, customer):
    with pytest.raises(CardError) as refusal:
        saved(stripe, customer, "pm_card_visa_chargeDeclined")
    assert refusal.value.code == "card_declined"


# Payments


def test_a_payment_succeeds_and_says_what_it_brought(stripe, customer):
    said = payment(customer=customer.id, confirmation_token=token(stripe), metadata={"attempt": "7"})
    paid = stripe.v1.payment_intents.create(said | {"expand": ["latest_charge.balance_transaction"]}, key())
    assert paid.status == "succeeded" and paid.amount_received == 1500 and paid.next_action is None
    charge = paid.latest_charge
    assert charge.paid and charge.metadata.attempt == "7" and charge.payment_method_details.card.last4 == "4242"
    moved = charge.balance_transaction
    assert moved.amount == 1500 and moved.fee > 0 and moved.net == moved.amount - moved.fee


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ],
)
def test_a_declined_card_says_why_and_another_may_be_tried(stripe, customer, method, code, decline_code):
    with pytest.raises(CardError) as refusal:
        stripe.v1.payment_intents.create(payment(customer=customer.id, confirmation_token=token(stripe, method)))
    error = refusal.value.error
    assert error.code == code and refusal.value.http_status == 402
    assert decline_code is None or error.decline_code == decline_code
    intent = stripe.v1.payment_intents.retrieve(error.payment_intent.id)
    assert intent.status == "requires_payment_method" and intent.last_payment_error.code == code
    assert stripe.v1.charges.retrieve(intent.latest_charge).status == "failed"
    again = stripe.v1.payment_intents.confirm(intent.id, {"confirmation_token": token(stripe), "return_url": RETURN})
    assert again.status == "succeeded" and again.last_payment_error is None


def test_a_card_may_be_kept_and_still_be_declined(stripe, customer):
    method = saved(stripe, customer, "pm_card_chargeCustomerFail")
    with pytest.raises(CardError):
        stripe.v1.payment_intents.create(payment(customer=customer.id, payment_method=method))


def test_paying_may_keep_the_card_for_later(stripe, customer):
    said = payment(customer=customer.id, confirmation_token=token(stripe), setup_future_usage="off_session")
    paid = stripe.v1.payment_intents.create(said)
    kept = stripe.v1.customers.payment_methods.list(customer.id).data
    assert [one.id for one in kept] == [paid.payment_method]
    later = payment(customer=customer.id, payment_method=paid.payment_method, off_session=True)
    assert stripe.v1.payment_intents.create(later).status == "succeeded"


def test_a_card_that_was_not_kept_is_good_once(stripe, customer):
    paid = stripe.v1.payment_intents.create(payment(customer=customer.id, confirmation_token=token(stripe)))
    assert stripe.v1.customers.payment_methods.list(customer.id).data == []
    with pytest.raises(InvalidRequestError):
        stripe.v1.payment_intents.create(payment(customer=customer.id, payment_method=paid.payment_method))


def test_nobody_pays_with_somebody_elses_card(stripe, customer):
    method = saved(stripe, customer)
    other = stripe.v1.customers.create({})
    for said in (payment(customer=other.id, payment_method=method), payment(payment_method=method)):
        with pytest.raises(InvalidRequestError):
            stripe.v1.payment_intents.create(said)


def test_a_token_is_shown_before_it_is_used_and_is_used_once(stripe, customer):
    id = token(stripe, "pm_card_mastercard")
    shown = stripe.v1.confirmation_tokens.retrieve(id)
    assert shown.payment_method_preview.card.brand == "mastercard" and shown.payment_method_preview.card.last4 == "4444"
    assert shown.expires_at - shown.created == pytest.approx(12 * 3600, abs=60)
    paid = stripe.v1.payment_intents.create(payment(customer=customer.id, confirmation_token=id))
    assert paid.status == "succeeded"
    with pytest.raises(InvalidRequestError):
        stripe.v1.payment_intents.create(payment(customer=customer.id, confirmation_token=id))


def test_a_card_whose_owner_must_be_asked_says_where(stripe, customer):
    said = payment(customer=customer.id, payment_method="pm_card_authenticationRequired")
    asked = stripe.v1.payment_intents.create(said)
    assert asked.status == "requires_action" and asked.next_action.type == "redirect_to_url"
    assert asked.next_action.redirect_to_url.return_url == RETURN and asked.next_action.redirect_to_url.url
    assert asked.latest_charge is None
    assert stripe.v1.payment_intents.cancel(asked.id, {"cancellation_reason": "abandoned"}).status == "canceled"


def test_nobody_is_asked_while_away(stripe, customer):
    said = payment(customer=customer.id, payment_method="pm_card_authenticationRequired", off_session=True)
    with pytest.raises(CardError) as refusal:
        stripe.v1.payment_intents.create(said)
    assert refusal.value.code == "authentication_required"


def test_a_payment_is_confirmed_in_a_second_step(stripe, customer):
    intent = stripe.v1.payment_intents.create({"amount": 2000, "currency": "usd", "customer": customer.id} | CARDS_ONLY)
    assert intent.status == "requires_payment_method"
    said = {"confirmation_token": token(stripe), "return_url": RETURN}
    with pytest.raises(InvalidRequestError):
        stripe.v1.payment_intents.confirm(intent.id, said | {"amount_to_confirm": 1999})
    done = stripe.v1.payment_intents.confirm(intent.id, said | {"amount_to_confirm": 2000})
    assert done.status == "succeeded"
    with pytest.raises(InvalidRequestError) as refusal:
        stripe.v1.payment_intents.cancel(intent.id)
    assert refusal.value.code == "payment_intent_unexpected_state"


def test_less_than_fifty_cents_is_too_little(stripe):
    with pytest.raises(InvalidRequestError) as refusal:
        stripe.v1.payment_intents.create({"amount": 49, "currency": "usd"})
    assert refusal.value.code == "amount_too_small"


def test_without_a_place_to_return_to_only_cards_are_taken(stripe, customer):
    said = {
        "amount": 900,
        "currency": "usd",
        "customer": customer.id,
        "confirm": True,
        "payment_method": "pm_card_visa",
    }
    with pytest.raises(InvalidRequestError, match="return_url"):
        stripe.v1.payment_intents.create(said)
    never = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    assert stripe.v1.payment_intents.create(said | never).status == "succeeded"


def test_payments_are_listed_newest_first_in_pages(stripe, customer):
    made = [stripe.v1.payment_intents.create(payment(600 + n, customer=customer.id, payment_method="pm_card_visa"))
            for n in range(5)]  # fmt: skip
    words = {"customer": customer.id, "limit": 2, "created": {"gte": made[0].created}}
    first = stripe.v1.payment_intents.list(words)
    assert [one.id for one in first.data] == [made[4].id, made[3].id] and first.has_more
    everything = [one.amount for one in first.auto_paging_iter()]
    assert everything == [604, 603, 602, 601, 600]
    assert stripe.v1.payment_intents.list({"customer": customer.id, "created": {"lt": made[0].created}}).data == []


# Refunds


def test_a_refund_never_gives_back_more_than_was_paid(stripe, customer):
    paid = stripe.v1.payment_intents.create(payment(1000, customer=customer.id, payment_method="pm_card_visa"))
    part = stripe.v1.refunds.create(
        {"payment_intent": paid.id, "amount": 300, "reason": "requested_by_customer"}, key()
    )
    assert part.status == "succeeded" and part.amount == 300 and part.charge == paid.latest_charge
    with pytest.raises(InvalidRequestError):
        stripe.v1.refunds.create({"payment_intent": paid.id, "amount": 701})
    assert stripe.v1.refunds.create({"payment_intent": paid.id}).amount == 700
    with pytest.raises(InvalidRequestError) as refusal:
        stripe.v1.refunds.create({"payment_intent": paid.id})
    assert refusal.value.code == "charge_already_refunded"
    charge = stripe.v1.charges.retrieve(paid.latest_charge)
    assert charge.refunded and charge.amount_refunded == 1000
    assert sum(one.amount for one in stripe.v1.refunds.list({"payment_intent": paid.id}).data) == 1000


# Cards to keep


def test_a_card_is_set_up_for_later(stripe, customer):
    said = {"customer": customer.id, "usage": "off_session", "confirm": True, "return_url": RETURN} | CARDS_ONLY
    done = stripe.v1.setup_intents.create(said | {"confirmation_token": token(stripe)})
    assert done.status == "succeeded"
    assert [one.id for one in stripe.v1.customers.payment_methods.list(customer.id).data] == [done.payment_method]
    with pytest.raises(CardError) as refusal:
        stripe.v1.setup_intents.create(said | {"confirmation_token": token(stripe, "pm_card_visa_chargeDeclined")})
    assert refusal.value.error.setup_intent.status == "requires_payment_method"


def test_a_set_up_may_ask_the_owner_and_may_be_given_up(stripe, customer):
    said = {"customer": customer.id, "confirm": True, "return_url": RETURN} | CARDS_ONLY
    asked = stripe.v1.setup_intents.create(said | {"payment_method": "pm_card_authenticationRequired"})
    assert asked.status == "requires_action" and asked.next_action.redirect_to_url.url
    assert stripe.v1.setup_intents.cancel(asked.id).status == "canceled"


# Checkout


def test_a_page_of_stripes_own_is_opened_and_closed(stripe, customer):
    price = {"currency": "usd", "unit_amount": 2599, "product_data": {"name": "Payment to Harbor Lane"}}
    page = stripe.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "customer": customer.id,
            "line_items": [{"price_data": price, "quantity": 1}],
            "payment_intent_data": {"metadata": {"attempt": "7"}, "setup_future_usage": "off_session"},
            "success_url": RETURN + "?s={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://portal.example/account",
            "client_reference_id": "7",
        }
    )
    assert page.status == "open" and page.amount_total == 2599 and page.url.startswith("http")
    assert page.payment_status == "unpaid" and page.client_reference_id == "7"
    assert stripe.v1.checkout.sessions.expire(page.id).status == "expired"
    with pytest.raises(InvalidRequestError):
        stripe.v1.checkout.sessions.expire(page.id)


# What is refused


@pytest.mark.parametrize(
    ("said", "code", "param"),
    [
        ({"amount": 900, "currency": "usd", UNKNOWN: ["card"]}, "parameter_unknown", UNKNOWN),
        ({"amount": 900, "currency": "usd", "wat": {"x": 1}}, "parameter_unknown", "wat"),
        ({"currency": "usd"}, "parameter_missing", "amount"),
        ({"amount": "many", "currency": "usd"}, "parameter_invalid_integer", "amount"),
    ],
)  # fmt: skip
def test_what_stripe_does_not_know_is_refused(stripe, said, code, param):
    with pytest.raises(InvalidRequestError) as refusal:
        stripe.v1.payment_intents.create(said)
    assert (refusal.value.code, refusal.value.param) == (code, param)


@pytest.mark.parametrize(
    "said",
    [
        {"automatic_payment_methods": {"enabled": True, "wat": 1}},
        {"setup_future_usage": "always"},
        {"metadata": {str(n): "1" for n in range(51)}},
        {"metadata": {"n" * 41: "1"}},
        {"metadata": {"n": "1" * 501}},
        {"customer": "cus_that_never_was"},
        {"expand": ["amount"]},
        {"expand": ["id"]},
        {"expand": ["nothing.of_it"]},
        {"off_session": True},
        {"currency": "dollars"},
        {"amount": 100_000_000},
        {"amount": -500},
    ],
    ids=str,
)
def test_what_stripe_does_not_allow_is_refused(stripe, said):
    with pytest.raises(InvalidRequestError):
        stripe.v1.payment_intents.create({"amount": 900, "currency": "usd"} | said)


def test_an_empty_value_takes_a_note_away(stripe, customer):
    changed = stripe.v1.customers.update(customer.id, {"metadata": {"client": "", "other": "1"}})
    assert changed.metadata.to_dict() == {"other": "1"}
    assert stripe.v1.customers.update(customer.id, {"metadata": ""}).metadata.to_dict() == {}


def test_what_is_not_there_is_not_found(stripe):
    for ask in (stripe.v1.customers, stripe.v1.payment_intents, stripe.v1.setup_intents, stripe.v1.refunds):
        with pytest.raises(InvalidRequestError) as refusal:
            ask.retrieve("pi_that_never_was")
        assert refusal.value.http_status == 404 and refusal.value.code == "resource_missing"


@pytest.mark.skipif(bool(KEY), reason="Stripe's own answer to a foreign key is not asked for again and again")
def test_only_keys_of_the_stand_in_are_taken(sim):
    for secret in ("sk_live_51abc", "sk_test_51abc", "pk_test_sim_1"):
        with pytest.raises(AuthenticationError):
            StripeClient(secret, base_addresses={"api": sim.url}).v1.customers.list()
    assert httpx.get(f"{sim.url}/v1/customers", auth=(sim.secret_key, "")).status_code == 200
    assert httpx.get(f"{sim.url}/v1/customers", auth=("sk_live_1", "")).status_code == 401
    assert httpx.get(f"{sim.url}/v1/customers").status_code == 401


# The same key twice


def test_the_same_key_answers_the_same_and_does_nothing_more(stripe, customer):
    said, under = payment(customer=customer.id, confirmation_token=token(stripe)), key()
    first = stripe.v1.payment_intents.create(said, under)
    again = stripe.v1.payment_intents.create(said, under)
    assert first.id == again.id and first.latest_charge == again.latest_charge
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert len(stripe.v1.charges.list({"customer": customer.id}).data) == 1
    with pytest.raises(IdempotencyError):
        stripe.v1.payment_intents.create(said | {"amount": 1600}, under)


def test_a_decline_is_replayed_too(stripe, customer):
    said, under = payment(customer=customer.id, payment_method="pm_card_visa_chargeDeclined"), key()
    intents = set()
    for _ in range(2):
        with pytest.raises(CardError) as refusal:
            stripe.v1.payment_intents.create(said, under)
        intents.add(refusal.value.error.payment_intent.id)
    assert len(intents) == 1


def test_what_was_not_understood_is_not_kept_under_its_key(stripe):
    under = key()
    with pytest.raises(InvalidRequestError):
        stripe.v1.payment_intents.create({"amount": 900, "currency": "usd", "wat": 1}, under)
    assert stripe.v1.payment_intents.create({"amount": 900, "currency": "usd"}, under).id
