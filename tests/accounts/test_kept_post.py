"""What an expired session was about to send is kept for its own account, shown after sign-in, and sent on or not."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from portal import clock, keys
from portal.access import Viewer
from portal.accounts.actions import kept_post
from portal.accounts.tables import Account, KeptPost
from portal.clients.tables import Client
from portal.database import fetch
from portal.settings import settings
from tests.accounts.steps import NEW_PASSWORD
from tests.browser import Browser, Page
from tests.factories import PASSWORD

NEW = {
    "given_name": "Ann <b>",
    "family_name": "O’Lee & Sons",
    "preferred_name": "",
    "birth_date_month": "2",
    "birth_date_day": "3",
    "birth_date_year": "1980",
    "email": "",
    "principal_clinician": "",
}
LATER = {"minutes": 16}


@pytest.fixture
async def desk(cast):
    return await cast.browser("front_desk")


async def back_in(browser: Browser, page: Page, email: str = "front_desk.staff@practice.example") -> Page:
    """Signs in on the page that one was sent to."""
    assert urlsplit(page.path).path == "/sign-in"
    return await browser.press(page, "/sign-in", email=email, password=PASSWORD)


def shown(page: Page) -> list[str]:
    return [value for _, value in named(page)]


def named(page: Page) -> list[tuple[str, str]]:
    return [(one.dt.get_text(), one.dd.get_text()) for one in page.soup.select("#kept_post .facts > div")]


async def test_it_is_given_back_after_sign_in_sent_on_and_lands(desk):
    with clock.shifted(**LATER):
        page = await desk.post("/staff/clients", **NEW)
        assert parse_qs(urlsplit(page.path).query) == {"next": ["/account/kept-post"]}
        page = await back_in(desk, page)
        assert (page.path, page.heading) == ("/account/kept-post", "You were signed out before this was sent")
        assert named(page) == [
            ("First name", "Ann <b>"), ("Last name", "O’Lee & Sons"),
            ("Date of birth: month", "2"), ("Date of birth: day", "3"), ("Date of birth: year", "1980"),
        ]  # fmt: skip
        assert await Client.count() == 2 and "Ann <b>" not in page.text
        page = await desk.press(page, "/account/kept-post/1", _decision="send")
        assert page.heading == "Ann <b> O’Lee & Sons"
    assert await Client.count() == 3 and await KeptPost.count() == 0


async def test_the_browser_is_asked_to_repeat_the_very_same_form(desk):
    with clock.shifted(**LATER):
        page = await back_in(desk, await desk.post("/staff/clients", **NEW))
        answer = await desk.post("/account/kept-post/1", follow=False, _decision="send", **NEW)
        assert (answer.status, answer.headers["location"]) == (307, "/staff/clients") and page.status == 200


async def test_it_can_be_thrown_away(desk):
    with clock.shifted(**LATER):
        page = await back_in(desk, await desk.post("/staff/clients", **NEW))
        page = await desk.press(page, "/account/kept-post/1", _decision="discard")
        assert page.path == "/staff/review"
        assert (await desk.get("/account/kept-post")).path == "/staff/review"
    assert await Client.count() == 2 and await KeptPost.count() == 0


async def test_a_mistake_in_it_is_said_where_it_landed(desk):
    with clock.shifted(**LATER):
        page = await back_in(desk, await desk.post("/staff/clients", **{**NEW, "birth_date_month": "13"}))
        page = await desk.press(page, "/account/kept-post/1", _decision="send")
        assert page.status == 422 and list(page.errors) == ["birth_date"] and page.value("given_name") == "Ann <b>"


async def test_several_values_of_one_field_stay_several_and_in_order(desk):
    with clock.shifted(**LATER):
        typed = [("b", "2"), ("a", "1"), ("b", "3"), ("c", " lines\r\nof text ")]
        body = "&".join(f"{name}={value}" for name, value in typed).replace("\r\n", "%0D%0A").replace(" ", "+")
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": settings().origin}
        answer = await desk.http.post("/staff/clients/search", content=body, headers=headers, follow_redirects=False)
        assert answer.status_code == 303
        page = await back_in(desk, await desk.get(answer.headers["location"]))
        fields = page.soup.select('#kept_post input[type="hidden"]:not([name="_csrf_token"])')
        assert [(one["name"], one["value"]) for one in fields] == [
            ("b", "2"), ("b", "3"), ("a", "1"), ("c", " lines\nof text "),
        ]  # fmt: skip
        assert named(page) == [("B", "2"), ("B", "3"), ("A", "1"), ("C", " lines\nof text ")]


async def test_htmx_is_led_the_same_way(cast):
    browser = await cast.browser("front_desk", htmx=True)
    with clock.shifted(**LATER):
        page = await browser.post(f"/staff/clients/{cast.client.id}/emails", kind="work", email="m@work.example")
        assert (page.status, page.headers["hx-redirect"]) == (401, "/sign-in?next=%2Faccount%2Fkept-post")
    assert await KeptPost.count() == 1


async def test_another_account_never_sees_it(cast, desk):
    with clock.shifted(**LATER):
        page = await desk.post("/staff/clients", **NEW)
        page = await back_in(desk, page, "maya@example.com")
        assert page.path == f"/clients/{cast.client.id}" and "Ann" not in page.text
        for part in ("client", "administrator"):
            other = await cast.browser(part)
            assert "Ann" not in (await other.get("/account/kept-post")).text
            assert (await other.post("/account/kept-post/1", _decision="send", **NEW)).status == 404
    assert await KeptPost.count() == 1


async def test_it_is_encrypted_for_its_account(desk, cast):
    with clock.shifted(**LATER):
        await desk.post("/staff/clients", **NEW)
    row = await KeptPost.objects().first()
    assert b"Ann" not in bytes(row.sealed) and b"Lee" not in bytes(row.sealed)
    told = json.loads(keys.unseal("kept post", bytes(row.sealed), str(cast.accounts["front_desk"].id)))
    assert told["action"] == "/staff/clients"
    await KeptPost.update({KeptPost.account: cast.accounts["client"].id}).where(KeptPost.id == row.id)
    assert await kept_post.newest(Viewer(account_id=cast.accounts["client"].id)) is None


async def test_after_24_hours_it_is_gone(desk):
    with clock.shifted(**LATER):
        await desk.post("/staff/clients", **NEW)
        viewer = Viewer(account_id=(await KeptPost.objects().first()).account)
    with clock.shifted(hours=24, minutes=15):
        assert await kept_post.newest(viewer) is not None
    with clock.shifted(hours=24, minutes=17):
        assert await kept_post.newest(viewer) is None
        await kept_post.prune()
        assert await KeptPost.count() == 0


async def test_passwords_are_never_kept(desk):
    typed = {
        "present_password": PASSWORD,
        "password": NEW_PASSWORD,
        "password_again": NEW_PASSWORD,
        "new_password_2": "x",
    }
    with clock.shifted(**LATER):
        page = await desk.post("/account/password", headers={"Referer": "http://portal.test/account"}, **typed)
        assert page.path == "/sign-in?next=%2Faccount"
        await desk.post("/account/appearance", language="es", **typed)
        viewer = Viewer(account_id=(await KeptPost.objects().first()).account)
        assert (await kept_post.newest(viewer)).fields == [("language", "es")]
    assert await KeptPost.count() == 1


@pytest.mark.parametrize("length", [kept_post.MOST_BYTES + 1, 900_000])
async def test_what_is_too_large_is_not_kept_and_one_signs_in_to_the_page_one_was_on(desk, length):
    with clock.shifted(**LATER):
        page = await desk.post(
            "/staff/clients", headers={"Referer": "http://portal.test/staff/clients/new"}, given_name="x" * length
        )
        assert page.path == "/sign-in?next=%2Fstaff%2Fclients%2Fnew"
    assert await KeptPost.count() == 0


async def test_what_is_larger_than_the_portal_accepts_is_not_even_read(desk):
    with clock.shifted(**LATER):
        page = await desk.post("/staff/clients", given_name="x" * 3_000_000)
        assert page.path == "/sign-in?next=%2F" or page.path == "/sign-in"
    assert await KeptPost.count() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_has_nothing_kept(desk, headers):
    with clock.shifted(**LATER):
        page = await desk.post("/staff/clients", follow=False, headers=headers, **NEW)
        assert page.status == 403
    assert await KeptPost.count() == 0


async def test_somebody_who_was_never_signed_in_has_nothing_kept(cast):
    async with Browser() as browser:
        page = await browser.post("/staff/clients", **NEW)
        assert urlsplit(page.path).path == "/sign-in"
    assert await KeptPost.count() == 0


@pytest.mark.parametrize("ended", ["signed out", "revoked", "suspended", "absent"])
async def test_a_session_that_was_ended_on_purpose_has_nothing_kept(cast, desk, ended):
    if ended == "signed out":
        token = desk.http.cookies["portal-session"]
        await desk.post("/sign-out")
        desk.http.cookies.set("portal-session", token, domain="portal.test")
    elif ended == "revoked":
        await fetch("UPDATE session SET ended_at = now()")
    elif ended == "suspended":
        await Account.update({Account.is_suspended: True}, force=True)
    else:
        desk.http.cookies.delete("portal-session")
    with clock.shifted(**LATER):
        page = await desk.post("/staff/clients", follow=False, **NEW)
        assert page.status == 303 and "kept-post" not in page.headers["location"]
    assert await KeptPost.count() == 0


async def test_a_form_without_a_word_in_it_is_not_kept(cast, desk):
    with clock.shifted(**LATER):
        page = await desk.post(f"/staff/clients/{cast.client.id}/portal-access/revocation", follow=False)
        assert page.status == 303 and "kept-post" not in page.headers["location"]


async def test_a_file_is_not_kept_but_what_was_typed_beside_it_is(desk):
    with clock.shifted(**LATER):
        files = {"scan": ("scan.pdf", b"%PDF-1.7 secret", "application/pdf")}
        await desk.http.post(
            "/staff/clients", data={"given_name": "Ann"}, files=files, headers={"Origin": settings().origin}
        )
        viewer = Viewer(account_id=(await KeptPost.objects().first()).account)
        assert (await kept_post.newest(viewer)).fields == [("given_name", "Ann")]


@pytest.mark.parametrize("body", [b"\xff\xfe%zz&&&=", b"--x\r\nbroken"])
async def test_a_body_that_is_no_form_is_no_disaster(desk, body):
    with clock.shifted(**LATER):
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"):
            answer = await desk.http.post(
                "/staff/clients", content=body, headers={"Content-Type": kind, "Origin": settings().origin}
            )
            assert answer.status_code in (200, 303, 400)


async def test_the_last_one_comes_back_first_and_only_a_few_are_kept(desk):
    with clock.shifted(**LATER):
        for turn in range(kept_post.MOST_KEPT + 3):
            page = await desk.post("/staff/clients", **{**NEW, "given_name": f"Number {turn}"})
        page = await back_in(desk, page)
        assert shown(page)[0] == f"Number {kept_post.MOST_KEPT + 2}"
    assert await KeptPost.count() == kept_post.MOST_KEPT


async def test_sending_it_on_needs_the_rights_that_it_always_needed(cast, desk):
    """Between the two sessions the role has changed."""
    with clock.shifted(**LATER):
        page = await back_in(desk, await desk.post("/staff/clients", **NEW))
        await fetch("UPDATE staff_member SET role = 'biller' WHERE id = {}", cast.accounts["front_desk"].staff_member)
        page = await desk.press(page, "/account/kept-post/1", _decision="send")
        assert page.status == 404
    assert await Client.count() == 2


async def test_it_is_sent_on_once(desk):
    with clock.shifted(**LATER):
        page = await back_in(desk, await desk.post("/staff/clients", **NEW))
        await desk.press(page, "/account/kept-post/1", _decision="send")
        again = await desk.press(page, "/account/kept-post/1", _decision="send")
        assert again.status == 404
    assert await Client.count() == 3


async def test_giving_it_back_needs_a_token_like_every_form(desk):
    with clock.shifted(**LATER):
        await back_in(desk, await desk.post("/staff/clients", **NEW))
        page = await desk.post("/account/kept-post/1", token="stale", _decision="send", **NEW)
        assert page.status == 419 and await KeptPost.count() == 1


async def test_without_anything_kept_the_page_leads_home(desk):
    assert (await desk.get("/account/kept-post")).path == "/staff/review"
    assert (await desk.post("/account/kept-post/1", _decision="send")).status == 404


async def test_a_key_that_is_gone_gives_nothing_back_and_breaks_nothing(desk):
    with clock.shifted(**LATER):
        page = await desk.post("/staff/clients", **NEW)
        await KeptPost.update({KeptPost.sealed: b"\0" * 100}, force=True)
        assert (await back_in(desk, page)).path == "/staff/review"


async def test_a_text_that_was_saving_itself_is_given_back_as_its_form_and_really_sent(cast):
    browser = await cast.browser("client")
    path = f"/clients/{cast.client.id}/messages"
    typed = {"topic": "other", "subject": "Parking", "body": "Half a sentence", "key": "d" * 32, "act": "keep"}
    with clock.shifted(**LATER):
        page = await browser.post(f"{path}/draft", **typed)
        page = await back_in(browser, page, "maya@example.com")
        assert "Half a sentence" in page.words and "d" * 32 not in page.words
        page = await browser.press(page, "/account/kept-post/1", _decision="send")
        assert page.path.startswith(f"{path}/")
    sent = await fetch("SELECT body FROM message WHERE kind = 'client'")
    assert [row["body"] for row in sent] == ["Half a sentence"]
