"""Under one key one thing happens, however often and however many at once ask for it."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest
from stripe import APIError, CardError, IdempotencyError, InvalidRequestError, RateLimitError

from tests.stripesim.conftest import speaking
from tests.stripesim.test_contract import payment, saved

MANY = 30


def at_once(times: int, act) -> list:
    with ThreadPoolExecutor(times) as pool:
        return [one.result() for one in [pool.submit(act, n) for n in range(times)]]


def test_thirty_at_once_under_one_key_are_one_charge(sim, ours):
    customer, mark = ours.v1.customers.create({}), uuid4().hex
    said = payment(customer=customer.id, payment_method=saved(ours, customer), metadata={"attempt": mark})
    with speaking(sim, retries=8) as client:
        paid = at_once(MANY, lambda _: client.v1.payment_intents.create(said, {"idempotency_key": mark}))
    assert {one.status for one in paid} == {"succeeded"} and len({one.id for one in paid}) == 1
    counted = sim.counters(attempt=mark)
    assert (counted["charges"], counted["charged"], counted["failed"]) == (1, 1500, 0)
    assert counted["payment_intents"] == {"succeeded": 1}


def test_thirty_at_once_under_their_own_keys_are_thirty_charges(sim, ours):
    customer, mark = ours.v1.customers.create({}), uuid4().hex
    said = payment(customer=customer.id, payment_method=saved(ours, customer), metadata={"attempt": mark})
    at_once(MANY, lambda n: ours.v1.payment_intents.create(said, {"idempotency_key": f"{mark}-{n}"}))
    assert sim.counters(attempt=mark)["charges"] == MANY


def test_a_second_call_while_the_first_is_under_way_is_told_so(sim, ours):
    under = {"idempotency_key": uuid4().hex}
    sim.fault("stall", "/v1/customers", seconds=0.8)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ours.v1.customers.create, {"name": "One"}, under)
        time.sleep(0.3)
        with pytest.raises(APIError) as refusal:  # the library calls only a 400 an IdempotencyError
            ours.v1.customers.create({"name": "One"}, under)
        assert (refusal.value.http_status, refusal.value.error.code) == (409, "idempotency_key_in_use")
        assert ours.v1.customers.create({"name": "One"}, under | {"max_network_retries": 4}).id == first.result().id


def test_thirty_refunds_at_once_never_give_back_more_than_was_paid(sim, ours):
    paid = ours.v1.payment_intents.create(payment(1000, payment_method="pm_card_visa"))

    def refund(_: int) -> int:
        try:
            return ours.v1.refunds.create({"payment_intent": paid.id, "amount": 300}).amount
        except InvalidRequestError:
            return 0

    assert sorted(at_once(MANY, refund)) == [0] * (MANY - 3) + [300] * 3
    assert ours.v1.charges.retrieve(paid.latest_charge).amount_refunded == 900


def test_a_token_used_by_many_at_once_pays_once(ours):
    token = ours.v1.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"}).id

    def pay(_: int) -> bool:
        try:
            return ours.v1.payment_intents.create(payment(confirmation_token=token)).status == "succeeded"
        except InvalidRequestError:
            return False

    assert sum(at_once(MANY, pay)) == 1


def test_a_key_is_forgotten_after_a_day(sim, ours):
    under = {"idempotency_key": uuid4().hex}
    first = ours.v1.customers.create({}, under).id
    sim.advance(23 * 3600)
    assert ours.v1.customers.create({}, under).id == first
    sim.advance(2 * 3600)
    assert ours.v1.customers.create({}, under).id != first
    sim.advance(-25 * 3600)


def test_the_key_belongs_to_the_address_too(ours):
    under = {"idempotency_key": uuid4().hex}
    ours.v1.customers.create({}, under)
    with pytest.raises(IdempotencyError):
        ours.v1.setup_intents.create({}, under)


def test_a_token_ends_after_twelve_hours(sim, ours):
    tokens = [ours.v1.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"}).id for _ in range(2)]
    sim.advance(12 * 3600 - 60)
    assert ours.v1.payment_intents.create(payment(confirmation_token=tokens[0])).status == "succeeded"
    sim.advance(120)
    with pytest.raises(InvalidRequestError, match="expired"):
        ours.v1.payment_intents.create(payment(confirmation_token=tokens[1]))
    sim.advance(-12 * 3600 - 60)


# Faults between here and there


def test_an_answer_that_got_lost_is_found_under_the_same_key(sim, ours):
    mark = uuid4().hex
    said = payment(payment_method="pm_card_visa", metadata={"attempt": mark})
    sim.fault("answer_lost", "/v1/payment_intents")
    with pytest.raises(Exception, match="Unexpected error communicating"):
        ours.v1.payment_intents.create(said, {"idempotency_key": mark})
    assert sim.counters(attempt=mark)["charges"] == 1
    again = ours.v1.payment_intents.create(said, {"idempotency_key": mark})
    assert again.status == "succeeded" and again.last_response.headers["idempotent-replayed"] == "true"
    assert sim.counters(attempt=mark)["charges"] == 1


@pytest.mark.parametrize("fault", ["answer_lost", "reset"])
def test_the_library_asks_again_by_itself_and_pays_once(sim, fault):
    mark = uuid4().hex
    sim.fault(fault, "/v1/payment_intents")
    with speaking(sim, retries=2) as client:
        paid = client.v1.payment_intents.create(payment(payment_method="pm_card_visa", metadata={"attempt": mark}))
    assert paid.status == "succeeded" and sim.counters(attempt=mark)["charges"] == 1


def test_a_reset_leaves_nothing_behind(sim, ours):
    mark, before = uuid4().hex, len(sim.requests())
    sim.fault("reset", "/v1/payment_intents")
    with pytest.raises(Exception, match="Unexpected error communicating"):
        ours.v1.payment_intents.create(payment(payment_method="pm_card_visa", metadata={"attempt": mark}))
    assert sim.counters(attempt=mark)["charges"] == 0 and len(sim.requests()) == before


def test_a_fault_of_the_server_is_kept_under_its_key(sim, ours):
    under, said = {"idempotency_key": uuid4().hex}, payment(payment_method="pm_card_visa")
    sim.fault("500", "/v1/payment_intents")
    for _ in range(2):
        with pytest.raises(APIError) as refusal:
            ours.v1.payment_intents.create(said, under)
        assert refusal.value.http_status == 500
    assert refusal.value.headers["idempotent-replayed"] == "true"


def test_too_many_calls_are_told_to_wait_and_nothing_is_kept(sim, ours):
    under, said = {"idempotency_key": uuid4().hex}, payment(payment_method="pm_card_visa")
    sim.fault("429", "/v1/payment_intents", times=2)
    for _ in range(2):
        with pytest.raises(RateLimitError):
            ours.v1.payment_intents.create(said, under)
    assert ours.v1.payment_intents.create(said, under).status == "succeeded"


def test_who_waits_too_short_does_not_know_and_finds_it_under_the_same_key(sim):
    mark = uuid4().hex
    said, under = payment(payment_method="pm_card_visa", metadata={"attempt": mark}), {"idempotency_key": mark}
    sim.fault("stall", "/v1/payment_intents", seconds=0.6)
    with speaking(sim, seconds=0.3) as hasty:
        with pytest.raises(Exception, match="Unexpected error communicating"):
            hasty.v1.payment_intents.create(said, under)
    time.sleep(0.6)
    with speaking(sim) as patient:
        assert patient.v1.payment_intents.create(said, under).status == "succeeded"
    assert sim.counters(attempt=mark)["charges"] == 1


def test_a_fault_may_wait_for_its_turn_and_be_taken_back(sim, ours):
    sim.fault("429", "/v1/customers", after=1)
    ours.v1.customers.create({})
    with pytest.raises(RateLimitError):
        ours.v1.customers.create({})
    sim.fault("429", "/v1/customers")
    sim.forget_faults()
    assert ours.v1.customers.create({}).id


# What the stand-in remembers of what was asked


def test_everything_asked_is_written_down_word_for_word(sim, ours):
    last = max(one["number"] for one in sim.requests())
    ours.v1.customers.create({"name": "Word for word"}, {"idempotency_key": "written-down"})
    (asked,) = sim.requests(after=last)
    assert (asked["method"], asked["path"], asked["status"]) == ("POST", "/v1/customers", 200)
    assert asked["body"] == "name=Word+for+word" and asked["key"] == "written-down"


def test_a_card_number_is_refused_as_stripe_refuses_it(ours):
    card = {"number": "4242424242424242", "exp_month": 1, "exp_year": 2040, "cvc": "123"}
    with pytest.raises(CardError, match="unsafe"):
        ours.v1.payment_methods.create({"type": "card", "card": card})


def test_a_page_elsewhere_in_the_browser_cannot_turn_the_switches(sim):
    said = httpx.post(f"{sim.url}/sim/webhooks", content='{"pause": true}', headers={"Content-Type": "text/plain"})
    assert said.status_code == 415
    assert httpx.get(f"{sim.url}/sim/requests", headers={"Host": "rebound.example"}).status_code == 403
    assert sim.ask("GET", "webhooks")["pause"] is False
