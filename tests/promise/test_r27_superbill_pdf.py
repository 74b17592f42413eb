"""R27: a client downloads a superbill as PDF, of one visit or of several, where the practice has it so (R42)."""

import pytest

from tests.papers.steps import words_of
from tests.promise.billing import a_visit_that_was_billed
from tests.promise.conftest import sign_in
from tests.promise.steps import arrive

MAYA = "maya.reyes@example.com"


@pytest.mark.parametrize("scripts", [False, True])
def test_a_client_downloads_what_an_insurer_asks_for(portal, opened, tmp_path, scripts):
    made = a_visit_that_was_billed(portal)
    portal.come_to_rest()
    phone = opened(scripts=scripts)
    arrive(phone, MAYA)
    phone.goto(f"/clients/1/account/encounters/{made['encounter']}/superbill")
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download the PDF").click()
    with open(download.value.path(), "rb") as file:
        said = words_of(file.read(), tmp_path)
    for words in ("This is not a bill.", "52-2117364", "1482073008", "F41.1", "H0004", "$150.00", "Maya Reyes"):
        assert words in said


def test_several_visits_are_one_pdf(portal, opened, tmp_path):
    a_visit_that_was_billed(portal)
    portal.come_to_rest()
    phone = sign_in(opened(), MAYA)
    phone.goto("/clients/1/account/superbills")
    with phone.expect_download() as download:
        phone.get_by_role("button", name="Get the PDF").click()
    with open(download.value.path(), "rb") as file:
        said = words_of(file.read(), tmp_path)
    assert "Statements for" in said and "Together" in said and "This is not a bill." in said


def test_while_something_lacks_the_client_reads_that_and_staff_what_it_is(portal, opened):
    made = a_visit_that_was_billed(portal)
    portal.sql("UPDATE staff_member SET npi = reverse(npi) WHERE is_clinician")
    try:
        phone = sign_in(opened(), MAYA)
        where = f"/clients/1/account/encounters/{made['encounter']}/superbill"
        phone.goto(where)
        assert phone.get_by_text("still completing this superbill").is_visible()
        biller = sign_in(opened(), "lena@harborlane.example")
        biller.goto(f"/staff/encounters/{made['encounter']}/superbill")
        assert biller.get_by_text("The NPI of").first.is_visible()
    finally:
        portal.sql("UPDATE staff_member SET npi = reverse(npi) WHERE is_clinician")


def test_the_practice_turns_superbills_off_and_on(portal, opened):
    """R42."""
    made = a_visit_that_was_billed(portal)
    portal.come_to_rest()
    portal.choose("billing.superbills=no")
    try:
        phone = sign_in(opened(), MAYA)
        for path in (
            f"encounters/{made['encounter']}/superbill",
            f"encounters/{made['encounter']}/superbill/file",
            "superbills",
        ):
            assert phone.request.get(f"/clients/1/account/{path}").status == 404
    finally:
        portal.choose("billing.superbills=yes")
