"""Billers post what insurers decide, adjust, refund and reverse: looked over first, done once, and it adds up."""

import asyncio

import pytest

from portal.billing.actions import deciding, returning
from portal.billing.actions.returning import Back
from portal.database import fetch
from tests.billing.desk import account, lines, payments
from tests.billing.factories import AETNA, a_payment, an_encounter
from tests.billing.test_ledger import adds_up, owes
from tests.cast import Cast
from tests.factories import TEST

NEW, OFF = "/remittances/new", "/adjustments/new"


async def decided(browser, cast: Cast, act: str = "check", **fields: object):
    page = await browser.get(account(cast, NEW))
    return await browser.press(page, account(cast, NEW), {"method": "check", "reference": "77", "act": act, **fields})


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_decision_is_looked_over_and_posted_and_the_difference_still_waits(cast: Cast, htmx: bool):
    await an_encounter(cast.client, insured=AETNA)
    await an_encounter(cast.client, insured=AETNA, days_ago=9)
    first, second = (one.id for one in await lines())
    browser = await cast.browser("biller", htmx=htmx)
    sums = {f"paid{first}": "90", f"adjusted{first}": "30", f"left{first}": "25", f"paid{second}": "150.00"}
    page = await decided(browser, cast, **sums)
    assert page.heading == "Look it over" and "Aetna" in page.words
    foot = " ".join(page.soup.select_one("tfoot").get_text(" ").split())
    assert foot == "Together $300.00 $240.00 $30.00 $25.00 $5.00", foot
    assert await payments() == []
    answers = [await browser.press(page, account(cast, NEW), {"act": "post"}) for _ in range(2)]
    assert {answer.status for answer in answers} == {200}
    (row,) = await payments()
    assert (row.payer, row.amount, row.reference, row.number) == ("Aetna", 24000, "77", None)
    assert await owes(cast.client) == (2500, 500, 0)
    page = await browser.get(f"/staff/payments/{row.id}")
    assert page.heading == "Payment of Aetna" and "$25.00" in page.words
    await adds_up()


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"payer": ""}, "payer"), ({"paid1": "200"}, "line1"), ({"paid1": "100", "left1": "51"}, "line1"),
        ({"paid1": "x"}, "paid1"), ({"adjusted1": "-1"}, "adjusted1"), ({"left1": "10,000,000"}, "left1"),
        ({"paid1": ""}, ""), ({"method": ""}, "method"), ({"received_on": "2099-01-01"}, "received_on"),
        ({"received_on": ""}, "received_on"), ({"reference": "7" * 61}, "reference"), ({"key": "x"}, ""),
    ],
)  # fmt: skip
async def test_a_decision_that_cannot_be_is_refused_beside_its_field(cast: Cast, told, field):
    await an_encounter(cast.client, insured=AETNA)
    browser = await cast.browser("biller")
    for act in ("check", "post"):
        page = await decided(browser, cast, act, **{"paid1": "1", **told})
        assert page.status == 422 and (field in page.errors or (field == "line1" and page.errors)), page.errors
        assert page.value("reference") == told.get("reference", "77")
    assert await owes(cast.client) == (0, 15000, 0) and await payments() == []


async def test_two_who_post_the_same_remittance_post_it_once(cast: Cast):
    await an_encounter(cast.client, insured=AETNA)
    browsers = [await cast.browser(part) for part in ("biller", "supervisor")]
    pages = [await decided(browser, cast, paid1="75") for browser in browsers]
    both = zip(browsers, pages, strict=True)
    answers = await asyncio.gather(*(one.press(page, account(cast, NEW), {"act": "post"}) for one, page in both))
    assert sorted(answer.status for answer in answers) == [200, 422]
    late = next(answer for answer in answers if answer.status == 422)
    assert "changed meanwhile" in late.errors[""] and "$75.00" in late.words
    assert await owes(cast.client) == (0, 7500, 0)
    await adds_up()


