"""How somebody pays in a browser: Stripe's fields on our page, Stripe's own page, the bank's."""

import re

from playwright.sync_api import Page

from tests.promise.account import CLIENT, an_account
from tests.promise.conftest import Portal, press
from tests.promise.steps import arrive

ACCOUNT = f"/clients/{CLIENT}/account"
ROSA = "rosa.delgado@example.com"
VISA, MASTERCARD, DECLINED, ASKS = "4242424242424242", "5555555555554444", "4000000000000002", "4000002760003184"
NO_FUNDS = "4000000000009995"
TO_PAY = "SELECT client_due - credit FROM ledger_account WHERE client = {}"
PAID = "SELECT count(*), coalesce(sum(amount), 0) FROM payment WHERE client = {} AND method = 'card'"


def rosa(page: Page, portal: Portal) -> Page:
    """She owes for thirty visits, however often others have paid before."""
    an_account(portal)
    arrive(page, ROSA)
    return page


def owed(portal: Portal) -> int:
    return int(portal.sql(TO_PAY.format(CLIENT)))


def paid(portal: Portal) -> tuple[int, int]:
    """How often by card, and how much."""
    count, _, cents = portal.sql(PAID.format(CLIENT)).partition("|")
    return int(count), int(cents)


def begin(page: Page, amount: str = "") -> None:
    """To the page of the card."""
    page.goto(f"{ACCOUNT}/payments/new")
    if amount:
        page.get_by_label("Custom Amount").check()
        page.get_by_label("Amount in dollars").fill(amount)
    onward(page)
    page.wait_for_url(re.compile("/card$"))


def onward(page: Page) -> None:
    press(page.get_by_role("button", name="Continue"))


def choose_new(page: Page) -> None:
    if page.get_by_label("A new card").count():
        page.get_by_label("A new card").check()


def type_card(page: Page, number: str = VISA) -> None:
    """Into Stripe's fields on our page, and on to the review."""
    choose_new(page)
    fill_fields(page, number)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("/review$"))


def fill_fields(page: Page, number: str) -> None:
    frame = page.frame_locator("#card-fields iframe")
    for name, value in (("number", number), ("expiry", "12/34"), ("cvc", "123"), ("postal_code", "21401")):
        frame.locator(f"#{name}").fill(value)


def review_new(page: Page, amount: str = "", number: str = VISA, *, scripts: bool) -> None:
    """With scripts the card is known by now; without, it is typed on Stripe's page when the button was pressed."""
    begin(page, amount)
    if scripts:
        return type_card(page, number)
    choose_new(page)
    return onward(page)


def press_pay(page: Page, number: str = VISA, *, scripts: bool) -> None:
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    if scripts:
        page.wait_for_url(re.compile("/payments/[0-9a-f-]{36}$"))
    else:
        on_stripes_page(page, number)


def on_stripes_page(page: Page, number: str = VISA) -> None:
    page.wait_for_url(re.compile("/c/pay/"))
    told = {"number": number, "expiry": "12/34", "cvc": "123", "name": "Rosa Delgado", "postal_code": "21401"}
    for name, value in told.items():
        page.locator(f"#{name}").fill(value)
    page.locator("form button").click()
