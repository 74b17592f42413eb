"""One press charges once, and what was charged stands in the ledger."""

import asyncio

import pytest

from portal import clock
from portal.access import Viewer
from portal.database import fetch
from portal.payments.actions import attempts, charging, keeping, minding
from portal.payments.tables import PaymentAttempt
from portal.refusal import Refused
from tests.payments.factories import CONSENT

PORTAL = Viewer.portal("card payment")


async def test_the_total_balance_is_charged_posted_and_has_a_receipt(desk):
    row = await desk.paid()
    assert (row.state, row.amount, row.brand, row.last4) == ("succeeded", 15000, "visa", "4242")
    assert desk.charged(row.public) == (1, 15000)
    assert (await desk.balance()).to_pay == 0
    (payment,) = await desk.payments()
    assert (payment["id"], payment["amount"], payment["reference"], payment["number"]) == (
        row.payment,
        15000,
        "4242",
        1,
    )
    assert payment["taken_by"] is None and await desk.cards() == []


async def test_a_part_is_paid_and_the_rest_is_owed(desk):
    row = await desk.paid(amount=4000)
    assert desk.charged(row.public) == (1, 4000) and (await desk.balance()).to_pay == 11000


@pytest.mark.parametrize("cents", [49, 15001, -100, 0])
async def test_an_amount_that_cannot_be_is_refused_on_the_server(desk, cents):
    with pytest.raises(Refused) as refused:
        await attempts.begin(desk.viewer, desk.client, cents)
    assert "amount" in refused.value.sentences


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("visa_chargeDeclined", "generic_decline"),
        ("visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("chargeDeclinedExpiredCard", "expired_card"),
    ],
)
async def test_a_decline_ends_the_attempt_and_the_next_one_may_succeed(desk, card, code):
    row = await desk.paid(card)
    assert (row.state, row.code, row.payment) == ("declined", code, None)
    assert desk.charged(row.public) == (0, 0) and await desk.payments() == []
    assert (await desk.paid()).state == "succeeded"


async def test_thirty_presses_at_once_charge_once(desk):
    public = await desk.reviewed()
    seen = await desk.seen(public)
    told = await asyncio.gather(
        *(charging.submit(desk.viewer, desk.client, public, seen) for _ in range(30)), return_exceptions=True
    )
    assert len([one for one in told if isinstance(one, PaymentAttempt)]) == 1
    assert len([one for one in told if isinstance(one, Refused)]) == 29
    assert desk.charged(public) == (1, 15000) and len(await desk.payments()) == 1


async def test_two_attempts_do_not_go_on_at_once(desk):
    """Two tabs with everything reviewed: the second waits for how the first ends."""
    first, second = await desk.reviewed("authenticationRequired"), await desk.reviewed()
    assert (await desk.pressed(first)).state == "action"
    with pytest.raises(Refused) as refused:
        await desk.pressed(second)
    assert "under way" in str(refused.value.sentences[""])
    assert desk.charged(second) == (0, 0)


async def test_what_changed_since_it_was_reviewed_is_looked_at_again(desk):
    public = await desk.reviewed()
    seen = await desk.seen(public)
    await attempts.choose_amount(desk.viewer, desk.client, public, 1000)
    with pytest.raises(Refused) as refused:
        await charging.submit(desk.viewer, desk.client, public, seen)
    assert "changed" in refused.value.sentences and desk.charged(public) == (0, 0)


async def test_the_bank_asks_and_the_client_agrees(desk):
    row = await desk.paid("authenticationRequired")
    assert row.state == "action" and row.next_url.startswith(desk.stripe.url)
    assert (await charging.go_on(PORTAL, row.id)).state == "action"
    desk.stripe.authenticate(row.intent)
    row = await charging.go_on(PORTAL, row.id)
    assert row.state == "succeeded" and desk.charged(row.public) == (1, 15000)


async def test_the_bank_asks_and_the_client_does_not_agree(desk):
    row = await desk.paid("authenticationRequired")
    desk.stripe.authenticate(row.intent, completes=False)
    row = await charging.go_on(PORTAL, row.id)
    assert (row.state, row.payment) == ("declined", None) and (await desk.balance()).to_pay == 15000


async def test_a_payment_that_waits_for_the_bank_is_cancelled_and_nothing_is_charged(desk):
    row = await minding.cancel(PORTAL, await desk.paid("authenticationRequired"))
    assert row.state == "cancelled" and (await desk.paid()).state == "succeeded"


async def test_what_is_processed_ends_later(desk):
    desk.stripe.process_next()
    row = await desk.paid()
    assert row.state == "processing" and await desk.payments() == []
    desk.stripe.end_processing(row.intent)
    assert (await charging.go_on(PORTAL, row.id)).state == "succeeded"
    assert len(await desk.payments()) == 1


@pytest.mark.parametrize(("fault", "times"), [("answer_lost", 2), ("429", 1), ("reset", 2)])
async def test_no_answer_is_no_failure_and_asking_again_charges_once(desk, fault, times):
    """The library asks twice by itself, but not where it asks too often."""
    public = await desk.reviewed()
    desk.stripe.fault(fault, path="/v1/payment_intents", times=times)
    row = await desk.pressed(public)
    if row.state != "succeeded":
        assert row.state == "submitting" and await desk.payments() == []
        row = await charging.go_on(PORTAL, row.id)
    assert row.state == "succeeded" and desk.charged(public) == (1, 15000) and len(await desk.payments()) == 1


