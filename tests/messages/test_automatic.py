"""The portal answers by itself outside the hours and while a clinician is away: once, and it is no answer."""

import asyncio
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import clock
from portal.accounts.tables import Account
from portal.appointments.actions import availability
from portal.appointments.hours import Special, Weekly
from portal.database import fetch
from portal.letters.tables import Delivery
from portal.messages import rules
from portal.messages.actions import away, handling, sending
from portal.messages.actions.away import Days
from portal.messages.actions.putting import Beginning
from portal.messages.tables import Topic
from portal.practice import switches
from tests.cast import Cast
from tests.factories import TEST
from tests.messages.steps import a_thread, as_, words
from tests.tasks.post import work_through

ZONE = "America/New_York"
MONDAY = date(2027, 3, 8)
WEEK = tuple(Weekly(day, 8 * 60 + 30, 17 * 60) for day in range(5))


def wall(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZoneInfo(ZONE))


@contextmanager
def at(day: date, hour: int, minute: int = 0):
    with clock.shifted(seconds=(wall(day, hour, minute) - datetime.now(ZoneInfo(ZONE))).total_seconds()):
        yield


@pytest.fixture
async def cast(cast: Cast) -> Cast:
    await switches.turn(TEST, "messages.automatic_answer", "yes")
    return cast


async def automatic() -> list[str]:
    return [row["body"] for row in await fetch("SELECT body FROM message WHERE kind = 'automatic' ORDER BY id")]


async def writes(cast: Cast, thread: int) -> None:
    await sending.answer(await as_(cast, "client"), cast.client.id, thread, words())


# When it is closed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "hour", "minute", "since", "until"),
    [
        (MONDAY, 8, 29, wall(date(2027, 3, 5), 17), wall(MONDAY, 8, 30)),
        (MONDAY, 17, 0, wall(MONDAY, 17), wall(date(2027, 3, 9), 8, 30)),
        (date(2027, 3, 13), 12, 0, wall(date(2027, 3, 12), 17), wall(date(2027, 3, 15), 8, 30)),
    ],
    ids=["before the morning", "from closing time on", "over the weekend in which the clock springs forward"],
)
def test_it_is_closed_from_one_hour_of_the_wall_to_another(day, hour, minute, since, until):
    assert rules.closed(wall(day, hour, minute), ZONE, WEEK, ()) == (since, until)


def test_where_every_day_is_read_the_morning_after_the_clock_changed_begins_by_the_wall():
    every_day = tuple(Weekly(day, 8 * 60 + 30, 17 * 60) for day in range(7))
    for last, offset in ((date(2027, 3, 13), -4), (date(2027, 11, 6), -5)):
        found = rules.closed(wall(last, 23), ZONE, every_day, ())
        morning = wall(last + timedelta(days=1), 8, 30)
        assert found.until == morning and morning.utcoffset() == timedelta(hours=offset)
        assert found.since == wall(last, 17)


@pytest.mark.parametrize(("hour", "minute"), [(8, 30), (12, 0), (16, 59)])
def test_it_is_open_in_between(hour, minute):
    assert rules.closed(wall(MONDAY, hour, minute), ZONE, WEEK, ()) is None


def test_a_holiday_joins_the_nights_around_it_and_half_of_one_closes_half_a_day():
    found = rules.closed(wall(MONDAY, 12), ZONE, WEEK, (Special(MONDAY),))
    assert found == (wall(date(2027, 3, 5), 17), wall(date(2027, 3, 9), 8, 30))
    half = (Special(MONDAY, 13 * 60, 24 * 60),)
    assert rules.closed(wall(MONDAY, 12), ZONE, WEEK, half) is None
    assert rules.closed(wall(MONDAY, 14), ZONE, WEEK, half).since == wall(MONDAY, 13)


def test_who_never_opens_has_no_time_to_name():
    assert rules.closed(wall(MONDAY, 12), ZONE, (), ()) == (None, None)


# What it says -------------------------------------------------------------------------------------------------------


async def test_while_the_office_is_open_nothing_is_answered(cast):
    with at(MONDAY, 10):
        await a_thread(cast)
    assert await automatic() == []


async def test_outside_the_hours_it_says_when_messages_are_read_again(cast):
    with at(MONDAY, 18):
        await a_thread(cast)
    (said,) = await automatic()
    assert "Tuesday, March 9, 2027, 8:30\u00a0AM" in said


async def test_once_for_each_time_that_it_is_closed_and_for_each_thread(cast):
    with at(MONDAY, 18):
        first = await a_thread(cast)
        await writes(cast, first)
        await a_thread(cast, subject="Another")
    assert len(await automatic()) == 2
    with at(MONDAY + timedelta(days=1), 7):
        await writes(cast, first)
    assert len(await automatic()) == 2, "the same night"
    with at(MONDAY + timedelta(days=1), 19):
        await writes(cast, first)
    assert len(await automatic()) == 3


async def test_ten_at_once_are_answered_once(cast):
    with at(MONDAY, 10):
        thread = await a_thread(cast)
    with at(MONDAY, 20):
        maya = await as_(cast, "client")
        await asyncio.gather(*(sending.answer(maya, cast.client.id, thread, words(str(n))) for n in range(10)))
    assert len(await automatic()) == 1


