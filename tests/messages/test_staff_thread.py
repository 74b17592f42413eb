"""The page of a conversation for staff: what was said, whose it is, what stands beside it, and the answer."""

import asyncio
import re
from datetime import timedelta

import pytest

from portal import clock
from portal.accounts import sessions
from portal.accounts.tables import Account
from portal.database import ENGINE, fetch
from portal.language import written_full_date
from portal.messages.actions import away, handling, reading, sending
from portal.messages.actions.away import Days
from portal.messages.queries import away as absences
from portal.messages.queries import conversation
from portal.messages.tables import Topic
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.review.actions import Stale
from tests.browser import Page
from tests.cast import Cast
from tests.factories import TEST, a_grant, an_account
from tests.messages.steps import a_thread, as_, words

INBOX = "/staff/messages"


async def pressed(browser, thread: int, act: str, page: Page | None = None, **more) -> Page:
    """One of the buttons above the conversation, as the page has it; the assign form stands second."""
    page = page or await browser.get(f"{INBOX}/{thread}")
    return await browser.press(page, f"{INBOX}/{thread}/handling", act=act, **more)


async def whose(thread: int) -> tuple[int | None, bool]:
    row = (await fetch("SELECT assigned_to, closed_at FROM thread WHERE id = {}", thread))[0]
    return row["assigned_to"], row["closed_at"] is not None


async def events() -> list[str]:
    rows = await fetch("SELECT kind FROM event WHERE kind LIKE 'thread.%' ORDER BY id")
    return [row["kind"] for row in rows]


def messages(page: Page) -> list[str]:
    return [" ".join(one.get_text(" ").split()) for one in page.soup.select(".msg .kept")]


# What is seen ---------------------------------------------------------------------------------------------------------


async def test_the_page_says_who_wrote_what_and_whom_it_is_about(cast):
    told = "pronouns = 'she/her', preferred_name = 'May', language = 'es'"
    await fetch(f"UPDATE client SET {told} WHERE id = {{}}", cast.client.id)
    await fetch("INSERT INTO client_phone (client, kind, number) VALUES ({}, 'mobile', '+14435550107')", cast.client.id)
    other = await a_thread(cast, subject="Another matter")
    thread = await a_thread(cast)
    page = await (await cast.browser("front_desk")).get(f"{INBOX}/{thread}")
    for said in (
        "Thursday", "May I come half an hour later?", "Maya Reyes (client)", "Goes by May", "she/her", "Spanish",
        "(443) 555-0107", "Dr. Ngozi Okafor", "None booked", "Another matter", "years", "Nobody has taken it",
    ):  # fmt: skip
        assert said in page.words, said
    assert f"/staff/clients/{cast.client.id}" in page.links() and any(
        f"{INBOX}/{other}" in link for link in page.links()
    )


async def test_opening_it_is_reading_it_and_the_client_hears_of_it(cast):
    thread = await a_thread(cast)
    maya, desk = await as_(cast, "client"), await cast.browser("front_desk")
    assert (await conversation.of_client(maya, cast.client.id, thread)).office_read_at is None
    page = await desk.get(f"{INBOX}/{thread}")
    assert page.soup.select_one("#new").get_text() == "1 new message"
    head = await conversation.of_client(maya, cast.client.id, thread)
    assert head.office_read_at is not None and head.office_read_to == head.latest
    assert (await desk.get(f"{INBOX}/{thread}")).soup.select_one("#new") is None


async def test_the_chart_is_linked_only_for_who_reaches_it(cast):
    """Dr. Brandt was given one conversation, not the chart: nor do the visits stand beside it."""
    thread = await a_thread(cast)
    brandt = (await as_(cast, "other clinician")).staff_id
    assert (await (await cast.browser("other clinician")).get(f"{INBOX}/{thread}")).status == 404
    await handling.assign(await as_(cast, "front_desk"), thread, 1, brandt)
    page = await (await cast.browser("other clinician")).get(f"{INBOX}/{thread}")
    assert page.status == 200 and "May I come half an hour later?" in page.words
    assert f"/staff/clients/{cast.client.id}" not in page.links() and "Next visit" not in page.words


