"""The nightly check: a difference is an item for staff, once, and nothing is mended in silence."""

from portal.billing.actions import alarming
from portal.database import fetch
from portal.review.queries import queue
from tasks import schedule
from tests.billing.desk import account
from tests.billing.factories import a_payment, an_encounter
from tests.browser import Page
from tests.cast import Cast
from tests.factories import TEST
from tests.schedule.steps import staff

WRONG = "UPDATE ledger_account SET client_due = client_due + {}"


LOOKERS = ("biller", "clinician", "other clinician")


async def billing(cast: Cast, part: str) -> Page:
    return await (await cast.browser(part)).get("/staff/billing")


async def items(cast: Cast, part: str = "front_desk") -> list[tuple[str, str, str]]:
    found = await queue.waiting(staff(cast, part))
    return [(one.kind, str(one.line), one.url) for one in found.items if one.kind == "ledger.fault"]


async def test_what_does_not_add_up_is_an_item_once_until_it_adds_up_again(cast: Cast):
    await an_encounter(cast.client)
    await schedule.check_ledger()
    assert await items(cast) == []
    await fetch(WRONG, 1)
    for _ in range(2):
        await schedule.check_ledger()
    assert await items(cast) == [("ledger.fault", "the sums of the account", account(cast))]
    assert (await fetch("SELECT client_due FROM ledger_account"))[0]["client_due"] == 15001, "nothing is mended"
    page = await (await cast.browser("biller")).get(account(cast))
    assert "does not add up" in page.words
    await fetch(WRONG, -1)
    await schedule.check_ledger()
    assert await items(cast) == []
    settled = await fetch("SELECT outcome FROM review_item WHERE kind = 'ledger.fault'")
    assert settled == [{"outcome": "gone"}]
    assert "does not add up" not in (await (await cast.browser("biller")).get(account(cast))).words


async def test_only_who_may_look_into_it_finds_it_in_the_queue(cast: Cast):
    await an_encounter(cast.client)
    await fetch(WRONG, 1)
    await alarming.check(TEST)
    assert len(await items(cast, "clinician")) == 1 and await items(cast, "other clinician") == []


async def test_a_biller_has_no_queue_and_finds_it_where_money_is_posted(cast: Cast):
    await an_encounter(cast.client)
    said = {part: "does not add up" in (await billing(cast, part)).words for part in LOOKERS}
    assert not any(said.values())
    await fetch(WRONG, 1)
    await fetch("UPDATE counter SET last = 2 WHERE name = 'receipt'")
    await schedule.check_ledger()
    pages = {part: await billing(cast, part) for part in LOOKERS}
    assert {part for part, page in pages.items() if "does not add up" in page.words} == {"biller", "clinician"}
    assert account(cast) in pages["biller"].links() and account(cast) in pages["clinician"].links()
    assert "/staff/billing/check" in pages["biller"].links()
    assert "/staff/billing/check" not in pages["clinician"].links(), "who may not open that page is not sent there"


async def test_a_number_that_is_missing_is_the_practices(cast: Cast):
    await a_payment(cast.client, 100)
    await fetch("UPDATE counter SET last = 2 WHERE name = 'receipt'")
    await alarming.check(TEST)
    assert await items(cast, "supervisor") == [
        ("ledger.fault", "a number of a receipt that is missing", "/staff/billing/check")
    ]
    assert await items(cast) == [], "who may not open that page is not sent there"


async def test_staff_check_when_they_like(cast: Cast):
    await an_encounter(cast.client)
    for htmx in (False, True):
        browser = await cast.browser("biller", htmx=htmx)
        page = await browser.press(await browser.get("/staff/billing/check"), "/staff/billing/check")
        assert "It adds up: 1 entries of 1 clients." in page.words
    await fetch(WRONG, 1)
    page = await browser.press(await browser.get("/staff/billing/check"), "/staff/billing/check")
    assert "It does not add up." in page.words and account(cast) in page.links()
