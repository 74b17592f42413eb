"""An item on the desk with the queue around it: who has it open, what is decided, and where one goes from there."""

import asyncio

import pytest

from portal import clock
from portal.database import fetch
from portal.review.actions import open_item, settle_items
from tests.factories import TEST
from tests.review.a_kind import a_wish
from tests.review.reading import addresses, badge, count, current, names, notices, text

QUICKER = "Somebody was quicker"


@pytest.fixture
async def three(cast):
    """Wishes of Maya, Jonah and Maya again, the first the oldest."""
    for wish_id, client in ((1, cast.client), (2, cast.other), (3, cast.client)):
        with clock.shifted(hours=wish_id - 5):
            await a_wish(wish_id, client, f"boat {wish_id}")


@pytest.fixture
async def sam(seat):
    return await seat("administrator")


def decides(page) -> bool:
    return page.soup.select_one("form.decide") is not None


async def held() -> list[int | None]:
    return [row["held_by"] for row in await fetch("SELECT held_by FROM review_item ORDER BY id")]


# The page -------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("three")
async def test_the_features_page_brings_the_queue_around_it(desk):
    page = await desk.get("/staff/wishes/2")
    assert [text(one) for one in page.soup.select("h1")] == ["A wish"] and text(page.soup.h2) == "Waiting for review 3"
    assert names(page) == ["Maya Reyes", "Jonah Whitfield", "Maya Reyes"] and current(page) == ["Jonah Whitfield"]
    assert text(page.soup.select_one("#wish p")) == "A boat"
    assert page.soup.title.get_text().startswith("A wish, Jonah Whitfield - ")
    assert "Jonah Whitfield , born April 17, 1991, chart 10002" in text(page.soup.select_one("#detail"))
    assert "Waiting 3 hr" in page.pills()
    back = page.soup.select_one("a.only-phone")
    assert text(back) == "Queue, 3 waiting" and back["href"] == "/staff/review"


@pytest.mark.usefixtures("three")
async def test_an_item_that_is_not_there_or_out_of_reach_is_404(seat):
    assert (await (await seat()).get("/staff/wishes/9")).status == 404
    clinician = await seat("clinician")
    assert (await clinician.get("/staff/wishes/1")).status == 200
    assert (await clinician.get("/staff/wishes/2")).status == 404
    assert (await clinician.post("/staff/wishes/2", decision="return", reason="no")).status == 404


async def test_an_item_of_the_portal_has_no_client(desk):
    await a_wish(1)
    page = await desk.get("/staff/wishes/1")
    assert text(page.soup.select_one("#detail .card .soft")) == "The portal" and decides(page)


@pytest.mark.usefixtures("three")
async def test_looking_at_an_item_is_audited_by_its_client_and_by_those_in_the_list(cast, desk):
    await desk.get("/staff/wishes/2")
    rows = await fetch("SELECT act, client_id, detail->>'clients' AS clients FROM audit_row ORDER BY id DESC LIMIT 2")
    assert rows[::-1] == [
        {"act": "page.read", "client_id": cast.other.id, "clients": None},
        {"act": "list.read", "client_id": None, "clients": f"[{cast.client.id}, {cast.other.id}]"},
    ]


@pytest.mark.usefixtures("cast")
async def test_the_list_shows_the_page_on_which_the_item_is(desk):
    for wish_id in range(60):
        await a_wish(wish_id + 1)
    page = await desk.get("/staff/wishes/40?kind=test.wish")
    assert current(page) == ["The portal"] and len(names(page)) == 21 and count(page) == "60"
    first = await desk.get("/staff/wishes/3?kind=test.wish")
    assert len(names(first)) == 25 and current(first) == ["The portal"]
    newest = await desk.get("/staff/wishes/3?sort=newest")
    assert len(names(newest)) == 3 and current(newest) == ["The portal"]


@pytest.mark.usefixtures("three")
async def test_an_item_outside_the_filters_stands_beside_the_list_that_they_make(desk):
    page = await desk.get("/staff/wishes/2?clinician=1")
    assert names(page) == ["Maya Reyes", "Maya Reyes"] and current(page) == [] and decides(page)


