"""R25: clients view their account history, itemized, with payments and refunds; they sort and filter it."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.balance.test_account import figures_in
from tests.promise.account import CLIENT, an_account
from tests.promise.conftest import press
from tests.promise.seeing import SIZES, enter, look_at
from tests.promise.steps import arrive

ACCOUNT = f"/clients/{CLIENT}/account"
YEAR = "from=2024-01-01&until=2024-12-31"


@pytest.fixture(autouse=True)
def _account(portal):
    an_account(portal)


def rosa(page: Page) -> Page:
    arrive(page, "rosa.delgado@example.com")
    return page


def column(page: Page, label: str) -> list[str]:
    return page.locator(f".scroll tbody td[data-label='{label}']").all_inner_texts()


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_the_list_is_filtered_sorted_and_turned(opened, scripts):
    page = rosa(opened(scripts=scripts, width=1280))
    press(page.get_by_role("link", name=re.compile("^My Account")))
    page.get_by_label("Date start").fill("2024-01-01")
    page.get_by_label("Date end").fill("2024-12-31")
    press(page.get_by_role("button", name="Show"))
    page.locator("#found-h", has_text="31 visits").wait_for()
    heads = [head.partition(" ")[0] for head in page.locator(".scroll thead th").all_inner_texts()]
    assert heads == [
        "Encounter", "Service", "Clinician", "Location", "Total", "Total", "Client", "Total", "Invoice", "Superbill",
    ]  # fmt: skip
    assert page.locator(".scroll tbody tr").count() == 25
    press(page.get_by_role("link", name="Next"))
    page.get_by_role("link", name="Previous").wait_for()
    assert page.locator(".scroll tbody tr").count() == 6
    press(page.locator("#by-charge"))
    page.locator("th[aria-sort=descending] #by-charge").wait_for()
    assert column(page, "Total Charge")[:3] == ["$210.00"] * 3 and "until=2024-12-31" in page.url
    press(page.locator("#by-charge"))
    page.locator("th[aria-sort=ascending] #by-charge").wait_for()
    assert column(page, "Total Charge")[0] == "$150.00"
    press(page.locator("#by-balance"))
    page.locator("th[aria-sort=descending] #by-balance").wait_for()
    figures = [float(one.strip("$")) for one in column(page, "Total Balance")]
    assert figures == sorted(figures, reverse=True)
    page.get_by_label("Which").select_option("Open ones only")
    if not scripts:
        press(page.get_by_role("button", name="Show"))
    page.locator("#found-h", has_not_text="31 visits").wait_for()
    assert "$0.00" not in column(page, "Total Balance")
    page.get_by_label("Date end").fill("2024-01-01")
    page.get_by_label("Date start").fill("2023-12-31")
    press(page.get_by_role("button", name="Show"))
    page.locator("#found-h", has_text="1 visit").wait_for()
    page.goto(f"{ACCOUNT}?from=2001-01-01&until=2001-01-02")
    press(page.get_by_role("link", name="Clear filters"))
    page.get_by_text("No visits match.").wait_for(state="detached")


def test_the_focus_stays_on_the_column_that_was_pressed(opened):
    page = rosa(opened(scripts=True, width=1280))
    page.goto(f"{ACCOUNT}?{YEAR}")
    press(page.locator("#by-yours"), "Enter")
    page.locator("th[aria-sort] #by-yours:focus").wait_for()


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_on_a_phone_each_visit_is_a_card_and_is_put_in_order_by_a_list(opened, scripts):
    page = rosa(opened(scripts=scripts))
    page.goto(f"{ACCOUNT}?{YEAR}&sort=date")
    first = page.locator(".scroll tbody tr").first
    assert "Jan" in first.locator("th").inner_text()
    assert not page.locator("#by-charge").is_visible()
    labels = first.locator("td").evaluate_all("cells => cells.map(c => getComputedStyle(c, '::before').content)")
    assert labels[:2] == ['"Service"', '"Clinician"'] and '"Client Balance"' in labels
    page.get_by_label("Order").select_option("Total Charge, highest first")
    if not scripts:
        press(page.get_by_role("button", name="Show"))
    page.locator("#sort option[selected][value='-charge']").wait_for(state="attached")
    assert column(page, "Total Charge")[0] == "$210.00"


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_visit_is_explained_step_by_step(opened, scripts):
    page = rosa(opened(scripts=scripts))
    page.goto(f"{ACCOUNT}?from=2024-01-30&until=2024-02-02&sort=date")
    for link in page.locator(".scroll tbody th a").all():
        if "January 30" in link.inner_text() or "February 2" in link.inner_text():
            href = link.get_attribute("href")
    page.goto(href)
    said = page.locator("main").inner_text()
    assert "Aetna took $35.00 off: the price that it has agreed on with the practice" in said
    assert "Aetna left $25.00 to you" in said
    assert page.locator("main table .fig").last.inner_text() == page.locator(".facts.total dd").inner_text()


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_payments_and_refunds_are_listed_filtered_and_have_receipts(opened, scripts):
    page = rosa(opened(scripts=scripts))
    page.goto(ACCOUNT)
    press(page.get_by_role("link", name="Payments and receipts"))
    page.get_by_label("Date start").fill("2024-03-01")
    press(page.get_by_role("button", name="Show"))
    page.locator("#receipts tbody tr").first.wait_for()
    page.get_by_label("Kind").select_option("Refunds to you")
    if not scripts:
        press(page.get_by_role("button", name="Show"))
    page.locator("#receipts tbody tr", has_text="Paid by").first.wait_for(state="detached")
    assert "-$50.00" in page.locator("#receipts").inner_text()
    page.goto(f"{ACCOUNT}/receipts?from=2024-03-01&until=2024-03-01&kind=yours")
    press(page.locator("#receipts tbody a").first)
    page.locator("#receipt").wait_for()
    said = page.locator("#receipt").inner_text()
    assert "$300.00" in said and "1042" in said and "$50.00 of it was given back on" in said


def test_what_is_filtered_is_downloaded_as_csv_and_as_excel(phone):
    rosa(phone).goto(f"{ACCOUNT}?{YEAR}&sort=-charge")
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download as CSV").click()
    with open(download.value.path(), newline="", encoding="utf-8-sig") as file:
        header, *rows = list(csv.reader(file))
    assert header[6] == "Total Charge" and len(rows) == 31 and rows[0][6] == "210.00"
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download as Excel").click()
    book, forms = figures_in(Path(download.value.path()).read_bytes())
    assert [row[:1] for row in book] == [[row[6]] for row in rows] and len(forms) == 1


def test_somebody_elses_account_is_not_there(phone):
    arrive(phone, "maya.reyes@example.com")
    answer = phone.goto(ACCOUNT)
    assert answer and answer.status == 404


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(opened, size):
    width, dark, language = size
    page = opened(scripts=True, width=width, dark=dark, language=language)
    enter(page, "rosa.delgado@example.com", language)
    page.goto(f"{ACCOUNT}/receipts")
    receipt = page.locator("#receipts tbody a").first.get_attribute("href")
    page.goto(f"{ACCOUNT}?{YEAR}")
    visit = page.locator(".scroll tbody th a").first.get_attribute("href")
    for place in (ACCOUNT, f"{ACCOUNT}?{YEAR}", f"{ACCOUNT}?from=x", visit, f"{ACCOUNT}/ledger", receipt):
        page.goto(place)
        look_at(page, width)
    page.goto(f"{ACCOUNT}/receipts")
    look_at(page, width)
