"""What goes back to a card goes back once, never more than there is, and stands in the ledger when it has gone."""

import asyncio

import pytest

from portal import clock
from portal.access import NotFoundException, Role, Viewer
from portal.billing.actions import charging, ledger, paying, returning
from portal.billing.actions.paying import Taken
from portal.billing.actions.returning import Back
from portal.billing.queries import checking
from portal.database import fetch
from portal.payments import rules
from portal.payments.actions import refunding
from portal.payments.tables import CardRefund
from portal.refusal import Refused
from tests.billing.factories import an_encounter
from tests.factories import TEST
from tests.payments.post import Post
from tests.tasks.post import work_through

PORTAL = Viewer.portal("card refund")


class Till:
    """A payment of $150.00 by card, and a biller who gives of it back."""

    def __init__(self, desk, row):
        self.desk, self.row, self.number = desk, row, 0
        self.biller = Viewer(account_id=None, staff_id=desk.cast.accounts["biller"].staff_member, role=Role.BILLER)

    async def ask(self, cents=None, *, key="", line=None, reason="Asked for by phone") -> CardRefund:
        self.number += 1
        key = key or f"form-number-{self.number}"
        parts = None if cents is None else {line or await self.line(): cents}
        back = Back("card", reason, parts, key=key)
        return await refunding.ask(self.biller, self.row.payment, back)

    async def line(self) -> int:
        return next(iter(await returning.returnable(TEST, self.row.payment)))

    async def owed(self) -> int:
        return (await self.desk.balance()).to_pay

    def gone(self) -> tuple[int, int]:
        told = self.desk.stripe.counters(attempt=str(self.row.public))
        return told["refunds"], told["refunded"]

    async def posted(self):
        return [one["amount"] for one in await self.desk.payments() if one["is_refund"] and not one["reversed_at"]]

    async def agrees(self) -> None:
        """What went at Stripe went here."""
        posted = await self.posted()
        assert (len(posted), sum(posted)) == self.gone()
        assert (await checking.check(TEST)).faults == []


async def items():
    return await fetch("SELECT kind, about FROM review_item WHERE settled_at IS NULL ORDER BY id")


@pytest.fixture
async def till(desk):
    return Till(desk, await desk.paid())


async def test_all_of_it_goes_back_and_is_owed_again(till):
    row = await till.ask()
    assert (row.state, row.amount) == ("succeeded", 15000) and row.refund.startswith("re_")
    assert till.gone() == (1, 15000) and await till.owed() == 15000
    await till.agrees()
    (refund,) = [one for one in await till.desk.payments() if one["is_refund"]]
    assert (refund["refunds"], refund["method"], refund["reference"]) == (till.row.payment, "card", "4242")
    assert (refund["taken_by"], refund["note"]) == (till.biller.staff_id, "Asked for by phone")


async def test_a_part_goes_back_and_then_the_rest_and_no_more(till):
    line = await till.line()
    await till.ask(4000)
    with pytest.raises(Refused):
        await till.ask(11001, line=line)
    await till.ask()
    assert till.gone() == (2, 15000)
    with pytest.raises(Refused):
        await till.ask()
    await till.agrees()


async def test_the_same_form_twice_gives_back_once(till):
    first = await till.ask(4000, key="the same form")
    assert (await till.ask(4000, key="the same form")).id == first.id
    with pytest.raises(Refused):
        await till.ask(5000, key="the same form")
    assert till.gone() == (1, 4000)


async def test_one_form_six_times_at_once_gives_back_once(till):
    told = await asyncio.gather(*(till.ask(9000, key="the same form") for _ in range(6)))
    assert len({one.id for one in told}) == 1 and till.gone() == (1, 9000)
    await till.agrees()


async def test_two_at_once_never_give_back_more_than_there_is(till):
    for _ in range(3):
        till.desk.stripe.fault("stall", path="/v1/refunds", seconds=0.2)
    told = await asyncio.gather(*(till.ask(9000) for _ in range(6)), return_exceptions=True)
    assert len([one for one in told if isinstance(one, Refused)]) == 5, told
    assert till.gone() == (1, 9000)
    await till.agrees()


async def test_what_is_on_its_way_counts_as_gone(till):
    till.desk.stripe.hold_refunds()
    row = await till.ask(10000)
    assert row.state == "pending" and await till.posted() == [] and await till.owed() == 0
    assert await refunding.returnable(TEST, till.row.payment) == {await till.line(): 5000}
    with pytest.raises(Refused):
        await till.ask(5001)
    till.desk.stripe.end_refund(row.refund)
    row = await refunding.go_on(PORTAL, row.id)
    assert row.state == "succeeded" and await till.owed() == 10000
    await till.agrees()


async def test_a_refund_that_fails_leaves_everything_as_it_was_and_staff_are_told(till):
    till.desk.stripe.hold_refunds()
    row = await till.ask(10000)
    till.desk.stripe.end_refund(row.refund, arrives=False)
    row = await refunding.go_on(PORTAL, row.id)
    assert (row.state, row.code) == ("failed", "expired_or_canceled_card") and await till.owed() == 0
    assert await items() == [{"kind": "card.refund", "about": "failed 10000"}]
    assert (await till.ask()).amount == 15000
    await till.agrees()


