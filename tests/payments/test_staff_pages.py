"""Staff give back to the card on a page of its own, and look at what of card payments needs somebody."""

from datetime import timedelta

import pytest

from portal import clock
from portal.access import HOLDS, Permission, Role, Viewer
from portal.database import fetch
from portal.notifications import actions as notifications
from portal.notifications import rules
from portal.payments import kinds
from portal.payments.actions import alarming, reconciling, refunding
from tests.payments.post import Post
from tests.payments.test_refunding import Till

ZONE = "America/New_York"


@pytest.fixture
async def till(desk):
    return Till(desk, await desk.paid())


@pytest.fixture
async def biller(till):
    return await till.desk.cast.browser("biller")


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_it_is_looked_over_and_goes_back_by_service(till, htmx):
    browser = await till.desk.cast.browser("biller", htmx=htmx)
    url = f"/staff/payments/{till.row.payment}/card-refund"
    page = await browser.get(url)
    assert page.heading == "Refund to the card" and "What can go back: $150.00" in page.text
    line = await till.line()
    page = await browser.press(page, url, act="check", **{f"line{line}": "40"}, reason="Asked for by phone")
    assert page.heading == "Look it over" and "To the card ending in 4242" in page.text
    assert till.gone() == (0, 0)
    page = await browser.press(page, url, act="refund")
    if htmx:
        assert page.headers["hx-redirect"] == url
        page = await (await till.desk.cast.browser("biller")).get(url)
    else:
        assert "It has gone back to the card" in page.text
    assert "What can go back: $110.00" in page.text
    assert till.gone() == (1, 4000)
    await till.agrees()


async def test_what_is_typed_wrongly_is_said_beside_it(till, biller):
    url = f"/staff/payments/{till.row.payment}/card-refund"
    line = await till.line()
    page = await biller.press(await biller.get(url), url, act="check", **{f"line{line}": "150.01"}, reason="Too much")
    assert page.status == 422 and "That is more than was paid for it" in page.text and "150.01" in page.text
    page = await biller.press(await biller.get(url), url, act="check", reason="")
    assert page.status == 422 and "Say why: it stands beside the refund" in page.text
    assert till.gone() == (0, 0)


async def test_what_is_on_its_way_is_said_and_posted_later(till, biller):
    till.desk.stripe.hold_refunds()
    url = f"/staff/payments/{till.row.payment}/card-refund"
    page = await biller.press(await biller.get(url), url, act="check", reason="All of it")
    page = await biller.press(page, url, act="refund")
    assert "It is on its way to the card." in page.text and "Nothing more of it can go back." in page.text


async def test_when_stripe_does_not_answer_nobody_sends_it_twice(till, biller):
    till.desk.stripe.fault("answer_lost", path="/v1/refunds", times=2)
    url = f"/staff/payments/{till.row.payment}/card-refund"
    page = await biller.press(await biller.get(url), url, act="check", reason="All of it")
    page = await biller.press(page, url, act="refund")
    assert "do not send it once more" in page.text and "Nothing more of it can go back." in page.text
    (row,) = await fetch("SELECT id FROM card_refund")
    await refunding.go_on(refunding.PORTAL, row["id"])
    assert "Gone back" in (await biller.get(url)).text and till.gone() == (1, 15000)


async def test_the_old_page_leads_there_and_offers_nothing_else(till, biller):
    page = await biller.get(f"/staff/payments/{till.row.payment}/refund")
    assert "goes back to that card" in page.text and page.soup.select_one("form#refund, #refund form") is None
    assert page.soup.select_one(f'#refund a[href="/staff/payments/{till.row.payment}/card-refund"]')
    page = await biller.get(f"/staff/payments/{till.row.payment}")
    assert page.soup.select_one(f'a[href$="/{till.row.payment}/card-refund"]')
    assert not page.soup.select_one('a[href$="/reversal"]')


async def test_the_form_to_reverse_is_not_offered_for_what_a_card_paid(till, biller):
    page = await biller.get(f"/staff/payments/{till.row.payment}/reversal")
    assert page.soup.select_one("#reversal form") is None and "it is given back by Refund" in page.text
    assert page.soup.select_one(f'#reversal a[href="/staff/payments/{till.row.payment}/card-refund"]')
    await till.ask(1000)
    (back,) = await fetch("SELECT id FROM payment WHERE is_refund")
    page = await biller.get(f"/staff/payments/{back['id']}/reversal")
    assert page.soup.select_one("#reversal form") is None and "that is posted by itself" in page.text
    assert page.soup.select_one(f'#reversal a[href="/staff/payments/{till.row.payment}/card-refund"]')


