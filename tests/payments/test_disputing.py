"""A client tells their bank that a payment was not theirs: staff are told, and the ledger says so when it is lost."""

import pytest

from portal.access import Viewer
from portal.billing.queries import checking
from portal.database import fetch
from portal.payments import books, kinds
from portal.payments.actions import disputing
from portal.review.kinds import kind_of
from tests.factories import TEST
from tests.payments.post import Post

PORTAL = Viewer.portal("card payment")


@pytest.fixture
async def case(desk):
    """A payment of $150.00 and the post that tells of it."""
    post = Post(desk)
    row = await desk.paid()
    await post.bring()
    return post, row


async def disputes():
    return await fetch("SELECT state, amount, taken, fee, reason, payment IS NOT NULL AS posted FROM card_dispute")


async def items():
    rows = await fetch("SELECT kind, about FROM review_item WHERE settled_at IS NULL ORDER BY id")
    return [(row["kind"], row["about"].split(" ")[:2]) for row in rows]


async def test_while_it_is_open_the_client_has_paid_and_staff_know_until_when_to_answer(case):
    post, row = case
    post.desk.stripe.dispute(row.intent)
    await post.bring()
    assert await disputes() == [
        {"state": "open", "amount": 15000, "taken": 15000, "fee": 1500, "reason": "fraudulent", "posted": False}
    ]
    assert (await post.desk.balance()).to_pay == 0
    assert await items() == [("card.dispute", ["open", "15000"])]
    (item,) = await fetch("SELECT * FROM review_item")
    assert (item["client"], item["needs"], item["url"]) == (post.desk.client, "payment:reverse", kinds.URL)
    said = str(kind_of(item["kind"]).says(item["about"]))
    assert said.startswith("$150.00. The bank has taken the money back") and "Answer at Stripe by " in said


async def test_lost_it_is_owed_again_and_won_nothing_changes(case):
    post, row = case
    told = post.desk.stripe.dispute(row.intent)
    post.desk.stripe.decide(told["id"], won=False)
    events = post.new()
    await post.bring(*reversed(events), *events)
    (lost,) = await disputes()
    assert (lost["state"], lost["taken"], lost["fee"], lost["posted"]) == ("lost", 15000, 1500, True)
    assert (await post.desk.balance()).to_pay == 15000
    refunds = [one for one in await post.desk.payments() if one["is_refund"]]
    assert [(one["amount"], one["method"], one["refunds"]) for one in refunds] == [(15000, "card", row.payment)]
    assert "Dispute lost" in refunds[0]["note"] and (await checking.check(TEST)).faults == []
    assert await items() == [("card.dispute", ["lost", "15000"])]


async def test_won_the_money_is_the_practices_again(case):
    post, row = case
    told = post.desk.stripe.dispute(row.intent)
    await post.bring()
    post.desk.stripe.decide(told["id"], won=True)
    await post.bring()
    (won,) = await disputes()
    assert (won["state"], won["taken"], won["fee"], won["posted"]) == ("won", 0, 1500, False)
    assert (await post.desk.balance()).to_pay == 0 and await items() == [("card.dispute", ["won", "15000"])]


async def test_what_was_looked_at_does_not_come_again(case):
    post, row = case
    told = post.desk.stripe.dispute(row.intent)
    await post.bring()
    await fetch("UPDATE review_item SET settled_at = now()")
    for _ in range(2):
        await disputing.hear(PORTAL, await books.dispute(told["id"]))
    assert await items() == []


async def test_a_dispute_that_is_heard_of_before_its_payment_settles_that_first(desk):
    post = Post(desk)
    desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    row = await desk.paid("createDispute")
    assert row.state == "submitting"
    events = [one for one in post.new() if one["type"].startswith("charge.dispute.")]
    await post.bring(*events)
    assert (await desk.row(row.public)).state == "succeeded"
    assert [one["state"] for one in await disputes()] == ["open"] and len(await desk.payments()) == 1


async def test_one_about_somebody_elses_payment_is_ignored(case):
    post, _ = case
    other = post.desk.asked("payment_intents", amount="900", currency="usd", confirm="true",
                            payment_method="pm_card_visa", return_url="https://x.example")  # fmt: skip
    post.desk.stripe.dispute(other["id"])
    await post.bring()
    assert await disputes() == [] and await items() == []
