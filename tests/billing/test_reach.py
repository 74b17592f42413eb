"""Who of the staff may do what with money, on every page of it; and nobody through an id of somebody else."""

import re

import pytest

from portal.access import Role
from portal.billing.actions import deciding
from portal.invoices.actions import issuing, running
from tests.billing.factories import AETNA, a_payment, an_encounter
from tests.billing.test_ledger import owes
from tests.cast import Cast
from tests.factories import TEST, a_grant
from tests.invoices.test_runs import last_month
from tests.schedule.steps import staff

READ = {"front_desk", "clinician", "biller", "supervisor", "administrator"}
TAKE = READ - {"clinician"}
BOOKS = TAKE - {"front_desk"}
PAGES = {
    "/staff/clients/{client}/account": READ,
    "/staff/clients/{client}/account?view=ledger": READ,
    "/staff/payments/1": READ,
    "/staff/invoices/1": READ,
    "/staff/clients/{client}/account/payments/new": TAKE,
    "/staff/clients/{client}/account/credit": TAKE,
    "/staff/clients/{client}/account/remittances/new": BOOKS,
    "/staff/clients/{client}/account/adjustments/new": BOOKS,
    "/staff/clients/{client}/account/postings/4/reversal": BOOKS,
    "/staff/payments/1/refund": BOOKS,
    "/staff/payments/1/reversal": BOOKS,
    "/staff/clients/{client}/account/invoices/new": BOOKS,
    "/staff/invoices/1/voiding": BOOKS,
    "/staff/invoices/1/replacement": BOOKS,
    "/staff/billing/runs": BOOKS,
    "/staff/billing/runs/1": BOOKS,
    "/staff/billing/check": BOOKS,
}
POSTS = [path for path in PAGES if re.search(r"/(new|credit|reversal|refund|voiding|replacement)$", path)]


async def an_account_with_everything(cast: Cast) -> None:
    """A visit that was paid for, one that waits, an adjustment, an invoice, a run."""
    await an_encounter(cast.client, days_ago=70)
    await an_encounter(cast.client, insured=AETNA)
    await a_payment(cast.client, 5000)
    await deciding.write_off(TEST, cast.client.id, 1, 100, "Agreed")
    await issuing.issue(TEST, cast.client.id, [1])
    await an_encounter(cast.other, days_ago=70, clinician_id=cast.client.principal_clinician)
    await running.start(TEST, last_month())


@pytest.mark.parametrize(
    "part", ["signed out", "client", "stranger", "guardian", "other clinician", "clinician", *Role]
)
async def test_each_finds_the_pages_of_their_role(cast: Cast, part: str):
    if part == Role.CLINICIAN:
        return
    await an_account_with_everything(cast)
    browser = await cast.browser(part)
    for path, roles in PAGES.items():
        page = await browser.get(path.format(client=cast.client.id), follow=False)
        expected = 303 if part == "signed out" else 200 if part in roles else 404
        assert page.status == expected, f"{path} answered {part} with {page.status}"


@pytest.mark.parametrize("part", ["client", "guardian", "other clinician", "clinician", "front_desk", "auditor"])
async def test_what_one_may_not_is_not_done_by_sending_its_form(cast: Cast, part: str):
    await an_account_with_everything(cast)
    before = await owes(cast.client)
    browser = await cast.browser(part)
    told = {
        "key": "0123456789", "act": "take", "amount": "1", "method": "cash", "reason": "no", "kind": "adjust",
        "line": "1", "received_on": "2026-01-01", "payer": "Aetna", "paid2": "1",
    }  # fmt: skip
    for path in POSTS:
        if part not in PAGES[path]:
            page = await browser.post(path.format(client=cast.client.id), **told)
            assert page.status == 404, path
    for path in ("/staff/billing/runs", "/staff/billing/runs/1/end", "/staff/billing/check"):
        assert (await browser.post(path, act="start")).status == 404
    assert await owes(cast.client) == before


async def test_nothing_is_reached_through_the_address_of_another_client(cast: Cast):
    await an_account_with_everything(cast)
    biller = await cast.browser("biller")
    there = f"/staff/clients/{cast.other.id}/account"
    assert (await biller.get(f"{there}/postings/4/reversal")).status == 404
    page = await biller.get(f"{there}/payments/new")
    page = await biller.press(page, f"{there}/payments/new", {"amount": "1", "method": "cash", "line1": "1"})
    assert page.status == 422 and await owes(cast.client) == (9900, 15000, 0), "a service of another is none of theirs"
    page = await biller.press(await biller.get(f"{there}/adjustments/new"), f"{there}/adjustments/new", {
        "kind": "write_off", "line": "1", "amount": "1", "reason": "no",
    })  # fmt: skip
    assert page.status == 422 and await owes(cast.client) == (9900, 15000, 0)
    page = await biller.press(await biller.get(f"{there}/invoices/new"), f"{there}/invoices/new", {"line": "2"})
    assert page.status == 422


async def test_staff_who_are_clients_do_not_reach_their_own_account_as_staff(cast: Cast):
    await an_account_with_everything(cast)
    await a_grant(cast.accounts["biller"], cast.client)
    biller = await cast.browser("biller")
    for path in PAGES:
        if "/billing/" not in path:
            assert (await biller.get(path.format(client=cast.client.id))).status == 404, path
    page = await biller.get("/staff/billing/runs/1")
    assert page.status == 200 and staff(cast, "biller")


@pytest.mark.parametrize("path", ["/staff/payments/{}", "/staff/invoices/{}", "/staff/billing/runs/{}"])
@pytest.mark.parametrize("id", ["999999", "9" * 19, "99999999999999999999999"])
async def test_an_id_that_nobody_has_is_not_found(cast: Cast, path: str, id: str):
    assert (await (await cast.browser("biller")).get(path.format(id))).status == 404
