"""The log of what was decided: who, what, when and why; found again by client or by colleague."""

from urllib.parse import unquote

import pytest

from portal import clock
from portal.database import fetch
from portal.review.actions import open_item, settle_items
from tests.factories import TEST, a_client, a_grant
from tests.review.a_kind import a_wish
from tests.review.reading import text, turn

LOG = "/staff/review/decided"


def lines(page) -> list[str]:
    """Who, what and how, the newest first."""
    return [" | ".join(text(one) for one in row.find_all(["th", "td"])[:-1]) for row in page.soup.select("tbody tr")]


@pytest.fixture
async def decisions(cast, seat):
    """Priya's part approves Maya's, the administrator returns Jonah's, and the portal ends an invitation."""
    for wish_id, client in ((1, cast.client), (2, cast.other)):
        await a_wish(wish_id, client, f"boat {wish_id}")
    await open_item(TEST, "invitation.locked", cast.other.id, "/staff/clients/2", cast.other.id)
    await open_item(TEST, "errand.dead", 1, "/staff/letters")
    with clock.shifted(minutes=1):
        await (await seat("front_desk")).post("/staff/wishes/1", decision="approve")
    with clock.shifted(minutes=2):
        await (await seat("administrator")).post("/staff/wishes/2", decision="return", reason="Too <b>large</b>")
    with clock.shifted(minutes=3):
        await settle_items(TEST, ["invitation.locked"], cast.other.id)


MAYAS = "Maya Reyes | A wish For boat 1 | Approved Front_Desk Staff"
JONAHS = "Jonah Whitfield | A wish For boat 2 | Returned to the client Administrator Staff Too <b>large</b>"
ENDED = (
    "Jonah Whitfield | Invitation closed after five wrong tries | Done Without a member of staff"
)  # fmt: skip


@pytest.mark.usefixtures("decisions")
async def test_it_says_who_decided_what_how_and_why_the_newest_first(desk):
    page = await desk.get(LOG)
    assert lines(page) == [ENDED, JONAHS, MAYAS]
    assert [one["href"] for one in page.soup.select("tbody a")] == ["/staff/wishes/2", "/staff/wishes/1"]
    assert page.soup.select_one("nav.crumbs a")["href"] == "/staff/review"
    queue = await desk.get("/staff/review")
    assert text(queue.soup.find("a", href=LOG)) == "Decisions"


@pytest.mark.parametrize(
    ("words", "kind", "found"),
    [
        ("reyes", "", [MAYAS]),
        ("may rey", "", [MAYAS]),
        ("10002", "", [ENDED, JONAHS]),
        ("Whitfield", "test.wish", [JONAHS]),
        ("front_desk", "", [MAYAS]),
        ("ADMIN staff", "", [JONAHS]),
        ("staff", "", [JONAHS, MAYAS]),
        ("", "invitation.locked", [ENDED]),
        ("nobody", "", []),
        ("maya whitfield", "", []),
        ("'", "", []),
        (r"\ & | ! :*", "", []),
    ],
)
@pytest.mark.usefixtures("decisions")
async def test_it_is_found_by_client_chart_number_colleague_and_kind(desk, words, kind, found):
    page = await desk.press(await desk.get(LOG), "/search", words=words, kind=kind)
    assert lines(page) == found
    assert page.value("words") == words
    assert text(page.soup.select_one("#of-kind option[selected]")) != "" if kind else True
    assert ("Nothing matches." in page.words) == (not found)


@pytest.mark.usefixtures("decisions")
async def test_what_was_searched_for_is_in_no_address(desk):
    page = await desk.press(await desk.get(LOG), "/search", words="Whitfield", kind="")
    assert page.path.startswith(f"{LOG}?find=") and "hitfield" not in unquote(page.path)
    assert lines(await desk.get(page.path)) == [ENDED, JONAHS]
    assert lines(await desk.get(page.path[:-4] + "AAAA")) == [ENDED, JONAHS, MAYAS]


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("front_desk", [ENDED, JONAHS, MAYAS]),
        ("supervisor", [ENDED, JONAHS, MAYAS]),
        ("administrator", [ENDED, JONAHS, MAYAS]),
        ("clinician", [MAYAS]),
        ("other clinician", []),
    ],
)
@pytest.mark.usefixtures("decisions")
async def test_each_reads_of_the_clients_they_reach(seat, part, found):
    browser = await seat(part)
    assert lines(await browser.get(LOG)) == found
    page = await browser.press(await browser.get(LOG), "/search", words="staff", kind="")
    assert lines(page) == [line for line in found if line != ENDED]


@pytest.mark.usefixtures("decisions")
async def test_decisions_about_oneself_are_for_others(cast, desk):
    await a_grant(cast.accounts["front_desk"], cast.client)
    assert lines(await desk.get(LOG)) == [ENDED, JONAHS]


async def test_without_decisions_it_says_what_will_stand_here(cast, desk):
    await a_wish(1, cast.client)
    page = await desk.get(LOG)
    assert "Nothing was decided yet." in page.words and lines(page) == []


@pytest.mark.parametrize("words", ["", "staff"])
async def test_it_is_turned_over_page_by_page_there_and_back(cast, seat, words):
    staff = cast.accounts["front_desk"].staff_member
    await fetch(
        "INSERT INTO review_item (kind, subject_id, url, about, opened_at, settled_at, settled_by, outcome, reason)"
        " SELECT 'test.wish', n, '', 'boat ' || n, now(), now() - (n / 4) * interval '1 hour', {}, 'seen', ''"
        " FROM generate_series(1, 60) AS n",
        staff,
    )
    desk = await seat()
    page = await desk.press(await desk.get(LOG), "/search", words=words, kind="")
    there, back = [lines(page)], []
    while turn(page, "next"):
        page = await desk.get(turn(page, "next"))
        there.append(lines(page))
    while turn(page, "prev"):
        page = await desk.get(turn(page, "prev"))
        back.append(lines(page))
    assert [len(one) for one in there] == [25, 25, 10] and back[::-1] == there[:-1]
    assert len({line for page in there for line in page}) == 60


@pytest.mark.usefixtures("decisions")
async def test_to_htmx_it_is_one_part_with_its_address(cast, seat):
    desk = await seat(htmx=True)
    page = await desk.post(f"{LOG}/search", words="reyes", kind="test.wish")
    assert [one.get("id") for one in page.soup.find_all(True, recursive=False)] == ["decided"]
    assert page.headers["hx-push-url"].startswith(f"{LOG}?find=") and lines(page) == [MAYAS]
    row = (await fetch("SELECT act, detail->>'clients' AS clients FROM audit_row ORDER BY id DESC LIMIT 1"))[0]
    assert row == {"act": "list.read", "clients": f"[{cast.client.id}]"}


@pytest.mark.usefixtures("decisions")
async def test_in_spanish(desk):
    await desk.post("/language", language="es")
    page = await desk.get(LOG)
    assert page.heading == "Decisiones" and "Devuelto al cliente" in page.words


@pytest.mark.usefixtures("decisions")
async def test_a_large_practice_is_searched_by_the_index_of_words(cast, desk):
    zoe = await a_client("Zoë", "Nguyễn")
    await a_wish(9, zoe)
    await desk.post("/staff/wishes/9", decision="approve")
    page = await desk.press(await desk.get(LOG), "/search", words="nguyen zoe", kind="")
    assert [line.split(" | ")[0] for line in lines(page)] == ["Zoë Nguyễn"]
