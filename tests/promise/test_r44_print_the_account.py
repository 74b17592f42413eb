"""R44: the account, its ledger and a receipt are printed on clean paper, also without scripts."""

import re

import pytest

from tests.promise.account import CLIENT, an_account
from tests.promise.conftest import press, sign_in
from tests.promise.test_r44_print_a_message import looks_like_a_page, picture_of, words_of

ACCOUNT = f"/clients/{CLIENT}/account"
YEAR = "from=2024-01-01&until=2024-12-31"
UNPRINTED = "Sign out|Privacy|Download|Show|Or write to"


@pytest.fixture(autouse=True)
def _account(portal):
    an_account(portal)


@pytest.fixture(params=[False, True], ids=["without JavaScript", "with JavaScript"])
def page(request, opened):
    page = sign_in(opened(scripts=request.param), "rosa.delgado@example.com")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def paper(page, file) -> str:
    page.emulate_media(media="print")
    page.pdf(path=file, format="Letter")
    said = words_of(file)
    assert not re.search(UNPRINTED, said), said
    looks_like_a_page(picture_of(file))
    return said


def test_all_visits_are_printed_with_all_their_columns(page, tmp_path):
    page.goto(f"{ACCOUNT}?{YEAR}")
    press(page.get_by_role("link", name="For printing"))
    page.locator(".scroll tbody tr").nth(30).wait_for()
    assert page.title().endswith("My Account - Harbor Lane Counseling")
    said = paper(page, tmp_path / "account.pdf")
    assert "Rosa Delgado" in said and "Yours to pay" in said and "Superbill" in said and "$210.00" in said
    assert len(re.findall(r"H0004", said)) == 31, "none is cut off"
    wide = page.evaluate("(t => [t.scrollWidth, t.clientWidth])(document.querySelector('.scroll'))")
    assert wide[0] >= wide[1] > 0


def test_the_ledger_is_printed_whole(page, tmp_path):
    page.goto(f"{ACCOUNT}/ledger?{YEAR}")
    press(page.get_by_role("link", name="For printing"))
    page.get_by_text("Print this page with").wait_for()
    rows = page.locator("#ledger tbody tr").count()
    assert rows >= 38 and page.get_by_role("link", name="Older").count() == 0
    said = paper(page, tmp_path / "ledger.pdf")
    assert "Print this page" not in said and "Aetna left $25.00 to you" in said and "Rosa Delgado" in said


def test_a_receipt_is_a_page_by_itself(page, tmp_path):
    page.goto(f"{ACCOUNT}/receipts?from=2024-03-01&until=2024-03-01&kind=yours")
    press(page.locator("#receipts tbody a").first)
    page.locator("#receipt").wait_for()
    said = paper(page, tmp_path / "receipt.pdf")
    assert re.search(r"Receipt \d+", said) and "Harbor Lane Counseling" in said and "$300.00" in said
    assert "Check" in said and "1042" in said and "Eastern Time" in said and "Payments and receipts" not in said
    assert words_of(tmp_path / "receipt.pdf").count("\f") == 1, "one sheet"


def test_an_estimate_begins_on_the_first_sheet(opened, tmp_path):
    page = sign_in(opened(), "maya.reyes@example.com")
    page.goto("/clients/1/account/estimates")
    press(page.locator(".rows a").last)
    said = paper(page, tmp_path / "estimate.pdf")
    assert "Get a PDF" not in said and "only an estimate" in said
    first = said.split("\f")[0]
    assert "Good Faith Estimate" in first and "Maya Reyes" in first and "Total of expected charges" in first
