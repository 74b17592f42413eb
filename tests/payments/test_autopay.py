"""AutoPay: agreed to, told of in time, charged once and never above the cap; off in one press."""

import asyncio
from datetime import timedelta

import pytest

from portal import clock
from portal.access import NotFoundException, Viewer
from portal.autopay.actions import agreeing, telling
from portal.autopay.actions import charging as by_itself
from portal.autopay.actions.telling import charged_on
from portal.autopay.tables import DuePayment
from portal.database import fetch
from portal.encounters.drafts import LineDraft
from portal.invoices.actions import issuing
from portal.letters.tables import Delivery
from portal.payments.actions import charging, keeping
from portal.practice import switches
from portal.refusal import Refused
from tasks import schedule
from tasks.actors import email
from tests.billing.factories import a_payment, an_encounter
from tests.factories import TEST
from tests.letters.test_letters import page_of, text_of
from tests.payments.test_cards import put
from tests.tasks.post import work_through

PORTAL = Viewer.portal("autopay")
WORDS = "Harbor Lane Counseling may charge my default card."
NEAR = {"days": 31}  # an invoice is due after thirty days: by then each has been told of and its day has come


def here(desk, rest: str = "") -> str:
    return f"/clients/{desk.client}/account/autopay{rest}"


@pytest.fixture
async def on(desk):
    """A card on file, AutoPay up to $200.00, and an invoice of $150.00."""
    await switches.turn(TEST, "payments.autopay", "yes")
    await put(desk)
    await agreeing.agree(desk.viewer, desk.client, 20000, WORDS)
    await issuing.issue(TEST, desk.client)
    return desk


async def told() -> int:
    return await telling.tell_of_due(PORTAL)


async def through() -> None:
    """As the worker does: letters, charges, and what they lead to."""
    await telling.send_due(PORTAL)
    await work_through("autopay", "charge", "announce")


async def dues() -> list[dict]:
    return await fetch("SELECT * FROM autopay_due ORDER BY id")


async def attempts() -> list[dict]:
    return await fetch("SELECT * FROM payment_attempt ORDER BY id")


async def letters(kind: str) -> list[str]:
    await work_through("announce")
    rows = await fetch("SELECT address FROM delivery WHERE kind = {} ORDER BY id", kind)
    return [one["address"] for one in rows]


BOTH = {"guardian@example.com", "maya@example.com"}


async def test_the_letter_comes_days_before_and_the_charge_on_the_due_date(on):
    assert await told() == 0, "it is due in thirty days"
    with clock.shifted(days=26):
        assert await told() == 0
    with clock.shifted(days=27):
        assert await told() == 1 and await told() == 0
        assert set(await letters("charge-coming")) == BOTH
        assert await telling.send_due(PORTAL) == 0
    (row,) = await dues()
    (invoice,) = await fetch("SELECT due_on FROM invoice")
    assert row["charge_on"] == row["due_on"] == invoice["due_on"] and await attempts() == []
    with clock.shifted(days=30):
        await through()
    (attempt,) = await attempts()
    assert (attempt["state"], attempt["source"], attempt["amount"]) == ("succeeded", "autopay", 15000)
    assert on.charged(attempt["public"]) == (1, 15000) and (await on.balance()).to_pay == 0
    asked = next(one for one in on.stripe.requests() if str(attempt["public"]) in one["body"])
    assert "off_session=true" in asked["body"]
    assert set(await letters("receipt-waiting")) == BOTH
    (payment,) = await on.payments()
    assert payment["taken_by"] is None and attempt["payment"] == payment["id"] and attempt["consent"] == WORDS


@pytest.mark.parametrize(("due_in", "charged_in"), [(30, 30), (3, 3), (2, 3), (0, 3), (-40, 3)])
def test_the_days_that_were_promised_pass_before_a_charge(due_in, charged_in):
    today = clock.now().date()
    assert charged_on(today + timedelta(days=due_in), today, 3) == today + timedelta(days=charged_in)


