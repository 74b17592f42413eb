"""R29: a card is entered in Stripe's fields or on Stripe's page, saved if one likes, and made the default."""

import re

import pytest

from tests.promise.conftest import press
from tests.promise.paying import (
    ACCOUNT,
    CLIENT,
    MASTERCARD,
    VISA,
    begin,
    choose_new,
    fill_fields,
    on_stripes_page,
    onward,
    press_pay,
    review_new,
    rosa,
    type_card,
)  # fmt: skip

CARDS = "SELECT brand, last4, is_default, consent <> '' FROM payment_card WHERE client = {} AND removed_at IS NULL"
FORGET = "UPDATE payment_card SET removed_at = now(), is_default = false WHERE client = {}"
LOUD = re.compile(r"\b(?:\d[ -]?){13,19}\b")


@pytest.fixture(autouse=True)
def _none_on_file(portal):
    portal.sql(FORGET.format(CLIENT))


def kept(portal) -> list[str]:
    return portal.sql(CARDS.format(CLIENT) + " ORDER BY is_default DESC, id").splitlines()


def test_two_cards_are_saved_the_first_is_the_default_and_the_second_takes_its_place(portal, opened):
    page = rosa(opened(scripts=True, width=1280), portal)
    begin(page, "1")
    page.get_by_label("Save this card").check()
    assert "may keep this card with Stripe" in page.locator("#save-hint").inner_text()
    type_card(page)
    assert "Yes, as your default card" in page.locator("main").inner_text()
    press_pay(page, scripts=True)
    assert kept(portal) == ["visa|4242|t|t"]
    begin(page, "1")
    assert page.get_by_label("Visa ending in 4242").is_checked()
    assert not page.locator("#card-fields").is_visible() and not page.get_by_label("Save this card").is_visible()
    choose_new(page)
    page.get_by_label("Save this card").check()
    page.get_by_label("Make it my default card").check()
    type_card(page, MASTERCARD)
    assert "Mastercard ending in 4444, expires 12/2034" in page.locator("main").inner_text()
    press_pay(page, scripts=True)
    assert kept(portal) == ["mastercard|4444|t|t", "visa|4242|f|t"]
    begin(page, "1")
    assert page.get_by_label("Mastercard ending in 4444").is_checked()


def test_what_is_wrong_with_a_number_is_said_and_the_form_stays(portal, opened):
    page = rosa(opened(scripts=True), portal)
    begin(page, "1")
    page.get_by_label("Save this card").check()
    fill_fields(page, "4242424242424241")
    page.get_by_role("button", name="Continue").click()
    page.locator("#card-wrong", has_text=re.compile("number")).wait_for()
    assert page.url.endswith("/card") and page.get_by_label("Save this card").is_checked()
    assert page.frame_locator("#card-fields iframe").locator("#expiry").input_value() != ""
    type_card(page)
    assert "Visa ending in 4242" in page.locator("main").inner_text()


def test_without_javascript_it_is_entered_on_stripes_page_saved_and_charged_again(portal, phone):
    page = rosa(phone, portal)
    begin(page, "2")
    assert "A new card is entered on Stripe's own page" in page.locator("main").inner_text()
    page.get_by_label("Save this card").check()
    onward(page)
    page.get_by_role("button", name="Pay $2.00 on Stripe's page").click()
    on_stripes_page(page)
    page.get_by_role("heading", name="Thank you. You have paid $2.00.").wait_for()
    assert kept(portal) == ["visa|4242|t|t"]
    begin(page, "3")
    assert page.get_by_label("Visa ending in 4242").is_checked()
    onward(page)
    press(page.get_by_role("button", name="Pay $3.00"))
    page.get_by_role("heading", name="Thank you. You have paid $3.00.").wait_for()


def test_where_stripes_script_does_not_come_stripes_page_does(portal, opened):
    """With scripts of ours, and a network that lets nothing of Stripe's through."""
    page = rosa(opened(scripts=True), portal)
    page.route(re.compile(r"/clover/stripe\.js"), lambda route: route.fulfill(body="", content_type="text/javascript"))
    begin(page, "2")
    assert page.locator("#card-hosted").is_visible() and page.locator("iframe").count() == 0
    onward(page)
    page.get_by_role("button", name="Pay $2.00 on Stripe's page").click()
    on_stripes_page(page)
    page.get_by_role("heading", name="Thank you. You have paid $2.00.").wait_for()


def test_what_is_sent_to_us_holds_no_card_number(portal, opened):
    page, sent = rosa(opened(scripts=True), portal), []
    page.on("request", lambda one: sent.append(one) if one.url.startswith(portal.url) else None)
    review_new(page, "1", scripts=True)
    press_pay(page, scripts=True)
    posted = [one.post_data or "" for one in sent if one.method == "POST"]
    assert len(posted) == 3 and not any(LOUD.search(one) or "4242 4242" in one for one in posted)
    assert "4242424242424242" not in (portal.data / "serve.log").read_text()
    tables = portal.sql("SELECT a::text FROM payment_attempt AS a UNION ALL SELECT c::text FROM payment_card AS c")
    assert "424242424242" not in tables


def test_expired_cards_are_shown_and_cannot_be_chosen(portal, phone):
    page = rosa(phone, portal)
    begin(page, "1")
    page.get_by_label("Save this card").check()
    onward(page)
    press_pay(page, scripts=False)
    page.get_by_role("heading", name="Thank you.").wait_for()
    portal.hear_stripe()
    portal.sql(f"UPDATE payment_card SET exp_year = 2021 WHERE client = {CLIENT} AND removed_at IS NULL")
    begin(page, "1")
    assert page.get_by_label("Visa ending in 4242").is_disabled()
    assert "This card has expired." in page.locator("main").inner_text()
    assert page.get_by_label("A new card").is_checked()
    assert ACCOUNT in page.url


def test_a_billing_address_is_asked_for_only_of_a_card_that_is_saved(portal, opened):
    page = rosa(opened(scripts=True), portal)
    begin(page, "12")
    choose_new(page)
    fill_fields(page, VISA)
    asks = page.get_by_text("Billing address (optional)")
    assert not asks.is_visible()
    page.get_by_label("Save this card").check()
    asks.click()
    page.get_by_label("Street address").fill("12 Quiet Harbor Way")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("/review$"))
    press_pay(page, scripts=True)
    page.goto(f"{ACCOUNT}/cards")
    press(page.get_by_role("link", name="Update Visa ending in 4242"))
    assert page.get_by_label("Street address").input_value() == "12 Quiet Harbor Way"
    assert page.get_by_label("ZIP or postal code").input_value() == "21401"