async def test_who_takes_part_is_named_with_their_role_and_who_reads_no_longer(cast):
    guardian = await an_account("rosa@example.com", name="Rosa Reyes")
    grant = await a_grant(guardian, cast.client, kind="guardian")
    thread = await a_thread(cast)
    await fetch(
        "INSERT INTO thread_participant (thread, account, read_to, told_to, added_at) VALUES ({}, {}, 0, 0, {})",
        thread, guardian.id, clock.now(),
    )  # fmt: skip
    desk = await cast.browser("front_desk")
    assert "Rosa Reyes (guardian, has not read the latest)" in (await desk.get(f"{INBOX}/{thread}")).words
    await fetch("UPDATE access_grant SET ends_at = {} WHERE id = {}", clock.now(), grant.id)
    assert "Rosa Reyes (reads no longer" in (await desk.get(f"{INBOX}/{thread}")).words


async def test_of_many_messages_the_last_fifty_stand_there_and_the_others_are_one_link_away(cast):
    thread, desk = await a_thread(cast), await as_(cast, "front_desk")
    for number in range(60):
        await sending.answer_for_staff(desk, thread, words(f"Number {number}"))
    browser = await cast.browser("front_desk")
    page = await browser.get(f"{INBOX}/{thread}")
    assert len(messages(page)) == 50 and messages(page)[-1] == "Number 59"
    earlier = await browser.get(f"{INBOX}/{thread}{page.soup.select_one('#thread p a')['href']}")
    assert len(messages(earlier)) == 11 and earlier.soup.select_one("#reply") is None


async def test_it_asks_as_often_for_forty_messages_as_for_one(cast, monkeypatch):
    monkeypatch.setattr(practices, "KEPT_FOR", 3600.0)
    monkeypatch.setattr(sessions, "TOUCH_AFTER", timedelta(hours=1))
    thread, browser = await a_thread(cast), await cast.browser("front_desk")
    desk, counted = await as_(cast, "front_desk"), []
    for many in (0, 40):
        for number in range(many):
            await sending.answer_for_staff(desk, thread, words(str(number)))
            await handling.add_note(desk, thread, str(number), f"{number:032}")
        await browser.get(f"{INBOX}/{thread}")
        before = ENGINE.queries
        assert (await browser.get(f"{INBOX}/{thread}")).status == 200
        counted.append(ENGINE.queries - before)
    assert counted[0] == counted[1] < 20


@pytest.mark.parametrize(
    ("topic", "readers"),
    [
        (Topic.APPOINTMENTS, {"front_desk", "supervisor", "administrator"}),
        (Topic.BILLING, {"front_desk", "biller", "supervisor", "administrator"}),
        (Topic.CARE, {"clinician", "supervisor"}),
        (Topic.PERSONAL, {"clinician"}),
    ],
)
async def test_every_part_meets_every_page_of_it_or_finds_nothing(cast, topic, readers):
    thread = await a_thread(cast, topic)
    for part in cast.parts:
        browser = await cast.browser(part)
        for path in ("", "/handling", "/notes", "?before=1", "?seen=1", "?canned=x"):
            page = await browser.get(f"{INBOX}/{thread}{path}", follow=False)
            expected = (200, 303) if part in readers else (303,) if part == "signed out" else (404,)
            assert page.status in expected, (part, path, page.status)
        for path in ("", "/draft", "/handling", "/notes"):
            page = await browser.post(f"{INBOX}/{thread}{path}", follow=False, version="0", act="nothing")
            assert (page.status == 404) == (part not in readers and part != "signed out"), (part, path, page.status)


# Answering ------------------------------------------------------------------------------------------------------------