# Decisions ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("three")
async def test_approve_opens_the_next_and_says_so(desk):
    page = await desk.press(await desk.get("/staff/wishes/1"), "/staff/wishes/1", decision="approve")
    assert page.path == "/staff/wishes/2" and notices(page) == ["Approved."]
    assert names(page) == ["Jonah Whitfield", "Maya Reyes"] and badge(page) == "2 waiting"
    row = (await fetch("SELECT outcome, reason, held_by FROM review_item WHERE id = 1"))[0]
    assert (row["outcome"], row["reason"]) == ("approved", "")


@pytest.mark.usefixtures("three")
async def test_onward_stays_within_the_filters_and_their_order(desk):
    page = await desk.press(await desk.get("/staff/wishes/1?clinician=1"), "?clinician=1", decision="approve")
    assert page.path == "/staff/wishes/3?clinician=1"
    assert text_of_skip(page) == "/staff/review?clinician=1"
    page = await desk.press(page, "?clinician=1", decision="return", reason="Too large")
    assert page.path == "/staff/review?clinician=1" and notices(page) == ["Returned."]
    assert "Nothing matches." in page.words


@pytest.mark.usefixtures("three")
async def test_in_the_other_order_the_next_is_the_older_one(desk):
    page = await desk.press(await desk.get("/staff/wishes/2?sort=newest"), "?sort=newest", decision="approve")
    assert page.path == "/staff/wishes/1?sort=newest"


@pytest.mark.usefixtures("three")
async def test_behind_the_last_one_waits_what_was_skipped_and_in_the_end_the_queue(desk):
    page = await desk.get("/staff/wishes/1")
    seen = []
    for _ in range(2):
        page = await desk.get(text_of_skip(page))
        seen.append(page.path)
    assert seen == ["/staff/wishes/2", "/staff/wishes/3"] and text_of_skip(page) == "/staff/review"
    for path in ("/staff/wishes/1", "/staff/wishes/2", "/staff/review"):
        page = await desk.press(page, page.path, decision="approve")
        assert page.path == path
    assert "All caught up. Last decision" in page.words and badge(page) == ""


def text_of_skip(page) -> str:
    return str(page.soup.find("a", string="Skip for now")["href"])


@pytest.mark.usefixtures("three")
async def test_what_a_colleague_has_open_is_not_the_next(desk, sam):
    await sam.get("/staff/wishes/2")
    page = await desk.get("/staff/wishes/1")
    assert text_of_skip(page) == "/staff/wishes/3"
    assert (await desk.press(page, "/staff/wishes/1", decision="approve")).path == "/staff/wishes/3"


@pytest.mark.usefixtures("three")
async def test_what_is_out_of_reach_is_not_the_next(seat):
    page = await (await seat("clinician")).get("/staff/wishes/1")
    assert names(page) == ["Maya Reyes", "Maya Reyes"] and text_of_skip(page) == "/staff/wishes/3"


async def test_what_has_a_page_of_its_own_is_chosen_from_the_queue(cast, desk):
    with clock.shifted(hours=-2):
        await a_wish(1, cast.client)
    await open_item(TEST, "errand.dead", 1, "/staff/letters")
    page = await desk.get("/staff/wishes/1?sort=newest")
    assert text_of_skip(page) == "/staff/review?sort=newest"
    page = await desk.get("/staff/wishes/1")
    assert text_of_skip(page) == "/staff/letters"
    page = await desk.press(page, "/staff/wishes/1", decision="approve")
    assert page.path == "/staff/review" and notices(page) == ["Approved."] and names(page) == ["The portal"]


async def test_a_return_without_a_reason_comes_back_open_with_what_was_typed(cast, desk):
    await a_wish(1, cast.client)
    page = await desk.get("/staff/wishes/1")
    assert not page.soup.select_one(".decide details").has_attr("open")
    page = await desk.press(page, "/staff/wishes/1", decision="return", common_reason="photo", reason="")
    assert page.status == 422 and page.errors == {"reason": "Say why"}
    assert page.soup.select_one(".decide details").has_attr("open")
    assert page.soup.select_one('#common_reason option[value="photo"]').has_attr("selected")
    assert page.soup.title.get_text().startswith("Error: A wish")
    page = await desk.press(page, "/staff/wishes/1", decision="return", reason="Too large")
    assert page.path == "/staff/review" and notices(page) == ["Returned."]
    row = (await fetch("SELECT outcome, reason FROM review_item"))[0]
    assert row == {"outcome": "returned", "reason": "Too large"}


