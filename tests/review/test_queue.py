"""The staff queue: what waits, the oldest first, to whom it concerns; settled by what is done elsewhere."""

import asyncio

import pytest

from portal import clock
from portal.database import fetch
from portal.review import queries
from portal.review.actions import open_item, settle_items
from tests.browser import Page
from tests.factories import TEST, a_client, an_invitation, link_to


@pytest.fixture
async def desk(cast):
    return await cast.browser("front_desk")


async def about(client, kind: str = "invitation.renewal_asked") -> None:
    await open_item(TEST, kind, client.id, f"/staff/clients/{client.id}", client.id)


def rows(page: Page) -> list[str]:
    return [one.get_text(" ", strip=True) for one in page.soup.select("#list .rows .words")]


def badge(page: Page) -> str:
    found = page.soup.select_one('nav.areas a[href="/staff/review"] .badge')
    return found.get_text(" ", strip=True) if found else ""


async def test_without_anything_to_do_it_says_so(desk):
    page = await desk.get("/staff/review")
    assert "All caught up." in page.words and badge(page) == ""


async def test_the_oldest_stands_first_with_its_reason_and_leads_to_its_chart(cast, desk):
    with clock.shifted(minutes=-5):
        await about(cast.other, "invitation.locked")
    await about(cast.client)
    page = await desk.get("/staff/review")
    assert rows(page) == [
        "Jonah Whitfield Invitation closed after five wrong tries",
        "Maya Reyes Asks for a new invitation",
    ]
    assert [one["href"] for one in page.soup.select("#list .rows a")] == [
        f"/staff/clients/{cast.other.id}", f"/staff/clients/{cast.client.id}",
    ]  # fmt: skip
    assert badge(page) == "2 waiting" == badge(await desk.get("/staff/clients"))


async def test_a_second_reason_of_the_same_kind_changes_nothing_while_the_first_is_open(cast):
    await asyncio.gather(*(about(cast.client) for _ in range(10)))
    assert len(await fetch("SELECT 1 FROM review_item")) == 1
    await settle_items(TEST, ["invitation.renewal_asked"], cast.client.id)
    await about(cast.client)
    assert [row["settled_at"] is None for row in await fetch("SELECT settled_at FROM review_item ORDER BY id")] == [
        False,
        True,
    ]


async def test_what_is_settled_is_gone_and_says_by_whom(cast, desk):
    await about(cast.other)
    viewer = TEST.on(reason="", role="front_desk", staff_id=cast.accounts["front_desk"].staff_member)
    await settle_items(viewer, ["invitation.renewal_asked", "invitation.locked"], cast.other.id)
    row = (await fetch("SELECT settled_by, settled_at FROM review_item"))[0]
    assert row["settled_by"] == viewer.staff_id and row["settled_at"] is not None
    assert "All caught up." in (await desk.get("/staff/review")).words


async def test_settling_one_subject_or_kind_leaves_the_others(cast):
    await about(cast.client)
    await about(cast.other)
    await about(cast.other, "invitation.locked")
    await settle_items(TEST, ["invitation.locked"], cast.other.id)
    await settle_items(TEST, ["invitation.locked"], 999)
    assert [(one.client, one.kind) for one in await queries.waiting(TEST)] == [
        ("Maya Reyes", "invitation.renewal_asked"), ("Jonah Whitfield", "invitation.renewal_asked"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("front_desk", ["Maya Reyes", "Jonah Whitfield", "The portal"]),
        ("administrator", ["Maya Reyes", "Jonah Whitfield", "The portal"]),
        ("clinician", ["Maya Reyes", "The portal"]),
        ("other clinician", ["The portal"]),
    ],
)
async def test_each_sees_what_concerns_the_clients_they_reach_and_what_concerns_the_portal(cast, part, names):
    await about(cast.client)
    await about(cast.other)
    await open_item(TEST, "errand.dead", 1, "/staff/letters")
    page = await (await cast.browser(part)).get("/staff/review")
    assert [row.split(" Asks")[0].split(" Background")[0] for row in rows(page)] == names
    assert badge(page) == f"{len(names)} waiting"


@pytest.mark.parametrize("part", ["biller", "privacy_officer", "auditor", "client", "stranger", "guardian"])
async def test_others_have_no_queue(cast, part):
    await about(cast.client)
    browser = await cast.browser(part)
    assert (await browser.get("/staff/review")).status == 404
    assert badge(await browser.get("/account")) == ""


async def test_ones_own_chart_does_not_wait_for_oneself(cast, desk):
    from tests.factories import a_grant

    await a_grant(cast.accounts["front_desk"], cast.other)
    await about(cast.other)
    assert rows(await desk.get("/staff/review")) == []


async def test_a_long_queue_is_cut_and_its_count_is_not(cast, desk):
    await fetch(
        "INSERT INTO review_item (kind, subject_id, url, opened_at) SELECT 'errand.dead', n, '/staff/letters', now()"
        " FROM generate_series(1, 250) AS n"
    )
    page = await desk.get("/staff/review")
    assert len(rows(page)) == queries.MOST and badge(page) == "250 waiting"


async def test_an_expired_invitations_wish_comes_through_to_the_desk_and_is_granted(cast, desk, nobody):
    client = await a_client("Lena", "Fischer", email="lena@example.com")
    row = await an_invitation(client, "lena@example.com")
    with clock.shifted(days=8):
        await nobody.press(await nobody.get(link_to(row)), "/renewal")
        desk = await cast.browser("front_desk")
        page = await desk.get("/staff/review")
        assert rows(page) == ["Lena Fischer Asks for a new invitation"]
        chart = await desk.get(page.soup.select_one("#list .rows a")["href"])
        await desk.press(chart, "/resending")
        assert rows(await desk.get("/staff/review")) == []
