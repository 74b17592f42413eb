"""What papers say of the practice and of who treats there."""

import pytest

from portal.access import Role
from portal.database import fetch
from portal.practice import clinicians, queries
from portal.practice.identifiers import as_ein, is_npi
from tests.browser import Browser
from tests.factories import TEST, a_member, a_practice

PAPERS, CLINICIANS = "/staff/settings/papers", "/staff/settings/clinicians"
FACTS = {
    "legal_name": "Harbor Lane Counseling, LLC", "tax_id": "521234567", "npi": "1234567893", "street": "12 Harbor Lane",
    "city": "Annapolis", "state": "md", "postal_code": "21401",
}  # fmt: skip


@pytest.fixture
async def lead(db: str) -> Browser:
    await a_practice()
    await a_member(Role.CLINICIAN, "Ngozi", "Okafor", is_clinician=True, prefix="Dr.", credentials="PsyD")
    _, account = await a_member(Role.ADMINISTRATOR)
    return await Browser().signed_in(account.id)


@pytest.mark.parametrize("number", ["1234567893", "1144720004", "2000000002"])
def test_an_npi_whose_check_digit_fits_is_one(number):
    assert is_npi(number)


@pytest.mark.parametrize(
    "number", ["1234567890", "0234567893", "123456789", "12345678933", "", "١٢٣٤٥٦٧٨٩٣", "1234567893\n"]
)
def test_any_other_number_is_none(number):
    assert not is_npi(number)


def test_an_ein_is_written_as_the_irs_does():
    assert as_ein("521234567") == as_ein(" 52-1234567 ") == "52-1234567"
    assert as_ein("5-21234567") is as_ein("07-1234567") is as_ein("52-123456") is as_ein("") is None


async def test_the_facts_are_kept_as_papers_write_them(lead):
    page = await lead.press(await lead.get(PAPERS), PAPERS, **FACTS)
    assert page.path == PAPERS and "Saved." in page.words
    found = await queries.practice(TEST)
    assert (found.legal_name, found.tax_id, found.npi, found.state) == (
        FACTS["legal_name"],
        "52-1234567",
        FACTS["npi"],
        "MD",
    )
    assert found.name == "Harbor Lane Counseling", "what every page says stays"


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("tax_id", "52-123456", "An EIN has nine digits, such as 52-1234567: check it"),
        ("tax_id", "00-1234567", "An EIN has nine digits, such as 52-1234567: check it"),
        ("npi", "1234567890", "This is not an NPI: check its ten digits"),
        ("state", "Maryland", "Write the state with its two letters, such as MD"),
        ("legal_name", "x" * 201, "That is too long: shorten it"),
        ("postal_code", "21401-12345", "That is too long: shorten it"),
    ],
)
async def test_a_fact_that_cannot_be_has_its_sentence_and_the_rest_stays_as_typed(lead, name, typed, said):
    page = await lead.press(await lead.get(PAPERS), PAPERS, **{**FACTS, name: typed})
    assert page.status == 422 and page.errors == {name: said}
    assert page.value(name) == typed and page.value("street") == "12 Harbor Lane"
    assert (await queries.practice(TEST)).legal_name == ""


async def test_a_clinician_has_npi_license_and_credentials(lead):
    page = await lead.get(CLINICIANS)
    assert "Not complete" in page.pills() and "Lacks: NPI, license number, state of the license" in page.words
    (one,) = await clinicians.clinicians(TEST)
    path = f"{CLINICIANS}/{one.id}"
    facts = {"credentials": "PsyD, ABPP", "npi": "1234567893", "license_number": "PSY 04821", "license_state": "md"}
    page = await lead.press(await lead.get(path), path, **facts)
    assert page.path == CLINICIANS and page.pills() == []
    assert "Dr. Ngozi Okafor, PsyD, ABPP" in page.words and "License PSY 04821, MD" in page.words
    acts = await fetch("SELECT act, detail FROM audit_row WHERE act = 'staff.changed'")
    assert len(acts) == 1 and "1234567893" not in str(acts)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("npi", "123", "This is not an NPI: check its ten digits"),
        ("license_state", "XX", "Write the state with its two letters, such as MD"),
        ("license_state", "", "Enter the state that gave this license"),
        ("license_number", "x" * 41, "Use 40 characters or fewer"),
    ],
)
async def test_a_number_that_cannot_be_has_its_sentence(lead, name, typed, said):
    (one,) = await clinicians.clinicians(TEST)
    path = f"{CLINICIANS}/{one.id}"
    facts = {"credentials": "PsyD", "npi": "1234567893", "license_number": "PSY 04821", "license_state": "MD"}
    page = await lead.press(await lead.get(path), path, **{**facts, name: typed})
    assert page.status == 422 and page.errors == {name: said} and page.value("credentials") == "PsyD"
    assert (await clinicians.clinician(TEST, one.id)).npi == ""


async def test_who_is_no_clinician_has_no_such_page(lead):
    desk, _ = await a_member(Role.FRONT_DESK, "Sam")
    assert (await lead.get(f"{CLINICIANS}/{desk.id}")).status == 404
    assert (await lead.post(f"{CLINICIANS}/{desk.id}", npi="1234567893")).status == 404


@pytest.mark.parametrize("htmx", [False, True])
async def test_both_browsers_get_the_refusal(lead, htmx):
    browser = Browser(htmx=htmx)
    browser.http.cookies = lead.http.cookies
    page = await browser.post(PAPERS, **{**FACTS, "npi": "1"})
    assert page.status == 422 and ("<html" in page.text) is not htmx and "npi" in page.errors
