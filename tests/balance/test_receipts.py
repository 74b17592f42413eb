"""Payments and refunds: every one of them, narrowed, taken along, and each with its receipt to print again."""

from datetime import timedelta

import pytest

from portal import clock
from portal.billing.actions import charging, returning
from portal.billing.actions.returning import Back
from portal.billing.tables import Payment
from portal.database import fetch
from tests.balance.factories import an_insured_visit, line_of, payment, place
from tests.balance.test_account import figures_in, table_of
from tests.billing.factories import a_payment, an_encounter, today
from tests.cast import Cast
from tests.factories import TEST
from tests.test_queries import asked

COLUMNS = ["Date", "Receipt", "What", "From", "How", "Reference", "Amount", "State"]


def rows_of(page) -> list[list[str]]:
    rows = page.soup.select("#receipts tbody tr")
    return [[cell.get_text(" ", strip=True) for cell in row.select("th, td")][1:] for row in rows]


async def some_payments(cast: Cast) -> dict[str, Payment]:
    """A check from 20 days ago, cash from 10, a refund of it, what Aetna paid, and a payment that bounced."""
    await an_insured_visit(cast.client, days_ago=40)
    encounter = await an_encounter(cast.client, days_ago=30)
    check = await payment(cast.client, 5000, method="check", reference="1042", received_on=today() - timedelta(days=20))
    cash = await payment(cast.client, 4000, received_on=today() - timedelta(days=10))
    back = await returning.refund(TEST, cash.id, Back("cash", "Twice", {await line_of(encounter): 1000}))
    bounced = await payment(cast.client, 700, method="check")
    await returning.reverse(TEST, bounced.id, "Bounced")
    return {
        "check": check, "cash": cash, "refund": await Payment.objects().get(Payment.id == back), "bounced": bounced,
    }  # fmt: skip


