"""Somebody is away: they say so themselves, or a supervisor does; and nobody is away twice."""

import asyncio
import json
from datetime import timedelta

import pytest

from portal import clock
from portal.access import NotFoundException
from portal.database import fetch
from portal.messages.actions import away
from portal.messages.actions.away import Days
from portal.messages.queries import away as absences
from portal.refusal import Refused
from portal.settings import settings
from tests.cast import Cast
from tests.factories import TEST
from tests.messages.steps import as_
from tests.tasks.commands import portal
from tests.test_queries import asked

PAGE = "/staff/messages/away"
DAY = timedelta(days=1)


async def today():
    return await absences.today(TEST)


async def member(cast: Cast, part: str) -> int:
    return int(cast.accounts[part].staff_member)


async def days(cast: Cast, part: str = "clinician", begins: int = 1, ends: int = 3, cover: str = "") -> Days:
    first = await today()
    instead = await member(cast, cover) if cover else None
    return Days(await member(cast, part), first + begins * DAY, first + ends * DAY, instead)


def typed(day, name: str) -> dict[str, str]:
    return {f"{name}_year": str(day.year), f"{name}_month": str(day.month), f"{name}_day": str(day.day)}


async def refused(viewer, wanted: Days) -> list[str]:
    with pytest.raises(Refused) as refusal:
        await away.add(viewer, wanted)
    return list(refusal.value.sentences)


@pytest.mark.parametrize("htmx", [False, True])
async def test_one_says_so_oneself_and_who_stands_in(cast, htmx):
    browser = await cast.browser("clinician", htmx=htmx)
    first = await today()
    cover = await member(cast, "other clinician")
    page = await browser.post(PAGE, cover=str(cover), **typed(first, "first_day"), **typed(first + 4 * DAY, "last_day"))
    assert page.status == 200 and "Saved." in page.words
    assert "Dr. Ngozi Okafor" in page.words and "Elias Brandt stands in" in page.words and "Away now" in page.words
    rows = await fetch("SELECT act, actor FROM audit_row WHERE act LIKE 'absence.%'")
    assert [(row["act"], row["actor"]) for row in rows] == [("absence.added", "Dr. Ngozi Okafor")]


async def test_without_a_last_day_it_is_one_day(cast):
    browser = await cast.browser("clinician")
    first = await today()
    await browser.post(PAGE, cover="", **typed(first + DAY, "first_day"), last_day_year="", last_day_month="")
    (one,) = await absences.coming(TEST)
    assert (one.first_day, one.last_day, one.cover) == (first + DAY, first + DAY, "")


async def test_a_supervisor_says_so_for_anybody_and_nobody_else_does(cast):
    wanted = await days(cast)
    for part in ("front_desk", "biller", "other clinician"):
        with pytest.raises(NotFoundException):
            await away.add(await as_(cast, part), wanted)
    await away.add(await as_(cast, "supervisor"), wanted)
    desk = await cast.browser("front_desk")
    page = await desk.post(PAGE, staff=str(wanted.staff), **typed(wanted.first_day + 10 * DAY, "first_day"))
    assert page.status == 404


async def test_one_sees_ones_own_and_a_supervisor_everybodys(cast):
    await away.add(TEST, await days(cast))
    assert "Okafor" not in (await (await cast.browser("front_desk")).get(PAGE)).soup.select_one(".card").get_text()
    assert "Okafor" in (await (await cast.browser("supervisor")).get(PAGE)).soup.select_one(".todo").get_text()
    assert "Okafor" in (await (await cast.browser("clinician")).get(PAGE)).soup.select_one(".todo").get_text()


@pytest.mark.parametrize(("begins", "ends"), [(0, 1), (3, 9), (2, 2), (0, 9)])
async def test_days_that_are_taken_are_refused_with_a_sentence(cast, begins, ends):
    await away.add(TEST, await days(cast))
    assert await refused(TEST, await days(cast, begins=begins, ends=ends)) == ["first_day"]


async def test_what_was_typed_stands_there_again_beside_the_sentence(cast):
    wanted = await days(cast)
    await away.add(TEST, wanted)
    browser = await cast.browser("clinician")
    page = await browser.post(PAGE, cover=str(await member(cast, "biller")), **typed(wanted.first_day, "first_day"))
    assert page.status == 422 and "Some of these days are taken already: end the other absence first" in page.words
    assert page.soup.find(id="first_day_year")["value"] == str(wanted.first_day.year)
    assert page.soup.select_one("#cover option[selected]").get_text() == "Biller Staff"


