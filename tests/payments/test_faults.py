"""Six calls, five ways in which the network fails: whatever happens, it is done once, and both sides say so."""

import pytest

from portal import clock
from portal.access import Viewer
from portal.database import fetch
from portal.payments import gateway
from portal.payments.actions import attempts, charging, keeping, refunding
from tests.payments.agreeing import listed
from tests.payments.test_killed import SOON
from tests.payments.test_refunding import Till
from tests.simulated import simulator
from tests.tasks.post import work_through

PORTAL = Viewer.portal("card payment")
# The library asks a second time by itself, but not where it asks too often, nor where Stripe has said what it says.
FAULTS = {"answer_lost": 2, "500": 1, "429": 1, "stall": 2, "reset": 2}
PATIENCE, TOO_LONG = 1.0, 1.6


@pytest.fixture(scope="module")
def another(tmp_path_factory):
    with simulator(tmp_path_factory.mktemp("faults")) as running:
        yield running


@pytest.fixture
def stripe(another, monkeypatch):
    """A stand-in of this file's own, for whoever asks it has little patience from the beginning."""
    monkeypatch.setattr(gateway, "TIMEOUT", PATIENCE)
    return another


@pytest.fixture(params=FAULTS)
def fails(request, stripe):
    """`fails(path)`: the next calls there go wrong in this way."""

    def order(path):
        stripe.fault(request.param, path=path, times=FAULTS[request.param], seconds=TOO_LONG)

    return order


async def charged_since(stripe, before):
    after = stripe.counters()
    return after["charges"] - before["charges"], after["charged"] - before["charged"]


async def recovered(desk, row):
    """By the errand; and where Stripe keeps an error as its answer, by the client, who tries once more."""
    for _ in range(2):
        await fetch(SOON)
        await work_through("charge")
    row = await desk.row(row.public)
    if row.state != "submitting":
        return row
    with clock.shifted(seconds=3700):
        row = await charging.go_on(PORTAL, row.id)
    assert (row.state, row.code) == ("failed", "never_arrived")
    return None


@pytest.mark.parametrize("path", ["/v1/customers", "/v1/payment_intents"])
async def test_a_payment(desk, fails, path):
    before = desk.stripe.counters()
    fails(path)
    row = await recovered(desk, await desk.paid(amount=9000, saves=True))
    if row is None:
        assert await charged_since(desk.stripe, before) == (0, 0)
        row = await desk.paid(amount=9000, saves=True)
    assert row.state == "succeeded" and await charged_since(desk.stripe, before) == (1, 9000)
    assert len(await desk.payments()) == 1 and len(await desk.cards()) == 1
    assert (await desk.balance()).to_pay == 6000


async def test_stripes_own_page(desk, fails):
    before = desk.stripe.counters()
    fails("/v1/checkout/sessions")
    row = await opened(desk)
    if row.state == "submitting":
        await fetch(SOON)
        await work_through("charge")
        row = await desk.row(row.public)
    if row.state == "failed":  # Stripe keeps that as its answer, and nobody can have paid on a page without an address
        assert row.code == "never_arrived" and await charged_since(desk.stripe, before) == (0, 0)
        row = await opened(desk)
    assert row.state == "action" and row.session
    desk.stripe.check_out(row.session)
    assert (await charging.go_on(PORTAL, row.id)).state == "succeeded"
    assert await charged_since(desk.stripe, before) == (1, 9000) and len(await desk.payments()) == 1


async def opened(desk):
    public = await attempts.begin(desk.viewer, desk.client, 9000)
    await attempts.choose_hosted(desk.viewer, desk.client, public, saves=False, makes_default=False, consent="")
    return await desk.pressed(public)


async def test_a_card_that_is_put_on_file(desk, fails):
    await desk.paid(amount=1000)
    (payer,) = await fetch("SELECT customer FROM stripe_customer")
    told = {
        "customer": payer["customer"], "confirm": True, "usage": "off_session", "return_url": "https://x.example",
        "confirmation_token": desk.token("mastercard"), "metadata": {"setup": "ours"},
    }  # fmt: skip
    fails("/v1/setup_intents")
    found, key = None, "setup:1"
    for _ in range(3):
        try:
            found = await gateway.set_up(told, f"{key}:{payer['customer']}")
            break
        except gateway.Unknown as unknown:
            key = "setup:2" if unknown.is_kept else key
    assert found is not None and found.status == "succeeded"
    made = [one for one in listed(desk.stripe, "setup_intents") if one["customer"] == payer["customer"]]
    assert [one["status"] for one in made] == ["succeeded"]


async def test_a_refund(desk, fails):
    till = Till(desk, await desk.paid(amount=9000))
    fails("/v1/refunds")
    row = await till.ask(4000)
    if row.state == "submitting":
        await fetch(SOON)
        await work_through("give_back")
        row = await refunding.go_on(PORTAL, row.id)
    if row.state == "submitting":
        with clock.shifted(seconds=3700):
            assert (await refunding.go_on(PORTAL, row.id)).code == "never_arrived"
        row = await till.ask(4000)
    assert row.state == "succeeded" and till.gone() == (1, 4000)
    await till.agrees()


async def test_which_card_is_the_default_and_which_is_let_go(desk, fails):
    await desk.paid(amount=1000, saves=True)
    await desk.paid("mastercard", amount=1000, saves=True)
    first, second = await desk.cards()
    await keeping.remove(desk.viewer, desk.client, first["id"])
    fails("/v1/(customers|payment_methods)/.*")
    for _ in range(3):
        await fetch(SOON)
        await work_through("mind_cards")
    (payer,) = await fetch("SELECT customer FROM stripe_customer")
    customer = next(one for one in listed(desk.stripe, "customers") if one["id"] == payer["customer"])
    assert customer["invoice_settings"]["default_payment_method"] == second["method"]
    assert (await gateway.card(first["method"])).customer == ""
    assert (await gateway.card(second["method"])).customer == payer["customer"]
    assert await fetch("SELECT id FROM errand WHERE actor = 'mind_cards' AND state <> 'done'") == []