async def test_a_refund_that_comes_back_after_all_is_reversed_and_staff_are_told(till):
    post = Post(till.desk)
    row = await till.ask()
    assert await till.owed() == 15000
    till.desk.stripe.end_refund(row.refund, arrives=False)
    events = post.new()
    await post.bring(*events, *reversed(events))
    row = await CardRefund.objects().get(CardRefund.id == row.id)
    assert row.state == "failed" and await till.owed() == 0 and await till.posted() == []
    assert await items() == [{"kind": "card.refund", "about": "failed_after 15000"}]
    await till.agrees()


@pytest.mark.parametrize(("fault", "times"), [("answer_lost", 2), ("429", 1), ("reset", 2), ("500", 1)])
async def test_no_answer_is_no_failure_and_it_goes_back_once(till, fault, times):
    till.desk.stripe.fault(fault, path="/v1/refunds", times=times)
    row = await till.ask()
    if row.state != "succeeded":
        assert row.state == "submitting" and await till.posted() == []
        errands = await fetch("SELECT subject_id FROM errand WHERE actor = 'give_back' AND state = 'queued'")
        assert errands == [{"subject_id": row.id}]
        with clock.shifted(seconds=90):
            await work_through("give_back")
        row = await CardRefund.objects().get(CardRefund.id == row.id)
    if fault == "500":  # Stripe keeps that as its answer to the key
        assert row.state == "submitting"
        with clock.shifted(seconds=3700):
            row = await refunding.go_on(PORTAL, row.id)
        assert (row.state, row.code) == ("failed", "never_arrived")
        row = await till.ask()
    assert row.state == "succeeded" and till.gone() == (1, 15000)
    await till.agrees()


async def test_after_a_day_it_is_not_asked_again_but_looked_for(till):
    till.desk.stripe.fault("answer_lost", path="/v1/refunds", times=2)
    row = await till.ask()
    before = len(till.desk.stripe.requests())
    with clock.shifted(seconds=rules.KEY_LIVES.total_seconds() + 60):
        row = await refunding.go_on(PORTAL, row.id)
        assert row.state == "succeeded" and till.gone() == (1, 15000)
    assert all(one["method"] == "GET" for one in till.desk.stripe.requests()[before:])


async def test_what_became_credit_and_was_spent_meanwhile_is_an_item_for_staff(till):
    """The money has gone from the card, and the ledger has nothing left to give: nothing is made up."""
    desk = till.desk
    (visit,) = await fetch("SELECT id, version FROM encounter")
    await charging.void(TEST, visit["id"], visit["version"], "It did not take place")
    desk.stripe.hold_refunds()
    row = await till.ask()
    await an_encounter(desk.cast.client)
    await paying.apply_credit(TEST, desk.client)
    desk.stripe.end_refund(row.refund)
    row = await refunding.go_on(PORTAL, row.id)
    assert row.state == "pending" and await items() == [{"kind": "card.refund", "about": "unposted 15000"}]
    (again,) = await fetch("SELECT id FROM posting WHERE kind = 'credit'")
    await returning.take_back(TEST, again["id"], "It goes back to the card")
    assert (await refunding.go_on(PORTAL, row.id)).state == "succeeded"
    await till.agrees()


async def test_what_moved_to_credit_meanwhile_goes_back_from_there(till):
    till.desk.stripe.hold_refunds()
    row = await till.ask()
    (visit,) = await fetch("SELECT id, version FROM encounter")
    await charging.void(TEST, visit["id"], visit["version"], "It did not take place")
    till.desk.stripe.end_refund(row.refund)
    assert (await refunding.go_on(PORTAL, row.id)).state == "succeeded"
    assert (await till.desk.balance()).credit == 0
    await till.agrees()


async def test_money_that_went_back_on_stripes_own_pages_is_an_item_for_staff(till):
    post = Post(till.desk)
    till.desk.asked("refunds", payment_intent=till.row.intent, amount="1000")
    await post.bring()
    assert await items() == [{"kind": "card.trouble", "about": "elsewhere 1000"}]
    assert await till.posted() == []


async def test_by_hand_a_card_payment_goes_back_no_other_way_and_is_not_reversed(till):
    with pytest.raises(Refused) as refused:
        await returning.refund(till.biller, till.row.payment, Back("cash", "No"))
    assert refused.value is ledger.BY_CARD
    with pytest.raises(Refused) as refused:
        await returning.reverse(till.biller, till.row.payment, "No")
    assert refused.value is ledger.BY_CARD
    with pytest.raises(Refused):
        await returning.refund(till.biller, till.row.payment, Back("card", "No"))


async def test_another_payment_is_no_card_payment(till):
    desk = till.desk
    paid = await paying.take(TEST, desk.client, Taken("cash", 5000, clock.today("America/New_York"), key="cash-once"))
    with pytest.raises(NotFoundException):
        await refunding.ask(till.biller, paid, Back("card", "Wrong", key="another form"))
    with pytest.raises(NotFoundException):
        await refunding.ask(desk.viewer, till.row.payment, Back("card", "Wrong", key="another form"))
