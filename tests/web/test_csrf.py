"""A POST is ours or it is nothing: the Origin first, then the token that belongs to this very session."""

import base64

import pytest

from portal.settings import settings
from portal.web.csrf import _is_ours
from portal.web.visit import Visit
from tests.accounts.conftest import environment, secret_keys
from tests.browser import Browser, Page
from tests.cast import Cast
from tests.web.everything import POSTS, browser_for, changed, digest, filled

__all__ = ["environment", "secret_keys"]

FREE_SIGNED_OUT = ("/sign-out", "/language")
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://portal.test.evil.example"},
    {"Origin": "https://portal.test"},
    {"Origin": "http://portal.test:8080"},
    {"Origin": "http://portal.test@evil.example"},
    {"Origin": "http://["},
    {"Origin": "http://127.0.0.1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "nonsense"},
]


async def sent(cast: Cast, route, *, browser: Browser | None = None, **how) -> Page:
    path, _, words = route
    browser = browser or await browser_for(cast, words)
    return await browser.post(filled(path, cast.client.id), follow=False, words="Anna <i>", next="/help", **how)


async def test_without_our_token_nothing_happens_and_what_was_typed_is_given_back(cast):
    """No token, nonsense, a token of nobody's, and the token of somebody else who is signed in."""
    stranger = (await cast.browser("stranger")).token
    before = await digest(but=("session",))
    for route in POSTS:
        path = filled(route[0], cast.client.id)
        for token in ("", "nonsense", "é", Visit(secret="another").csrf_token(), stranger):
            if route[0] not in FREE_SIGNED_OUT:
                page = await sent(cast, route, token=token)
                assert (page.status, page.heading) == (419, "Please send it once more"), path
                form = page.soup.select_one("#error form")
                typed = {one["name"]: one["value"] for one in form.select("input")}
                assert (form["action"], typed["words"], typed["next"]) == (path, "Anna <i>", "/help")
                assert "Anna <i>" not in page.text
    assert changed(before, await digest(but=("session",))) == set()


@pytest.mark.parametrize("part", ["its own", "signed out"])
async def test_from_another_site_it_is_403_before_anything_is_read(cast, part):
    before = await digest(but=("session",))
    for route in POSTS:
        browser = await browser_for(cast, route[2]) if part == "its own" else Browser()
        for headers in FOREIGN:
            page = await sent(cast, route, browser=browser, headers=headers)
            assert page.status == 403, (route, headers)
            assert "Anna" not in page.text and "session" not in page.headers.get("set-cookie", "")
    assert changed(before, await digest(but=("session",))) == set()


@pytest.mark.parametrize("path", FREE_SIGNED_OUT)
async def test_what_is_harmless_signed_out_needs_a_token_when_signed_in(cast, path):
    browser = await cast.browser("client")
    assert (await browser.post(path, follow=False, token="", next="/help")).status == 419
    assert (await browser.get("/account", follow=False)).status == 200


async def test_signed_out_a_form_that_needs_sign_in_leads_there_whatever_its_token(cast):
    for route in POSTS:
        if not route[2].startswith("public"):
            for token in (None, "", "nonsense"):
                page = await sent(cast, route, browser=Browser(), token=token)
                assert page.status == 303 and page.headers["location"].startswith("/sign-in"), route


async def test_what_is_harmless_signed_out_is_done_without_a_token(cast):
    for path in FREE_SIGNED_OUT:
        for token in ("", "nonsense"):
            assert (await Browser().post(path, follow=False, token=token, next="/help")).status == 303


async def test_what_was_given_back_can_be_sent_and_lands(cast):
    desk = await cast.browser("front_desk")
    typed = {
        "given_name": "Ann",
        "family_name": "O’Lee",
        "birth_date_month": "2",
        "birth_date_day": "3",
        "birth_date_year": "1980",
    }
    page = await desk.post("/staff/clients", token="stale", password="never shown", **typed)
    assert page.status == 419 and "never shown" not in page.text
    assert "O’Lee" in [one.get_text() for one in page.soup.select("#error .kept")]
    page = await desk.press(page, "/staff/clients")
    assert page.heading == "Ann O’Lee"


async def test_a_page_from_before_sign_in_is_not_accepted_after_it(cast):
    async with Browser() as browser:
        old = (await browser.get("/sign-in")).value("_csrf_token")
        await browser.signed_in(cast.accounts["client"].id)
        assert (await browser.post("/session", token=old)).status == 419


