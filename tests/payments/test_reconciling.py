"""Stripe's books beside ours: each difference is found, told, kept and an item for staff; nothing is mended."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from portal import clock
from portal.access import Viewer
from portal.billing.actions import returning
from portal.billing.actions.returning import Back
from portal.database import fetch
from portal.payments.actions import nightly, reconciling
from tests.payments.post import Post
from tests.payments.test_refunding import Till
from tests.simulated import simulator
from tests.tasks.commands import portal

NIGHT = Viewer.portal("nightly check")


@pytest.fixture
def stripe(tmp_path):
    """Books in which nothing stands yet."""
    with simulator(tmp_path) as running:
        yield running


@pytest.fixture
def books(desk):
    return Books(clock.now() - timedelta(minutes=1))


@dataclass
class Books:
    since: datetime

    async def compared(self):
        return await reconciling.reconcile(NIGHT, self.since)

    async def differences(self):
        return [(one.what, one.there, one.here) for one in (await self.compared())[1]]


async def items():
    rows = await fetch("SELECT about, settled_at IS NULL AS open FROM review_item WHERE kind = 'card.different'")
    return [(row["about"], row["open"]) for row in rows]


async def test_what_was_charged_and_given_back_is_the_same_there_and_here(desk, books):
    till = Till(desk, await desk.paid(amount=9000))
    await desk.paid("chargeDeclined", amount=2000)
    await till.ask(4000)
    row, found = await books.compared()
    assert found == [] and (row.charges_there, row.charged_there) == (row.charges_here, row.charged_here) == (1, 9000)
    assert (row.refunds_there, row.refunded_there) == (row.refunds_here, row.refunded_here) == (1, 4000)
    assert await items() == []


async def test_charged_there_and_not_here(desk, books):
    desk.asked("payment_intents", amount="900", currency="usd", confirm="true", payment_method="pm_card_visa",
               return_url="https://x.example")  # fmt: skip
    assert await books.differences() == [("not_here", 900, 0)]
    await books.compared()
    assert await items() == [("1", True)]


async def test_here_and_not_there(desk, books):
    row = await desk.paid(amount=9000)
    await fetch("UPDATE payment_attempt SET intent = 'pi_nobody'")
    assert sorted(await books.differences()) == [("not_here", 9000, 0), ("not_there", 0, 9000)]
    await fetch("UPDATE payment_attempt SET intent = {}", row.intent)
    assert await books.differences() == [] and await items() == [("2", False)]


async def test_another_sum(desk, books):
    await desk.paid(amount=9000)
    await fetch("ALTER TABLE payment DISABLE TRIGGER USER")
    await fetch("UPDATE payment SET amount = 8999")
    await fetch("ALTER TABLE payment ENABLE TRIGGER USER")
    assert await books.differences() == [("sum", 9000, 8999)]


async def test_another_clients_customer(desk, books):
    await desk.paid(amount=9000)
    await fetch("UPDATE stripe_customer SET customer = 'cus_somebody'")
    assert await books.differences() == [("customer", 9000, 9000)]


async def test_a_refund_there_and_not_here_and_here_and_not_there(desk, books):
    row = await desk.paid(amount=9000)
    desk.asked("refunds", payment_intent=row.intent, amount="1000")
    back = Back("card", "Posted by nobody", {await Till(desk, row).line(): 2000}, key="no-refund-of-stripes")
    await returning.refund(NIGHT, row.payment, back)
    assert sorted(await books.differences()) == [("not_here", -1000, 0), ("not_there", 0, -2000)]


async def test_a_dispute_that_is_lost_counts_as_money_that_went_back(desk, books):
    row = await desk.paid(amount=9000)
    post = Post(desk)
    told = desk.stripe.dispute(row.intent)
    desk.stripe.decide(told["id"], won=False)
    found = [one for one in (await books.compared())[1] if one.name == told["id"]]
    assert [(one.what, one.there) for one in found] == [("not_here", -9000)]
    post.known.clear()
    await post.bring(*[one for one in post.new() if one["data"]["object"]["id"] == told["id"]])
    assert [one for one in (await books.compared())[1] if one.name == told["id"]] == []


async def test_what_is_on_its_way_is_no_difference(desk, books):
    desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    row = await desk.paid(amount=9000)
    assert row.state == "submitting" and await books.differences() == []
    with clock.shifted(hours=3):
        assert await books.differences() == [("not_here", 9000, 0)]


async def test_a_payment_from_before_the_first_day_is_no_difference(desk, books):
    till = Till(desk, await desk.paid(amount=9000))
    await till.ask(1000)
    await fetch("UPDATE payment_attempt SET submitted_at = submitted_at + interval '1 hour'")
    await fetch("UPDATE card_refund SET made_at = made_at + interval '1 hour'")
    row, found = await reconciling.reconcile(NIGHT, clock.now() + timedelta(minutes=30))
    assert found == [] and (row.charges_there, row.charges_here, row.refunds_there) == (1, 1, 1)


async def test_more_than_a_page_of_each(desk, books):
    """Stripe's lists hold a hundred at most."""
    desk.asked("payment_intents", amount="60000", currency="usd", confirm="true", payment_method="pm_card_visa",
               return_url="https://x.example")  # fmt: skip
    for _ in range(104):
        desk.asked("payment_intents", amount="50", currency="usd", confirm="true", payment_method="pm_card_visa",
                   return_url="https://x.example")  # fmt: skip
    row, found = await books.compared()
    assert (row.charges_there, row.charged_there, len(found)) == (105, 65200, 105)


