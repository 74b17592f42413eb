"""The inbox of the client's side, and the badge: one question answers both."""

import pytest

from portal import clock
from portal.database import fetch
from portal.messages.actions import sending
from portal.messages.actions.putting import Beginning
from portal.messages.tables import Topic
from portal.practice import switches
from tests.cast import Cast
from tests.factories import TEST, a_grant
from tests.messages.pages import badge, begin, inbox, sofia, thread
from tests.messages.steps import a_thread, as_, words
from tests.test_queries import _nothing_by_the_clock, asked

__all__ = ["_nothing_by_the_clock"]


async def office_says(cast: Cast, thread_id: int, body: str = "Yes, come at ten.", part: str = "front_desk") -> None:
    await sending.answer_for_staff(await as_(cast, part), thread_id, words(body))


def rows(page) -> list[str]:
    return [" ".join(one.get_text(" ").split()) for one in page.soup.select(".rows > li > a")]


async def test_an_empty_inbox_says_what_will_stand_there_and_offers_one_act(cast):
    browser = await cast.browser("client")
    page = await browser.get(inbox(cast))
    assert "No messages yet. Write to the practice any time." in page.words
    assert [link.get_text(strip=True) for link in page.soup.select("main .btn")] == ["New message"]
    assert badge(page) == 0 and "Nothing new" in (await browser.get(f"/clients/{cast.client.id}")).words


async def test_what_is_new_is_said_in_words_everywhere_with_the_same_number(cast):
    one, other = await a_thread(cast, subject="Thursday"), await a_thread(cast, Topic.BILLING, "The bill")
    await office_says(cast, one)
    await office_says(cast, one, "And bring the card, please.")
    await office_says(cast, other, "It is paid.")
    browser = await cast.browser("client")
    page = await browser.get(inbox(cast))
    assert [one for one in rows(page) if "new" in one] == rows(page) and "2 conversations" in page.words
    assert rows(page)[0].startswith("The bill Front_Desk Staff: It is paid. Billing") and "1 new" in rows(page)[0]
    assert "2 new" in rows(page)[1] and page.soup.select(".rows .unread")
    assert badge(page) == 3 and page.soup.title.string.startswith("(3) Messages")
    home = await browser.get(f"/clients/{cast.client.id}")
    assert badge(home) == 3 and home.soup.title.string.startswith("(3) Home")
    tile = home.soup.select_one(".tile[href$=messages]")
    assert " ".join(tile.get_text(" ").split()) == "Messages 3 new messages 3"
    assert "Read 3 new messages" in home.soup.select_one("#todo").get_text(" ")


async def test_reading_one_conversation_clears_it_everywhere_at_once(cast):
    one, other = await a_thread(cast), await a_thread(cast, Topic.BILLING, "The bill")
    await office_says(cast, one)
    await office_says(cast, other)
    browser = await cast.browser("client")
    assert badge(await browser.get(thread(cast, one))) == 1
    page = await browser.get(inbox(cast))
    assert badge(page) == 1 and sum("1 new" in row for row in rows(page)) == 1
    await browser.get(thread(cast, other))
    home = await browser.get(f"/clients/{cast.client.id}")
    assert badge(home) == 0 and not home.soup.title.string.startswith("(") and "Nothing new" in home.words
    assert home.soup.select_one("#todo") is None


async def test_the_badge_alone_changes_nothing_and_renews_nothing(cast):
    one = await a_thread(cast)
    await office_says(cast, one)
    browser = await cast.browser("client", htmx=True)
    before = await fetch("SELECT seen_at FROM session ORDER BY id DESC LIMIT 1")
    with clock.shifted(minutes=5):
        page = await browser.get(f"{inbox(cast)}/unread")
        assert badge(page) == 1 and not page.soup.find("a") and page.soup.find("span")["data-words"] == "1 new message"
        await browser.get(f"{thread(cast, one)}/news?after=1")
    assert await fetch("SELECT seen_at FROM session ORDER BY id DESC LIMIT 1") == before
    assert badge(await browser.get(f"{inbox(cast)}/unread")) == 1
    plain = Cast.browser(cast, "client")
    page = await (await plain).get(f"{inbox(cast)}/unread")
    assert page.heading == "Messages" and rows(page)


async def test_a_notice_is_left_for_the_page_that_shows_it(cast):
    """The badge may ask between an act and the page that says it is done."""
    browser = await cast.browser("client")
    page = await browser.get(f"{inbox(cast)}/new")
    await browser.post(inbox(cast), follow=False, act="save", body="Later", key=page.value("key"))
    await browser.get(f"{inbox(cast)}/unread", **{"HX-Request": "true"})
    assert "Saved for later." in (await browser.get(inbox(cast))).words


