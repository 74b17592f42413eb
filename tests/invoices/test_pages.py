"""Invoices: what would stand on the next one, how one stands, and its trail when it is voided and issued anew."""

import asyncio
from datetime import timedelta

import pytest

from portal import clock
from portal.billing.actions import deciding
from portal.billing.actions.deciding import Part, Remittance
from portal.invoices.actions import issuing
from portal.invoices.queries import work
from tests.billing.desk import account, invoices, lines
from tests.billing.factories import AETNA, a_payment, an_encounter, today
from tests.billing.test_ledger import adds_up
from tests.cast import Cast
from tests.factories import TEST, a_client
from tests.schedule.steps import staff

NEW = "/invoices/new"


@pytest.mark.parametrize("htmx", [False, True])
async def test_all_that_no_invoice_names_is_chosen_and_one_can_be_left_out(cast: Cast, htmx: bool):
    for days in (3, 9, 20):
        await an_encounter(cast.client, days_ago=days)
    browser = await cast.browser("biller", htmx=htmx)
    page = await browser.get(account(cast, NEW))
    assert len(page.soup.select("input[name=line][checked]")) == 3 and "$450.00" in page.words
    chosen = [str(one.id) for one in await lines()][:2]
    twice = [await browser.press(page, account(cast, NEW), {"line": chosen}) for _ in range(2)]
    assert {answer.status for answer in twice} == {200}
    (one,) = await invoices()
    assert (one.number, one.total) == (1, 30000)
    page = await browser.get("/staff/invoices/1")
    assert page.heading == "Invoice 1" and page.pills() == ["Open"] and "Balance: $300.00" in page.words
    page = await browser.get(account(cast, NEW))
    assert len(page.soup.select("input[name=line]")) == 1
    page = await browser.press(page, account(cast, NEW), {"line": None})
    assert page.status == 422 and "at least one" in page.errors["line"]
    page = await browser.press(page, account(cast, NEW), {"line": ["999", *chosen]})
    assert page.status == 422 and "stands on an invoice already" in page.errors[""]
    await adds_up()


async def test_two_who_issue_at_once_issue_one(cast: Cast):
    await an_encounter(cast.client)
    browsers = [await cast.browser(part) for part in ("biller", "supervisor")]
    pages = [await browser.get(account(cast, NEW)) for browser in browsers]
    both = zip(browsers, pages, strict=True)
    answers = await asyncio.gather(*(one.press(page, account(cast, NEW)) for one, page in both))
    assert sorted(answer.status for answer in answers) == [200, 422] and len(await invoices()) == 1


async def test_how_it_stands_is_said_in_words(cast: Cast):
    await an_encounter(cast.client, insured=AETNA)
    invoice = await issuing.issue(TEST, cast.client.id)
    line = (await lines())[0].id
    browser = await cast.browser("clinician")
    url = f"/staff/invoices/{invoice}"
    assert (await browser.get(url)).pills() == ["Waiting for insurance"]
    told = Remittance("Aetna", "check", today(), [Part(line, 9000, 3500, 2500)])
    await deciding.post_remittance(TEST, cast.client.id, told)
    page = await browser.get(url)
    assert page.pills() == ["Open"] and "Balance: $25.00" in page.words and f"{url}/voiding" not in page.links()
    with clock.shifted(days=31):
        assert (await (await cast.browser("clinician")).get(url)).pills() == ["Overdue"]
        page = await (await cast.browser("clinician")).get(account(cast, "?view=invoices"))
        assert page.pills() == ["Overdue"] and "$25.00 owed" in page.words
    await a_payment(cast.client, 2500)
    assert (await browser.get(url)).pills() == ["Paid"]