async def test_other_days_that_cannot_be_are_refused_beside_their_field(cast):
    assert await refused(TEST, await days(cast, begins=-3, ends=-1)) == ["first_day"]
    assert await refused(TEST, await days(cast, begins=3, ends=1)) == ["last_day"]
    assert await refused(TEST, await days(cast, begins=1, ends=500)) == ["last_day"]
    with clock.shifted(days=-30):
        await away.add(TEST, await days(cast, begins=33, ends=33))
    assert await refused(TEST, await days(cast, begins=4, ends=2)) == ["last_day"], "whatever else lies between"
    assert await refused(TEST, await days(cast, cover="clinician")) == ["cover"]
    assert await refused(TEST, await days(cast, cover="auditor")) == ["cover"], "who may not read messages"
    assert await refused(TEST, await days(cast, part="auditor")) == ["staff"]
    browser = await cast.browser("clinician")
    page = await browser.post(PAGE, first_day_year="2027", first_day_month="2", first_day_day="30", cover="banana")
    assert page.status == 422 and set(page.soup.select_one("#errors").get_text().split("\n")) >= {
        "That date is not in the calendar: check the month and the day", "Choose who reads and answers meanwhile",
    }  # fmt: skip


async def test_who_is_away_themselves_cannot_stand_in(cast):
    await away.add(TEST, await days(cast, "other clinician", 2, 5))
    assert await refused(TEST, await days(cast, cover="other clinician")) == ["cover"]
    await away.add(TEST, await days(cast, begins=6, ends=7, cover="other clinician"))


async def test_of_two_at_once_one_is_first(cast):
    wanted = await days(cast)
    done = await asyncio.gather(*(away.add(TEST, wanted) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(one, int) for one in done) == 1
    assert sum(isinstance(one, Refused) for one in done) == 7


async def test_it_ends_early_and_what_has_not_begun_never_was(cast):
    with clock.shifted(days=-3):
        begun = await away.add(TEST, await days(cast, begins=0, ends=9))
    coming = await away.add(TEST, await days(cast, begins=20, ends=22))
    okafor = await cast.browser("clinician")
    for one in (begun, coming):
        page = await okafor.post(f"{PAGE}/{one}/end")
        assert "Saved." in page.words
    rows = await fetch("SELECT last_day FROM staff_away")
    assert [row["last_day"] for row in rows] == [await today() - DAY]
    assert "You have not said that you are away." in page.words and "Nobody is away" not in page.words
    assert "Nobody is away." in (await (await cast.browser("supervisor")).get(PAGE)).words
    assert (await okafor.post(f"{PAGE}/{begun}/end")).status == 404, "it is over"


async def test_nobody_ends_a_colleagues(cast):
    one = await away.add(TEST, await days(cast))
    for part in ("other clinician", "front_desk", "biller"):
        assert (await (await cast.browser(part)).post(f"{PAGE}/{one}/end")).status == 404
    assert (await (await cast.browser("supervisor")).post(f"{PAGE}/{one}/end")).status == 200


async def test_the_page_asks_as_often_for_thirty_as_for_one(cast):
    supervisor = await cast.browser("supervisor")
    await away.add(TEST, await days(cast))
    once = await asked(supervisor, PAGE)
    for number in range(1, 30):
        await away.add(TEST, await days(cast, begins=10 * number, ends=10 * number + 2))
    assert await asked(supervisor, PAGE) == once


async def test_the_command_does_the_same(cast, db, tmp_path):
    environment = {"DATABASE_URL": db, "PORTAL_MODE": "test", "SECRET_KEY": settings().secret_keys[0]}

    async def said(*words: str):
        done = await asyncio.to_thread(portal, tmp_path, "away", *words, **environment)
        return done.returncode, done.stdout + done.stderr

    first = await today() + DAY
    who = cast.accounts["clinician"].email
    cover = ("--cover", cast.accounts["other clinician"].email)
    assert await said("add", who, str(first), str(first + 4 * DAY), *cover) == (
        0, "Absence 1: noted. `portal away end` takes it back.\n",
    )  # fmt: skip
    code, told = await said("add", who, str(first))
    assert code == 1 and "Some of these days are taken already" in told
    code, told = await said("add", "nobody@example.com", str(first))
    assert code == 1 and "Nobody of the staff signs in with nobody@example.com" in told
    code, told = await said("list")
    assert told == f"1  {first} – {first + 4 * DAY}  Dr. Ngozi Okafor, Elias Brandt stands in\n"
    (one,) = json.loads((await said("list", "--json"))[1])
    assert (one["id"], one["name"], one["last_day"]) == (1, "Dr. Ngozi Okafor", str(first + 4 * DAY))
    assert (await said("end", "7"))[0] == 1
    assert await said("end", "1") == (0, "Ended.\n")
    assert await said("list") == (0, "Nobody is away.\n") and await said("list", "--json") == (0, "[]\n")
    assert "away from FIRST to LAST" in (await said("add", "--help"))[1].replace("\n ", "")