async def test_every_payment_and_refund_stands_there_with_its_receipt(cast: Cast):
    made = await some_payments(cast)
    page = await (await cast.browser("client")).get(place(cast, "/receipts"))
    assert rows_of(page) == [
        ["Refund to you", "Cash", "Receipt 3", "-$10.00"],
        ["Paid by you Reversed", "Check", "Receipt 4", "$7.00"],
        ["Paid by Aetna", "Bank transfer", "None", "$90.00"],
        ["Paid by you $10.00 of it given back", "Cash", "Receipt 2", "$40.00"],
        ["Paid by you", "Check 1042", "Receipt 1", "$50.00"],
    ]
    assert "5 payments and refunds" in page.words and "Bounced" not in page.text and "Twice" not in page.text
    assert {f"{place(cast)}/receipts/{one.id}" for one in made.values()} <= set(page.links())


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["3", "4", "", "2", "1"]), ("kind=yours", ["4", "2", "1"]), ("kind=refunds", ["3"]),
        ("kind=insurance", [""]), ("kind=other", ["3", "4", "", "2", "1"]), ("method=check", ["4", "1"]),
        ("method=card", []), ("kind=yours&method=cash", ["2"]), ("from={ten}", ["3", "4", "", "2"]),
        ("until={ten}", ["2", "1"]), ("from={ten}&until={ten}", ["2"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_they_are_narrowed_and_the_files_hold_exactly_that(cast: Cast, query, numbers, htmx):
    await some_payments(cast)
    query = query.format(ten=today() - timedelta(days=10))
    page = await (await cast.browser("client", htmx=htmx)).get(place(cast, f"/receipts?{query}"))
    assert [row[2].removeprefix("Receipt ").replace("None", "") for row in rows_of(page)] == numbers
    assert page.text.lstrip().startswith("<div id=" if htmx else "<!doctype")
    assert ("No payments match." in page.words) == (not numbers)
    browser = await cast.browser("client")
    header, *rows = table_of(await browser.get(place(cast, f"/receipts/csv?{query}")))
    assert header == COLUMNS and [row[1] for row in rows] == numbers
    book, _ = figures_in((await browser.get(place(cast, f"/receipts/excel?{query}"))).response.content)
    assert [cells[0] for cells in book] == [row[6] for row in rows]


async def test_the_file_says_who_paid_how_and_what_became_of_it(cast: Cast):
    await some_payments(cast)
    _, *rows = table_of(await (await cast.browser("client")).get(place(cast, "/receipts/csv")))
    assert [row[1:] for row in rows[:3]] == [
        ["3", "Refund", "", "Cash", "", "-10.00", ""],
        ["4", "Payment", "", "Check", "", "7.00", "Reversed"],
        ["", "Payment", "Aetna", "Bank transfer", "", "90.00", ""],
    ]


async def test_a_reference_that_looks_like_a_formula_is_text(cast: Cast):
    await a_payment(cast.client, 100, reference="=1+1")
    browser = await cast.browser("client")
    assert table_of(await browser.get(place(cast, "/receipts/csv")))[1][5] == "'=1+1"
    assert b"<f>" not in (await browser.get(place(cast, "/receipts/excel"))).response.content


async def test_a_receipt_says_all_that_paper_must(cast: Cast):
    await an_encounter(cast.client, days_ago=9)
    paid = await payment(cast.client, 16000, method="check", reference="1042")
    page = await (await cast.browser("client")).get(place(cast, f"/receipts/{paid.id}"))
    assert page.heading == "Receipt 1" and page.soup.title.get_text() == "Receipt - Harbor Lane Counseling"
    for said in ("Received from Maya Reyes", "How Check", "Reference 1042", "Eastern Time", "Paid $160.00"):
        assert said in page.words, said
    table = [[cell.get_text() for cell in row.select("th, td")] for row in page.soup.select("#receipt tbody tr")]
    assert [row[1:] for row in table] == [
        ["Counseling, 15 minutes", "$150.00"],
        ["Paid ahead, for what comes", "$10.00"],
    ]
    assert "After this you had $10.00 paid ahead." in page.words


async def test_a_receipt_says_what_was_left_then_however_it_went_on(cast: Cast):
    await an_encounter(cast.client, days_ago=9)
    paid = await payment(cast.client, 5000)
    await a_payment(cast.client, 10000)
    await an_encounter(cast.client)
    browser = await cast.browser("client")
    assert "Left for you to pay after this: $100.00." in (await browser.get(place(cast, f"/receipts/{paid.id}"))).words
    other = await browser.get(place(cast, f"/receipts/{paid.id + 1}"))
    assert "After this nothing was left for you to pay." in other.words


async def test_a_receipt_says_what_was_given_back_and_what_was_reversed(cast: Cast):
    made = await some_payments(cast)
    browser = await cast.browser("client")

    async def notice(name: str) -> str:
        page = await browser.get(place(cast, f"/receipts/{made[name].id}"))
        found = page.soup.select_one("#receipt .notice")
        return found.get_text(" ", strip=True) if found else ""

    assert await notice("check") == ""
    day, back = clock.today("America/New_York"), made["refund"]
    given = f"{back.received_on:%B} {back.received_on.day}, {back.received_on.year}"
    assert await notice("cash") == f"$10.00 of it was given back on {given} (receipt {back.number})."
    assert await notice("bounced") == f"Reversed on {day:%B} {day.day}, {day.year}: this does not count any more."
    page = await browser.get(place(cast, f"/receipts/{made['refund'].id}"))
    assert "Refund of Receipt 2" in page.words and "Given back $10.00" in page.words
    assert "Given back to Maya Reyes" in page.words


async def test_what_it_paid_for_is_not_named_where_that_was_a_mistake(cast: Cast):
    encounter = await an_encounter(cast.client)
    paid = await payment(cast.client, 4000)
    await charging.void(TEST, encounter, 1, "Jonah's")
    page = await (await cast.browser("client")).get(place(cast, f"/receipts/{paid.id}"))
    assert "A visit that was recorded by mistake" in page.words and "Counseling, 15" not in page.words


async def test_nobody_gets_a_receipt_for_what_an_insurer_paid(cast: Cast):
    await an_insured_visit(cast.client)
    row = await Payment.objects().get(Payment.payer == "Aetna")
    browser = await cast.browser("client")
    assert (await browser.get(place(cast, f"/receipts/{row.id}"))).status == 404


async def test_pages_have_no_gaps_and_cost_the_same_for_one_and_for_thirty(cast: Cast):
    browser = await cast.browser("client")
    first = await a_payment(cast.client, 100)
    one = [await asked(browser, place(cast, rest)) for rest in ("/receipts", f"/receipts/{first}")]
    for back in range(56):
        await a_payment(cast.client, 101 + back, received_on=today() - timedelta(days=back // 3))
    assert [await asked(browser, place(cast, rest)) for rest in ("/receipts", f"/receipts/{first}")] == one == [3, 4]
    pages = [await browser.get(place(cast, "/receipts"))]
    while older := pages[-1].soup.find("a", rel="next"):
        pages.append(await browser.get(str(older["href"])))
    amounts = [row[-1] for page in pages for row in rows_of(page)]
    assert len(amounts) == len(set(amounts)) == 57
    back = [pages[-1]]
    while newer := back[-1].soup.find("a", rel="prev"):
        back.append(await browser.get(str(newer["href"])))
    assert [rows_of(page) for page in back[::-1]] == [rows_of(page) for page in pages]
    _, *rows = table_of(await browser.get(place(cast, "/receipts/csv")))
    assert [f"${row[6]}" for row in rows] == amounts


async def test_empty_and_wrong_days_say_what_to_do(cast: Cast):
    browser = await cast.browser("client")
    assert "each with its receipt" in (await browser.get(place(cast, "/receipts"))).words
    page = await browser.get(place(cast, "/receipts?until=nonsense"))
    assert page.status == 422 and "Write the date like" in page.errors["until"]


async def test_in_spanish(cast: Cast):
    made = await some_payments(cast)
    await fetch("UPDATE account SET language = 'es'")
    browser = await cast.browser("client")
    assert "Devolución a usted" in (await browser.get(place(cast, "/receipts"))).words
    page = await browser.get(place(cast, f"/receipts/{made['check'].id}"))
    assert page.heading == "Recibo 1" and "Consejería, 15 minutos" in page.words and "Cheque" in page.words
