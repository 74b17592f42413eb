"""R26: a client downloads an invoice as PDF, where the practice has it so (R42)."""

import pytest

from tests.papers.steps import words_of
from tests.promise.billing import a_visit_that_was_billed
from tests.promise.conftest import sign_in
from tests.promise.steps import arrive

MAYA = "maya.reyes@example.com"


@pytest.mark.parametrize("scripts", [False, True])
def test_a_client_downloads_an_invoice_whose_sums_are_those_on_the_page(portal, opened, tmp_path, scripts):
    made = a_visit_that_was_billed(portal)
    portal.come_to_rest()
    phone = opened(scripts=scripts)
    arrive(phone, MAYA)
    phone.goto(f"/clients/1/account/invoices/{made['invoice']}")
    assert phone.get_by_text("$100.00").first.is_visible()
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download the PDF").click()
    assert download.value.suggested_filename == f"invoice-{made['number']}.pdf"
    with open(download.value.path(), "rb") as file:
        said = words_of(file.read(), tmp_path)
    for words in (f"Invoice {made['number']}", "Maya Reyes", "$150.00", "-$50.00", "$100.00", "How to pay"):
        assert words in said


def test_a_receipt_is_a_file_too(portal, opened, tmp_path):
    made = a_visit_that_was_billed(portal)
    portal.come_to_rest()
    phone = sign_in(opened(), MAYA)
    answer = phone.request.get(f"/clients/1/account/receipts/{made['payment']}/file")
    said = words_of(answer.body(), tmp_path)
    assert "Paid by cash" in said and "$50.00" in said


def test_the_practice_turns_invoices_off_and_on(portal, opened):
    """R42."""
    made = a_visit_that_was_billed(portal)
    portal.come_to_rest()
    portal.choose("billing.invoices=no")
    try:
        phone = sign_in(opened(), MAYA)
        for path in ("", "/file"):
            answer = phone.request.get(f"/clients/1/account/invoices/{made['invoice']}{path}")
            assert answer.status == 404
    finally:
        portal.choose("billing.invoices=yes")
