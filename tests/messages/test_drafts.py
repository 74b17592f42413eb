"""What is not sent yet is kept for its writer: one for each thread, the same on every device."""

import asyncio
import secrets

import pytest

from portal.access import NotFoundException
from portal.database import fetch
from portal.messages.actions import drafting, sending
from portal.messages.actions.drafting import Drafted
from portal.messages.actions.putting import Beginning, Words
from portal.messages.queries import drafts
from portal.messages.tables import Topic
from portal.refusal import Refused
from tests.browser import Browser, Page
from tests.cast import Cast
from tests.factories import a_grant, an_account
from tests.messages.steps import a_thread, as_


def drafted(body: str = "Dr. Okafor, I", key: str = "", **more: object) -> Drafted:
    return Drafted(key or secrets.token_hex(16), body, **more)  # type: ignore[arg-type]


async def kept(cast: Cast, thread: int | None = None, part: str = "client") -> str | None:
    found = await drafts.draft(await as_(cast, part), cast.client.id, thread, is_staff=False)
    return found.body if found else None


async def save(cast: Cast, what: Drafted, thread: int | None = None) -> int | None:
    return await drafting.save(await as_(cast, "client"), cast.client.id, thread, what, is_staff=False)


async def test_a_draft_is_there_in_every_session_of_its_writer(cast):
    what = drafted(subject="Sleep", topic="personal", clinician=int(cast.client.principal_clinician), people={7})
    await save(cast, what)
    found = await drafts.draft(await as_(cast, "client"), cast.client.id, None, is_staff=False)
    assert found is not None
    assert (found.subject, found.body, found.key) == ("Sleep", "Dr. Okafor, I", what.key)
    assert found.chosen == f"personal-{cast.client.principal_clinician}" and found.people == [7]


async def test_there_is_one_for_each_thread_and_one_for_a_new_one(cast):
    one, other = await a_thread(cast), await a_thread(cast)
    for thread in (None, one, other):
        await save(cast, drafted(f"First of {thread}"), thread)
        await save(cast, drafted(f"Last of {thread}"), thread)
    assert [await kept(cast, thread) for thread in (None, one, other)] == [
        f"Last of {thread}" for thread in (None, one, other)
    ]
    assert (await fetch("SELECT count(*) FROM message_draft"))[0]["count"] == 3


async def test_two_devices_that_save_at_once_leave_one_draft(cast):
    thread = await a_thread(cast)
    await asyncio.gather(*(save(cast, drafted(str(number)), thread) for number in range(8)))
    assert (await fetch("SELECT count(*) FROM message_draft"))[0]["count"] == 1


async def test_what_was_sent_does_not_come_back_as_a_draft(cast):
    thread, maya = await a_thread(cast), await as_(cast, "client")
    for number in range(6):
        what = drafted(f"Words {number}")
        draft = await save(cast, what, thread)
        words = Words(what.body, what.key, draft)
        await asyncio.gather(
            sending.answer(maya, cast.client.id, thread, words), *(save(cast, what, thread) for _ in range(4))
        )
        assert await kept(cast, thread) is None
    what = drafted("To begin with")
    words = Words(what.body, what.key, await save(cast, what))
    begin = sending.begin(maya, cast.client.id, Beginning(Topic.OTHER, "Parking"), words)
    await asyncio.gather(begin, *(save(cast, what) for _ in range(4)))
    assert await kept(cast) is None and await save(cast, what) is None


async def test_nobody_else_finds_it_and_staff_have_their_own(cast):
    other = await an_account("sofia@example.com", name="Sofia Reyes")
    await a_grant(other, cast.client, kind="guardian", areas=["messages"])
    cast.accounts["sofia"] = other
    thread = await a_thread(cast)
    await save(cast, drafted("Mine"), thread)
    await save(cast, drafted("Mine too"))
    assert await kept(cast, None, "sofia") is None and await kept(cast, thread, "sofia") is None
    desk = await as_(cast, "front_desk")
    await drafting.save(desk, cast.client.id, thread, drafted("Ours"), is_staff=True)
    found = await drafts.draft(desk, cast.client.id, thread, is_staff=True)
    assert found is not None and found.body == "Ours" and await kept(cast, thread) == "Mine"


