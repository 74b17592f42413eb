"""Signed, again until they are heard, and wrong in whichever way a test asks for."""

import json
import time
from collections.abc import Iterator

import pytest
import stripe as library
from stripe import SignatureVerificationError, StripeClient, Webhook

from tests.simulated import Simulator, simulator
from tests.stripesim.conformance import faults
from tests.stripesim.conftest import speaking
from tests.stripesim.shop import Shop
from tests.stripesim.test_contract import payment, saved


@pytest.fixture(scope="module")
def telling(tmp_path_factory, shop: Shop) -> Iterator[Simulator]:
    with simulator(tmp_path_factory.mktemp("webhooks"), f"{shop.url}/hooks/stripe") as running:
        yield running


@pytest.fixture(scope="module")
def client(telling: Simulator) -> Iterator[StripeClient]:
    with speaking(telling) as one:
        yield one


@pytest.fixture(autouse=True)
def nothing_is_left_over(telling: Simulator, shop: Shop) -> Iterator[None]:
    telling.webhooks()
    telling.settle()
    shop.brought.clear()
    shop.answers.clear()
    yield
    telling.webhooks()


def heard(shop: Shop) -> list:
    return [json.loads(body) for body, _ in shop.brought]


def kinds(shop: Shop) -> list[str]:
    return [event["type"] for event in heard(shop)]


def test_a_payment_is_told_signed_and_in_order(telling, client, shop):
    customer = client.v1.customers.create({})
    said = payment(customer=customer.id, payment_method="pm_card_visa", setup_future_usage="off_session")
    paid = client.v1.payment_intents.create(said, {"idempotency_key": "told"})
    telling.settle()
    assert kinds(shop) == [
        "customer.created", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
        "payment_method.attached",
    ]  # fmt: skip
    for body, header in shop.brought:
        event = Webhook.construct_event(body, header, telling.webhook_secret, api_key=telling.secret_key)
        assert client.construct_event(body, header, telling.webhook_secret).id == event.id
        assert event.api_version == library.api_version
        assert faults(json.loads(body)) == []
    told = heard(shop)[3]
    assert told["data"]["object"]["id"] == paid.id and told["request"]["idempotency_key"] == "told"
    assert client.v1.events.retrieve(told["id"]).data.object.to_dict() == told["data"]["object"]


def test_every_kind_of_event_is_what_the_library_expects(telling, client, shop):
    customer = client.v1.customers.create({})
    paid = client.v1.payment_intents.create(payment(customer=customer.id, payment_method="pm_card_visa"))
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 100})
    method = saved(client, customer)
    client.v1.payment_methods.update(method, {"metadata": {"a": "1"}})
    client.v1.payment_methods.detach(method)
    with pytest.raises(library.CardError):
        client.v1.payment_intents.create(payment(payment_method="pm_card_visa_chargeDeclined"))
    asked = client.v1.payment_intents.create(payment(payment_method="pm_card_authenticationRequired"))
    telling.authenticate(asked.id, completes=False)
    client.v1.payment_intents.cancel(asked.id)
    disputed = client.v1.payment_intents.create(payment(payment_method="pm_card_createDispute"))
    dispute = client.v1.disputes.list({"payment_intent": disputed.id}).data[0]
    assert client.v1.disputes.retrieve(dispute.id).reason == "fraudulent"
    telling.decide(dispute.id, won=True)
    telling.process_next()
    late = client.v1.payment_intents.create(payment(payment_method="pm_card_visa"))
    assert late.status == "processing"
    telling.end_processing(late.id)
    assert client.v1.payment_intents.retrieve(late.id).status == "succeeded"
    client.v1.customers.delete(customer.id)
    telling.settle()
    assert [fault for event in heard(shop) for fault in faults(event)] == []
    assert {
        "charge.dispute.closed", "charge.dispute.created", "charge.failed", "charge.refunded", "customer.deleted",
        "payment_intent.canceled", "payment_intent.payment_failed", "payment_intent.processing",
        "payment_intent.requires_action", "payment_intent.succeeded", "payment_method.attached",
        "payment_method.detached", "payment_method.updated", "refund.created", "refund.updated",
    } <= set(kinds(shop))  # fmt: skip