async def test_who_may_not_give_back_reads_who_may(till):
    page = await (await till.desk.cast.browser("front_desk")).get(f"/staff/payments/{till.row.payment}")
    assert "billers, supervisors and administrators may do that" in page.text
    assert {role for role in Role if Permission.PAYMENT_REVERSE in HOLDS[role]} == {
        Role.BILLER, Role.SUPERVISOR, Role.ADMINISTRATOR
    }  # fmt: skip


async def test_it_is_for_who_may_give_back_and_for_card_payments_only(till, biller):
    url = f"/staff/payments/{till.row.payment}/card-refund"
    for part in ("front_desk", "clinician", "client"):
        assert (await (await till.desk.cast.browser(part)).get(url)).status == 404
    assert (await biller.get("/staff/payments/999999/card-refund")).status == 404
    await till.ask(1000)
    (back,) = await fetch("SELECT id FROM payment WHERE is_refund")
    assert (await biller.get(f"/staff/payments/{back['id']}/card-refund")).status == 404


async def test_a_biller_finds_what_has_to_be_looked_at_and_settles_it(till, biller):
    post = Post(till.desk)
    till.desk.stripe.dispute(till.row.intent)
    await post.bring()
    assert '"/staff/billing/cards"' in (await biller.get("/staff/billing")).text
    page = await biller.get("/staff/billing/cards")
    assert "Card payment disputed" in page.text and "$150.00. The bank has taken the money back" in page.text
    assert "Maya Reyes" in page.text
    payment = await biller.get(f"/staff/payments/{till.row.payment}/card-refund")
    assert "Disputed: $150.00" in payment.text and "Stripe's fee is $15.00" in payment.text.replace("&#39;", "'")
    (item,) = await fetch("SELECT id FROM review_item WHERE kind = 'card.dispute'")
    page = await biller.press(page, f"/staff/billing/cards/{item['id']}")
    assert "Noted as looked at." in page.text and "Nothing to look at." in page.text
    (item,) = await fetch("SELECT settled_by, outcome FROM review_item WHERE kind = 'card.dispute'")
    assert item == {"settled_by": till.biller.staff_id, "outcome": "seen"}


async def test_who_can_settle_it_is_written_to_and_nobody_else(till):
    """Of the cast the biller, the supervisor and the administrator; each finds it in the queue."""
    cast, told = till.desk.cast, set()
    await alarming.tell(Viewer.portal("card payment"), kinds.TROUBLE, kinds.PRACTICE, None, "locked")
    morning = rules.morning(clock.today(ZONE) + timedelta(days=1), ZONE)
    with clock.shifted(seconds=(morning - clock.now()).total_seconds() + 3600):
        await notifications.write_digests(Viewer.portal("letters"))
    for row in await fetch("SELECT address FROM delivery WHERE kind = 'review-digest'"):
        told.add(row["address"])
    assert told == {cast.accounts[role].email for role in (Role.BILLER, Role.SUPERVISOR, Role.ADMINISTRATOR)}
    for role in (Role.BILLER, Role.SUPERVISOR, Role.ADMINISTRATOR):
        browser = await cast.browser(role)
        page = await browser.get("/staff/review")
        (link,) = page.soup.select("#queue .queue a")
        assert (await browser.get(str(link["href"]))).heading == "Card payments to look at"


async def test_how_stripe_and_the_ledger_compared_last_is_shown(till, biller):
    row, _ = await reconciling.reconcile(Viewer.portal("nightly check"), till.row.made_at)
    page = await biller.get("/staff/billing/cards")
    assert "Stripe and the ledger" in page.text and f"{row.charges_here}, $150.00" in page.text


async def test_in_spanish_too(till):
    browser = await till.desk.cast.browser("biller")
    await browser.post("/language", language="es", next="/staff/billing")
    await alarming.tell(Viewer.portal("card payment"), kinds.TROUBLE, kinds.PRACTICE, None, "locked")
    page = await browser.get("/staff/billing/cards")
    assert "Stripe no acepta las claves del portal" in page.text