@pytest.mark.parametrize("htmx", [False, True])
async def test_one_is_voided_with_a_reason_and_keeps_its_number(cast: Cast, htmx: bool):
    await an_encounter(cast.client)
    invoice = await issuing.issue(TEST, cast.client.id)
    browser, url = await cast.browser("biller", htmx=htmx), f"/staff/invoices/{invoice}/voiding"
    page = await browser.press(await browser.get(url), url, {"reason": ""})
    assert page.status == 422 and "Say why" in page.errors["reason"]
    twice = [await browser.press(page, url, {"reason": "Wrong day"}) for _ in range(2)]
    assert {answer.status for answer in twice} == {200}
    page = await browser.get(f"/staff/invoices/{invoice}")
    assert page.pills() == ["Void"] and "Wrong day" in page.words and "Biller Staff" in page.words
    assert "Balance" not in page.words
    assert "voided already" in (await browser.get(url)).words
    await adds_up()


@pytest.mark.parametrize("htmx", [False, True])
async def test_one_takes_the_place_of_another_and_both_say_so(cast: Cast, htmx: bool):
    await an_encounter(cast.client)
    invoice = await issuing.issue(TEST, cast.client.id)
    browser, url = await cast.browser("biller", htmx=htmx), f"/staff/invoices/{invoice}/replacement"
    page = await browser.get(url)
    twice = [await browser.press(page, url, {"reason": "Wrong address"}) for _ in range(2)]
    assert {answer.status for answer in twice} == {200} and len(await invoices()) == 2
    old, new = await browser.get("/staff/invoices/1"), await browser.get("/staff/invoices/2")
    assert "Replaced by invoice 2" in old.words and "Takes the place of Invoice 1" in new.words
    page = await browser.press(page, url, {"reason": "Another reason"})
    assert page.status == 422 and "voided already" in page.errors[""]
    await adds_up()


async def test_the_lists_of_work_name_who_waits_within_ones_reach(cast: Cast):
    await an_encounter(cast.client, days_ago=40)
    await an_encounter(cast.other, days_ago=60, insured=AETNA, clinician_id=cast.client.principal_clinician)
    await a_payment(cast.client, 5000)
    with clock.shifted(days=-35):
        await issuing.issue(TEST, cast.client.id)
    await an_encounter(cast.client)
    await a_payment(cast.client, 20000, given={})
    today = clock.today("America/New_York")
    biller, page = staff(cast, "biller"), (None, None, None)
    found = [(one.name, one.many, one.cents) for one in (await work.to_invoice(biller, *page)).rows]
    assert found == [("Jonah Whitfield", 1, 15000), ("Maya Reyes", 1, 15000)]
    assert [(one.name, one.cents) for one in (await work.credit(biller, *page)).rows] == [("Maya Reyes", 20000)]
    found = await work.with_insurers(biller, *page)
    assert [(one.name, one.cents) for one in found.rows] == [("Jonah Whitfield", 15000)]
    (late,) = (await work.overdue(biller, *page)).rows
    assert (late.name, late.number, late.cents, late.due_on) == ("Maya Reyes", 1, 10000, today - timedelta(days=5))
    assert (await work.with_insurers(staff(cast, "clinician"), *page)).total == 0
    for part, names in (("biller", 2), ("clinician", 1), ("other clinician", 0)):
        assert len((await work.to_invoice(staff(cast, part), *page)).rows) == names
    browser = await cast.browser("biller")
    for name in ("invoice", "overdue", "insurers", "credit"):
        page_of = await browser.get(f"/staff/billing?list={name}")
        assert page_of.status == 200 and "$" in page_of.words, name
    assert "/staff/invoices/1" in (await browser.get("/staff/billing?list=overdue")).links()


async def test_a_list_of_work_turns_its_pages(cast: Cast):
    for number in range(30):
        client = await a_client("Crowd", f"Member {number:02}")
        await an_encounter(client, days_ago=number + 1, clinician_id=cast.client.principal_clinician)
    browser = await cast.browser("biller")
    first = await browser.get("/staff/billing?list=invoice")
    second = await browser.get(next(link for link in first.links() if "after=" in link))
    back = await browser.get(next(link for link in second.links() if "before=" in link))
    names = [[one.get_text() for one in page.soup.select(".rows b")] for page in (first, second, back)]
    assert names[0][0] == "Crowd Member 29" and len(names[0]) == 25 and len(names[1]) == 5 and names[2] == names[0]