async def test_on_a_holiday_of_the_practice_it_answers_and_not_on_a_clinicians_day_off(cast):
    with at(MONDAY - timedelta(days=1), 10):
        await availability.add_special(TEST, None, MONDAY, MONDAY)
        tuesday = MONDAY + timedelta(days=1)
        await availability.add_special(TEST, int(cast.client.principal_clinician), tuesday, tuesday)
    with at(MONDAY, 10):
        thread = await a_thread(cast)
    assert len(await automatic()) == 1
    with at(MONDAY + timedelta(days=1), 10):
        await writes(cast, thread)
    assert len(await automatic()) == 1


async def test_the_practices_own_words_in_the_language_of_whoever_wrote(cast):
    await switches.turn(TEST, "messages.automatic_words", "We sleep.")
    await switches.turn(TEST, "messages.automatic_words_es", "Dormimos.")
    with at(MONDAY, 18):
        await a_thread(cast)
        await Account.update({Account.language: "es"}).where(Account.id == cast.accounts["client"].id)
        await a_thread(cast, subject="Otro")
    assert await automatic() == ["We sleep.", "Dormimos."]


async def test_where_nobody_wants_it_nothing_is_said(cast):
    await switches.turn(TEST, "messages.automatic_answer", "no")
    with at(MONDAY, 18):
        await a_thread(cast)
    assert await automatic() == []


async def test_it_is_no_answer_and_nobodys_news(cast):
    with at(MONDAY, 18):
        thread = await a_thread(cast)
    rows = await fetch("SELECT waiting_since IS NOT NULL AS waits, latest FROM thread")
    last = await fetch("SELECT id, author, staff FROM message ORDER BY id DESC LIMIT 1")
    assert rows[0]["waits"] and rows[0]["latest"] == last[0]["id"]
    assert (last[0]["author"], last[0]["staff"]) == (None, None)
    with at(MONDAY, 19):
        for _ in range(3):
            await work_through()
    assert await Delivery.count() == 0
    rows = await fetch("SELECT actor FROM audit_row WHERE act = 'message.sent' ORDER BY id")
    assert [row["actor"] for row in rows] == ["Maya Reyes", "portal: automatic answer"]
    assert thread


async def test_what_the_office_writes_is_never_answered(cast):
    desk, maya = await as_(cast, "front_desk"), cast.accounts["client"].id
    with at(MONDAY, 22):
        beginning = Beginning(Topic.APPOINTMENTS, "Monday", None, frozenset({maya}))
        await sending.begin_for_staff(desk, cast.client.id, beginning, words())
    assert await automatic() == []


async def test_a_message_that_is_not_sent_is_not_answered_either(cast):
    """In one transaction."""
    with at(MONDAY, 18):
        thread = await a_thread(cast)
    await fetch("DELETE FROM message WHERE kind = 'automatic'")
    with at(MONDAY, 18):
        said = words("And on Friday?")
        for _ in range(2):
            await sending.answer(await as_(cast, "client"), cast.client.id, thread, said)
    rows = await fetch("SELECT kind FROM message ORDER BY id")
    assert [row["kind"] for row in rows] == ["client", "client", "automatic"]


# Away ---------------------------------------------------------------------------------------------------------------


async def okafor_is_away(cast: Cast, *, cover: bool = True) -> int:
    okafor = int(cast.client.principal_clinician)
    rows = await fetch("SELECT id FROM staff_member WHERE given_name = 'Elias'")
    days = Days(okafor, MONDAY, MONDAY + timedelta(days=4), rows[0]["id"] if cover else None)
    return await away.add(TEST, days)


@pytest.mark.parametrize("topic", [Topic.PERSONAL, Topic.CARE])
async def test_who_writes_to_a_clinician_who_is_away_hears_until_when_and_who_reads(cast, topic):
    with at(MONDAY - timedelta(days=3), 10):
        await okafor_is_away(cast)
    with at(MONDAY, 10):
        thread = await a_thread(cast, topic)
        await writes(cast, thread)
    (said,) = await automatic()
    assert "Dr. Ngozi Okafor is away through Friday, March 12, 2027" in said and "Elias Brandt reads" in said
    with at(MONDAY, 22):
        await writes(cast, thread)
    with at(MONDAY + timedelta(days=2), 10):
        await writes(cast, thread)
    assert len(await automatic()) == 1, "once for the absence, whether or not the office is open"


async def test_without_anybody_who_stands_in_it_says_to_call(cast):
    with at(MONDAY - timedelta(days=3), 10):
        await okafor_is_away(cast, cover=False)
    with at(MONDAY, 10):
        await a_thread(cast, Topic.PERSONAL)
    assert "call the office" in (await automatic())[0]


async def test_before_and_after_an_absence_and_about_other_topics_nothing_is_said(cast):
    with at(MONDAY - timedelta(days=3), 10):
        await okafor_is_away(cast)
        await a_thread(cast, Topic.PERSONAL)
        given = await a_thread(cast, Topic.CARE)
        brandt = (await as_(cast, "other clinician")).staff_id
        await handling.assign(await as_(cast, "supervisor"), given, 1, brandt)
    with at(MONDAY, 10):
        await a_thread(cast, Topic.APPOINTMENTS)
        await writes(cast, given)
    with at(MONDAY + timedelta(days=7), 10):
        await a_thread(cast, Topic.PERSONAL)
        await a_thread(cast, Topic.CARE)
    assert await automatic() == [], "nor where a colleague has the care"