async def test_an_invoice_that_is_overdue_already_is_told_of_first(on):
    await fetch("UPDATE invoice SET due_on = due_on - 60")
    assert await told() == 1
    await through()
    assert await attempts() == [] and (await dues())[0]["state"] == "coming"
    with clock.shifted(days=3):
        await through()
    assert [row["state"] for row in await attempts()] == ["succeeded"]


async def test_what_is_open_on_the_day_is_charged_and_no_more(on):
    with clock.shifted(days=27):
        await told()
    await a_payment(on.cast.client, 11000)
    with clock.shifted(**NEAR):
        await through()
    assert [row["amount"] for row in await attempts()] == [4000]


async def test_credit_counts(on):
    """Paid ahead, and not yet given to a service."""
    with clock.shifted(days=27):
        await told()
    await fetch("UPDATE ledger_account SET credit = 14980")
    with clock.shifted(**NEAR):
        await through()
    assert await attempts() == [] and (await dues())[0]["state"] == "nothing"
    await fetch("UPDATE ledger_account SET credit = 0")


@pytest.mark.parametrize("why", ["paid", "voided"])
async def test_what_is_paid_or_voided_meanwhile_is_not_charged(on, why):
    with clock.shifted(days=27):
        await told()
    if why == "paid":
        await a_payment(on.cast.client, 15000)
    else:
        await issuing.void(TEST, 1, "It was wrong")
    with clock.shifted(**NEAR):
        await through()
    assert await attempts() == [] and [row["state"] for row in await dues()] == ["nothing"]
    assert await letters("charge-held") == []


async def test_above_the_cap_nothing_is_charged_and_the_client_is_told(on):
    await fetch("UPDATE autopay SET most = 14999")
    with clock.shifted(days=27):
        await told()
    with clock.shifted(**NEAR):
        await through()
    assert await attempts() == [] and [row["state"] for row in await dues()] == ["above"]
    assert set(await letters("charge-held")) == BOTH
    phone = await on.cast.browser("client")
    home = await phone.get(f"/clients/{on.client}")
    assert "AutoPay has not paid an invoice" in home.words and here(on) in home.links()
    page = await phone.get(here(on))
    assert "It was more than one charge may be. $150.00 is open." in page.words and "Not charged" in page.pills()
    await a_payment(on.cast.client, 15000)
    assert "AutoPay has not paid" not in (await phone.get(f"/clients/{on.client}")).words


async def test_the_whole_cap_may_be_charged(on):
    await fetch("UPDATE autopay SET most = 15000")
    with clock.shifted(days=27):
        await told()
    with clock.shifted(**NEAR):
        await through()
    assert [row["state"] for row in await attempts()] == ["succeeded"]


async def test_a_decline_is_told_and_not_tried_again(on):
    await keeping.remove(on.viewer, on.client, (await on.cards())[0]["id"])
    await put(on, "chargeCustomerFail")
    with clock.shifted(days=27):
        await told()
    for days in (30, 31, 32):
        with clock.shifted(days=days):
            await told()
            await through()
    (row,) = await attempts()
    assert (row["state"], row["payment"]) == ("declined", None)
    assert [one["state"] for one in await dues()] == ["tried"]
    sent = await letters("charge-failed")
    assert set(sent) == BOTH and len(sent) == 2
    phone = await on.cast.browser("client")
    assert "did not go through" in (await phone.get(f"/clients/{on.client}")).words
    assert "Not charged" in (await phone.get(here(on))).pills()


async def test_without_a_card_that_is_good_nothing_is_charged_and_the_client_is_told(on):
    with clock.shifted(days=27):
        await told()
    await fetch("UPDATE payment_card SET exp_year = 2020")
    with clock.shifted(**NEAR):
        await through()
    assert await attempts() == [] and [row["state"] for row in await dues()] == ["no_card"]
    assert set(await letters("charge-held")) == BOTH