async def test_an_answer_is_sent_once_and_it_waits_no_longer(cast):
    thread = await a_thread(cast)
    browser = await cast.browser("front_desk")
    for htmx in (False, True):
        page = await browser.get(f"{INBOX}/{thread}")
        browser.headers = {"HX-Request": "true"} if htmx else {}
        for _ in range(2):
            sent = await browser.press(page, f"{INBOX}/{thread}", body=f"Yes, with htmx: {htmx}")
        assert sent.status == 200 and messages(sent)[-1] == f"Yes, with htmx: {htmx}" and "Sent." in sent.words
    assert len(messages(sent)) == 3 and "Answered" in sent.pills()
    assert sent.soup.select_one("#handling")["hx-swap-oob"] == "true"


async def test_what_is_refused_keeps_what_was_typed(cast):
    thread = await a_thread(cast)
    desk = await cast.browser("front_desk")
    page = await desk.press(await desk.get(f"{INBOX}/{thread}"), f"{INBOX}/{thread}", body="long " * 3000)
    assert page.status == 422 and "characters or fewer" in page.errors["body"]
    assert page.value("body").count("long") == 3000
    page = await desk.press(await desk.get(f"{INBOX}/{thread}"), f"{INBOX}/{thread}", body=" ")
    assert page.status == 422 and page.errors == {"body": "Write your message"}


async def test_what_is_kept_for_later_is_there_again_for_its_writer_alone(cast):
    thread = await a_thread(cast)
    desk = await cast.browser("front_desk")
    page = await desk.press(await desk.get(f"{INBOX}/{thread}"), f"{INBOX}/{thread}", body="Half a th", act="save")
    assert (
        "Saved. It is not sent yet." in page.words and page.soup.select_one("#body").get_text().strip() == "Half a th"
    )
    other = await (await cast.browser("supervisor")).get(f"{INBOX}/{thread}")
    assert other.soup.select_one("#body").get_text().strip() == ""


async def test_of_two_who_write_at_once_both_land_and_each_sees_what_came_meanwhile(cast):
    thread = await a_thread(cast)
    desk, lead = await cast.browser("front_desk"), await cast.browser("supervisor")
    mine, theirs = await desk.get(f"{INBOX}/{thread}"), await lead.get(f"{INBOX}/{thread}")
    sent = await desk.press(mine, f"{INBOX}/{thread}", body="Come at ten")
    assert "Sent." in sent.words and sent.soup.select_one("#new") is None
    sent = await lead.press(theirs, f"{INBOX}/{thread}", body="Come at eleven")
    assert "While you wrote, 1 message came" in sent.words
    assert messages(sent)[1:] == ["Come at ten", "Come at eleven"]
    assert "1 new message Front_Desk Staff" in sent.words


@pytest.mark.parametrize("htmx", [False, True])
async def test_what_the_client_wrote_meanwhile_waits_on_for_an_answer_of_its_own(cast, htmx):
    """Whoever wrote had not seen it: nothing that nobody has answered leaves the list of what waits."""
    thread, desk = await a_thread(cast), await cast.browser("front_desk")
    page = await desk.get(f"{INBOX}/{thread}")
    for body in ("And it has become urgent", "Please call"):
        await sending.answer(await as_(cast, "client"), cast.client.id, thread, words(body))
    desk.headers = {"HX-Request": "true"} if htmx else {}
    sent = await desk.press(page, f"{INBOX}/{thread}", body="Come at ten")
    assert "While you wrote, 2 messages came" in sent.words and "Answered" not in sent.pills()
    rows = await fetch("SELECT sent_at FROM message WHERE body LIKE 'And it%'")
    head = await conversation.of_staff(await as_(cast, "front_desk"), thread)
    assert head.waiting_since == rows[0]["sent_at"]
    desk.headers = {}
    assert "1 conversation waits" in (await desk.get(INBOX)).words
    sent = await desk.press(await desk.get(f"{INBOX}/{thread}"), f"{INBOX}/{thread}", body="I call now")
    assert "Answered" in sent.pills() and "All answered." in (await desk.get(INBOX)).words