async def test_return_is_no_twin_of_approve(cast, desk):
    """Approve is a button at once; Return is behind a fold, and its button is not the primary one."""
    await a_wish(1, cast.client)
    page = await desk.get("/staff/wishes/1")
    approve = page.soup.select_one("form.decide > button")
    assert approve["value"] == "approve" and approve["class"] == ["btn"]
    back = page.soup.select_one('form.decide > details button[value="return"]')
    assert "danger" in back["class"] and text(back) == "Return to the client"
    order = [text(one) for one in page.soup.select("form.decide > button, form.decide a, form.decide summary")]
    assert order == ["Approve and open next", "Edit", "Return", "Skip for now"]


# Narrowing the queue beside an open item ------------------------------------------------------------------------------


@pytest.mark.usefixtures("three")
async def test_narrowing_the_queue_keeps_the_item_on_the_desk(desk):
    """Only the list is taken from the answer, with what leads on from the item: what was typed stays."""
    form = (await desk.get("/staff/wishes/1")).soup.select_one("#filters")
    assert form["action"] == form["hx-get"] == "/staff/wishes/1" and form["hx-push-url"] == "true"
    assert form["hx-target"] == form["hx-select"] == "#queue" and form["hx-select-oob"] == "#skip, #onward"
    alone = (await desk.get("/staff/review")).soup.select_one("#filters")
    assert alone["action"] == "/staff/review" and alone["hx-target"] == "#desk" and not alone.has_attr("hx-select")


@pytest.mark.usefixtures("three")
async def test_the_narrowed_list_has_the_item_in_its_address_and_is_said(seat):
    desk = await seat(htmx=True)
    page = await desk.get("/staff/wishes/1?kind=&clinician=1&age=&sort=")
    assert page.headers["hx-push-url"] == "/staff/wishes/1?clinician=1" and names(page) == ["Maya Reyes"] * 2
    assert count(page) == "2" and current(page) == ["Maya Reyes"] and text(page.soup.find(id="said")) == "2 wait."
    assert [link.partition("?")[2] for link in addresses(page)] == ["clinician=1"] * 2
    assert text_of_skip(page) == "/staff/wishes/3?clinician=1" == page.soup.find(id="skip")["href"]
    assert page.soup.select_one("#onward a")["href"] == "/edit?clinician=1"


@pytest.mark.usefixtures("three")
async def test_a_decision_goes_on_under_the_filters_of_the_list_beside_it(desk):
    """The form was opened before the list was narrowed: its address holds the filters of then."""
    page = await desk.get("/staff/wishes/1?clinician=1")
    told = page.soup.select_one('#queue input[name="filters"][form="decide"]')
    assert told["value"] == "clinician=1" and page.soup.select_one("form#decide")
    page = await desk.post("/staff/wishes/1?kind=test.wish", decision="return", reason="", filters="clinician=1")
    assert page.status == 422 and names(page) == ["Maya Reyes"] * 2
    page = await desk.post("/staff/wishes/1?kind=test.wish", decision="approve", filters="clinician=1")
    assert page.path == "/staff/wishes/3?clinician=1"
    page = await desk.post("/staff/wishes/3?clinician=1", decision="approve", filters="")
    assert page.path == "/staff/wishes/2"


@pytest.mark.usefixtures("three")
async def test_beside_an_item_nothing_found_offers_no_way_that_closes_it(desk):
    page = await desk.get("/staff/wishes/2?age=7")
    assert "Nothing matches." in page.words and page.soup.find("a", string="Clear the filters") is None


# Two people -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("three")
async def test_whoever_opens_an_item_has_it_and_a_colleague_is_told(cast, desk, sam):
    assert decides(await desk.get("/staff/wishes/1"))
    page = await sam.get("/staff/wishes/1")
    assert not decides(page)
    assert "Front_Desk Staff has this open since" in notices(page)[0]
    assert text(page.soup.select_one("#queue a .pill")) == "Open with Front_Desk Staff"
    assert "Open with" not in (await desk.get("/staff/wishes/1")).words
    assert await held() == [cast.accounts["front_desk"].staff_member, None, None]


