"""The card is closed: a refund comes back, and the money is given back by check or in cash, with a trail on both."""

import asyncio

import pytest

from portal.access import NotFoundException, Role, Viewer
from portal.billing.actions import ledger, returning
from portal.billing.actions.returning import Back
from portal.database import fetch
from portal.payments.actions import refunding
from portal.refusal import Refused
from tests.payments.post import Post
from tests.payments.test_refunding import PORTAL, Till, items


@pytest.fixture
async def till(desk):
    """Stripe's test card whose refunds are said to have gone, and come back."""
    post = Post(desk)
    till = Till(desk, await desk.paid("refundFail"))
    row = await till.ask()
    assert row.state == "succeeded"
    await post.bring()
    return till


def address(till, rest: str = "") -> str:
    return f"/staff/payments/{till.row.payment}{rest}"


def in_cash(cents: int | None = None, line: int = 0, key: str = "by-hand") -> Back:
    return Back("cash", "The card is closed", None if cents is None else {line: cents}, key=key)


async def test_the_money_is_the_practices_again_and_the_ledger_says_that_it_was_not_given_back(till):
    (row,) = await fetch("SELECT state, code, payment FROM card_refund")
    assert (row["state"], row["code"]) == ("failed", "expired_or_canceled_card")
    assert await till.posted() == [] and await till.owed() == 0
    assert await items() == [{"kind": "card.refund", "about": "failed_after 15000"}]
    await till.agrees()


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_a_biller_records_a_check_and_finds_it_beside_both(till, htmx):
    biller = await till.desk.cast.browser("biller", htmx=htmx)
    plain = await till.desk.cast.browser("biller")
    page = await biller.get(address(till, "/card-refund"))
    assert "The card has expired, or its account is closed." in page.text
    assert "The bank sent a refund back" in page.text and address(till, "/refund") in page.links()
    page = await biller.get(address(till, "/refund"))
    assert "record here what you have handed or sent" in page.text and "What can go back: $150.00" in page.text
    typed = {"act": "check", "method": "check", "reference": "1017", "reason": "The card is closed"}
    page = await biller.press(page, address(till, "/refund"), typed)
    page = await biller.press(page, address(till, "/refund"), act="refund")
    (row,) = await fetch("SELECT * FROM payment WHERE is_refund AND reversed_at IS NULL")
    assert (row["method"], row["amount"], row["refunds"]) == ("check", 15000, till.row.payment)
    assert await till.owed() == 15000 and till.gone()[1] == 0
    page = await plain.get(f"/staff/payments/{row['id']}")
    assert "a refund to the card came back" in page.text and address(till, "/card-refund") in page.links()
    page = await plain.get(address(till))
    assert f"/staff/payments/{row['id']}" in page.links() and "$150.00, Check" in page.words
    page = await plain.get(address(till, "/card-refund"))
    assert "Did not go" in page.text and "Given back: Check" in page.text
    assert f"/staff/payments/{row['id']}" in page.links() and "Nothing more of it can go back." in page.text
    await till.agrees()


async def test_by_hand_and_to_the_card_together_never_more_than_was_paid(till):
    line = await till.line()
    await returning.refund(till.biller, till.row.payment, in_cash(9000, line))
    till.desk.stripe.hold_refunds()
    await till.ask(4000)
    assert await returning.by_hand(till.biller, till.row.payment) == {line: 2000}
    with pytest.raises(Refused):
        await returning.refund(till.biller, till.row.payment, in_cash(2001, line, key="by-hand-again"))
    with pytest.raises(Refused):
        await till.ask(2001)
    await returning.refund(till.biller, till.row.payment, in_cash(2000, line, key="by-hand-again"))
    with pytest.raises(Refused):
        await till.ask()


async def test_both_at_once_never_give_back_more_than_was_paid(till):
    line = await till.line()
    to_card = [till.ask(9000, line=line) for _ in range(3)]
    hands = [in_cash(9000, line, key=f"by-hand-{number}") for number in range(3)]
    told = await asyncio.gather(
        *to_card, *(returning.refund(till.biller, till.row.payment, one) for one in hands), return_exceptions=True
    )
    assert len([one for one in told if isinstance(one, Refused)]) == 5, told


async def test_the_refund_by_hand_can_be_reversed_and_then_be_given_again(till):
    made = await returning.refund(till.biller, till.row.payment, in_cash())
    assert await till.owed() == 15000
    await returning.reverse(till.biller, made, "It was never handed out")
    assert await till.owed() == 0
    await returning.refund(till.biller, till.row.payment, in_cash(key="another"))
    assert await till.owed() == 15000


async def test_nothing_of_it_while_the_bank_decides_about_the_payment(till):
    post = Post(till.desk)
    till.desk.stripe.dispute(till.row.intent)
    await post.bring()
    assert await returning.by_hand(till.biller, till.row.payment) == {}
    with pytest.raises(Refused):
        await returning.refund(till.biller, till.row.payment, in_cash())


async def test_where_no_refund_came_back_it_goes_to_the_card_and_nowhere_else(desk):
    till = Till(desk, await desk.paid())
    desk.stripe.fault("answer_lost", path="/v1/refunds", times=2)
    row = await till.ask(4000)
    for _ in range(2):  # nobody knows, and then it has gone
        with pytest.raises(Refused) as refused:
            await returning.refund(till.biller, till.row.payment, in_cash())
        assert refused.value is ledger.BY_CARD
        row = await refunding.go_on(PORTAL, row.id)
    assert row.state == "succeeded"
    page = await (await desk.cast.browser("biller")).get(address(till, "/refund"))
    assert page.soup.select_one("#refund form") is None and "goes back to that card" in page.text


async def test_it_is_for_who_may_give_back(till):
    front = till.desk.cast.accounts["front_desk"].staff_member
    assert (await (await till.desk.cast.browser("front_desk")).get(address(till, "/refund"))).status == 404
    with pytest.raises(NotFoundException):
        await returning.refund(Viewer(staff_id=front, role=Role.FRONT_DESK), till.row.payment, in_cash())
