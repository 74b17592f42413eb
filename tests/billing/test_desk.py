"""The desk takes payments: what was typed stays, where it goes is seen first, and a second press is none."""

import asyncio
from datetime import timedelta

import pytest

from portal import money
from portal.billing.actions import deciding
from portal.database import fetch
from portal.invoices.actions import issuing
from tests.billing.desk import account, lines, payments, taken, typed
from tests.billing.factories import AETNA, a_payment, an_encounter, today
from tests.billing.test_ledger import adds_up, owes
from tests.cast import Cast
from tests.factories import TEST


@pytest.mark.parametrize("htmx", [False, True])
async def test_enter_shows_where_it_goes_and_a_second_press_takes_it(cast: Cast, htmx: bool):
    await an_encounter(cast.client)
    browser = await cast.browser("front_desk", htmx=htmx)
    page = await typed(browser, cast, amount="$1,60.00".replace(",", ""), note="Paid by her mother")
    assert page.heading == "Look it over" and "$150.00" in page.words and "Becomes credit" in page.words
    assert "$10.00" in page.words and "The client then owes $0.00" in page.words
    assert await payments() == []
    page = await browser.press(page, account(cast, "/payments/new"), {"act": "take"})
    (row,) = await payments()
    if htmx:
        assert page.headers["hx-redirect"] == f"/staff/payments/{row.id}"
        page = await browser.get(f"/staff/payments/{row.id}")
    assert page.heading == "Receipt 1" and "$160.00" in page.words and "Paid by her mother" in page.words
    assert (row.amount, row.method, row.note) == (16000, "cash", "Paid by her mother")
    assert await owes(cast.client) == (0, 0, 1000)
    await adds_up()


async def test_the_oldest_invoice_is_paid_first_and_what_it_is_for_can_be_chosen(cast: Cast):
    await an_encounter(cast.client, days_ago=20)
    await an_encounter(cast.client, days_ago=10)
    first, second = await lines()
    await issuing.issue(TEST, cast.client.id, [second.id])
    browser = await cast.browser("front_desk")
    await taken(browser, cast, amount="100")
    assert [one.client_due for one in await lines()] == [15000, 5000], "what stands on an invoice comes first"
    page = await typed(browser, cast, amount="30", **{f"line{first.id}": "30"})
    assert "then owes $170.00" in page.words
    await browser.press(page, account(cast, "/payments/new"), {"act": "take"})
    assert [one.client_due for one in await lines()] == [12000, 5000]


