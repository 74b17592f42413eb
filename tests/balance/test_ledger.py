"""What happened, in plain words, and what was owed after it: the last of which is what is owed."""

import asyncio
import contextlib
import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from portal import clock
from portal.access import NotFoundException
from portal.billing.actions import charging, deciding, paying, returning
from portal.billing.actions.deciding import Part, Remittance
from portal.billing.actions.returning import Back
from portal.billing.queries import checking
from portal.billing.tables import Payment, Posting
from portal.clients.tables import Client
from portal.database import ENGINE, fetch
from portal.encounters.tables import Encounter
from portal.invoices.actions import issuing
from portal.invoices.tables import Invoice
from portal.refusal import Refused
from tests.balance.factories import GROUP, an_insured_visit, decided, line_of, payment, place
from tests.billing.factories import AETNA, SESSION, a_payment, an_encounter, today
from tests.browser import Browser
from tests.cast import Cast
from tests.factories import TEST
from tests.scenes import Stage
from tests.test_queries import asked


def steps_of(page) -> list[list[str]]:
    """What happened, by how much, and what was owed then."""
    rows = [row.select("th, td") for row in page.soup.select("main table tbody tr")]
    return [[next(row[1].stripped_strings), row[2].get_text(), row[3].get_text()] for row in rows]


def table_of(page) -> list[list[str]]:
    assert page.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(page.response.content.decode("utf-8-sig"))))[1:]


def cents(text: str) -> int:
    """Of `-$1,234.50`; the tests' own way, so that it does not err together with the portal's."""
    return int(re.sub(r"[$,.]", "", text))


async def test_a_visit_is_told_line_by_line_in_plain_words(cast: Cast):
    encounter = await an_insured_visit(cast.client)
    await a_payment(cast.client, 2500, method="check")
    page = await (await cast.browser("client")).get(place(cast, f"/encounters/{encounter}"))
    assert steps_of(page) == [
        ["Counseling, 15 minutes, 4 at $37.50 each. Aetna is asked to pay first.", "$150.00", "$150.00"],
        ["Aetna paid $90.00", "-$90.00", "$60.00"],
        ["Aetna took $35.00 off: the price that it has agreed on with the practice", "-$35.00", "$25.00"],
        ["Aetna left $25.00 to you", "$0.00", "$25.00"],
        ["You paid $25.00 by check", "-$25.00", "$0.00"],
    ]
    assert "Total Balance $0.00" in page.words and f"{place(cast)}/receipts/2" in page.links()


async def test_the_balance_that_runs_through_a_visit_ends_at_what_stands_in_the_list(cast: Cast):
    encounter = await an_encounter(cast.client, SESSION, GROUP)
    await a_payment(cast.client, 17000)
    page = await (await cast.browser("client")).get(place(cast, f"/encounters/{encounter}"))
    assert steps_of(page)[-1][2] == "$40.00" and "Total Balance $40.00" in page.words
    assert [step[0] for step in steps_of(page)[:2]] == ["Counseling, 15 minutes, 4 at $37.50 each", "Group counseling"]


async def test_what_the_practice_does_is_said_as_well(cast: Cast):
    line = await line_of(await an_encounter(cast.client))
    await deciding.write_off(TEST, cast.client.id, line, 1000, "hardship: lost her job", is_adjustment=True)
    await deciding.write_off(TEST, cast.client.id, line, 500, "small")
    waits = await line_of(await an_encounter(cast.client, GROUP, insured=AETNA, days_ago=2))
    await deciding.leave_to_client(TEST, cast.client.id, waits, 6000, "not covered")
    paid = await payment(cast.client, 30000)
    await returning.refund(TEST, paid.id, Back("cash", "Asked for", {line: 1500, 0: 2000}))
    page = await (await cast.browser("client")).get(place(cast, "/ledger"))
    told = {step[0] for step in steps_of(page)}
    assert told >= {
        "The practice took $10.00 off your price", "The practice no longer asks for $5.00", "Aetna left $60.00 to you",
        "You paid $135.00 in cash", "You paid $105.00 ahead in cash: it is kept for you as credit",
        "We gave you $15.00 back in cash", "We gave you $20.00 back in cash",
    }  # fmt: skip
    assert "hardship" not in page.text and "Asked for" not in page.text, "what staff note is for staff"
    await an_encounter(cast.client, GROUP, days_ago=1)
    await paying.apply_credit(TEST, cast.client.id)
    told = {step[0] for step in steps_of(await (await cast.browser("client")).get(place(cast, "/ledger")))}
    assert told >= {"Your credit paid $15.00 of it", "$75.00 of your credit went to what you owed"}