async def test_no_answer_is_no_failure_and_is_asked_after(on):
    with clock.shifted(days=27):
        await told()
    on.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    with clock.shifted(**NEAR):
        await telling.send_due(PORTAL)
        await work_through("autopay")
    (row,) = await attempts()
    assert row["state"] == "submitting" and await on.payments() == []
    with clock.shifted(days=31, minutes=2):
        await work_through("charge")
    assert on.charged(row["public"]) == (1, 15000) and len(await on.payments()) == 1


class Killed(Exception):
    """Between the row and the call."""


async def test_whoever_dies_between_the_row_and_the_call_has_charged_once_in_the_end(on, monkeypatch):
    async def dies(viewer, attempt_id):
        raise Killed

    with clock.shifted(days=27):
        await told()
    with monkeypatch.context() as patched, clock.shifted(**NEAR):
        patched.setattr(charging, "go_on", dies)
        with pytest.raises(Killed):
            await by_itself.charge(PORTAL, 1)
    (row,) = await attempts()
    assert row["state"] == "submitting" and on.charged(row["public"]) == (0, 0)
    with clock.shifted(days=31, minutes=2):
        await work_through("charge")
        await through()
    assert on.charged(row["public"]) == (1, 15000) and len(await attempts()) == len(await on.payments()) == 1


async def test_ten_workers_at_once_tell_once_and_charge_once(on):
    with clock.shifted(days=27):
        assert sum(await asyncio.gather(*(told() for _ in range(10)))) == 1
    assert len(await letters("charge-coming")) == 2
    with clock.shifted(**NEAR):
        await asyncio.gather(*(by_itself.charge(PORTAL, 1) for _ in range(10)))
        await asyncio.gather(*(by_itself.charge(PORTAL, 1) for _ in range(10)))
    (row,) = await attempts()
    assert on.charged(row["public"]) == (1, 15000) and len(await on.payments()) == 1


@pytest.mark.parametrize("round", range(8))
async def test_off_and_charged_at_the_same_moment_is_one_or_the_other(on, round):
    with clock.shifted(days=27):
        await told()
    with clock.shifted(**NEAR):
        await asyncio.gather(by_itself.charge(PORTAL, 1), agreeing.end(on.viewer, on.client))
    (due,) = await dues()
    rows = await attempts()
    assert (due["state"], len(rows)) in {("off", 0), ("tried", 1)}
    assert (await fetch("SELECT ended_at FROM autopay"))[0]["ended_at"] is not None
    if rows:
        assert on.charged(rows[0]["public"]) == (1, 15000)


async def test_it_waits_for_a_payment_that_is_under_way(on):
    with clock.shifted(days=27):
        await told()
    waiting = await on.paid("authenticationRequired", amount=5000)
    with clock.shifted(**NEAR):
        again = await by_itself.charge(PORTAL, 1)
        assert again is not None and (await dues())[0]["state"] == "coming"
        on.stripe.authenticate(waiting.intent)
        await charging.go_on(charging.PORTAL, waiting.id)
        assert await by_itself.charge(PORTAL, 1) is None
    assert [row["amount"] for row in await attempts()] == [5000, 10000]


async def test_what_is_charged_goes_to_its_own_invoice(on):
    """Not to an older one, which is above the cap and waits for the client."""
    await fetch("UPDATE autopay SET most = 9000")
    await an_encounter(on.cast.client, LineDraft("H0005", "Group counseling", 1, 6000, pointers=(1,)), days_ago=2)
    newer = await issuing.issue(TEST, on.client)
    with clock.shifted(days=27):
        assert await told() == 2
    with clock.shifted(**NEAR):
        await through()
    assert [row["state"] for row in await dues()] == ["above", "tried"]
    assert [row["amount"] for row in await attempts()] == [6000]
    rows = await fetch(
        "SELECT n.invoice, sum(l.client_due)::bigint AS open FROM invoice_line n JOIN service_line l ON l.id = n.line"
        " GROUP BY 1 ORDER BY 1"
    )
    assert [(row["invoice"], row["open"]) for row in rows] == [(1, 15000), (newer, 0)]


