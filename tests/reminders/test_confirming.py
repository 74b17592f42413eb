"""The link in a reminder: looked at by anybody, it changes nothing; a button confirms; and it dies with its time."""

import pytest

from portal import clock, keys
from portal.access import NotFoundException
from portal.accounts.tables import Account
from portal.appointments.actions import keeping
from portal.database import fetch
from portal.practice import switches
from portal.reminders import links, queries
from portal.reminders.actions import confirming, reminding
from tests.appointments.steps import maya
from tests.appointments.test_booking import state_of
from tests.browser import Browser
from tests.cast import Cast
from tests.factories import TEST, a_grant, an_account
from tests.reminders.steps import a_practice_that_reminds, a_visit, at_nine, events, until
from tests.reminders.test_letters import BETRAYING
from tests.reminders.test_reminding import DAY, HOUR
from tests.web.everything import changed, digest


@pytest.fixture
async def link(cast: Cast):
    """Of a reminder that went a day before the visit; it is still that day."""
    await a_visit(await a_practice_that_reminds(cast), cast.client.id, at_nine())
    with clock.shifted(seconds=until(at_nine() - DAY)):
        await reminding.remind(TEST)
        yield "/confirm/" + await the_token()


async def the_token() -> str:
    rows = await fetch("SELECT max(id) AS id FROM reminder")
    told = await queries.told(TEST, rows[0]["id"])
    assert told is not None
    return told.token


async def test_whoever_opens_it_sees_day_and_time_and_nothing_else(link, nobody: Browser):
    before = await digest()
    page = await nobody.get(link)
    assert page.status == 200 and page.heading == "Will you be there?"
    assert "9:00\u00a0AM" in page.text and "Eastern Time" in page.words
    main = page.soup.find("main").get_text(" ").replace("Call the office", "")
    assert BETRAYING.findall(main) == []
    assert changed(before, await digest()) == set() and await state_of(1) == "booked"


async def test_the_button_confirms_and_a_second_press_does_no_harm(link, nobody: Browser):
    page = await nobody.get(link)
    for _ in range(2):
        answer = await nobody.press(page, link)
        assert answer.status == 200 and answer.path == link and "Your appointment is confirmed" in answer.words
    assert (await nobody.post(link, follow=False)).status == 303
    assert await state_of(1) == "confirmed" and await events("appointment.confirmed") == 1
    rows = await fetch("SELECT role, account_id, client_id FROM audit_row WHERE act = 'appointment.confirmed'")
    assert rows == [{"role": "nobody", "account_id": None, "client_id": 1}]


async def test_htmx_and_a_signed_in_stranger_get_the_same(link, cast: Cast):
    """Who holds the link was given it; it opens nothing else."""
    browser = await cast.browser("stranger", htmx=True)
    assert 'id="confirm"' in (await browser.get(link)).text
    await browser.post(link)
    assert await state_of(1) == "confirmed"
    assert (await browser.get("/clients/1/appointments/1")).status == 404


async def test_of_a_cancelled_visit_it_says_so_and_does_nothing(link, cast: Cast, nobody: Browser):
    shown = await nobody.get(link)
    await keeping.cancel(maya(cast), cast.client.id, 1, "")
    page = await nobody.press(shown, link)
    assert page.status == 410 and "moved or cancelled" in page.heading and "/sign-in" in page.links()
    assert "9:00" not in page.words and await state_of(1) == "late_cancelled"


async def test_of_a_moved_visit_it_confirms_neither_the_old_time_nor_the_new(link, nobody: Browser):
    shown = await nobody.get(link)
    await fetch(
        "UPDATE appointment SET starts_at = {}, ends_at = {}, busy_from = {}, busy_until = {}",
        *(at_nine() + more for more in (HOUR, 2 * HOUR, HOUR, 2 * HOUR)),
    )
    page = await nobody.press(shown, link)
    assert page.status == 410 and "moved or cancelled" in page.heading
    assert await state_of(1) == "booked"


async def test_when_the_visit_begins_it_is_over(link, nobody: Browser):
    shown = await nobody.get(link)
    with clock.shifted(days=1):
        page = await nobody.press(shown, link)
    assert page.status == 410 and "has begun or is over" in page.heading and await state_of(1) == "booked"


async def test_where_the_practice_does_not_ask_nothing_is_confirmed(link, nobody: Browser):
    await switches.turn(TEST, "appointments.confirm", "no")
    page = await nobody.get(link)
    assert page.status == 200 and "You need not confirm it" in page.words and not page.soup.find("main").find("form")
    assert (await nobody.post(link)).status == 200 and await state_of(1) == "booked"


async def test_whoever_cannot_come_is_led_to_sign_in_and_from_there_to_cancelling(link, nobody: Browser):
    cancelling = next(one for one in (await nobody.get(link)).links() if one.endswith("/cancellation"))
    page = await nobody.get(cancelling, follow=False)
    assert page.status == 303 and "next=%2Fclients%2F1%2Fappointments%2F1%2Fcancellation" in page.headers["location"]


def spoilt(token: str) -> list[str]:
    number, _, mac = token.partition("-")
    other = "a" if mac[0] != "a" else "b"
    return [
        f"{number}-{other}{mac[1:]}", f"{int(number) + 1}-{mac}", f"{number}-{mac[:-1]}", f"{number}-{mac}a", number,
        f"{number}-", "1-abc", "x", f"{'9' * 18}-{mac}", f"{'9' * 40}-{mac}", f"²-{mac}",
    ]  # fmt: skip


async def test_wrong_links_are_nobodys(link, nobody: Browser):
    for token in spoilt(link.removeprefix("/confirm/")):
        assert (await nobody.get(f"/confirm/{token}")).status == 404, token
    assert await state_of(1) == "booked"


async def test_the_link_of_one_reminder_is_not_that_of_another(link, cast: Cast, nobody: Browser):
    """Neither of another visit at the same time, nor of the same visit at another time."""
    told = await queries.told(TEST, 1)
    assert told is not None
    for wrong in (
        links.token(2, told.appointment_id, told.starts_at),
        links.token(1, told.appointment_id + 1, told.starts_at),
        links.token(1, told.appointment_id, told.starts_at + HOUR),
    ):
        assert (await nobody.get(f"/confirm/{wrong}")).status == 404


async def test_whoever_guesses_must_wait_and_whoever_has_the_link_need_not(link, nobody: Browser):
    for _ in range(5):
        with pytest.raises(NotFoundException):
            await confirming.confirm(TEST.on(address="203.0.113.9"), "1-" + "a" * 40)
    page = await nobody.post("/confirm/1-" + "a" * 40)
    assert page.status == 429
    assert (await nobody.post(link)).status == 200 and await state_of(1) == "confirmed"


async def test_it_outlives_a_new_signing_key(link, nobody: Browser, monkeypatch):
    old = keys._signing()
    monkeypatch.setattr(keys, "_signing", lambda: {"f" * 16: b"another key" * 3, **old})
    assert (await nobody.get(link)).status == 200
    monkeypatch.setattr(keys, "_signing", lambda: {"f" * 16: b"another key" * 3})
    assert (await nobody.get(link)).status == 404


async def test_it_speaks_the_language_of_whom_it_was_written_to(link, cast: Cast, nobody: Browser):
    await Account.update({Account.language: "es"}).where(Account.id == cast.accounts["client"].id)
    assert 'lang="es"' in (await nobody.get(link)).text
    await a_grant(await an_account("other@example.com"), cast.client, kind="guardian")
    assert 'lang="en"' in (await nobody.get(link)).text, "of two who differ, neither"
