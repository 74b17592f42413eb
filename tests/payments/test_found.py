"""What a hostile newcomer found, and does not find any more."""

import pytest

from portal import clock
from portal.access import Role, Viewer
from portal.database import fetch
from portal.payments import numbers
from portal.payments.actions import charging, hearing, refunding
from portal.practice import switches
from tests.factories import PASSWORD, TEST

PORTAL = Viewer.portal("card payment")


@pytest.mark.parametrize("text", ["4242424242424242", "Maya 4242 4242 4242 4242", "3782-822463-10005"])
def test_a_card_number_is_known_wherever_it_stands(text):
    assert numbers.holds_one(text)


@pytest.mark.parametrize("text", ["", "Maya Reyes", "4242 4242 4242 4243", "1234567", "call (443) 555-0142"])
def test_and_nothing_else_is(text):
    assert not numbers.holds_one(text)


async def test_a_card_number_in_place_of_a_name_is_refused_and_goes_nowhere(desk):
    await desk.paid(amount=1000, saves=True)
    (card,) = await desk.cards()
    browser, path = await desk.cast.browser("client"), f"/clients/{desk.client}/account/cards/{card['id']}"
    before = len(desk.stripe.requests())
    typed = {"exp_month": "12", "exp_year": str(clock.now().year + 2), "country": "US"}
    page = await browser.post(path, **typed, holder="4242 4242 4242 4242", postal_code="4242424242424242")
    assert page.status == 422 and set(page.errors) == {"holder", "postal_code"}
    page = await browser.post(path, **typed, holder="Maya", postal_code="x" * 400)
    assert page.status == 422 and set(page.errors) == {"postal_code"}
    assert len(desk.stripe.requests()) == before


async def test_who_was_told_that_they_could_leave_is_written_to_when_it_fails(desk):
    desk.stripe.process_next()
    row = await desk.paid()
    with clock.shifted(seconds=600):
        desk.stripe.end_processing(row.intent, succeeds=False)
        assert (await charging.go_on(PORTAL, row.id)).state == "declined"
    assert len(await fetch("SELECT id FROM event WHERE kind = 'card_charge.failed'")) == 1
    page = await (await desk.cast.browser("client")).get(f"/clients/{desk.client}")
    assert "A payment by card did not go through" in page.words


async def test_a_no_that_one_reads_at_once_is_no_letter(desk):
    await desk.paid("visa_chargeDeclined")
    assert await fetch("SELECT id FROM event WHERE kind = 'card_charge.failed'") == []


async def test_the_same_form_with_another_amount_is_not_taken_for_charged(desk):
    await desk.paid(amount=1000, saves=True)
    (card,) = await desk.cards()
    browser, path = await desk.cast.browser(Role.BILLER), f"/staff/clients/{desk.client}/account/charge"
    key = (await browser.get(path)).value("key")
    sent = {"key": key, "card": str(card["id"]), "reason": "As agreed", "act": "charge", "password": PASSWORD}
    assert "The card is charged" in (await browser.post(path, **sent, amount="1.00")).words
    page = await browser.post(path, **sent, amount="2.00")
    assert page.status == 422 and "sent already" in page.errors[""]
    assert "The card is charged" in (await browser.post(path, **sent, amount="1.00")).words
    assert len(await desk.payments()) == 2


async def test_nothing_goes_back_while_the_bank_decides(desk):
    row = await desk.paid()
    found = desk.stripe.dispute(row.intent)
    assert await refunding.returnable(TEST, row.payment) != {}
    await hearing.dispute(PORTAL, found["id"])
    assert await refunding.returnable(TEST, row.payment) == {}


async def test_cards_can_be_removed_where_no_more_are_kept(desk):
    await desk.paid(amount=1000, saves=True)
    await switches.turn(TEST, "payments.cards", "no")
    page = await (await desk.cast.browser("client")).get(f"/clients/{desk.client}/account")
    assert f"/clients/{desk.client}/account/cards" in page.links()
