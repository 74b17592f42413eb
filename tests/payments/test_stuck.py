"""Stripe keeps an error as its answer: staff are told which attempt it is, and the client until when it is settled."""

import pytest

from portal import clock
from portal.access import Role, Viewer
from portal.database import fetch
from portal.payments import gateway
from portal.payments.actions import attempts, charging, minding
from tests.payments.test_refunding import items

PORTAL = Viewer.portal("card payment")
TITLE = "Card payment without an answer"


@pytest.fixture
async def row(desk):
    desk.stripe.fault("500", path="/v1/payment_intents", times=1)
    row = await desk.paid(amount=9000)
    assert row.state == "submitting"
    return row


async def minded(row, minutes):
    with clock.shifted(minutes=minutes):
        return await minding.mind(PORTAL, row.id)


def url(desk, row):
    return f"/staff/clients/{desk.client}/account/attempts/{row.public}"


async def test_staff_are_told_of_it_once_after_some_minutes(desk, row):
    await minded(row, 2)
    assert await items() == []
    await minded(row, 6)
    await minded(row, 8)
    assert await items() == [{"kind": "card.stuck", "about": "9000"}]
    await fetch("UPDATE review_item SET settled_at = now(), outcome = 'seen'")
    await minded(row, 10)
    assert await items() == []


async def test_the_item_names_the_attempt_and_its_page_says_what_to_do(desk, row):
    await minded(row, 6)
    for role in (Role.BILLER, Role.ADMINISTRATOR):
        browser = await desk.cast.browser(role)
        page = await browser.get("/staff/review")
        (link,) = page.soup.select("#queue .queue a")
        assert link["href"] == url(desk, row) and "Maya Reyes" in link.text and TITLE in link.text
        assert "$90.00: Stripe does not say whether it was charged." in " ".join(link.text.split())
        page = await browser.get("/staff/billing/cards")
        assert TITLE in page.text and page.soup.select_one(f'#troubles a[href="{url(desk, row)}"]')
        page = await browser.get(url(desk, row))
        assert page.heading == "Card payment: $90.00" and str(row.public) in page.text
        assert "Stripe is asked again by itself until" in page.text and "it might be paid twice" in page.text
        assert "In the portal, Maya Reyes" in page.words and "Visa ending in 4242" in page.words


async def test_it_waits_for_nobody_any_more_when_it_has_ended(desk, row):
    await minded(row, 6)
    await minded(row, 61)
    assert (await desk.row(row.public)).code == "never_arrived" and await items() == []
    (item,) = await fetch("SELECT outcome, settled_by FROM review_item WHERE kind = 'card.stuck'")
    assert item == {"outcome": "ended", "settled_by": None}
    page = await (await desk.cast.browser("biller")).get(url(desk, row))
    assert "nothing was charged" in page.text and "it is posted by itself" in page.text
    assert "Do not" not in page.text


async def test_what_stripe_finds_late_is_posted_though_it_was_given_up(desk, row):
    """Stripe mends by hand what an error has left: that is why an hour is waited, and why it is posted after it too."""
    await minded(row, 61)
    (payer,) = await fetch("SELECT customer FROM stripe_customer")
    late = desk.asked(
        "payment_intents", amount="9000", currency="usd", confirm="true", payment_method="pm_card_visa",
        customer=payer["customer"], **{"allowed_payment_method_types[0]": "card", "metadata[attempt]": str(row.public)},
    )  # fmt: skip
    found = await charging.settle(PORTAL, row.id, await gateway.intent(late["id"]))
    assert found.state == "succeeded" and (await desk.balance()).to_pay == 6000


async def test_the_client_reads_until_when_it_is_settled(desk, row):
    browser = await desk.cast.browser("client")
    path = f"/clients/{desk.client}/account/payments/{row.public}"
    page = await browser.get(path)
    assert page.heading == "We are checking with the card service"
    assert "This usually takes less than a minute. It is settled by" in page.text
    with clock.shifted(minutes=70):
        page = await (await desk.cast.browser("client")).get(path)
    assert "The card service cannot be reached. We go on asking, and the office knows of it." in page.text
    await minded(row, 61)
    assert "Nothing was charged." in (await browser.get(path)).text


async def test_stripes_own_page_that_could_not_be_made_is_over_at_once(desk):
    desk.stripe.fault("500", path="/v1/checkout/sessions", times=1)
    public = await attempts.begin(desk.viewer, desk.client, 9000)
    await attempts.choose_hosted(desk.viewer, desk.client, public, saves=False, makes_default=False, consent="")
    row = await desk.pressed(public)
    assert (row.state, row.code) == ("failed", "never_arrived") and await items() == []
    assert (await desk.paid(amount=9000)).state == "succeeded"


async def test_its_page_is_for_who_reads_the_account(desk, row):
    for part in ("front_desk", "clinician", "supervisor"):
        assert (await (await desk.cast.browser(part)).get(url(desk, row))).status == 200
    for part in ("other clinician", "auditor", "client", "stranger"):
        assert (await (await desk.cast.browser(part)).get(url(desk, row))).status == 404
    other = f"/staff/clients/{desk.cast.other.id}/account/attempts/{row.public}"
    assert (await (await desk.cast.browser("biller")).get(other)).status == 404
