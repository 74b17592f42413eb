"""Sessions: 15 minutes idle, 12 hours in all, ended for good, never renewed by what runs in the background."""

import asyncio

import pytest

from portal import clock
from portal.accounts import sessions
from portal.accounts.actions import invitation, password_reset
from portal.accounts.actions.own import change_password
from portal.accounts.tables import Account, Grant, Session
from portal.database import ENGINE, fetch
from portal.practice.tables import StaffMember
from tests.accounts.steps import NEW_PASSWORD, is_signed_in, sign_in
from tests.browser import Browser
from tests.factories import PASSWORD, TEST, a_client, a_grant, a_practice, an_account

MINUTE, HOUR = 60, 3600


@pytest.fixture
async def maya(db):
    await a_practice()
    account = await an_account(name="Maya Reyes")
    await a_grant(account, await a_client())
    return account


@pytest.fixture
async def browser(maya):
    with clock.stopped():
        async with Browser() as made:
            yield await made.signed_in(maya.id)


async def at(browser: Browser, seconds: float, path: str = "/account") -> int:
    """The status of a page asked for then; 303 leads to sign-in."""
    with clock.shifted(seconds=seconds):
        return (await browser.get(path, follow=False)).status


async def seen_at() -> object:
    return (await fetch("SELECT max(seen_at) AS seen FROM session"))[0]["seen"]


async def test_after_899_quiet_seconds_one_is_still_there(browser):
    assert await at(browser, 899) == 200


async def test_after_901_quiet_seconds_one_is_out_and_stays_out(browser):
    assert await at(browser, 901) == 303
    assert await at(browser, 902) == 303


async def test_each_page_begins_the_fifteen_minutes_anew(browser):
    assert [await at(browser, turn * 14 * MINUTE) for turn in range(1, 6)] == [200] * 5
    assert await at(browser, 5 * 14 * MINUTE + 901) == 303


async def test_pressing_stay_signed_in_does_so_too(browser):
    with clock.shifted(minutes=14):
        assert (await browser.post("/session")).status == 204
    assert await at(browser, 28 * MINUTE) == 200


async def test_after_twelve_hours_one_signs_in_again_however_busy(browser):
    steps = range(14 * MINUTE, 12 * HOUR, 14 * MINUTE)
    assert {await at(browser, seconds) for seconds in steps} == {200}
    assert await at(browser, 12 * HOUR - 1) == 200
    assert await at(browser, 12 * HOUR + 1) == 303


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Trigger-Name": "poll"}])
async def test_a_background_route_does_not_renew(browser, headers):
    """`/health` is one; whether a route is, the server says and not the request."""
    before = await seen_at()
    for seconds in (300, 600, 880):
        assert await at(browser, seconds, "/health") == 200
    assert await seen_at() == before
    assert await at(browser, 901) == 303


async def test_a_foreground_route_renews_even_where_the_browser_calls_itself_a_poll(browser):
    with clock.shifted(minutes=10):
        await browser.get("/account", **{"X-Background": "1", "HX-Request": "true", "HX-Trigger-Name": "poll"})
    assert await at(browser, 20 * MINUTE) == 200


async def test_a_page_that_is_not_there_is_no_visit(browser):
    before = await seen_at()
    assert await at(browser, 600, "/nothing-of-ours") == 404
    assert await seen_at() == before


async def test_a_static_file_with_the_session_is_no_query_too_many(browser):
    await browser.get("/account")
    before = ENGINE.queries
    await browser.get("/static/nothing.css")
    assert ENGINE.queries - before <= 3


async def test_sign_out_ends_the_session_in_the_database_and_clears_the_browser(browser):
    token = browser.http.cookies["portal-session"]
    page = await browser.get("/account")
    answer = await browser.post("/sign-out", follow=False)
    assert (answer.status, answer.headers["location"]) == (303, "/signed-out")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert "portal-session" not in browser.http.cookies and page.status == 200
    browser.http.cookies.set("portal-session", token, domain="portal.test")
    assert not await is_signed_in(browser)


async def test_signing_out_ends_this_session_and_no_other(maya, browser):
    async with Browser() as phone:
        await phone.signed_in(maya.id)
        await browser.post("/sign-out")
        assert await is_signed_in(phone)


async def test_signing_out_after_the_session_has_expired_simply_signs_out(browser):
    with clock.shifted(minutes=16):
        page = await browser.post("/sign-out", token="of the session that ended")
        assert (page.status, page.heading) == (200, "You are signed out")


async def test_sign_out_is_a_post(browser):
    assert (await browser.http.get("/sign-out", follow_redirects=False)).status_code == 303
    assert await is_signed_in(browser)


@pytest.mark.parametrize("part", ["client", "guardian", "front_desk", "auditor", "clinician"])
async def test_sign_out_and_home_are_on_every_page(cast, part):
    browser = await cast.browser(part)
    paths = [
        "/",
        "/account",
        "/help",
        "/privacy",
        "/accessibility",
        "/nothing-of-ours",
        "/clients/999",
        "/demo/mailbox",
    ]
    paths += {"client": [f"/clients/{cast.client.id}"], "front_desk": ["/staff/clients", "/staff/review"]}.get(part, [])
    for path in paths:
        page = await browser.get(path)
        header = page.soup.select_one("header.top")
        assert header.select_one('form[action="/sign-out"] button').get_text(strip=True) == "Sign out", path
        assert header.select_one("a.brand")["href"].startswith("/") and header.select_one("a.brand svg"), path


