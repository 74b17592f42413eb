"""Staff charge a card on file: with what the client agreed to and their own password; others do not."""

import asyncio
from uuid import uuid4

import pytest

from portal import clock
from portal.access import HOLDS, Permission, Role
from portal.database import fetch
from portal.payments.actions import charging, minding
from portal.practice import switches
from tests.billing.factories import an_encounter
from tests.factories import PASSWORD, TEST
from tests.payments.factories import CONSENT
from tests.payments.test_cards import put
from tests.tasks.post import work_through

WRONG = "orange tractor hums low"


def there(desk, rest: str = "/charge") -> str:
    return f"/staff/clients/{desk.client}/account{rest}"


@pytest.fixture
async def card(desk) -> int:
    await put(desk)
    return int((await desk.cards())[0]["id"])


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
async def biller(desk, card, request):
    return await desk.cast.browser("biller", htmx=request.param)


async def looked_over(desk, browser, **typed):
    page = await browser.get(there(desk))
    said = {"amount": "40", "reason": "Asked for by phone", "act": "check", **typed}
    return await browser.press(page, there(desk), said)


async def charged(desk, browser, password: str = PASSWORD, **typed):
    check = await looked_over(desk, browser, **typed)
    assert check.status == 200, check.errors
    return await landed(browser, await browser.press(check, there(desk), password=password, act="charge"))


async def landed(browser, page):
    """Where htmx is told to go, the browser goes as a whole."""
    if "hx-redirect" not in page.headers:
        return page
    before, browser.headers = browser.headers, {}
    page = await browser.get(page.headers["hx-redirect"])
    browser.headers = before
    return page


async def attempts() -> list[dict]:
    return await fetch("SELECT * FROM payment_attempt ORDER BY id")


async def test_staff_see_the_card_who_agreed_when_and_to_what_words(desk, biller):
    page = await biller.get(there(desk, "/cards"))
    for words in ("Visa ending in 4242", "12/2034", "Maya Reyes", CONSENT):
        assert words in page.words
    assert page.pills() == ["Default"] and there(desk) in page.links()
    account = await biller.get(there(desk, ""))
    assert there(desk, "/cards") in account.links() and there(desk) in account.links()


async def test_a_card_on_file_is_charged_posted_and_has_a_receipt_and_a_letter(desk, card, biller):
    receipt = await charged(desk, biller)
    (row,) = await attempts()
    assert (row["state"], row["source"], row["amount"], row["reason"]) == (
        "succeeded",
        "staff",
        4000,
        "Asked for by phone",
    )
    assert row["consent"] == CONSENT and row["card"] == card and desk.charged(row["public"]) == (1, 4000)
    (payment,) = await desk.payments()
    member = await fetch("SELECT id FROM staff_member WHERE role = 'biller'")
    assert (payment["amount"], payment["reference"], payment["note"], payment["taken_by"]) == (
        4000, "4242", "Asked for by phone", member[0]["id"],
    )  # fmt: skip
    assert receipt.path == f"/staff/payments/{payment['id']}" and "The card is charged." in receipt.words
    assert "Biller Staff" in receipt.words and (await desk.balance()).to_pay == 11000
    asked = next(one for one in desk.stripe.requests() if str(row["public"]) in one["body"])
    assert "off_session=true" in asked["body"] and "return_url" not in asked["body"]
    assert "Asked" not in asked["body"], "the reason is the practice's own"
    await work_through("announce")
    letters = await fetch("SELECT DISTINCT kind, address FROM delivery WHERE kind = 'receipt-waiting' ORDER BY address")
    assert [one["address"] for one in letters] == ["guardian@example.com", "maya@example.com"]
    acts = {one["act"]: one["actor"] for one in await fetch("SELECT act, actor FROM audit_row")}
    assert acts["card.charged"] == "Biller Staff" and "payment.succeeded" in acts


async def test_nothing_is_charged_before_it_was_looked_over(desk, biller):
    check = await looked_over(desk, biller, card=None)
    assert check.status == 422 and "card" in check.errors
    check = await looked_over(desk, biller)
    assert "$40.00" in check.words and CONSENT in check.words and "The client then owes $110.00" in check.words
    assert await attempts() == []
    changed = await biller.press(check, there(desk), act="change", password="x")
    assert changed.value("amount") == "40" and changed.value("reason").strip() == "Asked for by phone"


async def test_all_that_is_owed_and_the_default_card_stand_there_already(desk, card, biller):
    page = await biller.get(there(desk))
    assert page.value("amount") == "150.00"
    assert page.soup.find("input", attrs={"name": "card", "checked": True})["value"] == str(card)


