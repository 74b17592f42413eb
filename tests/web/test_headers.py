"""Every answer carries the same headers, whatever it answers."""

import pytest

from portal.database import fetch
from portal.web.headers import ALWAYS
from tests.accounts.conftest import environment
from tests.browser import Browser
from tests.web.everything import ROUTES, browser_for, filled

__all__ = ["environment"]

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
}


def check(headers, *, of: str = "") -> None:
    """What each answer says; a static file alone may be kept."""
    expected = {name.lower(): value for name, value in ALWAYS.items()}
    if "immutable" in headers["cache-control"]:
        expected["cache-control"] = "public, max-age=31536000, immutable"
    else:
        assert "HX-Request" in [one.strip() for one in headers["vary"].split(",")], of
    assert {name: headers.get(name) for name in expected} == expected, of
    assert "server" not in headers and "x-powered-by" not in headers, of
    assert "access-control-allow-origin" not in headers, of
    for name, _ in headers.multi_items():
        assert len(headers.get_list(name)) == 1 or name == "set-cookie", name


def test_the_policy_is_strict():
    told = dict(part.split(" ", 1) for part in ALWAYS["Content-Security-Policy"].split("; "))
    assert told == POLICY
    assert not any(word in ALWAYS["Content-Security-Policy"] for word in ("unsafe", "*", "http:"))


def test_the_others_are_these():
    assert {name: value for name, value in ALWAYS.items() if name != "Content-Security-Policy"} == {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "Cache-Control": "no-store",
    }


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
async def test_every_route_to_who_may_and_who_may_not(cast, htmx):
    for path, method, words in ROUTES:
        address = filled(path, cast.client.id)
        for browser in (await browser_for(cast, words, htmx=htmx), Browser(htmx=htmx)):
            typed = {"data": {"_csrf_token": browser.token}} if method == "POST" else {}
            answer = await browser.http.request(method, address, headers=browser.headers, **typed)
            check(answer.headers, of=f"{method} {address} {answer.status_code}")
            if answer.text.startswith("<"):
                assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_refusals_of_every_kind(cast):
    desk, typed = await cast.browser("front_desk"), {"_csrf_token": "stale"}
    answers = {
        404: await desk.http.get("/nothing"),
        405: await desk.http.put("/sign-in"),
        403: await desk.http.post("/session", headers={"Origin": "http://evil.example"}),
        419: await desk.http.post("/session", data=typed),
        400: await desk.http.post("/session", content=b"x", headers={"Content-Type": "multipart/form-data"}),
        413: await desk.http.post(
            "/session", content=b"x" * 2_000_000, headers={"Content-Type": "application/x-www-form-urlencoded"}
        ),
        422: (await desk.post("/staff/clients")).response,
        429: [await Browser().post("/invitation", code="x") for _ in range(6)][-1].response,
        410: await desk.http.get("/invitation/1-x"),
        401: await Browser().http.get("/account", headers={"HX-Request": "true"}),
        303: await Browser().http.get("/account", follow_redirects=False),
        204: (await desk.post("/session")).response,
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        check(answer.headers, of=str(status))


async def test_a_disaster(cast):
    browser = await cast.browser("client")
    await fetch("ALTER TABLE session RENAME TO session_away")
    try:
        answer = await browser.http.get("/account")
    finally:
        await fetch("ALTER TABLE session_away RENAME TO session")
    assert answer.status_code == 500
    check(answer.headers, of="500")


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
async def test_methods_that_nobody_asked_for(cast, method):
    browser = await cast.browser("front_desk")
    for path in ("/", "/sign-in", "/staff/clients", "/nothing", "/static/nothing.css"):
        answer = await browser.http.request(method, path)
        assert answer.status_code in (204, 404, 405), (method, path)
        check(answer.headers, of=f"{method} {path}")
        assert "access-control-allow-methods" not in answer.headers


async def test_transport_security_where_the_browser_sees_https_and_only_there(db, environment):
    async with Browser() as plain:
        assert "strict-transport-security" not in (await plain.get("/sign-in")).headers
    environment(BASE_URL="https://portal.test")
    async with Browser() as secure:
        for path in ("/sign-in", "/nothing", "/account"):
            told = (await secure.get(path)).headers["strict-transport-security"]
            assert told == "max-age=63072000; includeSubDomains"


@pytest.mark.parametrize(
    "path",
    [
        "/schema",
        "/schema/openapi.json",
        "/schema/swagger",
        "/docs",
        "/metrics",
        "/.git/config",
        "/.env",
        "/admin",
        "/static/",
        "/static/../portal/app.py",
        "/static/%2e%2e%2fpyproject.toml",
        "/robots.txt~",
    ],
)
async def test_nothing_is_served_that_nobody_listed(nobody, path):
    assert (await nobody.http.get(path)).status_code == 404