async def test_an_error_that_stripe_keeps_as_its_answer_is_not_asked_for_ever(desk):
    desk.stripe.fault("500", path="/v1/payment_intents")
    row = await desk.paid()
    assert row.state == "submitting" and (await charging.go_on(PORTAL, row.id)).state == "submitting"
    with clock.shifted(seconds=600):
        assert (await charging.go_on(PORTAL, row.id)).state == "submitting"
    with clock.shifted(seconds=4000):
        row = await charging.go_on(PORTAL, row.id)
    assert (row.state, row.code) == ("failed", "never_arrived") and desk.charged(row.public) == (0, 0)


async def test_it_is_asked_after_by_itself(desk):
    """The errand lies beside the row from the same transaction."""
    desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    row = await desk.paid()
    assert row.state == "submitting"
    errands = await fetch("SELECT subject_id, due_at > now() AS later FROM errand WHERE actor = 'charge'")
    assert errands == [{"subject_id": row.id, "later": True}]
    assert await minding.mind(PORTAL, row.id) is None
    assert desk.charged(row.public) == (1, 15000)


async def test_after_a_day_it_is_not_asked_again_but_looked_for(desk):
    """Stripe has forgotten the key by then: the same call would charge a second time."""
    desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    row = await desk.paid()
    before = len(desk.stripe.requests())
    with clock.shifted(seconds=24 * 3600):
        row = await charging.go_on(PORTAL, row.id)
    assert row.state == "succeeded" and desk.charged(row.public) == (1, 15000)
    assert all(one["method"] == "GET" for one in desk.stripe.requests()[before:])


async def test_after_a_day_what_never_arrived_has_failed(desk):
    desk.stripe.fault("reset", path="/v1/payment_intents", times=2)
    row = await desk.paid()
    with clock.shifted(seconds=24 * 3600):
        row = await charging.go_on(PORTAL, row.id)
    assert (row.state, row.code) == ("failed", "never_arrived") and desk.charged(row.public) == (0, 0)


async def test_stripes_own_page_is_opened_paid_and_comes_back(desk):
    public = await attempts.begin(desk.viewer, desk.client, None)
    await attempts.choose_hosted(desk.viewer, desk.client, public, saves=True, makes_default=True, consent=CONSENT)
    row = await desk.pressed(public)
    assert row.state == "action" and row.next_url.startswith(desk.stripe.url)
    assert (await charging.go_on(PORTAL, row.id)).state == "action"
    desk.stripe.check_out(row.session)
    row = await charging.go_on(PORTAL, row.id)
    assert row.state == "succeeded" and desk.charged(public) == (1, 15000)
    assert [one["last4"] for one in await desk.cards()] == ["4242"]


async def test_the_first_card_saved_is_the_default_and_another_takes_its_place_when_it_goes(desk):
    await desk.paid(amount=1000, saves=True)
    await desk.paid("mastercard", amount=1000, saves=True)
    first, second = await desk.cards()
    assert (first["brand"], first["is_default"], second["is_default"]) == ("visa", True, False)
    assert first["consent"] == CONSENT and first["added_by"] == desk.viewer.account_id
    await keeping.remove(desk.viewer, desk.client, first["id"])
    (left,) = await desk.cards()
    assert left["id"] == second["id"] and left["is_default"]
    await keeping.tell_stripe(PORTAL, desk.client)
    assert desk.stripe_default() == second["method"]
    before = len(desk.stripe.requests())
    await keeping.tell_stripe(PORTAL, desk.client)
    assert len(desk.stripe.requests()) == before + 1, "a card is let go once"


async def test_a_saved_card_is_charged_and_anothers_is_not_there(desk):
    await desk.paid(amount=1000, saves=True)
    (card,) = await desk.cards()
    public = await attempts.begin(desk.viewer, desk.client, 2000)
    with pytest.raises(Refused):
        await attempts.choose_saved(desk.viewer, desk.client, public, card["id"] + 1)
    await attempts.choose_saved(desk.viewer, desk.client, public, card["id"])
    assert (await desk.pressed(public)).state == "succeeded"
    assert desk.charged(public) == (1, 2000)


async def test_the_same_card_twice_is_one(desk):
    await desk.paid(amount=1000, saves=True)
    await desk.paid(amount=1000, saves=True)
    (card,) = await desk.cards()
    assert card["is_default"]


async def test_a_card_that_was_removed_meanwhile_is_not_charged(desk):
    await desk.paid(amount=1000, saves=True)
    (card,) = await desk.cards()
    public = await attempts.begin(desk.viewer, desk.client, 2000)
    await attempts.choose_saved(desk.viewer, desk.client, public, card["id"])
    await keeping.remove(desk.viewer, desk.client, card["id"])
    with pytest.raises(Refused) as refused:
        await desk.pressed(public)
    assert "changed" in refused.value.sentences and desk.charged(public) == (0, 0)


async def test_an_expired_card_is_not_chosen(desk):
    await desk.paid(amount=1000, saves=True)
    (card,) = await desk.cards()
    await fetch("UPDATE payment_card SET exp_year = 2020 WHERE id = {}", card["id"])
    public = await attempts.begin(desk.viewer, desk.client, 2000)
    with pytest.raises(Refused) as refused:
        await attempts.choose_saved(desk.viewer, desk.client, public, card["id"])
    assert "expired" in str(refused.value.sentences["card"])