@pytest.mark.parametrize("cents", ["0.49", "150.01", "-5", "", "much"])
async def test_an_amount_that_cannot_be_is_refused_on_the_server(desk, biller, cents):
    said = await looked_over(desk, biller, amount=cents)
    assert said.status == 422 and set(said.errors) == {"amount"}
    assert said.value("reason").strip() == "Asked for by phone"
    assert await attempts() == []


async def test_a_reason_must_be_given(desk, biller):
    said = await looked_over(desk, biller, reason=" ")
    assert said.status == 422 and set(said.errors) == {"reason"}


@pytest.mark.parametrize("password", ["", WRONG])
async def test_without_their_own_password_nothing_is_charged(desk, biller, password):
    said = await charged(desk, biller, password)
    assert said.status == 422 and set(said.errors) == {"password"} and "$40.00" in said.words
    assert await attempts() == [] and WRONG not in said.text
    again = await landed(biller, await biller.press(said, there(desk), password=PASSWORD, act="charge"))
    assert again.path.startswith("/staff/payments/") and len(await attempts()) == 1
    acts = [one["act"] for one in await fetch("SELECT act FROM audit_row WHERE act LIKE 'password%'")]
    assert acts == ["password.refused"]


async def test_whoever_guesses_at_a_password_must_wait(desk, biller):
    check = await looked_over(desk, biller)
    for _ in range(5):
        await biller.press(check, there(desk), password=WRONG, act="charge")
    said = await biller.press(check, there(desk), password=PASSWORD, act="charge")
    assert said.status == 429 and "Too many tries" in said.errors[""] and await attempts() == []


async def test_the_password_counts_for_one_charge(desk, biller):
    await charged(desk, biller)
    check = await looked_over(desk, biller)
    assert check.soup.find(id="password") is not None
    said = await biller.press(check, there(desk), password="", act="charge")
    assert said.status == 422 and len(await attempts()) == 1


async def test_the_same_form_twice_and_ten_times_at_once_charges_once(desk, biller):
    check = await looked_over(desk, biller)
    key = check.value("key")
    pages = [await biller.press(check, there(desk), password=PASSWORD, act="charge") for _ in range(2)]
    assert {page.status for page in pages} == {200}
    assert desk.charged(key) == (1, 4000) and len(await desk.payments()) == 1
    check = await looked_over(desk, biller)
    key = check.value("key")
    from portal.payments.actions import staff_charging
    from portal.payments.actions.staff_charging import Charge
    from tests.schedule.steps import staff

    wanted = Charge(key, int(check.value("card")), 4000, "Asked for by phone")
    viewer = staff(desk.cast, "biller")
    await asyncio.gather(
        *(staff_charging._begin(viewer, desk.client, wanted) for _ in range(10)), return_exceptions=True
    )
    rows = [row for row in await attempts() if str(row["public"]) == key]
    assert len(rows) == 1
    await asyncio.gather(*(charging.go_on(charging.PORTAL, rows[0]["id"]) for _ in range(10)))
    assert desk.charged(key) == (1, 4000)


async def test_a_card_without_words_that_were_agreed_to_is_not_charged(desk, card, biller):
    await fetch("UPDATE payment_card SET consent = ''")
    page = await biller.get(there(desk))
    assert "has agreed to no words with it" in page.words and page.soup.find("form", action=there(desk)) is None
    typed = {"key": str(uuid4()), "amount": "40", "card": str(card), "reason": "Why not", "act": "charge"}
    said = await biller.post(there(desk), password=PASSWORD, **typed)
    assert said.status == 422 and await attempts() == []
    assert "To none" in (await biller.get(there(desk, "/cards"))).words


async def test_an_expired_card_is_not_charged(desk, card, biller):
    await fetch("UPDATE payment_card SET exp_year = 2020")
    typed = {"key": str(uuid4()), "amount": "40", "card": str(card), "reason": "Why not", "act": "charge"}
    said = await biller.post(there(desk), password=PASSWORD, **typed)
    assert said.status == 422 and await attempts() == []
    assert (await biller.get(there(desk, "/cards"))).pills() == ["Default", "Expired"]