async def test_who_is_signed_out_is_asked_no_more(cast):
    browser = await cast.browser("signed out", htmx=True)
    for place in (f"{inbox(cast)}/unread", f"{inbox(cast)}/1/news"):
        page = await browser.get(place)
        assert (page.status, page.text, page.headers["hx-reswap"]) == (286, "", "none")
        assert "hx-redirect" not in page.headers
    assert "hx-redirect" in (await browser.get(inbox(cast))).headers


async def test_the_badge_is_that_of_the_client_whose_page_it_is(cast):
    maya = cast.accounts["client"]
    await a_grant(maya, cast.other, kind="guardian")
    await office_says(cast, await a_thread(cast))
    browser = await cast.browser("client")
    assert badge(await browser.get(f"/clients/{cast.client.id}/appointments")) == 1
    assert badge(await browser.get(f"/clients/{cast.other.id}/appointments")) == 0
    assert (await browser.get("/account")).soup.select_one("#unread") is None


async def test_who_acts_for_several_sees_whose_messages_are_new_before_they_choose(cast):
    maya = cast.accounts["client"]
    await a_grant(maya, cast.other, kind="guardian", areas=["appointments"])
    browser = await cast.browser("client")
    tiles = [" ".join(one.get_text(" ").split()) for one in (await browser.get("/")).soup.select("#whose .tile")]
    assert tiles == ["Maya Reyes Yourself", "Jonah Whitfield You are the guardian"]
    await office_says(cast, await a_thread(cast))
    jonahs = await sending.begin(await as_(cast, "stranger"), cast.other.id, Beginning(Topic.OTHER, "His"), words())
    await fetch("INSERT INTO thread_participant (thread, account, read_to, told_to, added_at)"
                " VALUES ({}, {}, 0, 0, now())", jonahs, maya.id)  # fmt: skip
    page = await browser.get("/")
    tiles = [" ".join(one.get_text(" ").split()) for one in page.soup.select("#whose .tile")]
    assert tiles == ["Maya Reyes Yourself · 1 new message 1", "Jonah Whitfield You are the guardian"]
    await fetch("UPDATE access_grant SET areas = array_append(areas, 'messages') WHERE client = {}", cast.other.id)
    assert "You are the guardian · 1 new message" in (await browser.get("/")).words


async def test_what_oneself_or_the_portal_says_is_not_new(cast):
    one = await a_thread(cast)
    await fetch(
        "INSERT INTO message (thread, client, kind, body, key, sent_at)"
        " VALUES ({}, {}, 'automatic', 'Closed', 'k', {})",
        one,
        cast.client.id,
        clock.now(),
    )
    await fetch("UPDATE thread SET latest = (SELECT max(id) FROM message)")
    page = await (await cast.browser("client")).get(inbox(cast))
    assert badge(page) == 0 and "Automatic answer: Closed" in rows(page)[0]


async def test_a_conversation_says_who_spoke_last_if_it_is_closed_and_if_something_is_begun(cast):
    one = await a_thread(cast, Topic.PERSONAL, "Sleep", body="I slept well. " * 40)
    browser = await cast.browser("client")
    await browser.post(f"{thread(cast, one)}/draft", body="And then", key="a" * 32)
    await browser.post(f"{inbox(cast)}/draft", subject="Parking", body="Where", key="b" * 32)
    await fetch("UPDATE thread SET closed_at = now()")
    page = await browser.get(inbox(cast))
    assert rows(page)[0].startswith("Parking Not sent yet.") and rows(page)[0].endswith("Draft")
    assert rows(page)[1].startswith("Sleep You: I slept well.") and "…" in rows(page)[1] and len(rows(page)[1]) < 260
    assert "Dr. Ngozi Okafor ·" in rows(page)[1] and rows(page)[1].endswith("Draft Closed")


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("parking", ["Parking"]),
        ("PARK", ["Parking"]),
        ("córdoba", ["Naps"]),
        ("cordoba naps", ["Naps"]),
        ("“cordoba”?", ["Naps"]),
        ("lot", ["Parking"]),
        ("maria", ["Naps"]),
        ("elsewhere", []),
        ("?!", []),
        ("' | x:*\\", []),
    ],
)
async def test_words_are_found_in_subjects_and_messages_however_they_are_written(cast, sought, found):
    await a_thread(cast, subject="Parking", body="Is there a lot?")
    await a_thread(cast, subject="Naps", body="In Córdoba, naps are long, says (María).")
    browser = await cast.browser("client", htmx=True)
    page = await browser.post(f"{inbox(cast)}/search", words=sought)
    assert [one.b.get_text() for one in page.soup.select(".rows .words")] == found
    assert page.soup.find(id="inbox") and page.soup.find(id="status")["hx-swap-oob"]
    if not found:
        assert "No messages match." in page.words and page.value("words").strip() == sought


