"""Who gets which paper: whoever acts for the client in money matters, staff who read the ledger, and nobody else."""

import pytest

from portal.accounts.tables import Grant
from portal.database import fetch
from portal.invoices.actions import issuing
from portal.papers import controllers
from portal.practice import queries as practices
from portal.practice import switches
from tests.billing.factories import a_payment, an_encounter
from tests.factories import TEST
from tests.invoices.steps import a_whole_practice, settle
from tests.tasks.post import work_through


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    """No worker runs beside these tests."""
    monkeypatch.setattr(controllers, "PATIENCE", 0.0)


async def addresses(cast, client=None) -> dict[str, str]:
    """Of one invoice, superbill and receipt, as `client` would write them."""
    await a_whole_practice(cast.client)
    encounter = await an_encounter(cast.client)
    invoice = await issuing.issue(TEST, cast.client.id)
    payment = await a_payment(cast.client, 1000)
    await settle()
    here = f"/clients/{(client or cast.client).id}/account"
    return {
        "invoice page": f"{here}/invoices/{invoice}",
        "invoice": f"{here}/invoices/{invoice}/file",
        "superbill page": f"{here}/encounters/{encounter}/superbill",
        "superbill": f"{here}/encounters/{encounter}/superbill/file",
        "receipt": f"{here}/receipts/{payment}/file",
        "staff invoice": f"/staff/invoices/{invoice}/file",
        "staff superbill page": f"/staff/encounters/{encounter}/superbill",
        "staff superbill": f"/staff/encounters/{encounter}/superbill/file",
        "staff receipt": f"/staff/payments/{payment}/receipt",
    }


CLIENTS, STAFF = {"client", "guardian"}, {"front_desk", "clinician", "biller", "supervisor", "administrator"}
READ_DIAGNOSES = STAFF - {"front_desk"}
PARTS = ["client", "guardian", "stranger", "ended", "other clinician", "privacy_officer", "auditor", *sorted(STAFF)]


@pytest.mark.parametrize("part", PARTS)
async def test_each_of_the_cast_gets_what_is_theirs(cast, part):
    browser = await cast.browser(part)
    for name, path in (await addresses(cast)).items():
        staff = READ_DIAGNOSES if "superbill" in name else STAFF
        is_theirs = part in (staff if name.startswith("staff") else CLIENTS)
        page = await browser.get(path, follow=False)
        assert page.status == (200 if is_theirs else 404), f"{name}: {page.status}"
        if is_theirs and "page" not in name:
            assert page.response.content.startswith(b"%PDF-")


async def test_nobody_who_is_signed_out_gets_any(cast):
    browser = await cast.browser("signed out")
    for path in (await addresses(cast)).values():
        page = await browser.get(path, follow=False)
        assert page.status == 303 and page.headers["location"].startswith("/sign-in")


async def test_another_clients_number_in_ones_own_address_finds_nothing(cast):
    browser = await cast.browser("stranger")
    for name, path in (await addresses(cast, cast.other)).items():
        if not name.startswith("staff"):
            assert (await browser.get(path)).status == 404, name


async def test_a_guardian_without_money_matters_gets_none(cast):
    found = await addresses(cast)
    await Grant.update({Grant.areas: ["appointments"]}).where(Grant.account == cast.accounts["guardian"].id)
    browser = await cast.browser("guardian")
    for name, path in found.items():
        assert (await browser.get(path)).status == 404, name
    assert (await browser.get(f"/clients/{cast.client.id}/account/superbills")).status == 404


@pytest.mark.parametrize("kind", ["invoice", "superbill"])
async def test_what_the_practice_has_turned_off_is_not_there_for_clients_and_staff_keep_it(cast, kind):
    found = await addresses(cast)
    await switches.turn_all(TEST, {f"billing.{kind}s": "no"})
    browser, desk = await cast.browser("client"), await cast.browser("biller")
    for name in (kind, f"{kind} page"):
        assert (await browser.get(found[name])).status == 404, name
    other = "superbill" if kind == "invoice" else "invoice"
    assert (await browser.get(found[other])).status == 200
    assert (await desk.get(found[f"staff {kind}"])).response.content.startswith(b"%PDF-")
    if kind == "superbill":
        where = f"/clients/{cast.client.id}/account/superbills"
        assert (await browser.get(where)).status == 404
        assert (await browser.post(where, **{"from": "2026-01-01", "until": "2026-12-31"})).status == 404


async def test_what_an_insurer_paid_has_no_receipt(cast):
    found = await addresses(cast)
    await fetch("UPDATE payment SET payer = 'Aetna', number = NULL")
    assert (await (await cast.browser("client")).get(found["receipt"])).status == 404
    assert (await (await cast.browser("biller")).get(found["staff receipt"])).status == 404


