"""The staff queue: what waits, the oldest first, to whom it concerns; narrowed, turned over, and counted."""

import asyncio
import struct
from base64 import urlsafe_b64encode
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from portal import clock
from portal.access import Role
from portal.accounts import sessions
from portal.database import ENGINE, fetch
from portal.practice import queries as practices
from portal.review.actions import open_item, settle_items
from portal.review.queries import queue
from tests.factories import TEST, a_client, a_grant, a_member, an_invitation, link_to
from tests.review.a_kind import a_wish
from tests.review.reading import addresses, badge, count, names, notices, rows, text, turn

ASKS, LOCKED = "Asks for a new invitation", "Invitation closed after five wrong tries"


async def about(client, kind: str = "invitation.renewal_asked") -> None:
    await open_item(TEST, kind, client.id, f"/staff/clients/{client.id}", client.id)


async def many(number: int, **columns: str) -> None:
    """Items a minute apart, the first the oldest."""
    told = {"kind": "'test.wish'", "about": "'boat ' || n", "client": "NULL::bigint", **columns}
    await fetch(
        f"INSERT INTO review_item (kind, subject_id, client, about, url, opened_at, outcome, reason)"
        f" SELECT {told['kind']}, n, {told['client']}, {told['about']}, '/staff/wishes/' || n,"
        f" now() - ({number} - n) * interval '1 minute', '', '' FROM generate_series(1, {number}) AS n"
    )


async def test_without_anything_to_do_it_says_so(desk):
    page = await desk.get("/staff/review")
    assert "All caught up." in page.words and badge(page) == "" and count(page) == "0"
    assert page.heading == "Waiting for review 0"


async def test_and_when_the_last_decision_was_made_and_by_whom(cast, desk):
    await a_wish(1)
    with clock.shifted(minutes=-5):
        await desk.post("/staff/wishes/1", decision="approve")
    page = await desk.get("/staff/review")
    assert "All caught up. Last decision" in page.words and "by Front_Desk Staff." in page.words


async def test_the_oldest_stands_first_with_its_reason_and_leads_to_its_page(cast, desk):
    with clock.shifted(minutes=-65):
        await about(cast.other, "invitation.locked")
    await about(cast.client)
    page = await desk.get("/staff/review")
    assert rows(page) == [f"Jonah Whitfield: {LOCKED}", f"Maya Reyes: {ASKS}"]
    assert addresses(page) == [f"/staff/clients/{cast.other.id}", f"/staff/clients/{cast.client.id}"]
    assert [text(one) for one in page.soup.select("#queue time")] == ["1 hr", "1 min"]
    assert [text(one) for one in page.soup.select("#queue .by")] == ["", "Dr. Ngozi Okafor"]
    assert badge(page) == "2 waiting" == badge(await desk.get("/staff/clients")) and count(page) == "2"


async def test_a_row_speaks_the_words_of_its_kind_and_of_what_it_is_about(cast, desk):
    await a_wish(7, cast.client, "a boat")
    await open_item(TEST, "nobody.knows", 1, "/staff/letters")
    page = await desk.get("/staff/review")
    assert rows(page) == ["Maya Reyes: A wish For a boat", "The portal: Something that waits"]


async def test_a_line_that_its_feature_cannot_read_any_more_hides_neither_the_item_nor_the_queue(cast, desk, caplog):
    from portal.review.kinds import KINDS, Kind, declare

    declare(Kind("test.torn", "Torn", lambda about: {}[about]))
    await open_item(TEST, "test.torn", 1, "/staff/letters", about="older words")
    assert rows(await desk.get("/staff/review")) == ["The portal: Torn"]
    assert "test.torn" in caplog.text and "older words" not in caplog.text
    del KINDS["test.torn"]


async def test_a_second_reason_of_the_same_kind_only_changes_what_the_first_is_about(cast):
    await asyncio.gather(*(about(cast.client) for _ in range(10)))
    assert len(await fetch("SELECT 1 FROM review_item")) == 1
    await a_wish(1, about="a boat")
    await a_wish(1, about="a ship")
    assert (await fetch("SELECT about FROM review_item WHERE kind = 'test.wish'")) == [{"about": "a ship"}]
    await settle_items(TEST, ["invitation.renewal_asked"], cast.client.id)
    await about(cast.client)
    settled = await fetch("SELECT settled_at FROM review_item WHERE kind <> 'test.wish' ORDER BY id")
    assert [row["settled_at"] is None for row in settled] == [False, True]


