"""A conversation as the client's side has it: begun, read, answered; nothing that was typed is lost."""

import asyncio

import pytest

from portal import clock
from portal.database import fetch
from portal.messages.actions import reading, sending
from portal.messages.tables import Topic
from portal.practice import switches
from tests.cast import Cast
from tests.factories import TEST, a_grant
from tests.messages.pages import answer, badge, begin, inbox, said, sofia, thread
from tests.messages.steps import a_thread, as_, words
from tests.test_queries import _nothing_by_the_clock, asked

__all__ = ["_nothing_by_the_clock"]


async def office_says(cast: Cast, thread_id: int, body: str, part: str = "front_desk") -> None:
    await sending.answer_for_staff(await as_(cast, part), thread_id, words(body))


async def read_at_the_office(cast: Cast, thread_id: int, part: str = "front_desk") -> None:
    rows = await fetch("SELECT latest FROM thread WHERE id = {}", thread_id)
    await reading.mark_read_for_staff(await as_(cast, part), thread_id, rows[0]["latest"])


def picks(page, name: str) -> dict[str, str]:
    return {one["value"]: one.parent.get_text(" ", strip=True) for one in page.soup.find_all("input", {"name": name})}


@pytest.mark.parametrize("htmx", [False, True])
async def test_one_writes_and_is_led_to_the_conversation(cast, htmx):
    browser = await cast.browser("client", htmx=htmx)
    page = await browser.get(f"{inbox(cast)}/new")
    assert "Messages are read Monday to Friday, 8:30 AM to 5:00 PM" in page.words.replace("\u202f", " ")
    assert "We aim to answer within 24 hours" in page.words and {"tel:988", "tel:911"} <= set(page.links())
    told = {"topic": "billing", "subject": "The bill", "body": "Line one\r\n\r\n\r\n\r\nLine two  "}
    page = await browser.press(page, inbox(cast), **told)
    if htmx:
        page = await browser.get(page.headers["hx-redirect"])
    assert page.heading == "The bill" and said(page) == ["You: Line one / Line two"]
    assert "Sent. Not read yet." in page.words and "The billing staff and the front desk read this." in page.words
    assert "Your message is sent. We aim to answer within 24 hours." in page.words
    rows = await fetch("SELECT topic, subject, clinician FROM thread")
    assert rows == [{"topic": "billing", "subject": "The bill", "clinician": None}]


async def test_each_topic_says_who_reads_it_and_a_clinician_is_written_to_alone(cast):
    browser = await cast.browser("client")
    page = await browser.get(f"{inbox(cast)}/new")
    offered = picks(page, "topic")
    okafor = f"personal-{cast.client.principal_clinician}"
    assert list(offered) == ["appointments", "billing", "care", okafor, "other"]
    assert offered["appointments"] == "Appointments The front desk reads this."
    assert offered[okafor].startswith("Dr. Ngozi Okafor Only Dr. Ngozi Okafor reads this")
    page = await begin(browser, cast, topic=okafor, subject="Sleep")
    assert "With Dr. Ngozi Okafor." in page.words
    await switches.turn(await as_(cast, "administrator"), "messages.to_clinicians", "no")
    page = await browser.get(f"{inbox(cast)}/new")
    assert okafor not in picks(page, "topic")
    page = await begin(browser, cast, topic=okafor)
    assert page.status == 422 and page.errors == {"topic": "Choose who the message is for"}


async def test_the_address_says_what_it_is_about_and_a_draft_keeps_its_words(cast):
    browser = await cast.browser("client")
    place = f"{inbox(cast)}/new?topic=appointments&subject=Another+time"
    page = await browser.get(place)
    assert page.value("subject") == "Another time"
    assert [one["value"] for one in page.soup.select("[name=topic][checked]")] == ["appointments"]
    await browser.press(page, inbox(cast), act="save", body="Any evening", topic="appointments")
    page = await browser.get(f"{inbox(cast)}/new?topic=billing&subject=Else")
    assert (page.value("subject"), page.value("body").strip()) == ("Another time", "Any evening")