@pytest.mark.usefixtures("three")
async def test_who_takes_it_over_has_it_and_stays_under_the_filters(cast, desk, sam):
    await desk.get("/staff/wishes/1")
    page = await sam.get("/staff/wishes/1?clinician=1")
    page = await sam.press(page, "/hold?clinician=1")
    assert page.path == "/staff/wishes/1?clinician=1" and decides(page) and notices(page) == []
    page = await desk.get("/staff/wishes/1")
    assert "Administrator Staff has this open" in notices(page)[0] and not decides(page)
    row = (await fetch("SELECT client_id, subject_id FROM audit_row WHERE act = 'review.taken_over'"))[0]
    assert row == {"client_id": cast.client.id, "subject_id": 1}


@pytest.mark.usefixtures("three")
async def test_who_opens_another_lets_go_of_the_first(cast, desk):
    await desk.get("/staff/wishes/1")
    await desk.get("/staff/wishes/2")
    assert await held() == [None, cast.accounts["front_desk"].staff_member, None]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
async def test_who_goes_back_to_the_queue_lets_go_of_it_and_nobody_else_does(cast, seat, sam, htmx):
    desk = await seat(htmx=htmx)
    await desk.get("/staff/wishes/1")
    await sam.get("/staff/wishes/2")
    await desk.get("/staff/review?kind=test.wish")
    assert await held() == [None, cast.accounts["administrator"].staff_member, None]
    assert decides(await sam.get("/staff/wishes/1"))


@pytest.mark.usefixtures("three")
async def test_who_opens_what_a_colleague_has_or_what_is_settled_lets_go_of_the_first(cast, desk, sam):
    await sam.get("/staff/wishes/2")
    await desk.get("/staff/wishes/1")
    await desk.get("/staff/wishes/2")
    assert await held() == [None, cast.accounts["administrator"].staff_member, None]
    await settle_items(TEST, ["test.wish"], 3)
    await desk.get("/staff/wishes/1")
    await desk.get("/staff/wishes/3")
    assert await held() == [None, cast.accounts["administrator"].staff_member, None]


@pytest.mark.usefixtures("three")
async def test_who_signs_out_lets_go_of_what_they_had(cast, desk, sam):
    await sam.get("/staff/wishes/2")
    await desk.get("/staff/wishes/1")
    await desk.post("/sign-out")
    assert await held() == [None, cast.accounts["administrator"].staff_member, None]


@pytest.mark.usefixtures("three")
async def test_after_ten_minutes_it_is_free_again(seat, desk):
    await desk.get("/staff/wishes/1")
    with clock.shifted(minutes=9):
        assert not decides(await (await seat("supervisor")).get("/staff/wishes/1"))
    with clock.shifted(minutes=11):
        sam = await seat("administrator")
        assert "Open with" not in (await sam.get("/staff/review")).words
        assert decides(await sam.get("/staff/wishes/1"))
        page = await (await seat()).get("/staff/wishes/1")
        assert "Administrator Staff has this open" in notices(page)[0]


@pytest.mark.usefixtures("three")
async def test_of_twenty_who_open_it_at_once_one_has_it(cast, seat):
    browsers = [await seat(part) for part in ("front_desk", "administrator", "supervisor", "clinician")] * 5
    pages = await asyncio.gather(*(browser.get("/staff/wishes/1") for browser in browsers))
    deciding = {text(page.soup.select_one(".signed")) for page in pages if decides(page)}
    assert len(deciding) == 1


@pytest.mark.usefixtures("three")
async def test_nobody_holds_what_is_out_of_reach_or_settled(cast, seat, sam):
    clinician = await seat("clinician")
    assert (await clinician.post("/staff/review/2/hold")).status == 404
    await settle_items(TEST, ["test.wish"], 3, "approved")
    page = await sam.post("/staff/review/3/hold")
    assert page.path == "/staff/wishes/3" and not decides(page)
    assert await held() == [None, None, None]
    assert (await sam.post("/staff/review/99/hold")).status == 404
    assert await fetch("SELECT 1 FROM audit_row WHERE act = 'review.taken_over'") == []


