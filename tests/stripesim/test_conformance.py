"""Every answer of every test here is held against the library (see conftest); this is whether that would notice."""

import pytest

from tests.stripesim.conformance import faults
from tests.stripesim.test_contract import payment


@pytest.fixture(scope="module")
def answer(ours):
    customer = ours.v1.customers.create({})
    said = payment(customer=customer.id, payment_method="pm_card_visa") | {"expand": ["latest_charge.refunds"]}
    said["expand"] = ["latest_charge.balance_transaction", "customer", "payment_method"]
    return ours.v1.payment_intents.create(said).to_dict()


def changed(answer: dict, path: str, value: object) -> dict:
    """A copy with one place changed; `...` takes it away."""
    first, _, rest = path.partition(".")
    copy = dict(answer)
    if rest:
        copy[first] = changed(answer[first], rest, value)
    elif value is ...:
        del copy[first]
    else:
        copy[first] = value
    return copy


def test_an_answer_is_what_the_library_expects(answer):
    assert faults(answer) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("amount", ...),
        ("amount", "1500"),
        ("amount", None),
        ("status", "paid"),
        ("wat", 1),
        ("metadata", []),
        ("latest_charge.captured", ...),
        ("latest_charge.outcome.type", ...),
        ("latest_charge.payment_method_details.card.exp_month", "12"),
        ("latest_charge.balance_transaction.type", "gift"),
        ("latest_charge.object", "charges"),
        ("payment_method.card.last4", 4242),
        ("payment_method.card.wat", 1),
        ("customer.livemode", ...),
    ],
)
def test_what_it_does_not_expect_is_noticed(answer, path, value):
    assert faults(changed(answer, path, value))


def test_a_refusal_is_held_against_it_as_well():
    assert faults({"error": {"type": "card_error", "message": "No.", "decline_code": "lost_card"}}) == []
    assert faults({"error": {"message": "No."}}) and faults({"error": {"type": "card_error", "wat": 1}})
