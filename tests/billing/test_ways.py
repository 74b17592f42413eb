"""From each page of a client's money to the next by links alone: nobody types an address."""

import pytest

from portal.invoices.actions import issuing
from tests.billing.desk import account
from tests.billing.factories import a_payment, an_encounter
from tests.billing.steps import some_work
from tests.browser import Browser, Page
from tests.cast import Cast
from tests.factories import TEST


async def follow(browser: Browser, page: Page, *ways: str) -> Page:
    """One link after the other, each of which must stand on the page before it."""
    for way in ways:
        assert way in page.links(), f"{way} is not on {page.path}: {page.links()}"
        page = await browser.get(way)
        assert page.status == 200
    return page


@pytest.fixture
async def billed(cast: Cast) -> tuple[int, int, int]:
    encounter = await an_encounter(cast.client)
    invoice = await issuing.issue(TEST, cast.client.id)
    return encounter, invoice, await a_payment(cast.client, 5000)


@pytest.mark.parametrize("part", ["biller", "front_desk", "clinician", "administrator"])
async def test_visit_invoice_and_payment_lead_to_each_other(cast: Cast, billed: tuple[int, int, int], part: str):
    encounter, invoice, payment = (f"/staff/{name}/{id}" for name, id in zip(
        ("encounters", "invoices", "payments"), billed, strict=True))  # fmt: skip
    browser = await cast.browser(part)
    page = await follow(browser, await browser.get(f"/staff/clients/{cast.client.id}"), account(cast), encounter)
    page = await follow(browser, page, account(cast), f"{account(cast)}?view=services", encounter, account(cast))
    page = await follow(browser, page, invoice, encounter, account(cast), f"{account(cast)}?view=ledger", encounter)
    page = await follow(browser, page, account(cast), f"{account(cast)}?view=payments", payment, encounter)
    await follow(browser, await browser.get(payment), invoice)


async def test_a_visit_that_an_invoice_names_leads_to_what_must_be_voided_first(
    cast: Cast, billed: tuple[int, int, int]
):
    encounter, invoice, _ = billed
    url = f"/staff/encounters/{encounter}"
    browser = await cast.browser("biller")
    page = await browser.press(await browser.get(url), f"{url}/voiding", {"reason": "Another client's visit"})
    assert page.status == 422 and "Void the invoice first" in page.errors[""]
    page = await follow(browser, page, f"/staff/invoices/{invoice}", f"/staff/invoices/{invoice}/voiding")
    await browser.press(page, f"/staff/invoices/{invoice}/voiding", {"reason": "Another client's visit"})
    page = await browser.get(url)
    assert f"/staff/invoices/{invoice}" not in page.links()
    page = await browser.press(page, f"{url}/voiding", {"reason": "Another client's visit"})
    assert page.pills() == ["Voided"]


async def test_what_is_voided_is_still_found_from_the_account(cast: Cast):
    encounter = await an_encounter(cast.client)
    browser = await cast.browser("biller")
    page = await browser.get(f"/staff/encounters/{encounter}")
    await browser.press(page, f"/staff/encounters/{encounter}/voiding", {"reason": "Another client's visit"})
    for view in ("services", "ledger"):
        page = await browser.get(f"{account(cast)}?view={view}")
        assert f"/staff/encounters/{encounter}" in page.links()


async def test_estimates_are_found_from_the_chart_and_the_account(cast: Cast):
    estimates = account(cast, "/estimates")
    for part in ("front_desk", "clinician", "biller"):
        browser = await cast.browser(part)
        page = await follow(browser, await browser.get(f"/staff/clients/{cast.client.id}"), estimates)
        await follow(browser, page, account(cast), estimates)
    browser = await cast.browser("privacy_officer")
    assert estimates not in (await browser.get(f"/staff/clients/{cast.client.id}")).links()


async def test_a_visit_to_record_leads_to_the_account_it_goes_to(cast: Cast):
    work = await some_work(cast)
    await work.visit()
    browser = await work.biller()
    await follow(browser, await browser.get("/staff/billing"), account(cast))
