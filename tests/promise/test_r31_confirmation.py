"""R31: what comes after the button: paid, with a receipt and a letter; the bank asks; declined; not known yet."""

import re

import pytest

from tests.promise.conftest import press
from tests.promise.paying import (
    ACCOUNT,
    ASKS,
    NO_FUNDS,
    ROSA,
    begin,
    choose_new,
    on_stripes_page,
    onward,
    owed,
    paid,
    press_pay,
    review_new,
    rosa,
    type_card,
)  # fmt: skip

WAYS = pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])


@WAYS
def test_paid_with_a_receipt_to_keep_and_a_letter_that_says_no_sum(portal, opened, scripts):
    page = rosa(opened(scripts=scripts), portal)
    portal.come_to_rest()
    letters, left = len(portal.letters(ROSA)), owed(portal)
    review_new(page, "30", scripts=scripts)
    press_pay(page, scripts=scripts)
    page.get_by_role("heading", name="Thank you. You have paid $30.00.").wait_for()
    said = page.locator("main").inner_text()
    assert re.search(r"Receipt \d+", said) and "Counseling, 15 minutes" in said and "Rosa Delgado" in said
    assert owed(portal) == left - 3000
    letter = portal.letter(ROSA, beside=letters)
    assert "receipt" in letter and "30" not in re.sub(r"http\S+|\d{4}", "", letter.partition("\n\n")[2])
    with page.expect_download(timeout=60_000) as fetched:
        page.get_by_role("link", name="Get a PDF").click()
        if page.get_by_role("heading", name=re.compile("being made|drawn")).count():
            page.get_by_role("link", name=re.compile("Get|Look")).click()
    assert fetched.value.suggested_filename.startswith("receipt-")
    press(page.get_by_role("link", name="Back to My Account"))
    assert page.url.endswith(ACCOUNT)


def test_the_bank_asks_and_the_client_agrees(portal, opened):
    page, before = rosa(opened(scripts=True), portal), paid(portal)
    review_new(page, "11", ASKS, scripts=True)
    press_pay(page, scripts=True)
    assert page.get_by_role("heading", name="Your bank asks you to confirm").is_visible()
    page.get_by_role("link", name="Go to your bank").click()
    page.locator("button[value=complete]").click()
    page.get_by_role("heading", name="Thank you. You have paid $11.00.").wait_for()
    assert "payment_intent" not in page.url and paid(portal) == (before[0] + 1, before[1] + 1100)


def test_without_javascript_a_card_on_file_that_the_bank_asks_about(portal, phone):
    page, before = rosa(phone, portal), paid(portal)
    begin(page, "12")
    choose_new(page)
    page.get_by_label("Save this card").check()
    onward(page)
    press_pay(page, ASKS, scripts=False)
    page.locator("button[value=complete]").click()
    page.get_by_role("heading", name="Thank you. You have paid $12.00.").wait_for()
    begin(page, "13")
    page.get_by_label("Visa ending in 3184").check()
    onward(page)
    press(page.get_by_role("button", name="Pay $13.00"))
    page.get_by_role("link", name="Go to your bank").click()
    page.locator("button[value=fail]").click()
    page.get_by_role("heading", name="The card was declined").wait_for()
    assert "Your bank could not confirm that it was you." in page.locator("main").inner_text()
    assert paid(portal) == (before[0] + 1, before[1] + 1200)


def test_declined_and_then_another_card(portal, opened):
    page, before = rosa(opened(scripts=True), portal), paid(portal)
    review_new(page, "14", NO_FUNDS, scripts=True)
    press_pay(page, scripts=True)
    assert page.get_by_role("heading", name="The card was declined").is_visible()
    said = page.locator("main").inner_text()
    assert "Nothing was charged. There is not enough money or credit on this card." in said
    press(page.get_by_role("button", name="Try another card"))
    page.wait_for_url(re.compile("/card$"))
    assert "You pay $14.00." in page.locator("main").inner_text()
    type_card(page)
    press_pay(page, scripts=True)
    page.get_by_role("heading", name="Thank you. You have paid $14.00.").wait_for()
    assert paid(portal) == (before[0] + 1, before[1] + 1400)


def test_declined_on_stripes_page_it_is_tried_again_there(portal, phone):
    page, before = rosa(phone, portal), paid(portal)
    review_new(page, "15", scripts=False)
    press_pay(page, NO_FUNDS, scripts=False)
    page.locator(".wrong", has_text=re.compile("funds")).wait_for()
    on_stripes_page(page)
    page.get_by_role("heading", name="Thank you. You have paid $15.00.").wait_for()
    assert paid(portal) == (before[0] + 1, before[1] + 1500)


def test_while_nobody_knows_the_page_looks_by_itself(portal, opened):
    page = rosa(opened(scripts=True), portal)
    review_new(page, "16", scripts=True)
    here = page.url.removesuffix("/review")
    public = here.rpartition("/")[2]
    portal.sql(f"UPDATE payment_attempt SET state = 'processing', submitted_at = now() WHERE public = '{public}'")
    page.goto(here)
    assert page.get_by_role("heading", name="Your payment is being processed").is_visible()
    assert page.get_by_role("button", name=re.compile("^Pay")).count() == 0
    portal.sql(f"UPDATE payment_attempt SET state = 'failed', ended_at = now() WHERE public = '{public}'")
    page.get_by_role("heading", name="The payment did not go through").wait_for()
    page.locator("#payment h1:focus").wait_for()