async def test_each_invoice_has_one_attempt(on):
    await an_encounter(on.cast.client, days_ago=5)
    await issuing.issue(TEST, on.client)
    with clock.shifted(days=27):
        assert await told() == 2
        sent = await letters("charge-coming")
        assert len(sent) == 4, "each charge has its own letter"
    with clock.shifted(**NEAR):
        await through()
        await through()
    assert [row["state"] for row in await attempts()] == ["succeeded", "succeeded"]
    assert (await on.balance()).to_pay == 0


async def test_off_in_one_press_and_nothing_is_charged(on):
    with clock.shifted(days=27):
        await told()
    phone = await on.cast.browser("client")
    page = await phone.get(here(on))
    assert "AutoPay is on" in page.words and "$200.00" in page.words and WORDS in page.words
    assert "Coming" in page.pills() and "$150.00 on" in page.words
    said = await phone.press(page, here(on, "/end"))
    assert "AutoPay is off. Nothing is charged by itself any more." in said.words
    with clock.shifted(**NEAR):
        await told()
        await through()
    assert await attempts() == [] and [row["state"] for row in await dues()] == ["off"]
    (row,) = await fetch("SELECT ended_by, ended_at FROM autopay")
    assert row["ended_by"] == on.viewer.account_id
    await phone.post(here(on, "/end"))
    assert [one["act"] for one in await fetch("SELECT act FROM audit_row WHERE act LIKE 'autopay%' ORDER BY id")] == [
        "autopay.agreed", "autopay.announced", "autopay.ended",
    ]  # fmt: skip


async def test_on_again_it_tells_again(on):
    with clock.shifted(days=27):
        await told()
    await agreeing.end(on.viewer, on.client)
    await agreeing.agree(on.viewer, on.client, 16000, WORDS)
    with clock.shifted(days=28):
        assert await told() == 1
    with clock.shifted(days=32):
        await through()
    assert [row["state"] for row in await dues()] == ["off", "tried"]
    assert [row["state"] for row in await attempts()] == ["succeeded"]


async def test_a_letter_that_has_lost_its_point_is_not_sent(on):
    with clock.shifted(days=27):
        await told()
    await letters("charge-coming")
    letter = await Delivery.objects().where(Delivery.kind == "charge-coming").first()
    message = await email.written(letter)
    said = text_of(message) + page_of(message).get_text(" ") + message["Subject"]
    assert f"/clients/{on.client}/account/autopay" in said
    for secret in ("150", "Counseling", "Maya", "4242", "Visa"):
        assert secret not in said.replace("Harbor Lane Counseling", "")
    await agreeing.end(on.viewer, on.client)
    assert await email.written(letter) is None


async def test_without_its_last_card_it_ends(on):
    await put(on, "mastercard")
    visa, mastercard = await on.cards()
    phone = await on.cast.browser("client")
    cards = f"/clients/{on.client}/account/cards"
    asks = await phone.get(f"{cards}/{visa['id']}/removal")
    assert "AutoPay goes on with the new default card." in asks.words
    await phone.press(asks, f"{cards}/{visa['id']}/removal")
    await work_through("announce")
    assert (await fetch("SELECT ended_at FROM autopay"))[0]["ended_at"] is None
    asks = await phone.get(f"{cards}/{mastercard['id']}/removal")
    assert "It is your only card, so AutoPay ends." in asks.words
    await phone.press(asks, f"{cards}/{mastercard['id']}/removal")
    await work_through("announce")
    (row,) = await fetch("SELECT ended_at, ended_by FROM autopay")
    assert row["ended_at"] is not None and row["ended_by"] is None