@pytest.mark.parametrize("htmx", [False, True])
async def test_what_is_missing_is_said_beside_it_and_what_was_typed_stays(cast, htmx):
    browser = await cast.browser("client", htmx=htmx)
    page = await browser.get(f"{inbox(cast)}/new")
    page = await browser.press(page, inbox(cast), topic=None, subject="", body="  ")
    assert page.status == 422 and page.errors == {
        "topic": "Choose who the message is for",
        "subject": "Say in a few words what it is about",
        "body": "Write your message",
    }
    assert [one["href"] for one in page.soup.select("#errors a")] == ["#topic", "#subject", "#body"]
    page = await browser.press(page, inbox(cast), topic="care", subject="s" * 121, body="b" * 10_001)
    assert page.status == 422 and set(page.errors) == {"subject", "body"}
    assert page.value("subject") == "s" * 121 and page.value("body").strip() == "b" * 10_001
    one = await a_thread(cast)
    page = await answer(browser, cast, one, " \n ")
    assert page.status == 422 and page.errors == {"body": "Write your message"}
    assert said(page) == ["You: May I come half an hour later?"]
    page = await answer(browser, cast, one, "c" * 10_001)
    assert page.errors == {"body": "Use 10000 characters or fewer"}
    again = await browser.get(thread(cast, one))
    assert again.value("body").strip() == "c" * 10_001 and "Draft saved" in again.words


@pytest.mark.parametrize("htmx", [False, True])
async def test_an_answer_comes_back_in_its_place_with_an_empty_form(cast, htmx):
    one = await a_thread(cast)
    await office_says(cast, one, "Yes, come at ten.")
    browser = await cast.browser("client", htmx=htmx)
    page = await answer(browser, cast, one, "Thank you.")
    assert page.status == 200 and said(page)[-1] == "You: Thank you." and len(said(page)) == 3
    assert page.value("body").strip() == ""
    if htmx:
        assert page.soup.find(True)["id"] == "thread"
        assert page.soup.find(id="status").get_text() == "Your message is sent."
        assert page.soup.select_one("[data-focus-here]")["id"] == "latest"
        assert page.soup.find(id="unread")["hx-swap-oob"] == "true"
    else:
        assert page.response.url.fragment == "latest" and page.soup.select_one("#latest")


async def test_sent_ten_times_it_is_there_once(cast):
    one, browser = await a_thread(cast), await cast.browser("client")
    page = await browser.get(thread(cast, one))
    told = {"body": "Only once", "key": page.value("key")}
    pages = await asyncio.gather(*(browser.post(thread(cast, one), **told) for _ in range(10)))
    assert {page.status for page in pages} == {200}
    new = await browser.get(f"{inbox(cast)}/new")
    told = {"topic": "other", "subject": "Parking", "body": "Where?", "key": new.value("key")}
    pages = await asyncio.gather(*(browser.post(inbox(cast), **told) for _ in range(10)))
    assert len({page.path for page in pages}) == 1 and {page.heading for page in pages} == {"Parking"}
    rows = await fetch("SELECT (SELECT count(*) FROM message) AS said, (SELECT count(*) FROM message_draft) AS drafts")
    assert rows == [{"said": 3, "drafts": 0}]


async def test_what_is_new_is_divided_in_words_and_looking_is_the_only_thing_that_reads(cast):
    one = await a_thread(cast)
    await office_says(cast, one, "Yes.")
    await office_says(cast, one, "At ten.")
    browser = await cast.browser("client")
    before = await rest_of_the_database()
    page = await browser.get(thread(cast, one))
    assert page.soup.select_one(".newline").get_text() == "2 new messages" and badge(page) == 0
    assert page.soup.select_one(".newline").find_next_sibling()["id"] == "m2"
    assert said(page)[1:] == ["Front_Desk Staff: Yes.", "Front_Desk Staff: At ten."]
    assert not (await browser.get(thread(cast, one))).soup.select(".newline")
    assert await rest_of_the_database() == before
    await office_says(cast, one, "Or eleven.")
    refused = await browser.post(thread(cast, one), body="")
    assert refused.status == 422 and badge(refused) == 1
    assert badge(await browser.get(inbox(cast))) == 1


async def rest_of_the_database() -> list[dict]:
    return await fetch(
        "SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM audit_row) AS rows,"
        " (SELECT array_agg(t::text ORDER BY t.id) FROM thread AS t) AS threads,"
        " (SELECT array_agg(m::text ORDER BY m.id) FROM message AS m) AS messages"
    )


async def test_the_client_sees_what_the_office_has_read(cast):
    one, browser = await a_thread(cast), await cast.browser("client")
    await read_at_the_office(cast, one)
    await answer(browser, cast, one, "And on Friday?")
    page = await browser.get(thread(cast, one))
    told = [" ".join(p.get_text() for p in li.select("p.small")) for li in page.soup.select(".msg")]
    assert [one.partition(" · ")[0] for one in told] == ["Read by the office", "Sent. Not read yet."]