async def test_while_something_lacks_staff_read_what_and_where_and_the_client_that_it_is_being_completed(cast):
    found = await addresses(cast)
    await fetch("UPDATE staff_member SET npi = ''")
    await fetch("UPDATE practice SET tax_id = ''")
    practices.forget()
    client, biller = await cast.browser("client"), await cast.browser("biller")
    for name in ("superbill page", "superbill"):
        page = await client.get(found[name])
        assert page.status == (409 if name == "superbill" else 200)
        assert "still completing this superbill" in page.words and "NPI" not in page.words
    where = f"/clients/{cast.client.id}/account/superbills"
    page = await client.post(where, **{"from": "2020-01-01", "until": "2100-01-01"})
    assert page.status == 422 and "still completing the superbills" in page.words
    for name in ("staff superbill page", "staff superbill"):
        page = await biller.get(found[name])
        links = {link["href"]: link.get_text() for link in page.soup.select("#superbill ul a")}
        assert links == {
            "/staff/settings/papers": "The practice's tax ID (EIN), such as 12-3456789",
            "/staff/settings/clinicians": "The NPI of Dr. Ngozi Okafor",
        }


# A stretch of time ---------------------------------------------------------------------------------------------------


async def test_a_stretch_of_time_is_asked_for_and_its_address_says_nothing(cast):
    await addresses(cast)
    browser = await cast.browser("client")
    where = f"/clients/{cast.client.id}/account/superbills"
    page = await browser.get(where)
    assert page.soup.select_one("#from")["value"] < page.soup.select_one("#until")["value"]
    told = {"from": page.soup.select_one("#from")["value"], "until": page.soup.select_one("#until")["value"]}
    address = (await browser.post(where, follow=False, **told)).headers["location"]
    assert address == "/papers/1"
    await work_through("render")
    assert (await browser.get(f"{address}/file")).response.content.startswith(b"%PDF-")
    assert (await browser.post(where, follow=False, **told)).headers["location"].startswith(address)
    await a_payment(cast.client, 100)
    assert (await browser.post(where, follow=False, **told)).headers["location"] == "/papers/2"
    await Grant.update({Grant.areas: ["messages"]}).where(Grant.account == cast.accounts["client"].id)
    assert (await browser.get(f"{address}/file")).status == 404


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("", "2026-11-30", "Write the date like 2026-11-30"),
        ("2026-11-30", "30/11/2026", "Write the date like 2026-11-30"),
        ("2026-11-30", "2026-11-01", "The last day is before the first"),
        ("0001-01-01", "9999-12-31", "Write the date like 2026-11-30"),
        ("2001-01-01", "2001-02-01", "There are no visits in this time."),
    ],
)
async def test_days_that_cannot_be_are_refused_beside_their_fields_with_what_was_typed(cast, first, last, said):
    await addresses(cast)
    page = await (await cast.browser("client")).post(
        f"/clients/{cast.client.id}/account/superbills", **{"from": first, "until": last}
    )
    assert page.status == 422 and said in page.words
    assert page.soup.select_one("#until")["value"] == last


async def test_visits_whose_superbill_lacks_something_are_counted_and_left_out(cast):
    await addresses(cast)
    await fetch("DELETE FROM diagnosis")
    where = f"/clients/{cast.client.id}/account/superbills"
    page = await (await cast.browser("client")).post(where, **{"from": "2026-01-01", "until": "2099-12-31"})
    assert page.status == 422 and "still completing the superbills" in page.words


async def test_what_only_the_client_can_tell_is_asked_of_the_client(cast):
    found = await addresses(cast)
    await fetch("DELETE FROM client_address")
    browser = await cast.browser("client")
    page = await browser.get(found["superbill page"])
    assert "The client's address" in page.words and "under My Information" in page.words
    assert "still completing" not in page.words
    where = f"/clients/{cast.client.id}/account/superbills"
    page = await browser.post(where, **{"from": "2020-01-01", "until": "2100-01-01"})
    assert page.status == 422
    assert "Not in your record yet: The client's address. Add it under My Information" in page.words


async def test_help_names_only_the_papers_that_the_practice_gives(cast):
    browser = await cast.browser("signed out")
    superbill, invoice, receipt, estimate = (
        "ask my insurance to pay me back", "the number of an invoice", "each payment has its receipt",
        "Ask for a Good Faith Estimate",
    )  # fmt: skip
    page = await browser.get("/help")
    assert all(words in page.words for words in (superbill, invoice, receipt, estimate))
    await switches.turn_all(TEST, {"billing.superbills": "no", "billing.invoices": "no"})
    page = await browser.get("/help")
    assert superbill not in page.words and invoice not in page.words and receipt in page.words
    await switches.turn(TEST, "billing.account", "no")
    page = await browser.get("/help")
    assert receipt not in page.words and "What do I owe" not in page.words and estimate in page.words