async def test_both_land_at_the_same_moment(cast):
    thread = await a_thread(cast)
    pages = {}
    for part in ("front_desk", "supervisor", "administrator"):
        browser = await cast.browser(part)
        pages[part] = (browser, await browser.get(f"{INBOX}/{thread}"))
    await asyncio.gather(
        *(browser.press(page, f"{INBOX}/{thread}", body=f"By {part}") for part, (browser, page) in pages.items())
    )
    page = await (await cast.browser("front_desk")).get(f"{INBOX}/{thread}")
    assert sorted(messages(page)[1:]) == ["By administrator", "By front_desk", "By supervisor"]


# Whose it is ----------------------------------------------------------------------------------------------------------


async def test_it_is_taken_given_back_closed_and_opened_again(cast):
    thread, desk = await a_thread(cast), await cast.browser("front_desk")
    me = (await as_(cast, "front_desk")).staff_id
    page = await pressed(desk, thread, "take")
    assert "It is yours now." in page.words and "With you" in page.words and await whose(thread) == (me, False)
    await pressed(desk, thread, "give-back")
    assert await whose(thread) == (None, False)
    page = await pressed(desk, thread, "close")
    assert "Closed" in page.pills() and await whose(thread) == (None, True)
    assert "All answered." in (await desk.get(INBOX)).words
    assert "Thursday" in (await desk.get(f"{INBOX}?view=closed")).words
    page = await pressed(desk, thread, "reopen")
    assert await whose(thread) == (None, False) and "Thursday" in (await desk.get(INBOX)).words
    assert await events() == ["thread.assigned", "thread.given_back", "thread.closed", "thread.reopened"]
    acts = [row["act"] for row in await fetch("SELECT act FROM audit_row WHERE act LIKE 'thread.%' ORDER BY id")]
    assert acts == await events()


async def test_of_many_who_take_it_at_once_one_has_it_and_the_others_are_told_who(cast):
    thread = await a_thread(cast)
    parts = ("front_desk", "supervisor", "administrator")
    viewers = [await as_(cast, part) for part in parts]
    told = await asyncio.gather(*(handling.take(one, thread, 1) for one in viewers), return_exceptions=True)
    assert told.count(None) == 1 and sum(isinstance(one, Stale) for one in told) == 2
    winner = viewers[told.index(None)].staff_id
    assert await whose(thread) == (winner, False) and await events() == ["thread.assigned"]


@pytest.mark.parametrize("htmx", [False, True])
async def test_who_is_slower_reads_who_was_quicker_and_nothing_is_done(cast, htmx):
    thread = await a_thread(cast)
    late = await cast.browser("supervisor")
    page = await late.get(f"{INBOX}/{thread}")
    await handling.take(await as_(cast, "front_desk"), thread, 1)
    late.headers = {"HX-Request": "true"} if htmx else {}
    page = await pressed(late, thread, "take", page)
    assert page.status == 409 and "Front_Desk Staff was quicker: it is with them." in page.words
    assert ("<html" in page.text) != htmx and await whose(thread) == ((await as_(cast, "front_desk")).staff_id, False)


async def test_pressed_twice_it_is_done_once(cast):
    thread, desk = await a_thread(cast), await cast.browser("front_desk")
    page = await desk.get(f"{INBOX}/{thread}")
    for _ in range(2):
        assert (await pressed(desk, thread, "take", page)).status == 200
    page = await desk.get(f"{INBOX}/{thread}")
    for _ in range(2):
        assert (await pressed(desk, thread, "close", page)).status == 200
    assert await events() == ["thread.assigned", "thread.closed"]