@pytest.mark.parametrize(
    ("kind", "after"), [("leave", (2000, 13000, 0)), ("adjust", (13000, 0, 0)), ("write_off", (13000, 0, 0))]
)
async def test_a_service_is_left_to_the_client_adjusted_or_written_off(cast: Cast, kind: str, after):
    await an_encounter(cast.client, **({"insured": AETNA} if kind == "leave" else {}))
    browser = await cast.browser("biller")
    page = await browser.get(account(cast, f"{OFF}?line=1"))
    told = {"kind": kind, "amount": "20", "reason": "As agreed"}
    twice = [await browser.press(page, account(cast, OFF), told) for _ in range(2)]
    assert {answer.status for answer in twice} == {200}
    assert await owes(cast.client) == after
    await adds_up()


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"reason": " "}, "reason"), ({"amount": "150.01"}, "amount"), ({"amount": ""}, "amount"),
        ({"kind": "forget"}, "kind"), ({"line": "x"}, "line"), ({"line": "2"}, "amount"), ({"kind": "leave"}, "amount"),
    ],
)  # fmt: skip
async def test_an_adjustment_that_cannot_be_is_refused_and_keeps_what_was_typed(cast: Cast, told, field):
    await an_encounter(cast.client)
    browser = await cast.browser("biller")
    page = await browser.get(account(cast, OFF))
    whole = {"kind": "adjust", "line": "1", "amount": "20", "reason": "As agreed", **told}
    page = await browser.press(page, account(cast, OFF), whole)
    assert page.status == 422 and field in page.errors and page.value("amount") == whole["amount"]
    assert await owes(cast.client) == (15000, 0, 0)


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_refund_in_part_and_the_rest(cast: Cast, htmx: bool):
    await an_encounter(cast.client)
    payment = await a_payment(cast.client, 16000)
    url = f"/staff/payments/{payment}/refund"
    browser = await cast.browser("biller", htmx=htmx)
    page = await browser.get(url)
    assert "What can go back: $160.00" in page.words
    page = await browser.press(page, url, {"line1": "50", "method": "cash", "reason": "Asked for", "act": "check"})
    assert "Refund $50.00" in page.words and len(await payments()) == 1
    twice = [await browser.press(page, url, {"act": "refund"}) for _ in range(2)]
    assert {answer.status for answer in twice} == {200} and len(await payments()) == 2
    assert await owes(cast.client) == (5000, 0, 1000)
    page = await browser.get(f"/staff/payments/{payment}")
    assert "Given back since" in page.words and "Refund 2" in page.words
    page = await browser.press(await browser.get(url), url, {"method": "check", "reason": "All of it", "act": "check"})
    assert "Refund $110.00" in page.words
    await browser.press(page, url, {"act": "refund"})
    assert await owes(cast.client) == (15000, 0, 0)
    assert "Nothing of it can go back" in (await browser.get(url)).words
    await adds_up()


@pytest.mark.parametrize(
    ("told", "field"),
    [({"reason": ""}, "reason"), ({"method": ""}, "method"), ({"line1": "151"}, "line1"), ({"line1": "0"}, "")],
)
async def test_a_refund_that_cannot_be_is_refused(cast: Cast, told, field):
    await an_encounter(cast.client)
    url = f"/staff/payments/{await a_payment(cast.client, 15000)}/refund"
    browser = await cast.browser("biller")
    whole = {"line1": "1", "method": "cash", "reason": "Asked for", "act": "refund", **told}
    page = await browser.press(await browser.get(url), url, whole)
    assert page.status == 422 and field in page.errors, page.errors
    assert await owes(cast.client) == (0, 0, 0)


async def test_two_who_refund_the_same_payment_give_it_back_once(cast: Cast):
    await an_encounter(cast.client)
    payment = await a_payment(cast.client, 15000)
    url = f"/staff/payments/{payment}/refund"
    browsers = [await cast.browser(part) for part in ("biller", "supervisor")]
    told = {"method": "cash", "reason": "Asked for", "act": "check"}
    pages = [await browser.press(await browser.get(url), url, told) for browser in browsers]
    both = zip(browsers, pages, strict=True)
    answers = await asyncio.gather(*(one.press(page, url, {"act": "refund"}) for one, page in both))
    assert sorted(answer.status for answer in answers) == [200, 422]
    assert await owes(cast.client) == (15000, 0, 0)
    await adds_up()