async def test_a_page_that_is_not_there_speaks_the_language_of_who_reads_it(maya, browser):
    await Account.update({Account.language: "es"}).where(Account.id == maya.id)
    assert (await browser.get("/nothing-of-ours")).soup.html["lang"] == "es"


# What ends sessions ---------------------------------------------------------------------------------------------------


async def test_a_changed_password_ends_every_other_session(maya, browser):
    async with Browser() as phone:
        await phone.signed_in(maya.id)
        page = await browser.post(
            "/account/password", present_password=PASSWORD, password=NEW_PASSWORD, password_again=NEW_PASSWORD
        )
        assert "You are signed out everywhere else." in page.words
        assert (await is_signed_in(browser), await is_signed_in(phone)) == (True, False)


async def test_a_forgotten_password_that_was_set_anew_ends_them_all(maya, browser):
    await password_reset.ask(TEST, "maya@example.com")
    reset = (await fetch("SELECT id FROM password_reset"))[0]["id"]
    await password_reset.set_password(TEST, reset, NEW_PASSWORD, NEW_PASSWORD)
    assert not await is_signed_in(browser)


async def test_revoked_access_ends_them_now(maya, browser):
    await invitation.revoke(TEST, 1)
    assert not await is_signed_in(browser)
    assert await Grant.count().where(Grant.ends_at.is_null()) == 0


async def test_revoked_access_to_one_child_leaves_the_other_and_asks_to_sign_in_again(maya, browser):
    sibling = await a_client("Noor", "Reyes")
    await a_grant(maya, sibling, kind="guardian")
    await invitation.revoke(TEST, 1)
    assert not await is_signed_in(browser)
    page = await sign_in(browser)
    assert page.path == f"/clients/{sibling.id}"
    assert (await browser.get("/clients/1")).status == 404


async def test_a_change_of_owner_ends_the_former_owners_sessions(maya, browser):
    await invitation.change_owner(TEST, 1, email="father@example.com", kind="guardian", holder_name="Father")
    assert not await is_signed_in(browser)


async def test_a_grant_that_ends_by_its_date_ends_without_signing_out(maya, browser):
    await Grant.update({Grant.ends_at: clock.now()}).where(Grant.account == maya.id)
    assert (await browser.get("/clients/1")).status == 404
    assert "not connected to anybody" in (await browser.get("/")).words


async def test_a_grant_that_has_not_begun_reaches_nothing(maya, browser):
    await fetch("UPDATE access_grant SET starts_at = now() + interval '1 hour'")
    assert (await browser.get("/clients/1")).status == 404


async def test_a_member_of_staff_who_has_left_is_staff_no_longer_at_the_next_page(cast):
    desk = await cast.browser("front_desk")
    assert (await desk.get("/staff/clients")).status == 200
    await StaffMember.update({StaffMember.is_active: False}).where(
        StaffMember.id == cast.accounts["front_desk"].staff_member
    )
    assert (await desk.get("/staff/clients")).status == 404


async def test_a_role_that_changes_counts_at_the_next_page(cast):
    desk = await cast.browser("front_desk")
    await StaffMember.update({StaffMember.role: "auditor"}).where(
        StaffMember.id == cast.accounts["front_desk"].staff_member
    )
    assert (await desk.get("/staff/clients")).status == 404


async def test_an_unknown_an_empty_and_a_huge_cookie_are_nobody(maya, nobody):
    for value in ("", "x", "0" * 43, "é" * 10, "x" * 5000, "'; DROP TABLE session; --", "%00", '"quoted"', "a=b=c"):
        answer = await nobody.http.get(
            "/account", headers={"Cookie": f"portal-session={value}".encode("latin-1")}, follow_redirects=False
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Faccount")


async def test_another_cookie_with_a_similar_name_is_no_session(maya, nobody):
    token = await sessions.begin(maya.id, "", "")
    for name in ("__Host-portal-session", "portal-session2", "Portal-Session", "portal_session"):
        answer = await nobody.http.get("/account", headers={"Cookie": f"{name}={token}"}, follow_redirects=False)
        assert answer.status_code == 303, name


async def test_ending_all_but_this_one_says_how_many(maya):
    viewer = TEST.on(account_id=maya.id, reason="", session_id=1)
    for _ in range(3):
        await sessions.begin(maya.id, "", "")
    await change_password(viewer, PASSWORD, NEW_PASSWORD, NEW_PASSWORD)
    rows = await fetch("SELECT id FROM session WHERE ended_at IS NULL")
    assert [row["id"] for row in rows] == [1]
    assert (await fetch("SELECT detail FROM audit_row WHERE act = 'password.changed'"))[0]["detail"].count(
        '"sessions_ended": 2'
    )


async def test_ten_requests_at_once_of_one_session_are_answered(browser):
    with clock.shifted(minutes=5):
        pages = await asyncio.gather(*(browser.get("/account") for _ in range(10)))
    assert {page.status for page in pages} == {200}


async def test_old_sessions_are_forgotten_after_a_month(maya):
    await sessions.begin(maya.id, "", "")
    with clock.shifted(days=29):
        await sessions.prune()
        assert await Session.count() == 1
    with clock.shifted(days=31):
        await sessions.prune()
        assert await Session.count() == 0


async def test_a_long_agent_and_a_strange_one_are_kept_short(maya, nobody):
    nobody.headers["User-Agent"] = "x" * 2000
    assert (await sign_in(nobody)).status == 200
    assert len((await Session.objects().first()).agent) == 300