async def test_what_is_reversed_says_so(cast: Cast):
    encounter = await an_encounter(cast.client, insured=AETNA)
    posting = await decided(cast.client, encounter, 9000, 3500, 2500)
    paid = await payment(cast.client, 3000)
    refund = await returning.refund(TEST, paid.id, Back("check", "Twice", {await line_of(encounter): 500}))
    await returning.reverse(TEST, refund, "Never sent")
    await returning.reverse(TEST, paid.id, "Bounced")
    insurers = (await Posting.objects().get(Posting.id == posting)).payment
    await returning.reverse(TEST, insurers, "Another client")
    page = await (await cast.browser("client")).get(place(cast, "/ledger"))
    told = [step[0] for step in steps_of(page)]
    assert {
        "The $5.00 was not given back to you after all", "Your payment of $25.00 does not count any more",
        "The $5.00 that you had paid ahead does not count any more", "The $90.00 from Aetna was taken back",
        "The $35.00 that Aetna had taken off is owed again", "$25.00 waits for Aetna again",
    } <= set(told)  # fmt: skip
    assert steps_of(page)[0][2] == "$150.00" and "Bounced" not in page.text


async def test_a_visit_recorded_by_mistake_does_not_say_what_it_was(cast: Cast):
    """It may have been another client's."""
    encounter = await an_encounter(cast.client)
    await a_payment(cast.client, 4000)
    await charging.void(TEST, encounter, 1, "It was Jonah Whitfield")
    page = await (await cast.browser("client")).get(place(cast, "/ledger"))
    assert steps_of(page)[::-1] == [
        ["A visit that was recorded by mistake", "$150.00", "$150.00"],
        ["You paid $40.00 in cash", "-$40.00", "$110.00"],
        ["What you had paid for it no longer goes there", "$40.00", "$150.00"],
        ["Recorded by mistake: the price was taken back", "-$150.00", "$0.00"],
        ["Instead it is kept for you as credit", "-$40.00", "-$40.00"],
    ]
    assert "Jonah" not in page.text and "Counseling" not in " ".join(str(step) for step in steps_of(page))
    assert f"{place(cast)}/encounters/{encounter}" not in page.links()


async def test_it_is_narrowed_by_days_and_keeps_its_balances(cast: Cast):
    await an_encounter(cast.client, days_ago=30)
    await an_encounter(cast.client, days_ago=20)
    await an_encounter(cast.client, days_ago=10)
    browser = await cast.browser("client")
    day = (clock.today("America/New_York") - timedelta(days=20)).isoformat()
    page = await browser.get(place(cast, f"/ledger?from={day}&until={day}"))
    assert [step[1:] for step in steps_of(page)] == [["$150.00", "$300.00"]] and "1 step" in page.words
    assert [row[3:] for row in table_of(await browser.get(place(cast, f"/ledger/csv?from={day}")))] == [
        ["150.00", "300.00"],
        ["150.00", "450.00"],
    ]
    page = await browser.get(place(cast, "/ledger?from=2001-01-01&until=2001-01-02"))
    assert "Nothing happened on these days." in page.words
    assert (await browser.get(place(cast, "/ledger?from=x"))).status == 422


