"""Whatever is sent to whatever route, by whomever: never a disaster, never an echo that runs, never another site.

The normal run draws a few examples for each viewer, and each goes to every route; `--torture` draws hundreds.
"""

from urllib.parse import quote, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.database import fetch
from portal.settings import settings as portal_settings
from portal.web.form import Form, Reader
from portal.web.request import _clean
from tests.accounts.steps import BORN
from tests.browser import Browser
from tests.factories import a_client, a_grant, an_invitation, link_to
from tests.web.everything import GETS, POSTS, filled

MARK = "<m4rker a='\">"
PARTS = ("signed out", "client", "front_desk")
WORDS = """
    email password password_again present_password next language theme last_name birth_date_month birth_date_day
    birth_date_year code invitation how kind holder_name given_name family_name preferred_name principal_clinician
    is_sure words find decision _decision action id client_id note x
"""
FIELDS = WORDS.split()
NASTY = [
    *(MARK, MARK * 3, "", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\r\nSet-Cookie: a=b"),
    *("\u2028", "\u202e", "\ufeff", "²", "٣", "9" * 30, "9" * 5000, "-1", "1e9", "NaN", "0x1", "1_000"),
    *("' OR 1=1 --", "'; DROP TABLE client; --", "%s%n{}{{7*7}}{%x%}", "${7*7}", "../../etc/passwd"),
    *("//evil.example", "https://evil.example", "http://[", "javascript:alert(1)", "\\\\evil", "/\\evil"),
    *("' | ! & : * \\", "a:b & !c | 'd", "\\", "'" * 50, "㌖" * 300, "ﷺ" * 200, "ß" * 254 + "@example.com"),
    *("a@b.c", "maya@example.com", "a@" + "x" * 300, "x" * 20_000, "日本語", "🐢" * 99, "e\u0301" * 50),
    *("02/30/1991", "99/99/9999", "1991-04-17", "self", "other", "print", "send", "again", "yes", "es", "xx"),
    *("dark", "A" * 88, "===", "eyJhIjoxfQ==", "null", "true", "[]", "1"),
]
VALUES = st.one_of(st.sampled_from(NASTY), st.text(max_size=40), st.text(max_size=10).map(lambda text: text + MARK))
NAMES = st.one_of(st.sampled_from(FIELDS), st.text(max_size=12), st.just(MARK))
JUNK = st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=25)
SEGMENT = st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=30))
QUIET = {"suppress_health_check": list(HealthCheck), "deadline": None, "derandomize": True, "database": None}


def urlencoded(pairs: list[tuple[str, str]]) -> bytes:
    """As a hostile client writes it: halves of pairs stay as they are."""
    told = (f"{quote(name, errors='surrogatepass')}={quote(value, errors='surrogatepass')}" for name, value in pairs)
    return "&".join(told).encode()


def check(answer: httpx.Response, asked: str) -> None:
    assert answer.status_code < 500, asked
    assert "<m4rker" not in answer.text, asked
    for name in ("location", "hx-redirect", "hx-push-url"):
        where = answer.headers.get(name, "/")
        assert where.isascii() and where.isprintable() and not urlsplit(where).netloc and where.startswith("/"), asked
        assert not where.startswith("//") and "\\" not in where, asked
    assert "a=b" not in answer.headers.get("set-cookie", ""), asked


async def everywhere(cast, part: str, pairs: list[tuple[str, str]], segment: str, *, htmx: bool) -> None:
    browser = await cast.browser(part, htmx=htmx)
    junk = urlencoded(pairs)
    token = quote(segment, safe="", errors="surrogatepass") or "x"
    for path, _, _ in GETS:
        url = httpx.URL(filled(path, cast.client.id, token), query=junk[:4000])
        check(await browser.http.get(url, headers=browser.headers, follow_redirects=False), f"GET {url}")
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": portal_settings().origin}
    for path, _, _ in POSTS:
        if path != "/sign-out":
            body = junk + b"&_csrf_token=" + browser.token.encode()
            url = filled(path, cast.other.id, token)
            asked = browser.http.post(url, content=body, headers={**form, **browser.headers}, follow_redirects=False)
            check(await asked, f"POST {url} {pairs}")
    await browser.http.aclose()


@pytest.mark.parametrize("part", PARTS)
@settings(max_examples=5, **QUIET)
@given(pairs=JUNK, segment=SEGMENT, htmx=st.booleans())
async def test_every_route_with_anything(cast, part, pairs, segment, htmx):
    await everywhere(cast, part, pairs, segment, htmx=htmx)