async def test_nobody_closes_over_a_message_that_they_have_not_seen(cast):
    thread, desk = await a_thread(cast), await cast.browser("front_desk")
    page = await desk.get(f"{INBOX}/{thread}")
    await sending.answer(await as_(cast, "client"), cast.client.id, thread, words("One more thing"))
    page = await pressed(desk, thread, "close", page)
    assert page.status == 409 and "This changed while you had it open" in page.words and "One more thing" in page.words
    assert await whose(thread) == (None, False)


async def test_nor_does_a_panel_that_htmx_has_changed_know_of_more_than_the_page_shows(cast):
    """Take, close, and close once more: the conversation below the panel is still the one of before."""
    thread, desk = await a_thread(cast), await cast.browser("front_desk")
    page = await desk.get(f"{INBOX}/{thread}")
    await sending.answer(await as_(cast, "client"), cast.client.id, thread, words("One more thing"))
    desk.headers = {"HX-Request": "true"}
    for act, status in (("take", 200), ("close", 409), ("close", 409)):
        page = await pressed(desk, thread, act, page)
        assert page.status == status and "Something new was written: read it" in page.words, act
    desk.headers = {}
    page = await pressed(desk, thread, "close")
    assert page.status == 200 and (await whose(thread))[1]


async def test_closing_and_the_clients_next_word_at_once_never_end_in_a_word_that_nobody_saw(cast):
    desk, maya = await as_(cast, "front_desk"), await as_(cast, "client")
    for number in range(8):
        thread = await a_thread(cast, subject=str(number))
        head = await conversation.of_staff(desk, thread)
        await asyncio.gather(
            handling.close(desk, thread, head.version, head.latest),
            sending.answer(maya, cast.client.id, thread, words(str(number))),
            return_exceptions=True,
        )
        head = await conversation.of_staff(desk, thread)
        assert not head.is_closed and head.waiting_since is not None


async def test_what_was_closed_opens_with_the_clients_next_word_and_waits_from_then_on(cast):
    with clock.shifted(hours=-30):
        thread = await a_thread(cast)
    desk = await as_(cast, "front_desk")
    head = await conversation.of_staff(desk, thread)
    await handling.close(desk, thread, head.version, head.latest)
    await sending.answer(await as_(cast, "client"), cast.client.id, thread, words("Still there?"))
    head = await conversation.of_staff(desk, thread)
    assert not head.is_closed and head.waiting_since > clock.now() - timedelta(minutes=5)


async def test_what_is_opened_again_by_staff_waits_since_its_first_word_without_an_answer(cast):
    with clock.shifted(hours=-30):
        thread = await a_thread(cast)
    desk = await as_(cast, "front_desk")
    since = (await conversation.of_staff(desk, thread)).waiting_since
    for _ in range(2):
        head = await conversation.of_staff(desk, thread)
        await handling.close(desk, thread, head.version, head.latest)
        await handling.reopen(desk, thread, head.version + 1)
        assert (await conversation.of_staff(desk, thread)).waiting_since == since
        await sending.answer_for_staff(desk, thread, words("Here we are"))
        since = None


async def test_it_goes_to_a_colleague_who_may_then_read_it_and_out_of_ones_own_reach(cast):
    """The assignee of a personal conversation reads it; a clinician who gives away what was only given, does not."""
    thread = await a_thread(cast, Topic.PERSONAL)
    clinician, desk = await cast.browser("clinician"), await cast.browser("front_desk")
    assert (await desk.get(f"{INBOX}/{thread}")).status == 404
    to = (await as_(cast, "front_desk")).staff_id
    page = await assigned(clinician, thread, to)
    assert "Assigned." in page.words and (await desk.get(f"{INBOX}/{thread}")).status == 200
    page = await pressed(desk, thread, "give-back")
    assert page.path == INBOX and "Given back" in page.words
    assert (await desk.get(f"{INBOX}/{thread}")).status == 404 == (await pressed_blindly(desk, thread)).status