async def test_pages_have_no_gaps_and_paper_has_it_all(cast: Cast):
    for back in range(57):
        await an_encounter(cast.client, GROUP, days_ago=1 + back // 3)
    browser = await cast.browser("client")
    pages = [await browser.get(place(cast, "/ledger"))]
    while older := pages[-1].soup.find("a", rel="next"):
        pages.append(await browser.get(str(older["href"])))
    balances = [cents(step[2]) for page in pages for step in steps_of(page)]
    assert balances == [6000 * many for many in range(57, 0, -1)]
    back = [pages[-1]]
    while newer := back[-1].soup.find("a", rel="prev"):
        back.append(await browser.get(str(newer["href"])))
    assert [steps_of(page) for page in back[::-1]] == [steps_of(page) for page in pages]
    paper = await browser.get(place(cast, "/ledger?print=1"))
    assert len(steps_of(paper)) == 57 and "Print this page" in paper.words and "Maya Reyes" in paper.words


async def test_it_asks_as_often_for_thirty_steps_as_for_one(cast: Cast):
    browser = await cast.browser("client")
    first = await an_encounter(cast.client)
    one = [await asked(browser, place(cast, rest)) for rest in ("/ledger", f"/encounters/{first}")]
    for back in range(30):
        await an_encounter(cast.client, days_ago=1 + back)
    await a_payment(cast.client, 10000)
    assert [await asked(browser, place(cast, rest)) for rest in ("/ledger", f"/encounters/{first}")] == one == [4, 4]


async def test_an_empty_ledger_says_what_will_stand_there(cast: Cast):
    page = await (await cast.browser("client", htmx=True)).get(place(cast, "/ledger"))
    assert "Charges and payments stand here" in page.words and page.text.lstrip().startswith('<div id="ledger"')


ACTS = some.lists(
    some.tuples(
        some.sampled_from(
            [
                "visit", "insured visit", "decide", "leave", "adjust", "write off", "pay", "refund", "reverse",
                "credit", "take back", "void", "invoice", "void invoice", "replace invoice",
            ]
        ),
        some.integers(0, 10**6),
        some.integers(1, 40_000),
    ),
    min_size=4,
    max_size=24,
)  # fmt: skip
FEW = settings(
    deadline=None,
    database=None,
    derandomize=True,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MANY = settings(FEW, derandomize=False, max_examples=1000)


async def one_of(table: Any, client: Client, which: int) -> Any:
    rows = await table.objects().where(table.client == client.id).order_by(table.id)
    return rows[which % len(rows)] if rows else None


async def do(client: Client, act: str, which: int, amount: int) -> None:
    """Whatever is refused is refused: then nothing has happened."""
    encounter = await one_of(Encounter, client, which)
    line = await line_of(encounter.id) if encounter else 0
    told = {"days_ago": 1 + which % 300}
    if act == "visit":
        await an_encounter(client, SESSION, *([GROUP] if which % 2 else []), **told)
    elif act == "insured visit":
        await an_encounter(client, GROUP, insured=AETNA, **told)
    elif act == "pay":
        await a_payment(client, amount, received_on=today() - timedelta(days=which % 300))
    elif act == "credit":
        await paying.apply_credit(TEST, client.id)
    elif act in ("refund", "reverse") and (row := await one_of(Payment, client, which)):
        if act == "reverse":
            await returning.reverse(TEST, row.id, "x")
        else:
            most = await returning.returnable(TEST, row.id)
            parts = {one: min(amount, most[one]) for one in list(most)[: 1 + which % 2]}
            await returning.refund(TEST, row.id, Back("cash", "x", parts))
    elif act == "take back" and (row := await one_of(Posting, client, which)):
        await returning.take_back(TEST, row.id, "x")
    elif act == "decide" and encounter:
        part = Part(line, amount // 4, amount // 8, amount // 16)
        day = today() - timedelta(days=which % 200)
        await deciding.post_remittance(TEST, client.id, Remittance("Aetna", "check", day, [part]))
    elif act == "leave" and encounter:
        await deciding.leave_to_client(TEST, client.id, line, amount, "x")
    elif act in ("adjust", "write off") and encounter:
        await deciding.write_off(TEST, client.id, line, amount, "x", is_adjustment=act == "adjust")
    elif act == "void" and encounter:
        await charging.void(TEST, encounter.id, encounter.version, "x")
    elif act == "invoice":
        await issuing.issue(TEST, client.id)
    elif act in ("void invoice", "replace invoice") and (row := await one_of(Invoice, client, which)):
        await (issuing.void if act == "void invoice" else issuing.replace)(TEST, row.id, "x")


async def whole_ledger(browser: Browser, client: Client) -> list[list[str]]:
    """All pages, the newest first."""
    page, steps = await browser.get(place(client, "/ledger")), []
    while True:
        steps += steps_of(page)
        older = page.soup.find("a", rel="next")
        if older is None:
            return steps
        page = await browser.get(str(older["href"]))


async def judge(stage: Stage, history: list[tuple[str, int, int]]) -> None:
    await stage.clear()
    cast = await stage.set("cast")
    for act, which, amount in history:
        with contextlib.suppress(Refused, NotFoundException):
            await do(cast.client, act, which, amount)
    assert (await checking.check(TEST)).faults == []
    browser = await cast.browser("client")
    rows = await fetch("SELECT coalesce(sum(amount), 0)::bigint AS cents FROM entry WHERE client = {}", cast.client.id)
    page = await browser.get(place(cast))
    assert page.status == 200
    shown = cents(page.soup.select_one(".facts.total dd").get_text())
    steps = await whole_ledger(browser, cast.client)
    table = table_of(await browser.get(place(cast, "/ledger/csv")))
    last, written = (cents(steps[0][2]), cents(table[-1][4])) if steps else (0, 0)
    assert rows[0]["cents"] == shown == last == written
    assert sum(cents(step[1]) for step in steps) == shown == sum(cents(row[3]) for row in table)
    assert [(cents(step[1]), cents(step[2])) for step in steps[::-1]] == [
        (cents(row[3]), cents(row[4])) for row in table
    ]
    visits = page.soup.select(".scroll tbody tr")
    due, yours = (sum(cents(row.select(".fig")[place].get_text()) for row in visits) for place in (3, 2))
    credit = (await fetch("SELECT credit FROM ledger_account"))[0]["credit"] if steps else 0
    assert due - credit == shown, "what is left of all visits, less what was paid ahead, is what is owed"
    assert cents(page.soup.select_one("#yours").get_text()) == max(yours - credit, 0)
    for link in page.soup.select(".scroll tbody th a"):
        one = await browser.get(str(link["href"]))
        assert steps_of(one)[-1][2] == one.soup.select_one(".facts.total dd").get_text()


def judged(stage: Stage, history: list[tuple[str, int, int]]) -> None:
    async def run() -> None:
        await ENGINE.start_connection_pool()
        try:
            await judge(stage, history)
        finally:
            await ENGINE.close_connection_pool()

    asyncio.run(run())


@given(history=ACTS)
@FEW
def test_whatever_happened_what_is_shown_is_the_sum_of_it(stage, history):
    judged(stage, history)


@pytest.mark.torture
@given(history=ACTS)
@MANY
def test_a_thousand_histories_are_shown_as_their_sum(stage, history):
    judged(stage, history)