@pytest.mark.torture
@pytest.mark.parametrize("part", PARTS)
@settings(max_examples=500, **QUIET)
@given(pairs=JUNK, segment=SEGMENT, htmx=st.booleans())
async def test_every_route_with_anything_for_long(cast, part, pairs, segment, htmx):
    await everywhere(cast, part, pairs, segment, htmx=htmx)


ROUNDS = [0, 13, 26, 39]
FURTHER = [pytest.param(turn, marks=pytest.mark.torture) for turn in range(len(NASTY)) if turn not in ROUNDS]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("turn", [*ROUNDS, *FURTHER])
async def test_every_route_with_each_nasty_value_in_some_field(cast, part, turn):
    """Without chance: the values move on by one field each turn."""
    pairs = [(name, NASTY[(place * 2 + turn) % len(NASTY)]) for place, name in enumerate(FIELDS)]
    await everywhere(cast, part, pairs, NASTY[turn], htmx=False)


async def test_what_was_typed_comes_back_as_it_was_and_harmless(cast):
    desk = await cast.browser("front_desk")
    page = await desk.post("/staff/clients", given_name=MARK, family_name="", preferred_name='"onmouseover="x')
    assert page.value("given_name") == MARK and page.value("preferred_name") == '"onmouseover="x'
    chart = "/staff/clients/3"
    assert (await desk.post("/staff/clients", given_name=MARK, family_name="<b>&amp;", **BORN)).path == chart
    for path in ("/staff/clients", chart, f"{chart}/emails", f"{chart}/portal-access/activation"):
        page = await desk.get(path)
        assert page.status == 200 and MARK in page.words and "<m4rker" not in page.text, path
        assert "<b>&amp;" not in page.text, path


async def test_names_that_are_markup_do_no_harm_on_the_clients_side(cast, nobody):
    client = await a_client(MARK, "<b>x</b>", preferred_name=MARK)
    await a_grant(cast.accounts["client"], client, kind="guardian")
    browser = await cast.browser("client")
    for path in ("/", f"/clients/{client.id}", f"/clients/{cast.client.id}"):
        page = await browser.get(path)
        assert page.status == 200 and "<m4rker" not in page.text and MARK in page.words, path
    link = link_to(await an_invitation(client, "", kind="guardian", holder_name=MARK))
    await nobody.press(await nobody.get(link), link)
    page = await nobody.press(await nobody.get("/registration"), "/registration", last_name="<b>x</b>", **BORN)
    assert page.path == "/registration/password" and "<m4rker" not in page.text


# Bodies ---------------------------------------------------------------------------------------------------------------


def part(head: bytes, content: bytes = b"v") -> bytes:
    return b"--x\r\nContent-Disposition: form-data" + head + b"\r\n\r\n" + content + b"\r\n"


END = b"--x--\r\n"
MULTIPART, URLENCODED = "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"
BODIES = [
    (MULTIPART, b""),
    (MULTIPART, b"--x\r\nfoo\r\n"),
    (MULTIPART, b"--x--"),
    (MULTIPART, part(b'; name="email"', b"never ends")),
    (MULTIPART, part(b"", b"no name") + END),
    (MULTIPART, part(b'; name="\xff\xfe"', b"\xff") + END),
    (MULTIPART, part(b'; name="a"\r\nContent-Type: text/plain; charset=utf-7', b"+ADw-") + END),
    (MULTIPART, part(b'; name="a"\r\nContent-Type: text/plain; charset=nonsense') + END),
    (MULTIPART, part(b'; name="a"\r\nContent-Type: application/json', b"{broken") + END),
    (MULTIPART, part(b'; name="a"; filename="\0../../x"', b"file") + END),
    (MULTIPART, part(b'; name="a"' + b"\r\nX-Header: y" * 5000) + END),
    (MULTIPART, b"".join(part(b'; name="a%d"' % n) for n in range(1001)) + END),
    (MULTIPART + "; charset=nonsense", part(b'; name="a"') + END),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=", b"--\r\n"),
    (URLENCODED, b"\xff%zz&=&a=%00%ff&%ed%a0%80=%ed%a0%80"),
    (URLENCODED, b"&".join(b"f%d=%d" % (n, n) for n in range(20_000))),
    (URLENCODED, b"email=" + b"x" * 900_000),
    (URLENCODED + "; charset=utf-16", b"a=b"),
    (URLENCODED + "; charset=nonsense", b"a=b"),
    ("application/json", b'{"email": ["a"], "password": {"x": 1}}'),
    ("application/json", b"{broken"),
    ("application/json", b"[" * 10_000),
    ("application/x-msgpack", b"\xc1\xff"),
    ("text/plain", b"email=a"),
    ("", b"email=a"),
    (";;;", b"email=a"),
    ("\xff", b"email=a"),
]


