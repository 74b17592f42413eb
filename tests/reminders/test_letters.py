"""What a reminder says by letter, to whom, and what it never says."""

import re

import pytest

from portal import clock, language
from portal.accounts.tables import Account, Grant
from portal.database import fetch
from portal.letters.tables import Delivery
from portal.practice import switches
from portal.reminders.actions import reminding
from portal.settings import settings
from tests.appointments.steps import Calendar
from tests.cast import Cast
from tests.factories import TEST, a_grant, a_practice, an_account
from tests.letters.test_letters import page_of, sent, text_of
from tests.reminders.steps import a_practice_that_reminds, a_visit, at_nine, until
from tests.reminders.test_reminding import DAY, HOUR
from tests.tasks.post import work_through

# What a letter, a text or the public page must never say: who, with whom, what for, how, and what kind of practice.
BETRAYING = re.compile(
    r"Maya|Reyes|Okafor|Ngozi|\bDr\b|session|sesi[oó]n|telehealth|video|phone|Annapolis|Harbor Lane|1991|10001"
    r"|therap|terap|counsel|consejer|behavio|conduct|mental|psych|psic|clinic|cl[ií]nic|health|salud|medic|m[eé]dic"
    r"|doctor|treatment|tratamient|diagnos|patient|paciente|recover|recupera",
    re.IGNORECASE,
)


async def the_letters(cast: Cast, calendar: Calendar, state: str = "booked") -> dict[str, Delivery]:
    """A day before the visit, by address."""
    await a_visit(calendar, cast.client.id, at_nine(), state=state)
    await reminding.remind(TEST)
    await work_through("announce")
    return {row.address: row for row in await Delivery.objects().order_by(Delivery.id)}


@pytest.fixture
async def day_before(cast: Cast):
    with clock.shifted(seconds=until(at_nine() - DAY)):
        yield cast


async def test_everybody_who_acts_for_the_client_is_told_in_their_own_language(day_before: Cast):
    cast = day_before
    mother = await an_account("mother@example.com", language="es")
    await a_grant(mother, cast.client, kind="guardian")
    left = await an_account("left@example.com", is_suspended=True)
    await a_grant(left, cast.client, kind="proxy")
    found = await the_letters(cast, await a_practice_that_reminds(cast))
    assert {address: row.language for address, row in found.items()} == {
        "maya@example.com": "en", "mother@example.com": "es",
    }  # fmt: skip
    await work_through("deliver")
    assert {row.state for row in await Delivery.objects()} == {"sent"}


async def test_it_says_when_and_how_to_confirm_and_betrays_nothing(day_before: Cast):
    letter = (await the_letters(day_before, await a_practice_that_reminds(day_before)))["maya@example.com"]
    message = await sent(letter)
    assert message["Subject"] == "A reminder from Your client portal"
    text, page = text_of(message), page_of(message)
    when = language.written_full_date(at_nine(), "America/New_York")
    for words in (text, page.body.get_text(" ")):
        assert f"{when}, 9:00\u00a0AM, Eastern Time" in words
        assert "where to go or how to join" in words and "Can't come?" in words
        assert BETRAYING.findall(words.replace(settings().base_url, "")) == []
    assert BETRAYING.findall(message["Subject"]) == []
    client, visit = day_before.client.id, letter_of(text)
    assert visit["cancel"] == f"/clients/{client}/appointments/1/cancellation"
    assert visit["page"] == f"/clients/{client}/appointments/1"
    assert page.select_one(".button-link")["href"].endswith(visit["confirm"])
    assert {str(one["href"]).removeprefix(settings().base_url) for one in page.select("a")} == set(visit.values())
    assert max(map(len, message.as_bytes().splitlines())) <= 78
    assert "On your clock" not in text


