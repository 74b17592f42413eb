"""R30: Review Payment shows everything before anything is charged; one press charges once, whatever happens."""

import re

import pytest

from tests.promise.conftest import press, sign_in
from tests.promise.paying import ACCOUNT, ROSA, begin, onward, paid, press_pay, review_new, rosa, type_card

WAYS = pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
PAY = re.compile("^Pay ")


@WAYS
def test_everything_is_seen_and_can_be_changed(portal, opened, scripts):
    page, before = rosa(opened(scripts=scripts), portal), paid(portal)
    review_new(page, "20", scripts=scripts)
    said = page.locator("main").inner_text()
    for words in ("Harbor Lane Counseling", "Counseling, 15 minutes", "$20.00", "You pay today", "Save this card"):
        assert words in said
    assert ("Visa ending in 4242, expires 12/2034" if scripts else "entered on Stripe's own page") in said
    changes = page.locator(".facts .act").all_text_contents()
    assert [" ".join(one.split()) for one in changes] == [
        "Change amount", "Change card", "Change whether to save this card",
    ]  # fmt: skip
    press(page.get_by_role("link", name="Change amount"))
    page.get_by_label("Amount in dollars").fill("21")
    onward(page)
    page.wait_for_url(re.compile("/review$"))
    press(page.get_by_role("link", name="Change card"))
    page.get_by_label("Save this card").check()
    if scripts:
        type_card(page)
    else:
        onward(page)
    page.get_by_role("button", name=re.compile(r"^Pay \$21\.00")).wait_for()
    assert "Yes" in page.locator(".facts > div", has_text="Save this card").inner_text()
    assert paid(portal) == before


def test_a_double_click_charges_once(portal, opened):
    page, before = rosa(opened(scripts=True), portal), paid(portal)
    review_new(page, "4", scripts=True)
    page.get_by_role("button", name=PAY).dblclick()
    page.get_by_role("heading", name="Thank you. You have paid $4.00.").wait_for()
    assert paid(portal) == (before[0] + 1, before[1] + 400)


@WAYS
def test_the_back_button_and_a_reload_charge_nothing_more(portal, opened, scripts):
    page, before = rosa(opened(scripts=scripts), portal), paid(portal)
    review_new(page, "6", scripts=scripts)
    review = page.url
    press_pay(page, scripts=scripts)
    page.get_by_role("heading", name="Thank you. You have paid $6.00.").wait_for()
    here = page.url
    page.reload()
    page.goto(review)
    assert page.url == here, "a step that is over leads to where it stands"
    page.go_back()
    if page.get_by_role("button", name=PAY).count():
        press(page.get_by_role("button", name=PAY))
    page.goto(here)
    assert page.get_by_role("heading", name="Thank you. You have paid $6.00.").is_visible()
    assert paid(portal) == (before[0] + 1, before[1] + 600)


def test_in_a_second_tab_the_first_ones_button_charges_what_it_says_or_nothing(portal, opened):
    page, before = rosa(opened(scripts=True), portal), paid(portal)
    review_new(page, "7", scripts=True)
    second = page.context.new_page()
    second.goto(page.url.replace("/review", "/amount"))
    second.get_by_label("Amount in dollars").fill("8")
    onward(second)
    second.wait_for_url(re.compile("/review$"))
    press(page.get_by_role("button", name="Pay $7.00"))
    page.locator("#errors", has_text="This payment has changed meanwhile").wait_for()
    press(page.get_by_role("button", name="Pay $8.00"))
    page.get_by_role("heading", name="Thank you. You have paid $8.00.").wait_for()
    press(second.get_by_role("button", name="Pay $8.00"))
    second.get_by_role("heading", name="Thank you. You have paid $8.00.").wait_for()
    assert second.url == page.url and paid(portal) == (before[0] + 1, before[1] + 800)


def test_it_goes_on_on_another_device_after_signing_out(portal, opened):
    page, before = rosa(opened(scripts=True), portal), paid(portal)
    review_new(page, "9", scripts=True)
    review = page.url
    press(page.get_by_role("button", name="Sign out"))
    other = opened()
    other.goto(review)
    assert "/sign-in" in other.url
    other.get_by_label("E-mail").fill(ROSA)
    other.get_by_label("Password", exact=True).fill("harbor lane demo only")
    press(other.get_by_role("button", name="Sign in", exact=True))
    assert other.url == review
    press(other.get_by_role("button", name="Pay $9.00"))
    other.get_by_role("heading", name="Thank you. You have paid $9.00.").wait_for()
    assert paid(portal) == (before[0] + 1, before[1] + 900)


def test_somebody_else_sees_nothing_of_it(portal, opened):
    page = rosa(opened(), portal)
    begin(page, "5")
    stranger = sign_in(opened(), "maya.reyes@example.com")
    for name in ("", "/amount", "/card", "/review", "/return"):
        answer = stranger.goto(page.url.replace("/card", name))
        assert answer.status == 404 and ACCOUNT in page.url
