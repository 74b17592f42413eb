"""What is under way and has nobody who asks after it gets somebody; what lies for half a day is over."""

from contextlib import contextmanager
from dataclasses import replace

from portal import clock
from portal.access import Viewer
from portal.database import fetch
from portal.payments import gateway
from portal.payments.actions import charging, refunding, sweeping
from portal.settings import settings
from tests.payments.test_refunding import Till, items
from tests.tasks.post import work_through

NIGHT = Viewer.portal("card payment")


async def test_what_is_under_way_and_forgotten_gets_an_errand_again(desk):
    desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    row = await desk.paid(amount=9000)
    assert await sweeping.sweep(NIGHT) == 0
    await fetch("UPDATE errand SET state = 'dead' WHERE actor = 'charge'")
    assert await sweeping.sweep(NIGHT) == 1 and await sweeping.sweep(NIGHT) == 0
    await work_through("charge")
    assert (await desk.row(row.public)).state == "succeeded" and desk.charged(row.public) == (1, 9000)
    assert await sweeping.sweep(NIGHT) == 0
    desk.stripe.hold_refunds()
    back = await Till(desk, await desk.row(row.public)).ask()
    await fetch("UPDATE errand SET state = 'dead' WHERE actor = 'give_back'")
    desk.stripe.end_refund(back.refund)
    assert await sweeping.sweep(NIGHT) == 1
    await work_through("give_back")
    assert (await refunding.go_on(NIGHT, back.id)).state == "succeeded"


async def test_what_lies_for_twelve_hours_is_over(desk):
    public = await desk.reviewed()
    with clock.shifted(hours=11.9):
        await sweeping.sweep(NIGHT)
        assert (await desk.row(public)).state == "open"
    with clock.shifted(hours=12.1):
        await sweeping.sweep(NIGHT)
    row = await desk.row(public)
    assert (row.state, row.ended_at is not None) == ("expired", True)


async def test_with_a_wrong_key_nothing_is_charged_and_staff_are_told(desk, monkeypatch):
    """Who changes the key while a payment is under way loses none: it is asked after when the key is right again."""
    desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    lost = await desk.paid(amount=9000)
    with wrong_key(monkeypatch):
        row = await charging.go_on(NIGHT, lost.id)
        assert row.state == "submitting" and await items() == [{"kind": "card.trouble", "about": "locked"}]
    assert (await charging.go_on(NIGHT, lost.id)).state == "succeeded" and desk.charged(lost.public) == (1, 9000)
    public = await desk.reviewed(amount=2000)
    with wrong_key(monkeypatch):
        row = await desk.pressed(public)
    assert row.state == "failed" and desk.charged(public) == (0, 0)


async def test_what_stripe_refuses_and_not_the_bank_is_an_item_for_staff(desk):
    public = await desk.reviewed(amount=9000)
    await fetch("UPDATE payment_attempt SET token = 'ctoken_nobody'")
    row = await desk.pressed(public)
    assert (row.state, desk.charged(public)) == ("failed", (0, 0))
    assert await items() == [{"kind": "card.trouble", "about": "refused 9000"}]


@contextmanager
def wrong_key(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(gateway, "settings", lambda: replace(settings(), stripe_key="sk_test_wrong"))
        yield