async def test_what_is_settled_is_gone_and_says_by_whom(cast, desk):
    await about(cast.other)
    viewer = TEST.on(reason="", role="front_desk", staff_id=cast.accounts["front_desk"].staff_member)
    assert await settle_items(viewer, ["invitation.renewal_asked", "invitation.locked"], cast.other.id) == 1
    row = (await fetch("SELECT settled_by, settled_at FROM review_item"))[0]
    assert row["settled_by"] == viewer.staff_id and row["settled_at"] is not None
    assert "All caught up." in (await desk.get("/staff/review")).words


async def test_settling_one_subject_or_kind_leaves_the_others(cast):
    await about(cast.client)
    await about(cast.other)
    await about(cast.other, "invitation.locked")
    await settle_items(TEST, ["invitation.locked"], cast.other.id)
    assert await settle_items(TEST, ["invitation.locked"], 999) == 0
    assert [(one.client, one.kind) for one in (await queue.waiting(TEST)).items] == [
        ("Maya Reyes", "invitation.renewal_asked"), ("Jonah Whitfield", "invitation.renewal_asked"),
    ]  # fmt: skip


# Reach ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "seen"),
    [
        ("front_desk", ["Maya Reyes", "Jonah Whitfield", "The portal"]),
        ("administrator", ["Maya Reyes", "Jonah Whitfield", "The portal"]),
        ("supervisor", ["Maya Reyes", "Jonah Whitfield", "The portal"]),
        ("clinician", ["Maya Reyes", "The portal"]),
        ("other clinician", ["The portal"]),
    ],
)
async def test_each_sees_and_counts_what_concerns_the_clients_they_reach_and_the_portal(cast, seat, part, seen):
    await about(cast.client)
    await about(cast.other)
    await open_item(TEST, "errand.dead", 1, "/staff/letters")
    page = await (await seat(part)).get("/staff/review")
    assert names(page) == seen
    assert badge(page) == f"{len(seen)} waiting" and count(page) == str(len(seen))


@pytest.mark.parametrize("part", ["privacy_officer", "auditor", "client", "stranger", "guardian"])
async def test_others_have_no_queue_no_log_and_nothing_to_take_over(cast, seat, part):
    await about(cast.client)
    await a_wish(1)
    browser = await seat(part)
    for path in ("/staff/review", "/staff/review/decided", "/staff/wishes/1"):
        assert (await browser.get(path)).status == 404
    assert (await browser.post("/staff/review/2/hold")).status == 404
    assert badge(await browser.get("/account")) == ""


async def test_a_biller_finds_what_they_may_settle_and_nothing_else(cast, seat):
    await about(cast.client)
    await open_item(TEST, "errand.dead", 1, "/staff/letters")
    await open_item(TEST, "card.trouble", 0, "/staff/billing/cards", None, "locked", needs="payment:reverse")
    await open_item(TEST, "ledger.fault", 7, "/staff/billing", cast.other.id, "line", needs="ledger:read")
    browser = await seat("biller")
    page = await browser.get("/staff/review")
    assert addresses(page) == ["/staff/billing/cards", "/staff/billing"]
    assert badge(page) == "2 waiting" and count(page) == "2"
    for url in addresses(page):
        assert (await browser.get(url)).status == 200
    kinds = [one["value"] for one in page.soup.select("#by-kind option")]
    assert {"card.trouble", "card.dispute", "ledger.fault", "message.unanswered"} <= set(kinds)
    assert not set(kinds) & {"errand.dead", "letter.failed", "information.changed", "test.wish"}
    assert addresses(await browser.get("/staff/review?kind=card.trouble")) == ["/staff/billing/cards"]
    assert addresses(await browser.get("/staff/review?kind=errand.dead")) == []
    assert (await browser.get("/staff/review/decided")).status == 200
    assert (await browser.get("/staff/letters")).status == 404