async def test_once_a_night(desk, books):
    await desk.paid(amount=1000)
    for _ in range(3):
        await nightly.reconcile(NIGHT)
    assert (await fetch("SELECT count(*) AS many FROM card_reconciliation"))[0]["many"] == 1
    with clock.shifted(hours=24):
        await nightly.reconcile(NIGHT)
    assert (await fetch("SELECT count(*) AS many FROM card_reconciliation"))[0]["many"] == 2


async def test_stripe_that_is_away_is_no_difference_and_a_wrong_key_is_an_item(desk, books):
    await desk.paid(amount=1000)
    desk.stripe.fault("500", path="/v1/payment_intents", method="GET", times=2)
    await nightly.reconcile(NIGHT)
    assert await fetch("SELECT id FROM card_reconciliation") == []


@pytest.fixture
def environment(desk, db):
    return {
        "DATABASE_URL": db,
        "STRIPE_SECRET_KEY": desk.stripe.secret_key,
        "STRIPE_PUBLISHABLE_KEY": desk.stripe.publishable_key,
        "STRIPE_WEBHOOK_SECRET": desk.stripe.webhook_secret,
        "STRIPE_API": desk.stripe.url,
    }


async def called(tmp_path, environment, *words):
    return await asyncio.to_thread(portal, tmp_path, "payments", *words, **environment)


async def test_the_command_says_what_differs_and_ends_with_1(desk, environment, tmp_path):
    row = await desk.paid(amount=9000)
    told = await called(tmp_path, environment, "reconcile", "--since", f"{row.made_at:%Y-%m-%d}", "--json")
    said = json.loads(told.stdout)
    assert (told.returncode, said["agrees"], said["differences"]) == (0, True, [])
    assert (said["charges_there"], said["charged_there"]) == (said["charges_here"], said["charged_here"]) == (1, 9000)
    told = await called(tmp_path, environment, "reconcile")
    assert told.returncode == 0 and "They agree" in told.stdout and await items() == []
    await fetch("UPDATE payment_attempt SET intent = 'pi_nobody'")
    told = await called(tmp_path, environment, "reconcile")
    assert told.returncode == 1 and "in the ledger and not at Stripe: pi_nobody, payment" in told.stdout
    assert "$0.00 there, $90.00 here" in told.stdout and "ledger 1, $90.00" in told.stdout
    assert (await items())[0][1]


async def test_the_command_says_what_to_do(desk, environment, tmp_path):
    wrong = await called(tmp_path, environment, "reconcile", "--since", "yesterday")
    assert wrong.returncode == 2 and "write the day as 2026-10-31" in wrong.stderr
    none = await called(tmp_path, {"DATABASE_URL": environment["DATABASE_URL"]}, "reconcile")
    assert none.returncode == 1 and "set STRIPE_SECRET_KEY" in none.stderr
    away = await called(tmp_path, {**environment, "STRIPE_API": "http://127.0.0.1:9"}, "reconcile")
    assert away.returncode == 1 and "Nothing was compared" in away.stderr


async def test_the_latest_attempts_are_listed_without_a_name(desk, environment, tmp_path):
    row = await desk.paid(amount=9000)
    await desk.paid("chargeDeclined", amount=2000)
    told = await called(tmp_path, environment, "list")
    assert "$90.00  succeeded  visa 4242  payment" in told.stdout and "declined (generic_decline)" in told.stdout
    assert "Maya" not in told.stdout
    (one,) = json.loads((await called(tmp_path, environment, "list", "--json", "--state", "succeeded")).stdout)
    assert (one["id"], one["amount"], one["payment"]) == (row.id, 9000, row.payment)