@pytest.mark.parametrize("path", ["/sign-in", "/staff/clients"])
async def test_a_body_that_is_no_form_of_ours(cast, path):
    browser = await cast.browser("front_desk")
    for kind, body in BODIES:
        headers = {"Content-Type": kind.encode("latin-1")}
        ours = {**headers, "Origin": portal_settings().origin, "X-CSRF-Token": browser.token}
        answer = await browser.http.post(path, content=body, headers=ours, follow_redirects=False)
        assert answer.status_code in (400, 422) and answer.text.startswith("<!doctype html>"), (kind, body[:99])
        without = await browser.http.post(path, content=body, headers=headers)
        assert without.status_code in (400, 419) and without.text.startswith("<!doctype html>"), (kind, body[:99])


@pytest.mark.parametrize("kind", [URLENCODED, MULTIPART])
async def test_a_body_beyond_a_megabyte_is_refused_as_a_page_signed_in_or_out(cast, kind):
    for who in ("front_desk", "signed out"):
        browser = await cast.browser(who)
        answer = await browser.http.post("/sign-in", content=b"a=" + b"x" * 1024 * 1024, headers={"Content-Type": kind})
        assert answer.status_code == 413 and "That file is too large" in answer.text


async def test_more_fields_than_any_form_has_are_refused_as_a_page(nobody):
    for many, status in ((1001, 400), (999, 422)):
        files = {f"a{n}": (None, "v") for n in range(many)}
        answer = await nobody.http.post("/sign-in", files=files, headers={"X-CSRF-Token": nobody.token})
        assert answer.status_code == status
        assert ("We could not use what was sent" in answer.text) == (status == 400)


NAMED = """
    Cookie Accept-Language HX-Current-URL Referer User-Agent Accept-Encoding X-Forwarded-For Accept Range If-None-Match
    HX-Target HX-Prompt HX-Trigger Content-Length X-CSRF-Token Sec-Fetch-Site Origin
"""
HEADERS = NAMED.split()
ODD = [
    *(
        b"http://[",
        b"\xb2",
        b"\xff" * 20,
        b"portal-session=\xb2; portal-invitation=\xb2.opened.1.x",
        b"portal-device=\xff",
    ),
    *(b"es;q=nan", b"//evil", b"=;=;=", b'a="b', b"%", b"9" * 4000),
]
RAW = st.one_of(st.binary(max_size=60).filter(lambda raw: not set(raw) & {0, 10, 13}), st.sampled_from(ODD))
SOME = ["/", "/sign-in", "/account", "/registration", "/nothing", "/staff/clients", "/health"]


@settings(max_examples=60, **QUIET)
@given(
    told=st.dictionaries(st.sampled_from(HEADERS), RAW, max_size=6),
    path=st.sampled_from(SOME),
    method=st.sampled_from(["GET", "POST"]),
)
async def test_headers_of_any_kind(cast, told, path, method):
    lines = [(b"host", b"portal.test"), *((name.encode(), value) for name, value in told.items())]
    async with Browser() as browser:
        body = b"a=b" if method == "POST" else None
        answer = await browser.http.send(
            httpx.Request(method, f"http://portal.test{path}", headers=lines, content=body)
        )
        assert answer.status_code < 500, told
        assert "evil" not in answer.headers.get("location", "") + answer.headers.get("hx-redirect", "")


# The readers themselves -----------------------------------------------------------------------------------------------


@given(st.text())
@settings(max_examples=200, **QUIET)
def test_what_was_typed_can_be_stored_and_shown(text):
    cleaned = _clean(text)
    assert "\0" not in cleaned and "\r\n" not in cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned == _clean(cleaned)


@given(st.dictionaries(st.sampled_from(["d_month", "d_day", "d_year", "t"]), VALUES))
@settings(max_examples=200, **QUIET)
def test_a_reader_gives_a_value_or_a_sentence(typed):
    reader = Reader(Form({name: (value,) for name, value in typed.items()}))
    born, words = reader.day("d", missing="missing"), reader.text("t", most=20, missing="missing")
    assert (born is None) == ("d" in reader.sentences)
    assert (not words or len(words) > 20) == ("t" in reader.sentences)


async def test_nothing_of_all_this_was_run(cast):
    """The tables are still there."""
    assert (await fetch("SELECT count(*) AS count FROM client"))[0]["count"] == 2