async def test_the_front_desk_is_not_offered_what_it_may_not_settle(cast, desk):
    await open_item(TEST, "card.trouble", 0, "/staff/billing/cards", None, "locked", needs="payment:reverse")
    page = await desk.get("/staff/review")
    assert addresses(page) == [] and badge(page) == ""
    kinds = [one["value"] for one in page.soup.select("#by-kind option")]
    assert "errand.dead" in kinds and not [one for one in kinds if one.startswith("card.")]


async def test_ones_own_chart_does_not_wait_for_oneself(cast, desk):
    await a_grant(cast.accounts["front_desk"], cast.other)
    await about(cast.other)
    await a_wish(1, cast.other)
    page = await desk.get("/staff/review")
    assert names(page) == [] and count(page) == "0"
    assert (await desk.get("/staff/wishes/1")).status == 404


# Filters --------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def four(cast):
    """Maya's wish of a week ago, Jonah's of two days ago, an item of the portal's, and Jonah's invitation."""
    with clock.shifted(days=-8):
        await a_wish(1, cast.client)
    with clock.shifted(days=-2):
        await a_wish(2, cast.other)
    with clock.shifted(hours=-3):
        await open_item(TEST, "errand.dead", 1, "/staff/letters")
    await about(cast.other)


MAYAS, JONAHS = "Maya Reyes: A wish For a boat", "Jonah Whitfield: A wish For a boat"
PORTALS, INVITATION = "The portal: Background work was given up", f"Jonah Whitfield: {ASKS}"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [MAYAS, JONAHS, PORTALS, INVITATION]),
        ({"sort": "newest"}, [INVITATION, PORTALS, JONAHS, MAYAS]),
        ({"kind": "test.wish"}, [MAYAS, JONAHS]),
        ({"kind": "test.wish", "sort": "newest"}, [JONAHS, MAYAS]),
        ({"age": "1"}, [MAYAS, JONAHS]),
        ({"age": "3"}, [MAYAS]),
        ({"age": "7", "kind": "errand.dead"}, []),
        ({"clinician": "1"}, [MAYAS]),
        ({"clinician": "2"}, []),
        ({"mine": "yes"}, []),
        ({"kind": "", "clinician": "", "age": "", "sort": ""}, [MAYAS, JONAHS, PORTALS, INVITATION]),
        (
            {"kind": "x", "clinician": "9" * 40, "age": "-2", "sort": "x", "mine": "x", "after": "!", "before": "é"},
            [MAYAS, JONAHS, PORTALS, INVITATION],
        ),
        ({"clinician": "²", "age": "1e1", "after": "f" * 22}, [MAYAS, JONAHS, PORTALS, INVITATION]),
    ],
)
@pytest.mark.usefixtures("four")
async def test_the_filters_narrow_the_list_and_its_count_alike(desk, asked, found):
    page = await desk.get(f"/staff/review?{urlencode(asked)}")
    assert rows(page) == found and count(page) == str(len(found))
    assert badge(page) == "4 waiting"


@pytest.mark.usefixtures("four")
async def test_mine_are_my_own_clients_and_what_i_have_open(seat):
    clinician = await seat("clinician")
    assert rows(await clinician.get("/staff/review?mine=yes")) == [MAYAS]
    desk = await seat("front_desk")
    assert rows(await desk.get("/staff/wishes/2?mine=yes")) == [JONAHS]
    assert rows(await desk.get("/staff/review?mine=yes")) == []


@pytest.mark.usefixtures("four")
async def test_the_form_offers_what_there_is_and_remembers_what_was_chosen(cast, desk):
    page = await desk.get("/staff/review?kind=test.wish&clinician=1&age=3&sort=newest&mine=yes")
    chosen = {one["name"]: text(one.find("option", selected=True)) for one in page.soup.select("#filters select")}
    assert chosen == {"kind": "A wish", "clinician": "Dr. Ngozi Okafor", "age": "Over 3 days", "sort": "Newest first"}
    assert page.soup.select_one("#by-mine").has_attr("checked")
    kinds = [text(one) for one in page.soup.select("#by-kind option")]
    assert kinds[0] == "Everything" and kinds[1:] == sorted(kinds[1:], key=str.casefold) and ASKS in kinds
    assert [text(one) for one in page.soup.select("#by-clinician option")] == [
        "Anyone", "Dr. Ngozi Okafor",
    ]  # fmt: skip