async def test_whoever_agreed_and_acts_no_more_pays_no_more(on):
    with clock.shifted(days=27):
        await told()
    await fetch("UPDATE access_grant SET ends_at = now() WHERE account = {}", on.viewer.account_id)
    with clock.shifted(**NEAR):
        await through()
    assert await attempts() == [] and [row["state"] for row in await dues()] == ["off"]
    assert (await fetch("SELECT ended_at FROM autopay"))[0]["ended_at"] is not None


@pytest.mark.parametrize("switch", ["payments.autopay", "payments.cards", "payments.paying", "billing.account"])
async def test_where_the_practice_switches_it_off_nothing_is_charged_and_it_can_be_turned_off(on, switch):
    with clock.shifted(days=27):
        await told()
    await switches.turn(TEST, switch, "no")
    with clock.shifted(**NEAR):
        assert await told() == 0
        await through()
    assert await attempts() == [] and [row["state"] for row in await dues()] == ["off"]
    phone = await on.cast.browser("client")
    page = await phone.get(here(on))
    assert "The practice does not use AutoPay now" in page.words
    await phone.press(page, here(on, "/end"))
    assert (await phone.get(here(on))).status == 404


async def test_the_form_says_what_will_happen_and_keeps_what_was_typed(desk):
    await switches.turn(TEST, "payments.autopay", "yes")
    for htmx in (False, True):
        phone = await desk.cast.browser("client", htmx=htmx)
        page = await phone.get(here(desk))
        assert "AutoPay needs a card on file." in page.words
    await put(desk)
    page = await phone.get(here(desk))
    assert "at least 3 days before" in page.words and "Visa ending in 4242" in page.words
    shown = page.soup.find(id="agreed").get_text()
    for wrong in ("", "0.49", "much", "99999999999"):
        said = await phone.press(page, here(desk), most=wrong)
        assert said.status == 422 and set(said.errors) == {"most"} and said.value("most") == wrong
    done = await phone.press(page, here(desk), most="75.50")
    assert "AutoPay is on" in done.words
    (row,) = await fetch("SELECT most, consent, agreed_by FROM autopay")
    assert (row["most"], row["consent"], row["agreed_by"]) == (7550, shown, desk.viewer.account_id)
    again = await phone.press(page, here(desk), most="80")
    assert again.status == 422 and "AutoPay is on already." in again.errors[""]


async def test_ten_agreements_at_once_are_one(desk):
    await switches.turn(TEST, "payments.autopay", "yes")
    await put(desk)
    said = await asyncio.gather(
        *(agreeing.agree(desk.viewer, desk.client, 5000 + cents, WORDS) for cents in range(10)), return_exceptions=True
    )
    assert len([one for one in said if isinstance(one, Refused)]) == 9
    assert len(await fetch("SELECT id FROM autopay WHERE ended_at IS NULL")) == 1


async def test_strangers_are_not_near_it(on):
    for part in ("stranger", "ended", "clinician", "biller", "administrator", "front_desk"):
        browser = await on.cast.browser(part)
        assert (await browser.get(here(on))).status == 404, part
        assert (await browser.post(here(on), most="10")).status == 404, part
        assert (await browser.post(here(on, "/end"))).status == 404, part
    await fetch("UPDATE access_grant SET areas = '{{messages}}' WHERE kind = 'guardian'")
    guardian = await on.cast.browser("guardian")
    assert (await guardian.post(here(on, "/end"))).status == 404
    for viewer in (Viewer.nobody(), Viewer(account_id=1)):
        with pytest.raises(NotFoundException):
            await agreeing.end(viewer, on.client)
        with pytest.raises(NotFoundException):
            await agreeing.agree(viewer, on.client, 100, WORDS)
    assert (await fetch("SELECT ended_at FROM autopay"))[0]["ended_at"] is None


