"""Refusals and disasters are pages of ours; what went wrong inside stays inside."""

import json
import logging
import re

import pytest
from litestar import get, post

from portal.access import PUBLIC, SIGNED_IN
from portal.app import create_app
from portal.database import ENGINE, fetch
from portal.log import Lines
from portal.practice import queries as practice_queries
from tests.browser import Browser
from tests.web.everything import Elsewhere

CANARY = "canary postgres://portal:secret@db/portal Maya Reyes 1991-04-17"


@get("/boom", opt=PUBLIC)
async def boom() -> None:
    raise RuntimeError(CANARY)


@get("/boom-inside", opt=SIGNED_IN)
async def boom_inside() -> None:
    await fetch("SELECT * FROM canary_table")


@post("/boom-post", opt=PUBLIC)
async def boom_post() -> None:
    raise ValueError(CANARY)


@pytest.fixture
async def broken(db):
    """A portal with three routes that fail."""
    portal = create_app()
    for route in (boom, boom_inside, boom_post):
        portal.register(route)
    async with Elsewhere(portal) as browser:
        yield browser


def reference_on(text: str) -> str:
    return re.search(r'<span class="id">([0-9A-F]{8})</span>', text)[1]


def is_our_last_page(text: str) -> bool:
    return all(words in text for words in ("Something went wrong on our side", "Algo salió mal", "tel:988", "tel:911"))


async def test_a_disaster_shows_a_reference_and_nothing_of_the_exception(broken, caplog):
    for page in (await broken.get("/boom"), await broken.post("/boom-post")):
        assert page.status == 500 and is_our_last_page(page.text)
        assert not any(
            word in page.text for word in ("canary", "RuntimeError", "ValueError", "Traceback", "secret", "boom", ".py")
        )
        assert reference_on(page.text) in caplog.text


async def test_the_log_finds_it_by_the_reference_and_tells_no_secret_either(broken, caplog):
    with caplog.at_level(logging.ERROR, logger="portal"):
        page = await broken.get("/boom")
    (record,) = [one for one in caplog.records if one.name == "portal"]
    line = json.loads(Lines().format(record))
    assert (line["reference"], line["kind"], line["route"], line["level"]) == (
        reference_on(page.text), "RuntimeError", "/boom", "error",
    )  # fmt: skip
    assert any("test_errors.py" in frame for frame in line["trace"]) and "canary" not in json.dumps(line)


async def test_two_disasters_have_two_references(broken):
    assert reference_on((await broken.get("/boom")).text) != reference_on((await broken.get("/boom")).text)


async def test_htmx_is_told_where_the_page_would_go_and_has_nothing_swapped_in(broken):
    page = await broken.get("/boom", **{"HX-Request": "true"})
    assert (page.status, page.headers["hx-retarget"], page.headers["hx-reswap"]) == (500, "#main", "outerHTML")


async def test_after_a_disaster_inside_everything_else_goes_on(broken, cast):
    await broken.signed_in(cast.accounts["client"].id)
    for _ in range(15):
        assert (await broken.get("/boom-inside")).status == 500
    assert (await broken.get("/account")).status == 200


@pytest.mark.parametrize("path", ["/", "/account", "/sign-in", "/help", "/health", "/nothing", "/staff/clients"])
async def test_without_a_database_every_page_says_back_in_a_moment(cast, path):
    browser = await cast.browser("front_desk")
    dsn = ENGINE.config["dsn"]
    await ENGINE.close_connection_pool()
    practice_queries.forget()
    ENGINE.config["dsn"] = "postgresql://portal@/portal?host=/nowhere-at-all"
    try:
        page = await browser.get(path)
    finally:
        ENGINE.config["dsn"] = dsn
        await ENGINE.start_connection_pool()
    assert (page.status, page.heading) == (503, "The portal will be back in a moment")
    assert "El portal volverá en un momento" in page.text and "tel:988" in page.text and reference_on(page.text)
    assert page.headers["retry-after"] == "15" and "default-src 'none'" in page.headers["content-security-policy"]
    assert (await browser.get("/account")).status == 200


async def test_a_table_that_is_away_is_a_disaster_and_no_details(cast):
    browser = await cast.browser("front_desk")
    await fetch("ALTER TABLE review_item RENAME TO away")
    try:
        for path in ("/staff/review", "/staff/clients"):
            page = await browser.get(path)
            assert page.status == 500 and is_our_last_page(page.text) and "review_item" not in page.text
    finally:
        await fetch("ALTER TABLE away RENAME TO review_item")


@pytest.mark.parametrize(
    ("status", "heading", "asked"),
    [
        (404, "We cannot find that page", ("GET", "/nothing", {})),
        (404, "We cannot find that page", ("GET", "/staff/clients/999999", {})),
        (405, "That cannot be done here", ("DELETE", "/sign-in", {})),
        (
            400,
            "We could not use what was sent",
            (
                "POST",
                "/session",
                {"content": b"no multipart", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
            ),
        ),
        (403, None, ("POST", "/session", {"headers": {"Origin": "http://evil.example"}})),
        (419, "Please send it once more", ("POST", "/session", {"data": {"_csrf_token": "stale"}})),
    ],
)
async def test_refusals_are_pages_with_a_way_on_for_browsers_and_a_part_for_htmx(cast, status, heading, asked):
    method, path, more = asked
    headers = {"Content-Type": "application/x-www-form-urlencoded", **more.pop("headers", {})}
    desk = await cast.browser("front_desk")
    answer = await desk.http.request(method, path, headers=headers, **more)
    assert answer.status_code == status and answer.text.startswith("<!doctype html>")
    assert (heading is None or heading in answer.text) and "tel:988" in answer.text and "/sign-out" in answer.text
    assert "hx-retarget" not in answer.headers
    part = await desk.http.request(method, path, headers={**headers, "HX-Request": "true"}, **more)
    assert part.status_code == status and part.text.strip().startswith('<main id="main"')
    assert (part.headers["hx-retarget"], part.headers["hx-reswap"]) == ("#main", "outerHTML")
    more.update(headers=headers)


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "part"])
async def test_what_an_address_does_not_do_is_said_with_what_it_does(cast, htmx):
    desk = await cast.browser("front_desk", htmx=htmx)
    answer = await desk.http.request("DELETE", "/sign-in", headers=desk.headers)
    assert answer.status_code == 405 and set(answer.headers["allow"].split(", ")) == {"GET", "POST", "OPTIONS"}
    assert "We cannot find that page" not in answer.text