async def assigned(browser, thread: int, to: int | None) -> Page:
    page = await browser.get(f"{INBOX}/{thread}")
    version = page.soup.select_one("#handling [name=version]")["value"]
    return await browser.post(f"{INBOX}/{thread}/handling", act="assign", to=str(to), version=version)


async def pressed_blindly(browser, thread: int) -> Page:
    return await browser.post(f"{INBOX}/{thread}/handling", act="take", version="1")


async def test_only_a_colleague_who_may_read_messages_is_offered_and_taken(cast):
    await a_grant(cast.accounts["administrator"], cast.client, kind="guardian")
    biller = (await as_(cast, "biller")).staff_id
    await Account.update({Account.is_suspended: True}).where(Account.id == cast.accounts["biller"].id)
    thread, desk = await a_thread(cast), await cast.browser("front_desk")
    page = await desk.get(f"{INBOX}/{thread}")
    offered = [one.get_text() for one in page.soup.select("#to option")][1:]
    assert sorted(offered) == ["Dr. Ngozi Okafor", "Elias Brandt", "Front_Desk Staff", "Supervisor Staff"]
    others = [(await as_(cast, part)).staff_id for part in ("administrator", "auditor", "privacy_officer")]
    for staff in (biller, *others):
        page = await assigned(desk, thread, staff)
        assert page.status == 422 and "Choose a colleague" in page.errors["to"], staff
    for nobody in ("", "999999", "x"):
        page = await desk.post(f"{INBOX}/{thread}/handling", act="assign", to=nobody, version="1")
        assert page.status == 422
    assert await whose(thread) == (None, False)


async def test_who_assigns_it_sees_which_colleague_is_away(cast):
    thread, today = await a_thread(cast), await absences.today(TEST)
    for part, begins, ends in (("clinician", -1, 2), ("supervisor", 1, 3)):
        first, last = today + timedelta(days=begins), today + timedelta(days=ends)
        await away.add(TEST, Days((await as_(cast, part)).staff_id, first, last))
    page = await (await cast.browser("front_desk")).get(f"{INBOX}/{thread}")
    offered = [one.get_text() for one in page.soup.select("#to option")]
    until = written_full_date(today + timedelta(days=2))
    assert f"Dr. Ngozi Okafor, away through {until}" in offered and "Supervisor Staff" in offered


async def test_the_supervisor_reads_what_a_clinician_left_behind_and_nothing_personal_before(cast):
    thread, lead = await a_thread(cast, Topic.PERSONAL), await cast.browser("supervisor")
    assert (await lead.get(f"{INBOX}/{thread}")).status == 404
    await fetch("UPDATE staff_member SET is_active = false WHERE id = {}", int(cast.client.principal_clinician))
    assert (await lead.get(f"{INBOX}/{thread}")).status == 200
    assert (await (await cast.browser("front_desk")).get(f"{INBOX}/{thread}")).status == 404


# Notes ----------------------------------------------------------------------------------------------------------------


async def test_a_note_is_kept_once_for_colleagues(cast):
    thread, desk = await a_thread(cast), await cast.browser("front_desk")
    page = await desk.get(f"{INBOX}/{thread}")
    for _ in range(2):
        shown = await desk.press(page, f"{INBOX}/{thread}/notes", note="Called her at nine")
    assert shown.soup.select("#notes .entry")[0].get_text(" ", strip=True).startswith("Called her at nine Front_Desk")
    assert len(shown.soup.select("#notes .entry")) == 1 and await events() == ["thread.noted"]
    lead = await (await cast.browser("supervisor")).get(f"{INBOX}/{thread}")
    assert "Called her at nine" in lead.words
    key = page.soup.select_one("#notes [name=key]")["value"]
    desk_viewer = await as_(cast, "front_desk")
    await asyncio.gather(*(handling.add_note(desk_viewer, thread, "Ten at once", key + "x") for _ in range(10)))
    assert (await fetch("SELECT count(*) FROM thread_note"))[0]["count"] == 2


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_note_that_is_refused_keeps_its_words(cast, htmx):
    thread = await a_thread(cast)
    desk = await cast.browser("front_desk")
    opened = await desk.get(f"{INBOX}/{thread}")
    desk.headers = {"HX-Request": "true"} if htmx else {}
    page = await desk.press(opened, f"{INBOX}/{thread}/notes", note="n" * 4001)
    assert page.status == 422 and "characters or fewer" in page.errors["note"] and "n" * 4001 in page.text
    page = await desk.press(opened, f"{INBOX}/{thread}/notes", note="")
    assert page.status == 422 and page.errors == {"note": "Write the note"}