def test_checkout_tells_that_it_ended(telling, client, shop):
    price = {"currency": "usd", "unit_amount": 900, "product_data": {"name": "Payment"}}
    said = {"mode": "payment", "success_url": "https://x.example", "line_items": [{"price_data": price, "quantity": 1}]}
    one, other, slow = (client.v1.checkout.sessions.create(said) for _ in range(3))
    telling.check_out(one.id)
    client.v1.checkout.sessions.expire(other.id)
    telling.process_next()
    telling.check_out(slow.id)
    session = client.v1.checkout.sessions.retrieve(slow.id)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    telling.end_processing(session.payment_intent, succeeds=False)
    telling.settle()
    told = [kind for kind in kinds(shop) if kind.startswith("checkout")]
    assert told == [
        "checkout.session.completed", "checkout.session.expired", "checkout.session.completed",
        "checkout.session.async_payment_failed",
    ]  # fmt: skip
    assert [fault for event in heard(shop) for fault in faults(event)] == []


def test_an_event_comes_again_until_it_is_heard(telling, client, shop):
    telling.webhooks(back_off=0.05)
    shop.answers[:] = [500, 302, 404]
    client.v1.customers.create({})
    assert telling.settle()["done"] >= 1
    assert len(shop.brought) == 4 and len({event["id"] for event in heard(shop)}) == 1


def test_twice_is_the_same_event(telling, client, shop):
    telling.webhooks(duplicate=2)
    client.v1.customers.create({})
    telling.settle()
    assert len(shop.brought) == 3 and len({event["id"] for event in heard(shop)}) == 1


def test_backwards(telling, client, shop):
    telling.webhooks(reorder=True)
    client.v1.payment_intents.create(payment(payment_method="pm_card_visa"))
    telling.settle()
    assert kinds(shop) == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]


def test_late(telling, client, shop):
    telling.webhooks(delay=0.6)
    client.v1.customers.create({})
    time.sleep(0.3)
    assert shop.brought == []
    telling.settle()
    assert len(shop.brought) == 1


def test_lost_on_the_way_and_brought_later(telling, client, shop):
    telling.webhooks(drop=1, back_off=30)
    client.v1.customers.create({})
    time.sleep(0.3)
    assert shop.brought == []
    telling.webhooks()
    telling.deliver()
    telling.settle()
    assert kinds(shop) == ["customer.created"]


def test_what_was_heard_already_can_be_brought_again(telling, client, shop):
    client.v1.customers.create({})
    telling.settle()
    before = len(telling.ask("GET", "deliveries")["deliveries"])
    shop.brought.clear()
    telling.deliver(again=True)
    telling.settle()
    assert len(shop.brought) == before


def test_signed_by_somebody_else(telling, client, shop):
    telling.webhooks(bad_signature=True)
    client.v1.customers.create({})
    telling.settle()
    body, header = shop.brought[0]
    with pytest.raises(SignatureVerificationError):
        client.construct_event(body, header, telling.webhook_secret)


def test_a_switch_that_is_not_there_is_refused(telling):
    with pytest.raises(AssertionError, match="no such switch"):
        telling.webhooks(upside_down=True)


# Over kills and restarts: see also test_kills


def test_what_was_answered_is_there_after_a_kill_and_what_was_not_told_is_told(tmp_path, shop):
    sim = Simulator(tmp_path / "sim.sqlite", f"{shop.url}/hooks/stripe").start()
    with speaking(sim, retries=2) as client:
        sim.webhooks(pause=True)
        said, under = payment(payment_method="pm_card_visa", metadata={"attempt": "1"}), {"idempotency_key": "kept"}
        paid = client.v1.payment_intents.create(said, under)
        sim.kill()
        assert shop.brought == []
        sim.start()
        sim.settle()
        assert "payment_intent.succeeded" in kinds(shop)
        assert client.v1.payment_intents.retrieve(paid.id).status == "succeeded"
        assert client.v1.payment_intents.create(said, under).id == paid.id
        assert sim.counters(attempt="1")["charges"] == 1
        began = time.monotonic()
        sim.stop()
        assert time.monotonic() - began < 2
