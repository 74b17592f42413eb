"""The inbox of staff: what waits, the longest first, for whom it concerns; found again by name and by words."""

from datetime import timedelta

import pytest

from portal import clock
from portal.accounts import sessions
from portal.database import ENGINE, fetch
from portal.messages.actions import handling, sending
from portal.messages.actions.putting import Beginning
from portal.messages.tables import Topic
from portal.practice import queries as practices
from tests.browser import Browser, Page
from tests.cast import Cast
from tests.factories import a_grant
from tests.messages.steps import a_thread, as_, words

INBOX = "/staff/messages"


def rows(page: Page) -> list[str]:
    """Client and what it is about, of each line."""
    return [
        " ".join(f"{one.b.get_text()}: {one.select_one('.what').get_text(' ').replace('· ', '')}".split())  # type: ignore[union-attr]
        for one in page.soup.select("#inbox .queue a")
    ]


def by(page: Page) -> str:
    """Who has the first one, and whether it was read."""
    found = page.soup.select_one("#inbox .queue .by")
    return "" if found is None else " ".join(found.get_text(" ").split())


def badge(page: Page) -> str:
    found = page.soup.select_one("#badge-message-square-text")
    return "" if found is None or found.has_attr("hidden") else found.get_text(" ", strip=True)


async def jonahs(cast: Cast, subject: str = "Parking", body: str = "Where may I park?") -> int:
    jonah = await as_(cast, "stranger")
    return await sending.begin(jonah, cast.other.id, Beginning(Topic.OTHER, subject), words(body))


async def test_without_anything_to_do_it_says_so(cast):
    desk = await cast.browser("front_desk")
    page = await desk.get(INBOX)
    assert "All answered." in page.words and badge(page) == "" and page.heading == "Messages"
    for view, said in (
        ("mine", "Nothing is yours."),
        ("all", "No messages yet."),
        ("closed", "Nothing was closed yet."),
    ):
        assert said in (await desk.get(f"{INBOX}?view={view}")).words


async def test_who_waits_longest_stands_first_until_somebody_answers(cast):
    with clock.shifted(hours=-3):
        first = await jonahs(cast)
    await a_thread(cast)
    desk = await cast.browser("front_desk")
    page = await desk.get(INBOX)
    assert rows(page) == ["Jonah Whitfield: Parking Something else", "Maya Reyes: Thursday Appointments"]
    assert [one.get_text(" ", strip=True) for one in page.soup.select("#inbox time")] == [
        "waits for 3 hr",
        "waits for 1 min",
    ]
    assert badge(page) == "2 waiting" == badge(await desk.get("/staff/clients"))
    assert "2 conversations wait" in page.words
    await sending.answer_for_staff(await as_(cast, "front_desk"), first, words("Behind the house."))
    page = await desk.get(INBOX)
    assert rows(page) == ["Maya Reyes: Thursday Appointments"] and badge(page) == "1 waiting"
    assert rows(await desk.get(f"{INBOX}?view=all"))[0] == "Jonah Whitfield: Parking Something else"


async def test_a_line_says_whether_somebody_has_read_it_and_who_has_it(cast):
    thread = await a_thread(cast)
    desk, lead = await cast.browser("front_desk"), await cast.browser("supervisor")
    assert "Not read yet" in by(await desk.get(INBOX))
    await desk.get(f"{INBOX}/{thread}")
    assert by(await lead.get(INBOX)) == "Read, no answer yet"
    await handling.take(await as_(cast, "front_desk"), thread, 1)
    assert by(await desk.get(INBOX)) == "With you Read, no answer yet"
    assert "With Front_Desk Staff" in by(await lead.get(INBOX))


async def test_mine_is_what_i_took_what_is_personal_to_me_and_what_i_stand_in_for(cast):
    taken, personal = await a_thread(cast, subject="Taken"), await a_thread(cast, Topic.PERSONAL, "Personal")
    await a_thread(cast, subject="Nobody's")
    desk = await as_(cast, "front_desk")
    await handling.take(desk, taken, 1)
    assert rows(await (await cast.browser("front_desk")).get(f"{INBOX}?view=mine")) == [
        "Maya Reyes: Taken Appointments"
    ]
    personal_line = "Maya Reyes: Personal Personal : Dr. Ngozi Okafor"
    own = rows(await (await cast.browser("clinician")).get(f"{INBOX}?view=mine"))
    assert [one.replace(" :", ":") for one in own] == [personal_line.replace(" :", ":")]
    other = await cast.browser("other clinician")
    assert rows(await other.get(f"{INBOX}?view=mine")) == []
    brandt = (await as_(cast, "other clinician")).staff_id
    await fetch(
        "INSERT INTO staff_away (staff, first_day, last_day, cover) VALUES ({}, {}, {}, {})",
        int(cast.client.principal_clinician), clock.today("America/New_York"), clock.today("America/New_York"), brandt,
    )  # fmt: skip
    assert len(rows(await other.get(f"{INBOX}?view=mine"))) == 1
    assert (await other.get(f"{INBOX}/{personal}")).status == 200
    with clock.shifted(days=2):
        other = await cast.browser("other clinician")
        assert rows(await other.get(f"{INBOX}?view=mine")) == []
        assert (await other.get(f"{INBOX}/{personal}")).status == 404