async def test_only_clinicians_who_have_clients_are_offered_and_asked_for_once_in_a_while(cast, desk):
    for number in range(3):
        await a_member(Role.CLINICIAN, f"Imported {number}", is_clinician=True)
    offered = [text(one) for one in (await desk.get("/staff/review")).soup.select("#by-clinician option")]
    assert offered == ["Anyone", "Dr. Ngozi Okafor"]
    newest = (await fetch("SELECT max(id) AS id FROM staff_member"))[0]["id"]
    await fetch("UPDATE client SET principal_clinician = {} WHERE id = {}", newest, cast.other.id)
    practices.forget()
    offered = [text(one) for one in (await desk.get("/staff/review")).soup.select("#by-clinician option")]
    assert sorted(offered) == ["Anyone", "Dr. Ngozi Okafor", "Imported 2 Raman"]


async def test_where_nothing_matches_the_filters_can_be_cleared(cast, desk):
    await about(cast.client)
    page = await desk.get("/staff/review?age=7")
    assert "Nothing matches." in page.words and "All caught up" not in page.words
    assert text(page.soup.select_one('.empty a[href="/staff/review"]')) == "Clear the filters"


# Pages ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["", "newest"])
@pytest.mark.usefixtures("cast")
async def test_every_item_is_on_one_page_there_and_back(desk, sort):
    await many(60)
    await fetch("UPDATE review_item SET opened_at = (SELECT min(opened_at) FROM review_item) WHERE id < 30")
    there, back = [], []
    page = await desk.get(f"/staff/review?sort={sort}")
    assert turn(page, "prev") == ""
    while True:
        there.append(rows(page))
        assert count(page) == "60"
        if not turn(page, "next"):
            break
        page = await desk.get(turn(page, "next"))
    while turn(page, "prev"):
        page = await desk.get(turn(page, "prev"))
        back.append(rows(page))
    everything = [f"The portal: A wish For boat {n}" for n in range(1, 61)]
    assert [len(one) for one in there] == [25, 25, 10]
    assert [one for page in there for one in page] == (everything[::-1] if sort else everything)
    assert back[::-1] == there[:-1]


@pytest.mark.usefixtures("cast")
async def test_a_page_that_has_been_worked_off_gives_way_to_the_first(desk):
    await many(30)
    last = turn(await desk.get("/staff/review"), "next")
    await fetch("UPDATE review_item SET settled_at = now() WHERE id > 20")
    page = await desk.get(last)
    assert len(rows(page)) == 20 and count(page) == "20"


@pytest.mark.parametrize("micros", [-(2**63), 2**63 - 1, -62_135_596_800_000_000, 253_402_300_799_999_999, 0])
@pytest.mark.parametrize("id", [-(2**63), 2**63 - 1])
@pytest.mark.usefixtures("cast")
async def test_a_place_that_somebody_made_up_is_no_disaster(desk, micros, id):
    await many(3)
    place = urlsafe_b64encode(struct.pack(">qq", micros, id)).decode().rstrip("=")
    for name in ("after", "before"):
        for path in ("/staff/review", "/staff/wishes/2"):
            page = await desk.get(f"{path}?{name}={place}")
            assert page.status == 200 and count(page) == "3" and rows(page)


@pytest.mark.usefixtures("cast")
async def test_turning_a_page_keeps_the_filters_and_says_nothing_of_clients(desk):
    await many(60)
    page = await desk.get("/staff/review?kind=test.wish&sort=newest&age=&clinician=")
    assert turn(page, "next").startswith("/staff/review?kind=test.wish&sort=newest&after=")
    assert addresses(page)[0] == "/staff/wishes/60?kind=test.wish&sort=newest"
    second = await desk.get(turn(page, "next"))
    assert addresses(second)[0].startswith("/staff/wishes/35?kind=test.wish&sort=newest&after=")


# Ten thousand ---------------------------------------------------------------------------------------------------------


async def asked(browser, path: str) -> int:
    await browser.get(path)
    before = ENGINE.queries
    assert (await browser.get(path)).status == 200
    return ENGINE.queries - before