async def test_times_stand_on_the_practices_clock_and_who_wrote_is_named(cast):
    one = await a_thread(cast)
    await office_says(cast, one, "Yes.")
    await fetch("UPDATE message SET sent_at = '2026-03-02 01:05+00'")
    await fetch("UPDATE message SET staff = NULL, kind = 'automatic', author = NULL WHERE id = 2")
    page = await (await cast.browser("client")).get(thread(cast, one))
    assert [" ".join(one.get_text().split()) for one in page.soup.select(".msg time")] == ["March 1, 2026, 8:05 PM"] * 2
    assert said(page)[1] == "Automatic answer: Yes."


async def test_fifty_at_a_time_with_a_way_to_the_earlier_ones(cast):
    one = await a_thread(cast, body="The first")
    for number in range(59):
        await office_says(cast, one, f"Number {number:02}")
    browser = await cast.browser("client")
    page = await browser.get(thread(cast, one))
    assert len(said(page)) == 50 and said(page)[-1].endswith("Number 58")
    assert page.soup.select_one(".newline").get_text() == "50 new messages"
    earlier = await browser.get(page.soup.find("a", string="Earlier messages")["href"])
    assert len(said(earlier)) == 10 and said(earlier)[0] == "You: The first" and badge(earlier) == 0
    assert earlier.soup.find("a", string="Show the newest")["href"] == thread(cast, one)
    assert not earlier.soup.find("a", string="Earlier messages") and not earlier.soup.select("#news")


async def test_while_one_reads_the_page_asks_and_offers_what_came(cast):
    one = await a_thread(cast)
    browser = await cast.browser("client", htmx=True)
    place = f"{thread(cast, one)}/news?after=1"
    quiet = await browser.get(place)
    assert quiet.words == "Check for new messages" and quiet.soup.find(id="news")["hx-trigger"] == "every 30s"
    await office_says(cast, one, "Yes.")
    page = await browser.get(place)
    assert page.words == "1 new message. Show it" and not page.soup.select("[data-focus-here]")
    show = page.soup.find("a")
    assert (show["hx-select"], show["hx-target"]) == ("#said", "#said")
    assert badge(await browser.get(f"{inbox(cast)}/unread")) == 1
    shown = await browser.get(show["href"])
    assert shown.soup.select_one("#said [data-focus-here]").get_text() == "1 new message"
    assert shown.soup.find(id="news")["hx-get"].endswith("after=2")
    plain = await (await cast.browser("client")).get(place)
    assert plain.path == thread(cast, one) and plain.response.url.fragment == "latest"
    assert (await browser.get(f"{thread(cast, 99)}/news?after=1")).status == 404


async def test_a_draft_saves_itself_stays_over_a_sign_out_and_ends_when_it_is_sent(cast):
    one = await a_thread(cast)
    browser = await cast.browser("client", htmx=True)
    page = await browser.get(thread(cast, one))
    keep = page.soup.select_one("button[name=act][value=keep]")
    assert keep["hx-post"] == keep["formaction"] and keep.has_attr("hidden")
    saved = await browser.post(keep["hx-post"], act="keep", body="I was just", key=page.value("key"))
    assert saved.soup.find(True)["id"] == "saved" and saved.words.startswith("Draft saved,")
    await browser.post("/sign-out")
    other = await cast.browser("client")
    page = await other.get(thread(cast, one))
    assert page.value("body").strip() == "I was just" and "Draft saved," in page.words
    page = await other.press(page, thread(cast, one), body="I was just about to say: yes.")
    assert page.value("body").strip() == "" and "Draft saved" not in page.words
    assert said(page)[-1] == "You: I was just about to say: yes."


async def test_saved_for_later_or_thrown_away(cast):
    one, browser = await a_thread(cast), await cast.browser("client")
    page = await browser.press(await browser.get(thread(cast, one)), thread(cast, one), body="Later", act="save")
    assert page.path == inbox(cast) and "Saved for later." in page.words and page.pills() == ["Draft"]
    page = await browser.press(await browser.get(thread(cast, one)), thread(cast, one), act="drop")
    assert "The draft is deleted." in page.words and page.pills() == []
    page = await browser.press(await browser.get(thread(cast, one)), thread(cast, one), body=" ", act="save")
    assert page.pills() == [] and (await fetch("SELECT count(*) FROM message_draft"))[0]["count"] == 0