async def test_a_check_that_bounced_is_reversed_and_both_stay_to_be_read(cast: Cast):
    await an_encounter(cast.client)
    payment = await a_payment(cast.client, 15000)
    url = f"/staff/payments/{payment}/reversal"
    browser = await cast.browser("biller")
    page = await browser.press(await browser.get(url), url, {"reason": " "})
    assert page.status == 422 and "Say why" in page.errors["reason"]
    twice = [await browser.press(page, url, {"reason": "It bounced"}) for _ in range(2)]
    assert [answer.status for answer in twice] == [200, 200] and "It bounced" in twice[0].words
    assert "Reversed on" in twice[0].words and await owes(cast.client) == (15000, 0, 0)
    assert "reversed already" in (await browser.get(url)).words
    assert f"{url[:-9]}/refund" not in twice[0].links()
    await adds_up()


async def test_what_was_refunded_is_reversed_refund_first(cast: Cast):
    await an_encounter(cast.client)
    payment = await a_payment(cast.client, 15000)
    await returning.refund(TEST, payment, returning.Back("cash", "Asked for", {1: 100}))
    url = f"/staff/payments/{payment}/reversal"
    browser = await cast.browser("biller")
    page = await browser.press(await browser.get(url), url, {"reason": "It bounced"})
    assert page.status == 422 and "Reverse the refund first" in page.errors[""]
    assert page.value("reason").strip() == "It bounced"


async def test_money_that_has_moved_is_not_taken_back_as_if_it_had_not(cast: Cast):
    """A payment is reversed, a visit voided: neither has a page to take it back."""
    await an_encounter(cast.client)
    await a_payment(cast.client, 15000)
    browser = await cast.browser("biller")
    for row in await fetch("SELECT id FROM posting ORDER BY id"):
        assert (await browser.get(account(cast, f"/postings/{row['id']}/reversal"))).status == 404
    payment = await an_encounter(cast.other, clinician_id=cast.client.principal_clinician, insured=AETNA)
    assert payment
    assert (await browser.get(account(cast, "/postings/999/reversal"))).status == 404


async def test_who_goes_back_and_types_another_sum_is_told_that_the_form_was_sent(cast: Cast):
    """A decision and a refund; the payment of the same name is taken in `test_desk`."""
    await an_encounter(cast.client, insured=AETNA)
    browser = await cast.browser("biller")
    page = await decided(browser, cast, paid1="50", adjusted1="100")
    assert (await browser.press(page, account(cast, NEW), {"act": "post"})).status == 200
    page = await browser.press(page, account(cast, NEW), {"paid1": "60", "act": "post"})
    assert page.status == 422 and "sent already" in page.errors[""]
    assert [one.amount for one in await payments()] == [5000]
    await adds_up()


async def test_a_refund_of_everything_is_of_what_was_seen(cast: Cast):
    await an_encounter(cast.client)
    payment = await a_payment(cast.client, 10000)
    url = f"/staff/payments/{payment}/refund"
    browser = await cast.browser("biller")
    told = {"method": "cash", "reason": "Moved away", "act": "check"}
    page = await browser.press(await browser.get(url), url, told)
    assert "Refund $100.00" in page.words
    await returning.refund(TEST, payment, Back("cash", "At the desk", {1: 4000}))
    page = await browser.press(page, url, {"act": "refund"})
    assert page.status == 422 and "changed meanwhile" in page.errors[""]
    assert page.value("reason").strip() == "Moved away"
    assert len(await payments()) == 2
    page = await browser.press(page, url, {"act": "check"})
    assert "Refund $60.00" in page.words
    await browser.press(page, url, {"act": "refund"})
    assert [one.amount for one in await payments()] == [10000, 4000, 6000]
    await adds_up()


async def test_what_is_not_to_be_decided_any_more_is_said_and_not_left_out(cast: Cast):
    await an_encounter(cast.client, insured=AETNA, days_ago=9)
    await an_encounter(cast.client, insured=AETNA)
    browser = await cast.browser("biller")
    page = await browser.get(account(cast, NEW))
    await deciding.leave_to_client(TEST, cast.client.id, 1, 15000, "They answer no letters")
    told = {"method": "check", "paid1": "50", "paid2": "50", "act": "check"}
    page = await browser.press(page, account(cast, NEW), told)
    assert page.status == 422 and page.errors == {"": page.errors[""]} and "changed meanwhile" in page.errors[""]
