"""What a test can make happen that Stripe's API has no call for, and how it counts."""

from uuid import uuid4

import pytest
from stripe import InvalidRequestError

from tests.stripesim.test_contract import RETURN, payment, saved


def test_what_was_charged_is_counted_by_its_metadata(sim, ours):
    mark = uuid4().hex
    said = payment(2500, payment_method="pm_card_visa", metadata={"attempt": mark, "kind": "balance"})
    paid = ours.v1.payment_intents.create(said)
    ours.v1.refunds.create({"payment_intent": paid.id, "amount": 700})
    counted = sim.counters(attempt=mark)
    assert {name: counted[name] for name in ("charges", "charged", "refunds", "refunded")} == {
        "charges": 1, "charged": 2500, "refunds": 1, "refunded": 700,
    }  # fmt: skip
    assert sim.counters(attempt=mark, kind="estimate")["charges"] == 0
    found = ours.v1.payment_intents.search({"query": f"metadata['attempt']:'{mark}' AND status:'succeeded'"})
    assert [one.id for one in found.data] == [paid.id]


def test_the_balance_adds_up(sim, ours):
    began = ours.v1.payment_intents.create(payment(1000, payment_method="pm_card_visa")).created
    paid = ours.v1.payment_intents.create(payment(4000, payment_method="pm_card_visa") | {"expand": ["latest_charge"]})
    refund = ours.v1.refunds.create({"payment_intent": paid.id, "amount": 1500})
    sources = {paid.latest_charge.id: 4000, refund.id: -1500}
    moved = ours.v1.balance_transactions.list({"created": {"gte": began}, "limit": 100})
    assert {one.source: one.amount for one in moved.auto_paging_iter() if one.source in sources} == sources
    assert all(one.net == one.amount - one.fee for one in moved.data)


def test_a_bank_takes_its_money_back(sim, ours):
    paid = ours.v1.payment_intents.create(payment(3000, payment_method="pm_card_visa"))
    dispute = sim.dispute(paid.id, "product_not_received")
    charge = ours.v1.charges.retrieve(paid.latest_charge)
    assert charge.disputed and ours.v1.disputes.retrieve(dispute["id"]).reason == "product_not_received"
    with pytest.raises(InvalidRequestError) as refusal:
        ours.v1.refunds.create({"payment_intent": paid.id})
    assert refusal.value.code == "charge_disputed"
    sim.decide(dispute["id"], won=False)
    assert ours.v1.disputes.retrieve(dispute["id"]).status == "lost"


@pytest.mark.parametrize(("succeeds", "status"), [(True, "succeeded"), (False, "requires_payment_method")])
def test_a_payment_may_take_its_time(sim, ours, succeeds, status):
    mark = uuid4().hex
    sim.process_next()
    said = payment(payment_method="pm_card_visa", metadata={"attempt": mark})
    slow = ours.v1.payment_intents.create(said | {"expand": ["latest_charge"]})
    assert slow.status == "processing" and slow.latest_charge.status == "pending" and not slow.latest_charge.paid
    assert sim.counters(attempt=mark)["charges"] == 0
    with pytest.raises(InvalidRequestError):
        ours.v1.payment_intents.cancel(slow.id)
    sim.end_processing(slow.id, succeeds=succeeds)
    assert ours.v1.payment_intents.retrieve(slow.id).status == status
    assert sim.counters(attempt=mark)["charges"] == (1 if succeeds else 0)
    with pytest.raises(AssertionError, match="not processing"):
        sim.end_processing(slow.id)


def test_the_bank_is_answered_without_a_browser_and_once(sim, ours):
    asked = ours.v1.payment_intents.create(payment(payment_method="pm_card_authenticationRequired"))
    assert sim.authenticate(asked.id)["status"] == "succeeded"
    assert sim.authenticate(asked.id, completes=False)["status"] == "succeeded"
    refused = ours.v1.payment_intents.create(payment(payment_method="pm_card_authenticationRequired"))
    sim.authenticate(refused.id, completes=False)
    found = ours.v1.payment_intents.retrieve(refused.id)
    assert found.status == "requires_payment_method"
    assert found.last_payment_error.code == "payment_intent_authentication_failure"


def test_a_card_set_up_once_is_not_asked_again_and_one_that_always_asks_is(sim, ours):
    customer = ours.v1.customers.create({})
    for method, is_asked in (
        ("pm_card_authenticationRequiredOnSetup", False),
        ("pm_card_authenticationRequired", True),
    ):
        said = {"customer": customer.id, "confirm": True, "return_url": RETURN, "payment_method": method}
        asked = ours.v1.setup_intents.create(said)
        assert asked.status == "requires_action"
        kept = sim.authenticate(asked.id)["payment_method"]
        later = payment(customer=customer.id, payment_method=kept, off_session=True)
        if is_asked:
            with pytest.raises(Exception, match="requires authentication"):
                ours.v1.payment_intents.create(later)
        else:
            assert ours.v1.payment_intents.create(later).status == "succeeded"


def test_checkout_is_paid_and_lapses_without_a_browser(sim, ours):
    price = {"currency": "usd", "unit_amount": 900, "product_data": {"name": "Payment"}}
    said = {"mode": "payment", "success_url": RETURN, "line_items": [{"price_data": price, "quantity": 2}]}
    one, other = ours.v1.checkout.sessions.create(said), ours.v1.checkout.sessions.create(said)
    assert sim.check_out(one.id)["payment_status"] == "paid"
    with pytest.raises(AssertionError, match="complete"):
        sim.check_out(one.id)
    sim.advance(24 * 3600 + 1)
    assert ours.v1.checkout.sessions.retrieve(other.id).status == "expired"
    with pytest.raises(AssertionError, match="expired"):
        sim.check_out(other.id)
    sim.advance(-24 * 3600 - 1)


def test_a_bank_sends_a_new_card(sim, ours):
    customer = ours.v1.customers.create({})
    method = saved(ours, customer)
    sim.ask("POST", f"payment_methods/{method}", exp_month=3, exp_year=2041)
    assert ours.v1.payment_methods.retrieve(method).card.exp_year == 2041
    told = ours.v1.events.list({"types": ["payment_method.automatically_updated", "customer.deleted"], "limit": 1}).data
    assert told[0].type == "payment_method.automatically_updated" and told[0].data.object.id == method