async def test_an_id_of_a_thread_opens_no_other_ones_door(cast):
    """Every act on a thread outside one's reach is not found, and changes nothing."""
    thread = await a_thread(cast, Topic.CARE)
    for part in cast.accounts.keys() - {"clinician", "supervisor"}:
        browser = await cast.browser(part)
        for path, fields in (
            ("", {"body": "x"}), ("", {"act": "save", "body": "x"}), ("/handling", {"act": "take"}),
            ("/handling", {"act": "close"}), ("/handling", {"act": "assign", "to": "1"}), ("/notes", {"note": "x"}),
        ):  # fmt: skip
            page = await browser.post(f"{INBOX}/{thread}{path}", version="1", key="0" * 32, **fields)
            assert page.status == 404, (part, path, fields)
        for path in ("", "/handling", "/notes"):
            assert (await browser.get(f"{INBOX}/{thread}{path}")).status == 404, (part, path)
        viewer = await as_(cast, part)
        if viewer.is_staff and viewer.may("message:read"):
            await reading.mark_read_for_staff(viewer, thread, 10**9)
    counted = await fetch(
        "SELECT (SELECT count(*) FROM message) AS said, (SELECT count(*) FROM thread_note) AS noted,"
        " (SELECT count(*) FROM message_draft) AS drafted,"
        " (SELECT sum(office_read_to + version) FROM thread) AS touched"
    )
    assert dict(counted[0]) == {"said": 1, "noted": 0, "drafted": 0, "touched": 1}
    with pytest.raises(Refused):
        await handling.assign(await as_(cast, "supervisor"), thread, 1, 0)


async def test_next_is_who_waits_longest_and_is_nobodys(cast: Cast):
    with clock.shifted(hours=-2):
        first = await a_thread(cast, subject="First")
    with clock.shifted(hours=-1):
        second = await a_thread(cast, subject="Second")
    third = await a_thread(cast, subject="Third")
    desk = await cast.browser("front_desk")
    assert f"{INBOX}/{first}#new" in (await desk.get(f"{INBOX}/{third}")).links()
    await handling.take(await as_(cast, "supervisor"), first, 1)
    assert f"{INBOX}/{second}#new" in (await desk.get(f"{INBOX}/{third}")).links()


async def test_a_file_goes_along_with_an_answer_and_stays_with_a_draft_that_is_refused(cast):
    thread, desk = await a_thread(cast), await cast.browser("front_desk")
    sent = {"files": ("letter.txt", b"Dear Maya, this is the letter.")}
    page = await desk.press(await desk.get(f"{INBOX}/{thread}"), f"{INBOX}/{thread}", files=sent, body="x" * 10_001)
    assert page.status == 422 and "letter.txt" in page.words
    page = await desk.press(page, f"{INBOX}/{thread}", body="Here it is")
    link = next(one for one in page.links() if re.search(rf"{INBOX}/{thread}/files/\d+$", one))
    assert (await desk.get(link)).response.content == b"Dear Maya, this is the letter."
    biller = await cast.browser("biller")
    assert (await biller.get(link)).status == 404