async def test_it_is_narrowed_by_topic_and_searched_by_name_subject_and_words(cast):
    await jonahs(cast, "Parking", "Is there a bicycle stand?")
    await a_thread(cast, Topic.BILLING, "Copay", "Why is it forty dollars?")
    desk = await cast.browser("front_desk")
    assert rows(await desk.get(f"{INBOX}?topic=billing")) == ["Maya Reyes: Copay Billing"]
    for said, found in (
        ("whitf", "Jonah Whitfield"), ("PARK", "Jonah Whitfield"), ("bicycle stand", "Jonah Whitfield"),
        ("copay", "Maya Reyes"), ("forty", "Maya Reyes"), ("maya reyes", "Maya Reyes"),
    ):  # fmt: skip
        page = await desk.press(await desk.get(INBOX), f"{INBOX}/search", words=said)
        assert [one.partition(":")[0] for one in rows(page)] == [found], said
        assert said.split()[0] not in page.path and page.value("words") == said
    page = await desk.press(await desk.get(INBOX), f"{INBOX}/search", words="nothing of the kind")
    assert "Nothing matches." in page.words and "Clear the filters" in page.words
    page = await desk.press(await desk.get(f"{INBOX}?view=all"), f"{INBOX}/search", words="copay", topic="other")
    assert rows(page) == [] and "view=all" in page.path


async def test_what_stands_in_an_address_by_mistake_is_left_out(cast):
    await a_thread(cast)
    desk = await cast.browser("front_desk")
    for query in ("view=strange", "topic=strange", "find=strange", "after=strange", "client=strange", "before=%00"):
        assert len(rows(await desk.get(f"{INBOX}?{query}"))) == 1, query
    gone = (await desk.get(f"{INBOX}?after=AAX1-LpSwAAAAAAAAAAAYQ")).path
    assert gone.partition("?")[0] == INBOX


@pytest.mark.parametrize(
    ("part", "seen"),
    [
        ("front_desk", ["Appointments", "Billing", "Something else"]),
        ("biller", ["Billing"]),
        ("clinician", ["Care", "Personal"]),
        ("other clinician", []),
        ("supervisor", ["Appointments", "Billing", "Care", "Something else"]),
        ("administrator", ["Appointments", "Billing", "Something else"]),
    ],
)
async def test_each_role_sees_and_counts_its_own(cast, part, seen):
    for topic in Topic:
        await a_thread(cast, topic, f"About {topic}")
    browser = await cast.browser(part)
    page = await browser.get(f"{INBOX}?view=all")
    told = [
        one.get_text(" ", strip=True).removeprefix("· ").partition(":")[0].strip()
        for one in page.soup.select("#inbox .what .soft")
    ]
    assert sorted(told) == seen and badge(page) == (f"{len(seen)} waiting" if seen else "")
    page = await browser.press(await browser.get(f"{INBOX}?view=all"), f"{INBOX}/search", words="maya")
    assert len(rows(page)) == len(seen)


async def test_nobody_sees_threads_about_themselves_as_staff(cast):
    thread = await a_thread(cast)
    await a_grant(cast.accounts["front_desk"], cast.client, kind="guardian")
    desk = await cast.browser("front_desk")
    page = await desk.get(f"{INBOX}?view=all")
    assert rows(page) == [] and badge(page) == "" and (await desk.get(f"{INBOX}/{thread}")).status == 404


async def many(cast: Cast, number: int) -> None:
    """Threads a minute apart, each with one message, waiting."""
    await fetch(
        "INSERT INTO thread (client, topic, subject, started_at, latest_at, waiting_since, may_reply, latest,"
        " office_read_to, version) SELECT {}, 'other', 'Boat ' || n, t, t, t, true, 0, 0, 1"
        " FROM (SELECT n, {}::timestamptz - n * interval '1 minute' AS t FROM generate_series(1, {}) AS n) AS made",
        cast.client.id,
        clock.now(),
        number,
    )


async def test_pages_are_turned_over_without_a_line_lost_or_twice(cast):
    await many(cast, 120)
    desk = await cast.browser("front_desk")
    for view in ("waiting", "all"):
        page, seen = await desk.get(f"{INBOX}?view={view}"), []
        while True:
            seen += rows(page)
            following = page.soup.select_one('[rel="next"]')
            if following is None:
                break
            page = await desk.get(str(following["href"]))
        assert len(seen) == 120 == len(set(seen)) and "120 conversations" in page.words
        back = await desk.get(str(page.soup.select_one('[rel="prev"]')["href"]))
        assert rows(back) == seen[50:100]


async def test_it_asks_as_often_for_thirty_as_for_one(cast, monkeypatch):
    monkeypatch.setattr(practices, "KEPT_FOR", 3600.0)
    monkeypatch.setattr(sessions, "TOUCH_AFTER", timedelta(hours=1))
    desk = await cast.browser("front_desk")
    counted = []
    for number in (1, 29):
        await many(cast, number)
        for path in (INBOX, f"{INBOX}?view=all", f"{INBOX}?view=mine"):
            await desk.get(path)
            before = ENGINE.queries
            assert (await desk.get(path)).status == 200
            counted.append(ENGINE.queries - before)
    # The session, the page of the inbox, the audit where names are listed, and the two badges.
    assert counted == [5, 5, 4, 5, 5, 4]


async def test_with_htmx_it_is_the_list_alone_and_the_badge_beside_it(cast):
    await a_thread(cast)
    desk = await cast.browser("front_desk", htmx=True)
    page = await desk.get(f"{INBOX}?view=mine")
    assert "<html" not in page.text and page.headers["hx-push-url"] == f"{INBOX}?view=mine"
    assert badge(page) == "1 waiting" and page.soup.select_one("#badge-message-square-text")["hx-swap-oob"] == "true"


async def test_a_browser_of_a_client_finds_none_of_it(cast):
    thread = await a_thread(cast)
    maya: Browser = await cast.browser("client")
    for path in ("", f"/{thread}", f"/{thread}/notes", f"/{thread}/handling", "/replies", "/replies/new"):
        assert (await maya.get(INBOX + path)).status == 404