TOO_LARGE = {"front": ("card.jpg", b"x" * 2_000_000)}


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://portal.test/account?part=2", "/account?part=2"),
        ("http://evil.example/account", "/staff/review"),
        ("//evil.example/account", "/staff/review"),
        ("nonsense:[", "/staff/review"),
        ("", "/staff/review"),
    ],
)
async def test_from_what_is_too_large_the_way_back_is_the_page_of_the_form(cast, referer, back):
    desk = await cast.browser("front_desk")
    page = await desk.post("/session", files=TOO_LARGE, headers={"Referer": referer} if referer else {})
    assert (page.status, page.heading) == (413, "That file is too large") and "1 MB at most" in page.words
    assert page.soup.select_one("#error a.btn")["href"] == back and "Back button of your browser" in page.words
    assert "hx-reswap" not in page.headers


@pytest.mark.parametrize(
    ("sent", "said"),
    [({"files": TOO_LARGE}, "That file is too large"), ({"words": "y" * 2_000_000}, "Make it shorter")],
    ids=["files", "words"],
)
async def test_with_htmx_what_is_too_large_leaves_the_form_where_it_is(cast, sent, said):
    desk = await cast.browser("front_desk", htmx=True)
    page = await desk.post("/session", **sent)
    assert (page.status, page.headers["hx-reswap"]) == (413, "none") and "hx-retarget" not in page.headers
    (root,) = page.soup.find_all(True, recursive=False)
    assert (root["id"], root["hx-swap-oob"]) == ("flashes", "true")
    assert root.select_one("[data-focus-here][role=status]") and said in page.words
    assert "What you typed is still here." in page.words
    await desk.post("/language", language="es")
    assert said not in (await desk.post("/session", **sent)).words


async def test_a_form_that_was_open_too_long_is_given_back_field_by_field(cast):
    desk = await cast.browser("front_desk")
    page = await desk.post("/staff/clients", token="stale", given_name="Ann", family_name="", notes="One\r\n two")
    assert page.status == 419
    shown = [(one.dt.get_text(), one.dd.get_text()) for one in page.soup.select("#error .facts > div")]
    assert shown == [("First name", "Ann"), ("Notes", "One\n two")]


async def test_a_refusal_echoes_nothing_of_the_address(nobody):
    for path in (
        "/<script>alert(1)</script>",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/canary'\"><b>",
        "/canary?x=<script>alert(1)</script>",
    ):
        page = await nobody.get(path)
        assert page.status == 404
        assert "<script>alert" not in page.text and "<b>" not in page.text.replace("<b>Need help right now?</b>", "")


async def test_opened_by_hand_an_address_that_only_takes_forms_leads_to_the_page_above(cast):
    desk = await cast.browser("front_desk")
    panel = f"/staff/clients/{cast.client.id}/portal-access"
    above = {
        "/account/password": "/account",
        "/account/appearance": "/account",
        f"{panel}/resending": panel,
        f"{panel}/revocation": panel,
        "/staff/letters/1": "/staff/letters",
        "/session": "/",
        "/sign-out": "/",
        "/language": "/",
    }
    for path, page in above.items():
        assert (await desk.get(path, follow=False)).headers["location"] == page
        assert (await desk.get(path)).status == 200


async def test_an_unknown_path_shows_the_portal_of_who_asks(cast):
    words = {
        part: (await (await cast.browser(part)).get("/nothing")).words
        for part in ("signed out", "client", "front_desk")
    }
    assert "Sign out" not in words["signed out"]
    assert "Sign out" in words["client"] and "Clients" not in words["client"]
    assert "Sign out" in words["front_desk"] and "Signed in as Front_Desk Staff" in words["front_desk"]


async def test_an_unknown_path_with_an_expired_session_is_a_page_for_nobody(cast):
    from portal import clock

    browser = await cast.browser("client")
    with clock.shifted(minutes=16):
        page = await browser.get("/nothing")
    assert page.status == 404 and "Sign out" not in page.words


async def test_errors_have_their_language(nobody):
    page = await nobody.get("/nothing", **{"Accept-Language": "es"})
    assert page.status == 404 and page.soup.html["lang"] == "es" and "Sign in" not in page.words


async def test_health_is_for_machines_and_tells_nothing_else(nobody):
    async with Browser() as other:
        page = await other.get("/health")
    assert (page.status, page.text, page.headers["content-type"]) == (200, "ok", "text/plain; charset=utf-8")


async def test_head_tells_what_get_would(nobody):
    for path, status in (("/help", 200), ("/nowhere", 404), ("/invitation/1-2-3", 410), ("/health", 200), ("/", 303)):
        told, shown = await nobody.http.head(path), await nobody.http.get(path)
        assert (told.status_code, shown.status_code) == (status, status), path