@pytest.mark.parametrize("htmx", [False, True])
async def test_what_a_client_looks_for_stands_in_no_address(cast, htmx):
    """The browser of a family keeps its history, and a proxy its log."""
    for number in range(30):
        with clock.shifted(minutes=number):
            await a_thread(cast, subject=f"Panic {number:02}")
            await fetch("UPDATE message SET sent_at = sent_at - interval '2 hours'")
    browser = await cast.browser("client")
    page = await browser.get(inbox(cast))
    browser.headers = {"HX-Request": "true"} if htmx else {}
    page = await browser.press(page, f"{inbox(cast)}/search", words="panic")
    assert len(rows(page)) == 25 and page.value("words") == "panic" and "30 conversations found" in page.words
    assert page.path.startswith(f"{inbox(cast)}?find=") and page.headers["hx-push-url"] == page.path
    second = await browser.get(page.soup.select_one(".pager [rel=next]")["href"])
    assert len(rows(second)) == 5 and second.value("words") == "panic"
    for link in (page.path, second.path, *page.links(), *second.links()):
        assert "panic" not in link.lower()
    assert len(rows(await browser.get(f"{inbox(cast)}?find=strange&words=panic"))) == 25
    assert (await browser.post(f"{inbox(cast)}/search", words=" ")).path == inbox(cast)


async def test_nothing_of_others_is_found(cast):
    await a_thread(cast, subject="Parking", body="Is there a lot?")
    await sofia(cast)
    for part, place in (("sofia", inbox(cast)), ("stranger", f"/clients/{cast.other.id}/messages")):
        browser = await cast.browser(part)
        assert rows(await browser.get(place)) == [] and badge(await browser.get(place)) == 0
        for sought in ("parking", "lot"):
            assert rows(await browser.post(f"{place}/search", words=sought)) == []


async def test_pages_hold_25_and_go_back_and_forth(cast):
    for number in range(30):
        with clock.shifted(minutes=number):
            if number % 20 == 0:
                await fetch("UPDATE message SET sent_at = sent_at - interval '2 hours'")
            await a_thread(cast, subject=f"Number {number:02}")
    browser = await cast.browser("client")
    first = await browser.get(inbox(cast))
    assert len(rows(first)) == 25 and rows(first)[0].startswith("Number 29") and "30 conversations" in first.words
    second = await browser.get(first.soup.select_one(".pager [rel=next]")["href"])
    assert [row[:9] for row in rows(second)] == [f"Number {number:02}" for number in (4, 3, 2, 1, 0)]
    back = await browser.get(second.soup.select_one(".pager [rel=prev]")["href"])
    assert rows(back) == rows(first) and not back.soup.select(".pager [rel=prev]")
    assert len(rows(await browser.get(f"{inbox(cast)}?after=nonsense"))) == 25


@pytest.mark.parametrize("query", ["", "number", "/unread"])
async def test_the_inbox_asks_as_often_for_thirty_as_for_one(cast, query):
    await office_says(cast, await a_thread(cast, subject="Number 0"))
    browser = await cast.browser("client")
    if query == "number":
        query = (await browser.post(f"{inbox(cast)}/search", words=query)).path.removeprefix(inbox(cast))
    once = await asked(browser, inbox(cast) + query)
    await fetch("UPDATE message SET sent_at = sent_at - interval '2 hours'")
    for number in range(1, 30):
        await office_says(cast, await a_thread(cast, subject=f"Number {number}"))
        await fetch("UPDATE message SET sent_at = sent_at - interval '2 hours'")
    assert await asked(browser, inbox(cast) + query) == once


async def test_where_clients_do_not_begin_there_is_the_phone_and_no_dead_button(cast):
    sam = await as_(cast, "administrator")
    await switches.turn(sam, "messages.clients_write", "no")
    browser = await cast.browser("client")
    for place in (inbox(cast), f"{inbox(cast)}/new"):
        page = await browser.get(place)
        assert "tel:+14435550142" in page.links() and f"{inbox(cast)}/new" not in page.links()
        assert not page.soup.select("main form")
    assert (await browser.post(inbox(cast), topic="other", subject="x", body="y")).status == 404
    await switches.turn(TEST, "messages.clients_write", "yes")
    assert (await begin(browser, cast)).heading == "Thursday"


@pytest.mark.parametrize("part", ["stranger", "guardian", "ended", "clinician", "front_desk"])
async def test_it_is_not_there_for_anybody_else(cast, part):
    one = await a_thread(cast)
    browser = await cast.browser(part)
    for place in ("", "/unread", "/new", f"/{one}", f"/{one}/news"):
        assert (await browser.get(inbox(cast) + place)).status == 404
    for place in ("", "/draft", "/search", f"/{one}", f"/{one}/draft"):
        assert (await browser.post(inbox(cast) + place, body="x", subject="y", topic="other")).status == 404
    assert (await fetch("SELECT count(*) FROM message"))[0]["count"] == 1