def letter_of(text: str) -> dict[str, str]:
    """The addresses in it, by what they are for."""
    found = [one.removeprefix(settings().base_url) for one in re.findall(r"^http\S+$", text, re.MULTILINE)]
    named = {
        "confirm": [one for one in found if "/confirm/" in one],
        "cancel": [one for one in found if "cance" in one],
    }
    named["page"] = [one for one in found if one not in named["confirm"] + named["cancel"]]
    return {name: ones[0] for name, ones in named.items() if ones}


@pytest.mark.parametrize("why", ["nobody is asked to", "it is confirmed already"])
async def test_where_there_is_nothing_to_confirm_no_link_asks_for_it(day_before: Cast, why):
    calendar = await a_practice_that_reminds(day_before)
    if why == "nobody is asked to":
        await switches.turn(TEST, "appointments.confirm", "no")
    state = "booked" if why == "nobody is asked to" else "confirmed"
    letter = (await the_letters(day_before, calendar, state))["maya@example.com"]
    text = text_of(await sent(letter))
    assert "/confirm/" not in text and "onfirm" not in text and letter_of(text)["page"]


async def test_whoever_lives_by_another_clock_reads_both(day_before: Cast):
    await Account.update({Account.time_zone: "America/Denver"}).where(Account.email == "maya@example.com")
    letter = (await the_letters(day_before, await a_practice_that_reminds(day_before)))["maya@example.com"]
    text = text_of(await sent(letter))
    assert "9:00\u00a0AM, Eastern Time" in text and "On your clock" in text and "7:00\u00a0AM, Mountain Time" in text


async def test_whoever_acts_for_the_client_no_longer_when_it_leaves_gets_nothing(day_before: Cast):
    await the_letters(day_before, await a_practice_that_reminds(day_before))
    await Grant.update({Grant.ends_at: clock.now()}).where(Grant.account == day_before.accounts["client"].id)
    await work_through("deliver")
    assert [row.state for row in await Delivery.objects()] == ["dropped"]


async def test_a_letter_that_comes_too_late_is_not_sent(day_before: Cast):
    await the_letters(day_before, await a_practice_that_reminds(day_before))
    with clock.shifted(days=1, minutes=1):
        await work_through("deliver")
    assert [row.state for row in await Delivery.objects()] == ["dropped"]


async def test_another_practice_may_be_anything(day_before: Cast):
    """The name that letters come from is the practice's choice; its own name stands nowhere."""
    calendar = await a_practice_that_reminds(day_before)
    await a_practice(name="Zanzibar Recovery Clinic")
    letter = (await the_letters(day_before, calendar))["maya@example.com"]
    message = await sent(letter)
    assert "Zanzibar" not in message.as_string() + text_of(message) + str(page_of(message))


async def test_an_announcement_that_is_repeated_writes_no_second_letter(day_before: Cast):
    await the_letters(day_before, await a_practice_that_reminds(day_before))
    await fetch("UPDATE errand SET state = 'queued', attempts = 0, lease_by = '' WHERE actor = 'announce'")
    await work_through("announce")
    assert await Delivery.count() == 1


async def test_a_reminder_that_failed_stands_in_the_list_of_staff(day_before: Cast):
    await the_letters(day_before, await a_practice_that_reminds(day_before))
    await fetch("UPDATE delivery SET state = 'failed'")
    page = await (await day_before.browser("front_desk")).get("/staff/letters")
    assert page.status == 200 and "Reminder of an appointment" in page.words


@pytest.mark.parametrize("kind", ["appointment-answered", "appointment-waits"])
async def test_so_do_the_other_letters_of_appointments(day_before: Cast, kind):
    await the_letters(day_before, await a_practice_that_reminds(day_before))
    await fetch("UPDATE delivery SET state = 'failed', kind = {}", kind)
    assert (await (await day_before.browser("front_desk")).get("/staff/letters")).status == 200


async def test_two_visits_of_a_day_are_two_letters(day_before: Cast):
    calendar = await a_practice_that_reminds(day_before)
    await a_visit(calendar, day_before.client.id, at_nine() + 3 * HOUR)
    await the_letters(day_before, calendar)
    assert await Delivery.count() == 2