async def test_a_page_from_before_signing_out_is_not_accepted_after_it(cast):
    browser = await cast.browser("client")
    old = browser.token
    await browser.post("/sign-out")
    await browser.signed_in(cast.accounts["client"].id)
    assert (await browser.post("/session", token=old)).status == 419


async def test_the_token_may_come_in_a_header(cast):
    browser = await cast.browser("client")
    page = await browser.post("/session", token="", headers={"X-CSRF-Token": browser.token})
    assert page.status == 204
    assert (await browser.post("/session", headers={"X-CSRF-Token": "nonsense"})).status == 419


async def test_a_file_in_the_place_of_the_token_is_no_token(cast):
    browser = await cast.browser("client")
    files = {"_csrf_token": ("token.txt", browser.token.encode(), "text/plain")}
    answer = await browser.http.post("/session", files=files, headers={"Origin": settings().origin})
    assert answer.status_code == 419


async def test_without_an_origin_the_token_decides(cast):
    """Old browsers and some proxies send none."""
    browser = await cast.browser("client")
    answer = await browser.http.post("/session", data={"_csrf_token": browser.token})
    assert answer.status_code == 204
    assert (await browser.http.post("/session", data={"_csrf_token": "x"})).status_code == 419


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://portal.test"}]
)
async def test_from_our_own_pages_it_is_welcome(cast, headers):
    assert (await (await cast.browser("client")).post("/session", headers=headers)).status == 204


async def test_a_signed_out_visitor_gets_a_cookie_for_the_token_and_only_then(cast):
    async with Browser() as browser:
        browser.http.cookies.clear()
        page = await browser.get("/help")
        cookie = page.headers["set-cookie"]
        assert cookie.startswith("portal-start=") and "HttpOnly" in cookie and "SameSite=lax" in cookie
        page = await browser.press(await browser.get("/sign-in"), "/sign-in", email="maya@example.com", password="x")
        assert page.status == 422 and "set-cookie" not in page.headers


def test_a_token_is_masked_anew_each_time_and_every_mask_is_accepted():
    visit = Visit(secret="secret")
    tokens = {visit.csrf_token() for _ in range(50)}
    assert len(tokens) == 50 and all(visit.is_our_token(token) for token in tokens)


def test_a_token_with_one_bit_changed_is_none_of_ours():
    visit = Visit(secret="secret")
    raw = base64.urlsafe_b64decode(visit.csrf_token())
    for place in range(len(raw)):
        broken = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        assert not visit.is_our_token(base64.urlsafe_b64encode(broken).decode())


@pytest.mark.parametrize(
    "token",
    ["", "A", "====", "A" * 88, "A" * 100_000, "\ud800", "\0", "日本語", base64.urlsafe_b64encode(b"\0" * 64).decode()],
)
def test_nonsense_is_no_token(token):
    assert not Visit(secret="secret").is_our_token(token)


def test_without_a_secret_there_is_no_token_at_all():
    assert not Visit().is_our_token(Visit(secret="").csrf_token())
    assert not Visit().is_our_token(Visit(secret="x").csrf_token())


def test_a_page_survives_the_change_of_the_key_and_not_its_end(secret_keys):
    old, visit = secret_keys(), Visit(secret="secret")
    token = visit.csrf_token()
    secret_keys("a newer secret for tests only, 40 letters", old)
    assert visit.is_our_token(token)
    secret_keys("a newer secret for tests only, 40 letters")
    assert not visit.is_our_token(token)


@pytest.mark.parametrize(
    ("base", "origin", "host", "ours"),
    [
        ("https://portal.test", "https://portal.test", "portal.test", True),
        ("https://portal.test", "http://portal.test", "portal.test", False),
        ("https://portal.test", "https://evil.example", "evil.example", False),
        ("https://portal.test", "http://127.0.0.1:8000", "127.0.0.1:8000", False),
        ("http://127.0.0.1:8000", "http://localhost:9000", "localhost:9000", True),
        ("http://127.0.0.1:8000", "http://localhost:9000", "localhost:8000", False),
        ("http://127.0.0.1:8000", "http://evil.example", "evil.example", False),
        ("http://127.0.0.1:8000", "http://localhost.evil.example:9000", "localhost.evil.example:9000", False),
        ("http://127.0.0.1:8000", "null", "127.0.0.1:8000", False),
        ("http://127.0.0.1:8000", "http://[::1]:8000", "[::1]:8000", True),
    ],
)
def test_on_loopback_every_port_of_this_machine_is_ours_if_it_is_the_one_that_was_asked(
    environment, base, origin, host, ours
):
    environment(BASE_URL=base)
    assert _is_ours(origin, host) is ours