async def test_the_bank_wants_to_ask_the_client_who_is_not_there(desk):
    row = await put(desk, "authenticationRequired")
    desk.stripe.authenticate(row.intent)
    from portal.payments.actions import setting_up

    await setting_up.go_on(setting_up.PORTAL, row.id)
    biller = await desk.cast.browser("biller")
    said = await charged(desk, biller)
    (attempt,) = await attempts()
    assert (attempt["state"], attempt["code"], attempt["payment"]) == ("declined", "authentication_required", None)
    assert said.path == there(desk, f"/charge/{attempt['public']}") and "they can only do themselves" in said.words
    await work_through("announce")
    assert await letters("charge-failed") == ["guardian@example.com", "maya@example.com"]
    phone = await desk.cast.browser("client")
    home = await phone.get(f"/clients/{desk.client}")
    assert "A payment by card did not go through" in home.words
    await desk.paid()
    assert "did not go through" not in (await phone.get(f"/clients/{desk.client}")).words


async def test_a_decline_is_told_to_staff_and_to_whose_card_it_is(desk):
    await put(desk, "chargeCustomerFail")
    biller = await desk.cast.browser("biller")
    said = await charged(desk, biller)
    assert "The bank did not accept the card" in said.words and there(desk) in said.links()
    assert await desk.payments() == [] and (await desk.balance()).to_pay == 15000
    await work_through("announce")
    assert await letters("charge-failed") == ["guardian@example.com", "maya@example.com"]


async def test_no_answer_is_no_failure_and_the_errand_goes_on_from_the_row(desk, biller):
    desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    said = await charged(desk, biller)
    (row,) = await attempts()
    assert "Do not charge again" in said.words and row["state"] == "submitting" and await desk.payments() == []
    with clock.shifted(seconds=90):
        await work_through("charge")
    assert desk.charged(row["public"]) == (1, 4000) and len(await desk.payments()) == 1
    page = await biller.get(there(desk, f"/charge/{row['public']}"))
    assert "The card is charged" in page.words
    assert await minding.mind(charging.PORTAL, row["id"]) is None


async def test_two_do_not_go_on_at_once(desk, biller):
    desk.stripe.process_next()
    said = await charged(desk, biller)
    assert "Do not charge again" in said.words
    second = await charged(desk, biller)
    assert second.status == 422 and "under way" in second.errors[""] and len(await attempts()) == 1


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_charge_and_who_may_see(desk, card, role):
    part = "clinician" if role == Role.CLINICIAN else role
    browser = await desk.cast.browser(part)
    sees = Permission.LEDGER_READ in HOLDS[role]
    charges = role in (Role.BILLER, Role.ADMINISTRATOR)
    assert (Permission.CARD_CHARGE in HOLDS[role]) == charges
    assert (await browser.get(there(desk, "/cards"))).status == (200 if sees else 404)
    assert (await browser.get(there(desk))).status == (200 if charges else 404)
    if not charges:
        typed = {"key": str(uuid4()), "amount": "40", "card": str(card), "reason": "Why not", "act": "charge"}
        assert (await browser.post(there(desk), password=PASSWORD, **typed)).status == 404
        assert await attempts() == []
    if sees:
        assert (there(desk) in (await browser.get(there(desk, ""))).links()) == charges


@pytest.mark.parametrize("part", ["client", "stranger", "ended", "guardian", "other clinician", "signed out"])
async def test_nobody_else_is_near_it(desk, card, part):
    browser = await desk.cast.browser(part)
    for path in ("/cards", "/charge", f"/charge/{uuid4()}"):
        page = await browser.get(there(desk, path), follow=False)
        assert page.status in ((303, 401) if part == "signed out" else (404,)), path


async def test_a_card_of_another_client_is_not_charged_by_its_number(desk, card, biller):
    await an_encounter(desk.cast.other, clinician_id=desk.cast.client.principal_clinician)
    other = f"/staff/clients/{desk.cast.other.id}/account/charge"
    typed = {"key": str(uuid4()), "amount": "40", "card": str(card), "reason": "Why not", "act": "charge"}
    said = await biller.post(other, password=PASSWORD, **typed)
    assert said.status == 422 and set(said.errors) <= {"card", ""} and await attempts() == []
    receipt = await charged(desk, biller)
    assert receipt.status == 200
    (row,) = await attempts()
    assert (await biller.get(f"{other}/{row['public']}")).status == 404
    typed["key"] = str(row["public"])
    assert (await biller.post(other, password=PASSWORD, **typed)).status == 422
    assert len(await attempts()) == 1


async def test_where_the_practice_takes_no_cards_there_is_nothing_to_charge(desk, card, biller):
    await switches.turn(TEST, "payments.paying", "no")
    assert (await biller.get(there(desk))).status == 404
    assert there(desk) not in (await biller.get(there(desk, ""))).links()


async def letters(kind: str) -> list[str]:
    rows = await fetch("SELECT address FROM delivery WHERE kind = {} ORDER BY address", kind)
    return [one["address"] for one in rows]