async def test_staff_see_that_it_is_on_and_to_what_words(on):
    biller = await on.cast.browser("biller")
    page = await biller.get(f"/staff/clients/{on.client}/account/cards")
    assert WORDS in page.words and "$200.00" in page.words


async def test_the_clock_does_it_by_itself(on):
    with clock.shifted(days=27):
        await schedule.pay_by_itself()
        assert len(await dues()) == 1
    with clock.shifted(**NEAR):
        await schedule.pay_by_itself()
        await schedule.pay_by_itself()
        await work_through("autopay")
    assert [row["state"] for row in await attempts()] == ["succeeded"]
    assert await DuePayment.count() == 1


async def until(card: int, months: int) -> None:
    today = clock.today("America/New_York")
    whole = today.year * 12 + today.month - 1 + months
    sql = "UPDATE payment_card SET exp_year = {}, exp_month = {} WHERE id = {}"
    await fetch(sql, whole // 12, whole % 12 + 1, card)


@pytest.mark.parametrize(("months", "words"), [(-1, "Expired"), (0, "Expires soon"), (1, "Expires soon"), (2, "")])
@pytest.mark.parametrize("place", [0, 1], ids=["default", "another"])
async def test_a_card_that_expires_is_to_be_done_by_its_name(desk, place, months, words):
    await put(desk)
    await put(desk, "mastercard")
    name, card = ("Visa ending in 4242", "Mastercard ending in 4444")[place], (await desk.cards())[place]["id"]
    await until(card, months)
    phone = await desk.cast.browser("client")
    page = await phone.get(f"/clients/{desk.client}")
    assert (f"Update your card: {name}" in page.words) == bool(words)
    assert (f"/clients/{desk.client}/account/cards/{card}" in page.links()) == bool(words)
    assert not words or words in page.pills()
    assert ("It is your default card." in page.words) == bool(words and place == 0)
    await switches.turn(TEST, "payments.cards", "no")
    assert name not in (await phone.get(f"/clients/{desk.client}")).words


async def test_of_several_cards_that_expire_one_thing_is_to_be_done_which_names_them(desk):
    """Nobody reads a list of the same sentence on a phone: the page of the cards has a button for each."""
    for brand in ("visa", "mastercard", "amex"):
        await put(desk, brand)
    visa, mastercard, _ = [one["id"] for one in await desk.cards()]
    await until(visa, 1)
    await until(mastercard, -1)
    phone, home, cards = await desk.cast.browser("client"), f"/clients/{desk.client}", f"{here(desk)[:-8]}/cards"
    page = await phone.get(home)
    assert "Update 2 cards on file" in page.words and "American Express" not in page.words
    assert "Visa ending in 4242, Mastercard ending in 4444" in page.words
    assert cards in page.links() and not [one for one in page.links() if one.startswith(f"{cards}/")]
    assert page.pills().count("Expired") == 1
    typed = {"exp_month": "12", "exp_year": str(clock.now().year + 4)}
    await phone.press(await phone.get(f"{cards}/{mastercard}"), f"{cards}/{mastercard}", typed)
    page = await phone.get(home)
    assert "Update your card: Visa ending in 4242" in page.words and "Mastercard" not in page.words
    await phone.press(await phone.get(f"{cards}/{visa}/removal"), f"{cards}/{visa}/removal")
    page = await phone.get(home)
    assert "Visa" not in page.words and not [one for one in page.links() if "/cards" in one]


async def test_my_account_leads_to_the_cards_where_they_are_kept(desk):
    phone = await desk.cast.browser("client")
    account, cards = f"/clients/{desk.client}/account", f"/clients/{desk.client}/account/cards"
    assert cards in (await phone.get(account)).links()
    for switch in ("payments.cards", "payments.paying"):
        await switches.turn(TEST, switch, "no")
        assert cards not in (await phone.get(account)).links()
        await switches.turn(TEST, switch, "yes")