# The session, what is let go of, the list with its count, the audit, the messages that wait; the badge counts again
# what filters leave out. An item: the item itself, who has it, what comes next, and the audit of its client.
COSTS = {"/staff/review": 5, "/staff/review?kind=test.wish&sort=newest&age=1": 6, "/staff/wishes/3": 8}


@pytest.mark.parametrize("path", COSTS)
@pytest.mark.parametrize("part", ["front_desk", "clinician"])
async def test_ten_thousand_items_cost_as_many_queries_as_ten(cast, seat, monkeypatch, part, path):
    monkeypatch.setattr(practices, "KEPT_FOR", 3600.0)
    monkeypatch.setattr(sessions, "TOUCH_AFTER", timedelta(hours=1))
    browser = await seat(part)
    mayas = {"client": str(cast.client.id)}
    with clock.shifted(days=2):
        browser = await seat(part)
        await many(10, **mayas)
        few = await asked(browser, path)
        await fetch("TRUNCATE review_item RESTART IDENTITY")
        await many(10_000, **mayas)
        assert await asked(browser, path) == few == COSTS[path]
        page = await browser.get(path)
        assert len(rows(page)) == 25 and count(page) == "10,000" and badge(page) == "10000 waiting"


async def test_the_queue_of_ten_thousand_is_read_along_its_index(cast, monkeypatch):
    """The page by the index in its order, whatever PostgreSQL makes of the count."""
    await many(10_000, client=str(cast.client.id))
    await fetch("ANALYZE review_item")
    asked = []

    async def planned(sql, *args):
        asked.append("\n".join(row["QUERY PLAN"] for row in await fetch("EXPLAIN " + sql, *args)))
        return await fetch(sql, *args)

    monkeypatch.setattr(queue, "fetch", planned)
    from portal.review.filters import Filters

    for filters in (Filters(), Filters(is_newest_first=True), Filters(kind="test.wish")):
        found = await queue.waiting(TEST, filters)
        await queue.waiting(TEST, filters.at(after=found.after))
    for plan in asked:
        page = plan[plan.index("Limit") :]
        assert "Index Scan" in page and "open_items" in page and "Sort" not in page, plan


# Together with the rest -----------------------------------------------------------------------------------------------


async def test_an_expired_invitations_wish_comes_through_to_the_desk_and_is_granted(cast, seat, nobody):
    client = await a_client("Lena", "Fischer", email="lena@example.com")
    row = await an_invitation(client, "lena@example.com")
    with clock.shifted(days=8):
        await nobody.press(await nobody.get(link_to(row)), "/renewal")
        desk = await seat()
        page = await desk.get("/staff/review")
        assert rows(page) == [f"Lena Fischer: {ASKS}"]
        chart = await desk.get(addresses(page)[0])
        await desk.press(chart, "/resending")
        assert rows(await desk.get("/staff/review")) == []


async def test_whose_names_are_listed_is_audited(cast, seat):
    await about(cast.client)
    await about(cast.other)
    await open_item(TEST, "errand.dead", 1, "/staff/letters")
    await (await seat("clinician")).get("/staff/review")
    row = (await fetch("SELECT act, detail->>'clients' AS clients FROM audit_row ORDER BY id DESC LIMIT 1"))[0]
    assert row == {"act": "list.read", "clients": f"[{cast.client.id}]"}


async def test_in_spanish(cast, desk):
    with clock.shifted(hours=-50):
        await about(cast.client)
    await desk.post("/language", language="es")
    page = await desk.get("/staff/review")
    assert page.heading == "En espera de revisión 1" and rows(page) == ["Maya Reyes: Pide una invitación nueva"]
    assert text(page.soup.select_one("#queue time")) == "2 días"


async def test_a_line_in_the_past_of_a_clinician_who_left_still_names_them(cast, desk):
    left, _ = await a_member(Role.CLINICIAN, "Anna", "Gone", is_clinician=True)
    client = await a_client("Zoe", "Last", principal_clinician=left.id)
    await fetch("UPDATE staff_member SET is_active = false WHERE id = {}", left.id)
    await about(client)
    page = await desk.get("/staff/review")
    assert text(page.soup.select_one("#queue .by")) == "Anna Gone"
    assert "Anna Gone" not in text(page.soup.select_one("#by-clinician")) and notices(page) == []