@pytest.mark.usefixtures("three")
async def test_taking_over_what_has_a_page_of_its_own_leads_there(cast, desk):
    await open_item(TEST, "invitation.locked", 2, f"/staff/clients/{cast.client.id}", cast.client.id)
    page = await desk.post("/staff/review/4/hold?kind=invitation.locked")
    assert page.path == f"/staff/clients/{cast.client.id}"


@pytest.mark.usefixtures("three")
async def test_a_stale_decision_is_409_says_who_and_when_and_applies_nothing(desk, sam):
    mine, theirs = await desk.get("/staff/wishes/1"), await sam.get("/staff/wishes/1?sort=newest")
    await desk.press(mine, "/staff/wishes/1", decision="return", reason="Too large")
    page = await sam.post(theirs.path, decision="approve")
    assert page.status == 409 and not decides(page)
    assert QUICKER in notices(page)[0] and "Returned to the client by Front_Desk Staff," in notices(page)[0]
    assert "Your decision was not applied." in notices(page)[0] and "Too large" in notices(page)[0]
    assert page.soup.find("a", string="Open the next one")["href"] == "/staff/wishes/3?sort=newest"
    assert page.pills()[-1] == "Returned to the client"
    row = (await fetch("SELECT outcome, settled_by FROM review_item WHERE id = 1"))[0]
    assert row["outcome"] == "returned"


@pytest.mark.usefixtures("three")
async def test_of_two_who_decide_at_once_one_decides(desk, sam):
    pages = await asyncio.gather(*(one.post("/staff/wishes/1", decision="approve") for one in (desk, sam) * 5))
    assert sorted(page.status for page in pages) == [200] + [409] * 9


async def test_what_has_changed_meanwhile_is_shown_anew_to_be_decided(cast, desk, wishing):
    """The feature says so although the item is still open."""
    from unittest.mock import AsyncMock, patch

    await a_wish(1, cast.client)
    with patch("tests.review.a_kind.settle", AsyncMock(return_value=False)):
        page = await desk.post("/staff/wishes/1", decision="approve")
    assert page.status == 409 and decides(page)
    assert "This changed while you had it open" in notices(page)[0] and "look again, then decide" in notices(page)[0]


@pytest.mark.usefixtures("three")
async def test_a_settled_item_says_how_it_ended_in_the_words_of_its_kind(desk):
    await desk.post("/staff/wishes/2", decision="grant")
    page = await desk.get("/staff/wishes/2")
    assert page.status == 200 and not decides(page) and QUICKER not in page.words
    assert notices(page)[0].startswith("Granted by Front_Desk Staff,") and "Open the next one" in notices(page)[0]
    await settle_items(TEST, ["test.wish"], 1, "withdrawn")
    page = await desk.get("/staff/wishes/1")
    assert notices(page)[0].startswith("Taken back by the client, ")


async def test_a_subject_that_waits_again_is_shown_as_it_waits(cast, desk):
    await a_wish(1, cast.client)
    await desk.post("/staff/wishes/1", decision="approve")
    await a_wish(1, cast.client)
    page = await desk.get("/staff/wishes/1")
    assert decides(page) and current(page) == ["Maya Reyes"]


# htmx -----------------------------------------------------------------------------------------------------------------


def roots(page) -> list[str]:
    return [one.name + ("#" + one["id"] if one.get("id") else "") for one in page.soup.find_all(True, recursive=False)]


PARTS = ["div#desk", "div#flashes", "div#said", "span#badge-inbox", "title"]


@pytest.mark.usefixtures("three")
async def test_a_row_opened_by_htmx_brings_the_desk_and_its_address(seat):
    desk = await seat(htmx=True)
    page = await desk.get("/staff/wishes/2?sort=newest")
    assert roots(page) == PARTS and page.headers["hx-push-url"] == "/staff/wishes/2?sort=newest"
    heading = page.soup.select_one("#detail h1")
    assert heading.has_attr("data-focus-here") and heading["tabindex"] == "-1"
    assert len(page.soup.select("[data-focus-here]")) == 1 and text(page.soup.find(id="said")) == ""
    row = page.soup.select_one("#queue .queue a")
    assert row["hx-get"] == row["href"] and row["hx-target"] == "#desk"