@pytest.mark.parametrize("part", ["stranger", "guardian", "ended", "clinician"])
async def test_who_does_not_take_part_drafts_nothing(cast, part):
    thread, viewer = await a_thread(cast), await as_(cast, part)
    for where in (thread, None):
        with pytest.raises(NotFoundException):
            await drafting.save(viewer, cast.client.id, where, drafted(), is_staff=False)
    with pytest.raises(NotFoundException):
        await drafting.save(viewer, cast.client.id, thread, drafted(), is_staff=True)


async def test_a_key_belongs_to_one_form(cast):
    thread, what = await a_thread(cast), drafted()
    await save(cast, what, thread)
    with pytest.raises(Refused):
        await save(cast, what)
    assert await kept(cast, thread) == what.body


async def test_what_is_far_too_long_is_kept_as_far_as_it_goes(cast):
    await save(cast, drafted("x" * 100_000, subject="y" * 500))
    found = await drafts.draft(await as_(cast, "client"), cast.client.id, None, is_staff=False)
    assert found is not None and (len(found.body), len(found.subject)) == (40_000, 120)


async def test_a_draft_that_is_dropped_is_gone(cast):
    await save(cast, drafted())
    await drafting.drop(await as_(cast, "client"), cast.client.id, None, is_staff=False)
    assert await kept(cast) is None


async def test_joined_letters_emoji_and_indents_arrive_as_they_were_written(cast):
    written = "👨\u200d👩\u200d👧 می\u200cخواهم\n\n  - one\n    - two"
    browser = await cast.browser("client")
    path = f"/clients/{cast.client.id}/messages"
    await browser.post(path, topic="other", subject="As written", body=written + "\u202e  ", key="e" * 32)
    assert [row["body"] for row in await fetch("SELECT body FROM message")] == [written]


# On two devices -----------------------------------------------------------------------------------------------------

LONG = "What I wanted to say since our last session is not easy to write down"


async def types(browser: Browser, page: Page, place: str, body: str) -> Page:
    """As the form saves itself, with what stands in it besides."""
    fields = {name: page.value(name) for name in ("key", "known")}
    return await browser.post(f"{place}/draft", body=body, **fields)


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("is_staff", [False, True])
async def test_a_page_that_was_left_open_does_not_take_the_place_of_what_was_written_elsewhere(cast, htmx, is_staff):
    thread = await a_thread(cast)
    part, place = ("front_desk", "/staff/messages") if is_staff else ("client", f"/clients/{cast.client.id}/messages")
    place = f"{place}/{thread}"
    phone, laptop = await cast.browser(part), await cast.browser(part)
    left_open, other = await phone.get(place), await laptop.get(place)
    await types(laptop, other, place, LONG)
    phone.headers = {"HX-Request": "true"} if htmx else {}
    told = await types(phone, left_open, place, "Hello")
    if htmx:
        assert "there is a newer text of this draft" in told.words and told.value("known") == left_open.value("known")
        assert "newer text" in (await types(phone, told, place, "Hello again")).words, "and it says so each time"
    phone.headers = {}
    again = await phone.get(place)
    assert again.soup.select_one("#body").get_text().strip() == LONG
    await types(phone, again, place, "Not so hard after all")
    assert (await laptop.get(place)).soup.select_one("#body").get_text().strip() == "Not so hard after all"


async def test_what_one_presses_is_done_whatever_was_written_elsewhere(cast):
    place = f"/clients/{cast.client.id}/messages"
    browser = await cast.browser("client")
    left_open = await browser.get(f"{place}/new")
    await types(browser, left_open, place, LONG)
    await browser.press(left_open, place, body="Rather this", act="save")
    assert await kept(cast) == "Rather this"


async def test_a_page_goes_on_saving_whatever_became_of_the_answer_before(cast):
    """It knows of the draft by the answer; of one that was lost on its way it does not."""
    place = f"/clients/{cast.client.id}/messages"
    browser = await cast.browser("client", htmx=True)
    page = await browser.get(f"{place}/new")
    for body in ("Dr. Okafr, I", "Dr. Okafor, I have", LONG):
        lost = await types(browser, page, place, body)
        assert "Draft saved" in lost.words
    page = await types(browser, lost, place, "All of it anew")
    assert "Draft saved" in page.words and await kept(cast) == "All of it anew"