async def test_what_was_typed_stays_and_can_be_changed(cast: Cast):
    await an_encounter(cast.client)
    browser = await cast.browser("front_desk")
    page = await typed(browser, cast, amount="20", method="check", reference="1042", note="Second check")
    page = await browser.press(page, account(cast, "/payments/new"), {"act": "change"})
    assert (page.value("amount"), page.value("reference"), page.value("note")) == ("20", "1042", "Second check")
    assert page.soup.find("input", {"name": "method", "checked": True})["value"] == "check"
    page = await browser.press(page, account(cast, "/payments/new"), {"amount": "20.001", "act": "take"})
    assert page.status == 422 and "such as 25" in page.errors["amount"] and page.value("amount") == "20.001"
    assert await payments() == []


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"amount": ""}, "amount"), ({"amount": "0"}, "amount"), ({"amount": "-5"}, "amount"),
        ({"amount": "ten"}, "amount"), ({"amount": "10,000,000.00"}, "amount"), ({"amount": "1e3"}, "amount"),
        ({"amount": "٣"}, "amount"), ({"received_on": "0026-11-30"}, "received_on"),
        ({"method": ""}, "method"), ({"method": "shells"}, "method"),
        ({"method": "card"}, "method"), ({"method": "check", "reference": ""}, "reference"),
        ({"method": "card_terminal", "reference": "4242424242424242"}, "reference"),
        ({"method": "card_terminal", "reference": ""}, "reference"), ({"received_on": ""}, "received_on"),
        ({"received_on": "2099-01-01"}, "received_on"), ({"received_on": "30.11.2026"}, "received_on"),
        ({"received_on": "2026-02-30"}, "received_on"), ({"note": "x" * 301}, "note"), ({"key": ""}, ""),
        ({"line1": "200", "amount": "200"}, "line1"), ({"line1": "100", "amount": "20"}, "amount"),
        ({"line1": "x"}, "line1"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_beside_its_field(cast: Cast, told, field):
    await an_encounter(cast.client)
    browser = await cast.browser("front_desk")
    for act in ("check", "take"):
        page = await typed(browser, cast, **{**told, "act": act})
        assert page.status == 422 and field in page.errors, page.errors
    assert await payments() == []


async def test_sent_twice_it_is_taken_once(cast: Cast):
    await an_encounter(cast.client)
    browser = await cast.browser("front_desk")
    page = await typed(browser, cast, amount="20")
    answers = [await browser.press(page, account(cast, "/payments/new"), {"act": "take"}) for _ in range(2)]
    assert {answer.path for answer in answers} == {"/staff/payments/1"} and len(await payments()) == 1
    assert await owes(cast.client) == (13000, 0, 0)


async def test_who_goes_back_and_types_another_sum_is_told_that_the_form_was_sent(cast: Cast):
    await an_encounter(cast.client)
    browser = await cast.browser("front_desk")
    page = await typed(browser, cast, amount="20")
    await browser.press(page, account(cast, "/payments/new"), {"act": "take"})
    for amount, when in (("30", today()), ("20", today() - timedelta(days=1))):
        told = {"amount": amount, "received_on": when.isoformat(), "act": "take"}
        page = await browser.press(page, account(cast, "/payments/new"), told)
        assert page.status == 422 and "sent already" in page.errors[""]
    assert [one.amount for one in await payments()] == [2000]


async def test_what_is_not_owed_any_more_is_said_and_its_part_goes_nowhere_else(cast: Cast):
    await an_encounter(cast.client, days_ago=9)
    await an_encounter(cast.client)
    browser = await cast.browser("front_desk")
    page = await browser.get(account(cast, "/payments/new"))
    await a_payment(cast.client, 15000)
    told = {"amount": "20", "method": "cash", "line1": "20", "act": "check"}
    page = await browser.press(page, account(cast, "/payments/new"), told)
    assert page.status == 422 and "changed meanwhile" in page.errors[""]


async def test_where_it_goes_is_shown_again_when_somebody_was_quicker(cast: Cast):
    await an_encounter(cast.client)
    browser = await cast.browser("front_desk")
    page = await typed(browser, cast, amount="150")
    await a_payment(cast.client, 10000)
    page = await browser.press(page, account(cast, "/payments/new"), {"act": "take"})
    assert page.status == 422 and "changed meanwhile" in page.errors[""] and "$100.00" in page.words
    assert len(await payments()) == 1
    page = await browser.press(page, account(cast, "/payments/new"), {"act": "take"})
    assert page.heading.startswith("Receipt") and await owes(cast.client) == (0, 0, 10000)
    await adds_up()


async def test_two_who_take_the_same_plan_at_once_take_one(cast: Cast):
    await an_encounter(cast.client)
    browsers = [await cast.browser(part) for part in ("front_desk", "biller")]
    pages = [await typed(browser, cast, amount="150") for browser in browsers]
    answers = await asyncio.gather(
        *(
            browser.press(page, account(cast, "/payments/new"), {"act": "take"})
            for browser, page in zip(browsers, pages, strict=True)
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 422]
    assert await owes(cast.client) == (0, 0, 0)
    await adds_up()


async def test_credit_goes_to_what_is_owed_when_somebody_says_so(cast: Cast):
    await a_payment(cast.client, 8000)
    await an_encounter(cast.client)
    browser = await cast.browser("front_desk")
    page = await browser.get(account(cast))
    assert "$80.00" in page.words and account(cast, "/credit") in page.links()
    page = await browser.get(account(cast, "/credit"))
    twice = [await browser.press(page, account(cast, "/credit")) for _ in range(2)]
    assert [answer.status for answer in twice] == [200, 200] and "applied" in twice[0].words
    assert await owes(cast.client) == (7000, 0, 0)
    assert "nothing that the credit could pay for" in (await browser.get(account(cast, "/credit"))).words
    await a_payment(cast.client, 8000)
    await an_encounter(cast.client)
    page = await browser.get(account(cast, "/credit"))
    await a_payment(cast.client, 100)
    page = await browser.press(page, account(cast, "/credit"))
    assert page.status == 422 and "changed meanwhile" in page.errors[""]


async def test_the_chart_says_the_balance_and_leads_to_the_account(cast: Cast):
    await an_encounter(cast.client)
    await an_encounter(cast.client, insured=AETNA)
    page = await (await cast.browser("front_desk")).get(f"/staff/clients/{cast.client.id}")
    assert "Owes $150.00." in page.words and "$150.00 is waiting for insurance." in page.words
    assert account(cast) in page.links()
    page = await (await cast.browser("privacy_officer")).get(f"/staff/clients/{cast.client.id}")
    assert account(cast) not in page.links() and "Owes" not in page.words


async def test_the_ledger_says_who_posted_what_and_why_and_what_was_reversed(cast: Cast):
    await an_encounter(cast.client)
    line = (await lines())[0].id
    posting = await deciding.write_off(TEST, cast.client.id, line, 1000, "Hardship of the family")
    biller = await cast.browser("biller")
    await taken(biller, cast, amount="20")
    page = await biller.get(account(cast, f"/postings/{posting}/reversal"))
    again = [
        await biller.press(page, account(cast, f"/postings/{posting}/reversal"), {"reason": "Wrong one"})
        for _ in range(2)
    ]
    assert [answer.status for answer in again] == [200, 200]
    page = await biller.get(account(cast, "?view=ledger"))
    rows = [" ".join(row.get_text(" ").split()) for row in page.soup.select("tbody tr")]
    assert len(rows) == 4 and "Taken back: Written off" in rows[0] and "+$10.00" in rows[0] and "Wrong one" in rows[0]
    assert "Biller Staff" in rows[1] and "−$20.00" in rows[1]
    assert "Hardship" in rows[2] and "Reversed on" in rows[2] and "The portal" in rows[2]
    assert "Counseling, 15 minutes (H0004)" in rows[3]
    assert "Take back" not in (await (await cast.browser("front_desk")).get(account(cast, "?view=ledger"))).words
    await adds_up()


async def test_lists_turn_their_pages_and_come_back(cast: Cast):
    await an_encounter(cast.client)
    for _ in range(30):
        await a_payment(cast.client, 100)
    browser = await cast.browser("biller")
    for view, rows in (("ledger", "tbody tr"), ("payments", ".rows li")):
        page = await browser.get(account(cast, f"?view={view}"))
        assert len(page.soup.select(rows)) == 25
        older = await browser.get(next(link for link in page.links() if "before=" in link))
        assert len(older.soup.select(rows)) == (6 if view == "ledger" else 5)
        back = await browser.get(next(link for link in older.links() if "after=" in link))
        assert [one.text for one in back.soup.select(rows)] == [one.text for one in page.soup.select(rows)]
    for odd in ("before=x", "after=-1", "view=none", "before=" + "9" * 40, "view=open&after=%00"):
        assert (await browser.get(account(cast, f"?{odd}"))).status == 200


async def test_what_each_service_still_needs_is_said(cast: Cast):
    await an_encounter(cast.client, insured=AETNA)
    await an_encounter(cast.client, days_ago=9)
    await a_payment(cast.client, 15000)
    page = await (await cast.browser("clinician")).get(account(cast))
    assert "Insurer's decision" in page.pills() and len(page.soup.select("tbody tr")) == 1
    page = await (await cast.browser("clinician")).get(account(cast, "?view=services"))
    assert page.pills().count("Nothing more") == 1 and "On no invoice yet" in page.words
    assert account(cast, "/payments/new") not in page.links()


async def test_forty_payments_on_a_monday_are_forty_receipts(cast: Cast):
    await an_encounter(cast.client)
    browser = await cast.browser("front_desk")
    for number in range(1, 41):
        page = await taken(browser, cast, amount=money.plain(100 + number))
        assert page.heading == f"Receipt {number}"
    await adds_up()
    assert (await fetch("SELECT last FROM counter WHERE name = 'receipt'"))[0]["last"] == 40
    assert today()