@pytest.mark.usefixtures("three")
async def test_after_a_decision_htmx_gets_the_next_desk_and_hears_the_outcome(seat):
    desk = await seat(htmx=True)
    page = await desk.post("/staff/wishes/1", decision="approve")
    assert page.response.history[0].status_code == 303 and roots(page) == PARTS
    assert page.headers["hx-push-url"] == "/staff/wishes/2"
    said = page.soup.find(id="said")
    assert text(said) == "Approved. Next: Jonah Whitfield" and said["hx-swap-oob"] == "innerHTML:#status"
    assert text(page.soup.select_one("#flashes .notice")) == "Approved." and badge(page) == "2 waiting"
    assert [one.name for one in page.soup.select("[data-focus-here]")] == ["h1"]
    assert "Approved." not in (await desk.get("/staff/wishes/2")).words


@pytest.mark.usefixtures("three")
async def test_when_nothing_is_left_htmx_gets_the_queue_in_its_place(seat):
    desk = await seat(htmx=True)
    page = await desk.post("/staff/wishes/1?age=7", decision="approve")
    assert roots(page) == PARTS and page.headers["hx-push-url"] == "/staff/review?age=7"
    assert text(page.soup.find(id="said")) == "Approved. 0 wait." and badge(page) == "2 waiting"
    assert page.soup.select_one("#queue-h").has_attr("data-focus-here")


@pytest.mark.usefixtures("three")
async def test_a_filter_leaves_the_focus_where_it_is_and_says_how_many_there_are(seat):
    desk = await seat(htmx=True)
    page = await desk.get("/staff/review?kind=&clinician=1&age=&sort=")
    assert roots(page) == PARTS and page.headers["hx-push-url"] == "/staff/review?clinician=1"
    assert page.soup.select("[data-focus-here]") == [] and text(page.soup.find(id="said")) == "2 wait."


@pytest.mark.usefixtures("three")
async def test_mistakes_and_stale_decisions_come_to_htmx_as_the_desk_too(seat):
    desk, sam = await seat(htmx=True), await seat("administrator", htmx=True)
    page = await desk.post("/staff/wishes/1", decision="return", reason="")
    assert page.status == 422 and roots(page) == PARTS and "hx-push-url" not in page.headers
    assert page.soup.select_one("#errors") is not None
    assert page.soup.title.get_text().startswith("Error: ")
    await desk.post("/staff/wishes/1", decision="approve")
    page = await sam.post("/staff/wishes/1", decision="approve")
    assert page.status == 409 and roots(page) == PARTS and "hx-retarget" not in page.headers
    assert [one["class"] for one in page.soup.select("[data-focus-here]")] == [["notice", "wait"]]


@pytest.mark.usefixtures("three")
async def test_every_button_and_row_has_a_plain_way_beside_the_quick_one(desk, sam):
    await sam.get("/staff/wishes/3")
    for path in ("/staff/review", "/staff/wishes/1", "/staff/wishes/3"):
        page = await desk.get(path)
        for one in page.soup.select("#desk [hx-get]"):
            assert one.get("href") == one["hx-get"] or one.get("action") == one["hx-get"]
        for one in page.soup.select("#desk [hx-post]"):
            assert one["action"] == one["hx-post"] and one["method"] == "post" and one.select("button")


def test_notices_are_drawn_by_one_piece():
    from portal.settings import ROOT

    drawing = [path.name for path in (ROOT / "templates").rglob("*.html") if 'id="flashes"' in path.read_text()]
    assert drawing == ["_flashes.html"]


# A new kind -----------------------------------------------------------------------------------------------------------


def test_the_queue_names_no_kind_so_a_new_one_changes_none_of_its_files():
    """The wishes of these tests are a kind of their own: a declaration, a template and a controller."""
    from pathlib import Path

    from portal import consequences
    from portal.app import create_app
    from portal.review.kinds import KINDS
    from portal.settings import ROOT

    assert consequences and create_app and len(KINDS) > 5
    files = [*Path(ROOT / "portal" / "review").rglob("*.py"), *Path(ROOT / "templates" / "review").rglob("*.html")]
    said = "\n".join(path.read_text() for path in [*files, ROOT / "templates" / "components" / "decide.html"])
    features = {name.partition(".")[0] for name in KINDS} - {"letter"}
    assert [name for name in KINDS if name in said] == []
    assert [name for name in features if f"portal.{name}" in said or f"{name}/" in said] == []
