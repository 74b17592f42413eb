"""R32: Cancel at any step is back at My Account, with nothing charged."""

import re

import pytest

from tests.promise.conftest import press
from tests.promise.paying import ACCOUNT, ASKS, begin, paid, press_pay, review_new, rosa

WAYS = pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])


@WAYS
def test_at_the_amount_the_card_and_the_review(portal, opened, scripts):
    page, before = rosa(opened(scripts=scripts), portal), paid(portal)
    page.goto(f"{ACCOUNT}/payments/new")
    press(page.get_by_role("link", name="Cancel"))
    assert page.url.endswith(ACCOUNT)
    for step in ("amount", "card", "review"):
        review_new(page, "17", scripts=scripts)
        page.goto(page.url.replace("/review", f"/{step}"))
        press(page.get_by_role("button", name="Cancel"))
        page.wait_for_url(re.compile(f"{ACCOUNT}$"))
        assert "Cancelled. Nothing was charged." in page.locator("main").inner_text()
        page.go_back()
        if page.get_by_role("button", name=re.compile("^(Pay|Continue)")).count():
            press(page.get_by_role("button", name=re.compile("^(Pay|Continue)")).first)
    assert paid(portal) == before


def test_at_the_bank(portal, opened):
    page, before = rosa(opened(scripts=True), portal), paid(portal)
    review_new(page, "18", ASKS, scripts=True)
    press_pay(page, scripts=True)
    press(page.get_by_role("button", name="Cancel"))
    page.wait_for_url(re.compile(f"{ACCOUNT}$"))
    begin(page, "18")
    assert paid(portal) == before


def test_on_stripes_page(portal, phone):
    page, before = rosa(phone, portal), paid(portal)
    review_new(page, "19", scripts=False)
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    page.wait_for_url(re.compile("/c/pay/"))
    page.locator("main a").first.click()
    page.get_by_role("heading", name="Go on to Stripe's page").wait_for()
    press(page.get_by_role("button", name="Cancel"))
    page.wait_for_url(re.compile(f"{ACCOUNT}$"))
    assert "Cancelled. Nothing was charged." in page.locator("main").inner_text() and paid(portal) == before
