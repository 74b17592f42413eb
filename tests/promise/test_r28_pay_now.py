"""R28: Pay Now, where the practice takes cards: the Total Balance or an amount of one's own, by the server's rules."""

import re

import pytest

from portal import money
from tests.promise.conftest import press
from tests.promise.paying import ACCOUNT, begin, onward, owed, rosa

WAYS = pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])


@WAYS
def test_pay_now_stands_on_my_account_the_dashboard_and_an_invoice(portal, opened, scripts):
    page = rosa(opened(scripts=scripts), portal)
    whole = money.written(owed(portal), "en_US")
    assert f"Pay what you owe: {whole}" in page.locator("#todo").inner_text()
    page.goto(f"{ACCOUNT}?from=2024-01-01&until=2024-01-31&sort=date")
    press(page.locator(".scroll tbody a[href*='/invoices/']").first)
    assert page.get_by_role("link", name="Pay Now").is_visible()
    page.goto(ACCOUNT)
    press(page.get_by_role("link", name="Pay Now"))
    assert page.get_by_role("heading", level=1).inner_text() == "How much do you want to pay?"
    assert page.get_by_label(f"Total Balance ({whole})").is_checked()
    onward(page)
    page.wait_for_url(re.compile("/card$"))
    assert f"You pay {whole}." in page.locator("main").inner_text()


@WAYS
def test_an_amount_is_refused_in_words_and_nothing_typed_is_lost(portal, opened, scripts):
    page = rosa(opened(scripts=scripts), portal)
    page.goto(f"{ACCOUNT}/payments/new")
    field, refusal = page.get_by_label("Amount in dollars"), page.locator("#amount-error")
    page.get_by_label("Custom Amount").check()
    for amount, words in (("0.49", "Enter at least $0.50"), ("900000", "more than you owe"), ("a lot", "such as 25")):
        field.fill(amount)
        onward(page)
        page.locator("#amount-error", has_text=words).wait_for()
        assert field.input_value() == amount and page.get_by_label("Custom Amount").is_checked()
        assert page.title().startswith("Error:") and refusal.is_visible()
    field.fill("12.50")
    onward(page)
    page.wait_for_url(re.compile("/card$"))
    assert "You pay $12.50." in page.locator("main").inner_text()
    press(page.get_by_role("link", name="Back to the amount"))
    assert field.input_value() == "12.50"


def test_where_the_practice_takes_no_cards_there_is_none(portal, phone):
    page = rosa(phone, portal)
    begin(page, "5")
    portal.choose("payments.paying=no")
    try:
        page.goto("/clients/6")
        page.goto(ACCOUNT)
        assert page.get_by_role("link", name="Pay Now").count() == 0
        page.goto(f"{ACCOUNT}/payments/new")
        assert page.url.endswith(ACCOUNT) and "(443) 555-0142" in page.locator("main").inner_text()
    finally:
        portal.choose("payments.paying=yes")