async def test_who_else_sees_it_is_chosen_and_nobody_is_by_themselves(cast):
    await sofia(cast)
    await a_grant(cast.accounts["guardian"], cast.other, kind="guardian", areas=["messages"])
    browser, hers = await cast.browser("client"), await cast.browser("sofia")
    page = await browser.get(f"{inbox(cast)}/new")
    assert picks(page, "people") == {str(cast.accounts["sofia"].id): "Sofia Reyes"}
    assert not page.soup.select("[name=people][checked]")
    alone = await begin(browser, cast)
    assert (await hers.get(alone.path.partition("#")[0])).status == 404
    shared = await begin(
        browser, cast, people=[str(cast.accounts[one].id) for one in ("sofia", "guardian", "stranger")]
    )
    page = await hers.get(shared.path)
    assert said(page) == ["Maya Reyes: May I come later?"] and "Also read by Maya Reyes." in page.words
    rows = await fetch("SELECT count(*) FROM thread_participant WHERE thread = 2")
    assert rows[0]["count"] == 2
    await fetch("UPDATE access_grant SET ends_at = now() WHERE account = {}", cast.accounts["sofia"].id)
    assert "Also read" not in (await browser.get(shared.path)).words


async def test_what_is_closed_says_so_and_opens_with_the_next_word(cast):
    one, browser = await a_thread(cast), await cast.browser("client")
    await fetch("UPDATE thread SET closed_at = now()")
    page = await browser.get(thread(cast, one))
    assert "This conversation is closed. If you write again, it is open again." in page.words
    assert "closed" not in (await answer(browser, cast, one, "One more thing")).words


async def test_where_nobody_reads_answers_there_is_no_form_and_a_way_to_write(cast):
    one, browser = await a_thread(cast), await cast.browser("client")
    await fetch("UPDATE thread SET may_reply = false")
    page = await browser.get(thread(cast, one))
    assert "nobody reads answers to it" in page.words and f"{inbox(cast)}/new" in page.links()
    assert not page.soup.select("main form")
    assert (await browser.post(thread(cast, one), body="x")).status == 404


async def test_a_thread_is_found_only_under_its_own_client(cast):
    one = await a_thread(cast)
    await a_grant(cast.accounts["client"], cast.other, kind="guardian")
    browser = await cast.browser("client")
    for place in (f"/clients/{cast.other.id}/messages/{one}", f"/clients/{cast.other.id}/messages/{one}/news"):
        assert (await browser.get(place)).status == 404
    assert (await browser.post(f"/clients/{cast.other.id}/messages/{one}/draft", body="x")).status == 404


async def test_what_is_written_for_staff_alone_is_on_no_page(cast):
    one = await a_thread(cast)
    rows = await fetch("SELECT staff_member FROM account WHERE id = {}", cast.accounts["front_desk"].id)
    await fetch(
        "INSERT INTO thread_note (thread, staff, body, key, made_at) VALUES ({}, {}, 'Only for us', 'k', {})",
        one,
        rows[0]["staff_member"],
        clock.now(),
    )
    for htmx in (False, True):
        browser = await cast.browser("client", htmx=htmx)
        for place in ("", "/unread", "/new", f"/{one}", f"/{one}/news?after=0", f"/{one}?before=9", "?words=only"):
            assert "Only for us" not in (await browser.get(inbox(cast) + place)).text
        assert "Only for us" not in (await browser.get(f"/clients/{cast.client.id}")).text


async def test_too_many_in_an_hour_are_kept_and_the_phone_is_named(cast):
    one, browser = await a_thread(cast, Topic.OTHER), await cast.browser("client")
    maya = await as_(cast, "client")
    for number in range(29):
        await sending.answer(maya, cast.client.id, one, words(str(number)))
    page = await answer(browser, cast, one, "One too many")
    assert page.status == 422 and "call the office" in page.errors[""] and page.value("body").strip() == "One too many"
    assert "tel:+14435550142" in page.links()


async def test_a_thread_asks_as_often_for_fifty_messages_as_for_two(cast):
    one, browser = await a_thread(cast), await cast.browser("client")
    await office_says(cast, one, "Yes.")
    once = await asked(browser, thread(cast, one))
    for number in range(60):
        await office_says(cast, one, str(number))
    assert await asked(browser, thread(cast, one)) == once


async def test_the_picker_leads_to_a_message_or_to_the_phone(cast):
    from tests.appointments.steps import a_calendar

    calendar = await a_calendar(cast)
    browser = await cast.browser("client")
    place = f"/clients/{cast.client.id}/appointments/book/time?type={calendar.session}&how=telehealth"
    for htmx in (False, True):
        browser.headers = {"HX-Request": "true"} if htmx else {}
        page = await browser.get(place)
        link = page.soup.find("a", string="None of these work for me")
        assert "Or call" in page.words and "tel:+14435550142" in page.links()
    browser.headers = {}
    page = await browser.get(link["href"])
    assert page.value("subject") == "None of the free times suits me"
    assert [one["value"] for one in page.soup.select("[name=topic][checked]")] == ["appointments"]
    await switches.turn(TEST, "messages.clients_write", "no")
    page = await browser.get(place)
    assert "None of these work for me" not in page.words and "None of these? Call" in page.words
