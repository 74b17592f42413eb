"""Signing in: the same words and time whoever is meant, a fresh session, and back to where one was."""

import asyncio
import statistics
import time
from urllib.parse import quote, urlencode

import pytest

from portal import clock
from portal.access import Viewer
from portal.accounts import passwords, sessions, throttle
from portal.accounts.actions import sign_in as action
from portal.accounts.tables import Account, Attempt, Device, Session
from portal.database import fetch
from portal.refusal import Refused
from tests.accounts.steps import is_signed_in, sign_in
from tests.browser import Browser, Page
from tests.factories import PASSWORD, a_client, a_grant, a_practice, an_account

WRONG = "The e-mail or the password is not right. Check both and try again."
SESSION, DEVICE, START = "portal-session", "portal-device", "portal-start"


@pytest.fixture
async def maya(db):
    await a_practice()
    account = await an_account(name="Maya Reyes")
    await a_grant(account, await a_client())
    return account


async def live() -> list[int]:
    rows = await fetch("SELECT account FROM session WHERE ended_at IS NULL ORDER BY id")
    return [row["account"] for row in rows]


def nobody_at(address: str) -> Viewer:
    return Viewer.nobody(address, "test")


async def test_with_email_and_password_one_comes_to_ones_first_screen(maya, nobody):
    page = await sign_in(nobody)
    assert (page.status, page.path, page.heading[-6:]) == (200, "/clients/1", ", Maya")
    assert await live() == [maya.id]


@pytest.mark.parametrize("email", ["MAYA@EXAMPLE.COM", "Maya@Example.com", "  maya@example.com  "])
async def test_the_case_of_the_address_and_blanks_around_it_do_not_matter(maya, nobody, email):
    assert (await sign_in(nobody, email)).path == "/clients/1"


@pytest.mark.parametrize(
    ("email", "password", "errors"),
    [
        ("", "", {"email": "Enter your e-mail address", "password": "Enter your password"}),
        ("maya@example.com", "", {"password": "Enter your password"}),
        ("", PASSWORD, {"email": "Enter your e-mail address"}),
        ("x" * 255, PASSWORD, {"email": "Use 254 characters or fewer"}),
    ],
)
async def test_what_is_missing_is_said_beside_its_field_and_is_no_try(maya, nobody, email, password, errors):
    page = await sign_in(nobody, email, password)
    assert (page.status, page.errors, page.value("email")) == (422, errors, email)
    assert await Attempt.count() == 0


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("maya@example.com", "wrong"),
        ("maya@example.com", PASSWORD.upper()),
        ("maya@example.com", PASSWORD + " "),
        ("unknown@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("maya@example.com' OR '1'='1", PASSWORD),
        ("%@example.com", PASSWORD),
        ("nohash@example.com", PASSWORD),
        ("nohash@example.com", "anything at all"),
        ("suspended@example.com", PASSWORD),
        ("suspended@example.com", "wrong"),
        ("maya@example.com", "x" * 100_000),
    ],
)
async def test_every_refusal_has_the_same_words_and_keeps_no_password(maya, nobody, email, password):
    await an_account("suspended@example.com", is_suspended=True)
    account = await an_account("nohash@example.com")
    await Account.update({Account.password_hash: ""}).where(Account.id == account.id)
    page = await sign_in(nobody, email, password)
    assert (page.status, page.errors, page.heading) == (422, {"": WRONG}, "There is a problem")
    assert page.value("email") == email and page.soup.find(id="password").get("value") is None
    assert SESSION not in nobody.http.cookies and DEVICE not in nobody.http.cookies
    assert await live() == []


async def test_a_known_and_an_unknown_address_get_the_same_page_to_the_letter(maya, nobody):
    known, unknown = await sign_in(nobody, "maya@example.com", "x"), await sign_in(nobody, "nope@example.com", "x")

    def bare(page, email):
        for token in page.soup.select("input[name=_csrf_token]"):
            page.text = page.text.replace(token["value"], "TOKEN")
        return page.text.replace(email, "EMAIL")

    assert bare(known, "maya@example.com") == bare(unknown, "nope@example.com")
    assert sorted(known.headers) == sorted(unknown.headers)


SAMPLES = 14


@pytest.mark.parametrize("device", ["", "a device cookie of somebody else's"])
async def test_an_unknown_address_takes_as_long_as_a_known_one(db, device):
    """Medians of interleaved samples, in CPU time: one argon2 takes 50 ms, a query less than one."""
    await a_practice()
    for turn in range(SAMPLES):
        await an_account(f"known{turn}@example.com")
    await refused("first@example.com", 1000, device)
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    for turn in range(SAMPLES):
        for who in took:
            began = time.process_time()
            await refused(f"{who}{turn}@example.com", turn, device)
            took[who].append(time.process_time() - began)
    known, unknown = (statistics.median(sorted(one)[: SAMPLES // 2]) for one in took.values())
    assert abs(known - unknown) < 0.2 * max(known, unknown), (known, unknown)


async def refused(email: str, turn: int, device: str) -> None:
    with pytest.raises(Refused):
        await action.sign_in(nobody_at(f"198.51.{turn // 250}.{turn % 250}"), email, "wrong", device)


@pytest.mark.parametrize("email", ["maya@example.com", "unknown@example.com", "suspended@example.com"])
async def test_every_refusal_does_the_same_number_of_queries(maya, email):
    from portal.database import ENGINE

    await an_account("suspended@example.com", is_suspended=True)
    counts = []
    for turn, asked in enumerate((email, "nobody@example.com")):
        before = ENGINE.queries
        await refused(asked, turn, "")
        counts.append(ENGINE.queries - before)
    assert counts[0] == counts[1]


# Sessions and cookies -------------------------------------------------------------------------------------------------


async def test_a_session_proposed_by_the_browser_is_never_used(maya, nobody):
    nobody.http.cookies.set(SESSION, "attackerchosen-attackerchosen-attackerchosen", domain="portal.test")
    page = await nobody.get("/sign-in")
    await nobody.press(page, "/sign-in", email="maya@example.com", password=PASSWORD)
    assert nobody.http.cookies[SESSION] != "attackerchosen-attackerchosen-attackerchosen"
    async with Browser() as thief:
        thief.http.cookies.set(SESSION, "attackerchosen-attackerchosen-attackerchosen", domain="portal.test")
        assert not await is_signed_in(thief)


async def test_signing_in_again_ends_the_session_one_came_with(maya, nobody):
    other = await an_account("jonah@example.com")
    await nobody.signed_in(other.id)
    old = nobody.http.cookies[SESSION]
    await nobody.post("/sign-in", email="maya@example.com", password=PASSWORD)
    assert nobody.http.cookies[SESSION] != old and await live() == [maya.id]


async def test_the_token_is_long_and_only_its_hash_is_stored(maya, nobody):
    await sign_in(nobody)
    token, device = nobody.http.cookies[SESSION], nobody.http.cookies[DEVICE]
    assert len(token) >= 43
    stored = str(await fetch("SELECT s::text, d::text AS device FROM session s, device d"))
    assert token not in stored and device not in stored
    assert bytes((await Session.objects().first()).token_hash) == sessions.hash_of(token)


async def test_the_cookies_are_for_the_server_alone_and_this_site(maya, nobody):
    page = await nobody.post("/sign-in", follow=False, email="maya@example.com", password=PASSWORD)
    cookies = {line.partition("=")[0]: line.lower() for line in page.headers.get_list("set-cookie")}
    assert set(cookies) == {SESSION, DEVICE, START}
    for line in cookies.values():
        assert "httponly" in line and "samesite=lax" in line and "path=/" in line and "domain" not in line
    assert "max-age" not in cookies[SESSION] and "max-age=31536000" in cookies[DEVICE] and "max-age=0" in cookies[START]


async def test_behind_https_the_cookies_carry_the_host_prefix_and_secure(maya, environment):
    environment(BASE_URL="https://portal.test")
    async with Browser() as browser:
        browser.http.cookies.clear()
        page = await browser.get("/sign-in")
        typed = {"email": "maya@example.com", "password": PASSWORD, "_csrf_token": page.value("_csrf_token")}
        origin = {"Origin": "https://portal.test"}
        answer = await browser.http.post("/sign-in", data=typed, headers=origin)
        lines = answer.headers.get_list("set-cookie")
        names = {line.partition("=")[0] for line in lines}
        assert names == {"__Host-portal-session", "__Host-portal-device", "__Host-portal-start"}
        assert all("; secure" in line.lower() for line in lines)
        assert (await browser.get("/account", follow=False)).status == 200


async def test_behind_https_the_language_chosen_before_sign_in_is_remembered(maya, environment):
    environment(BASE_URL="https://portal.test")
    async with Browser() as browser:
        page = await browser.get("/sign-in")
        typed = {"language": "es", "next": "/sign-in", "_csrf_token": page.value("_csrf_token")}
        await browser.http.post("/language", data=typed, headers={"Origin": "https://portal.test"})
        assert (await browser.get("/sign-in")).heading == "Iniciar sesión"


async def test_a_hash_of_older_parameters_is_renewed_at_sign_in(maya, nobody):
    from argon2 import PasswordHasher

    old = PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1).hash(passwords.normal(PASSWORD))
    await Account.update({Account.password_hash: old}).where(Account.id == maya.id)
    await sign_in(nobody)
    fresh = (await fetch("SELECT password_hash FROM account"))[0]["password_hash"]
    assert fresh != old and not passwords.needs_rehash(fresh) and await passwords.matches(fresh, PASSWORD)


async def test_a_suspended_account_does_not_come_in_and_is_out_at_once(maya, nobody):
    await sign_in(nobody)
    await Account.update({Account.is_suspended: True}).where(Account.id == maya.id)
    assert not await is_signed_in(nobody)
    async with Browser() as other:
        assert (await sign_in(other)).errors == {"": WRONG}


async def test_signing_in_and_failing_are_in_the_audit_without_what_was_typed(maya, nobody):
    await sign_in(nobody, "maya@example.com", "canary-password")
    await sign_in(nobody, "canary@example.com", "x")
    await sign_in(nobody)
    rows = await fetch(
        "SELECT act, account_id, subject_id, address, r::text AS all FROM audit_row r ORDER BY id DESC LIMIT 3"
    )
    told = [(row["act"], row["account_id"], row["subject_id"], row["address"]) for row in reversed(rows)]
    assert told == [
        ("sign_in.refused", None, maya.id, "203.0.113.9"),
        ("sign_in.refused", None, None, "203.0.113.9"),
        ("sign_in.done", maya.id, maya.id, "203.0.113.9"),
    ]
    assert not any("canary" in row["all"] for row in rows)


# Where one was --------------------------------------------------------------------------------------------------------


def where_to(page: Page) -> str:
    return page.soup.select_one('form[action$="/sign-in"] input[name=next]')["value"]


@pytest.mark.parametrize("path", ["/account", "/account?x=1&y=%C3%A9", "/help#links", "/clients/1"])
async def test_signing_in_returns_to_where_one_was(maya, nobody, path):
    page = await nobody.get("/sign-in?" + urlencode({"next": path}))
    typed = {"email": "maya@example.com", "password": PASSWORD, "next": where_to(page)}
    answer = await nobody.post("/sign-in", follow=False, **typed)
    assert (answer.status, answer.headers["location"]) == (303, path)


async def test_a_wrong_try_does_not_lose_where_one_was(maya, nobody):
    page = await sign_in(nobody, password="wrong", next="/account")
    assert where_to(page) == "/account"
    assert (await nobody.press(page, "/sign-in", email="maya@example.com", password=PASSWORD)).path == "/account"


async def test_a_page_that_needs_one_to_be_signed_in_is_where_one_comes_back_to(maya, nobody):
    page = await nobody.get("/account?a=1")
    assert page.path == "/sign-in?next=%2Faccount%3Fa%3D1"
    page = await nobody.press(page, "/sign-in", email="maya@example.com", password=PASSWORD)
    assert page.path == "/account?a=1"


ELSEWHERE = [
    "https://evil.example", "http://evil.example/account", "//evil.example", "///evil.example", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", "\t//evil.example",
    " //evil.example",
    "/\r\n//evil.example", "https:evil.example", "https:/evil.example", "javascript:alert(1)", "data:text/html,x",
    "http://portal.test@evil.example", "http://portal.test.evil.example", "http://[", "http://[::1", "//[evil",
    "@evil.example",
    ".evil.example", "evil.example", "", "?x", "#x", "/\x00/evil.example", "/\u2028/evil.example", "/\u202e/evil",
    "／／evil.example", "/" * 2001, "/a" * 1500, "/\\/evil.example", "/\x7f", "https://evil.example\\@portal.test",
]  # fmt: skip


async def test_nobody_is_sent_elsewhere(maya, nobody):
    await nobody.signed_in(maya.id)
    for to in ELSEWHERE:
        answers = [
            await nobody.get("/sign-in?" + urlencode({"next": to}), follow=False),
            await nobody.post("/language", follow=False, language="en", next=to),
        ]
        for answer in answers:
            assert (answer.status, answer.headers["location"]) == (303, "/"), to


@pytest.mark.parametrize(
    "to", ["//evil.example", "/\\evil.example", "https://evil.example", "http://[", "/\r\n//evil.example"]
)
async def test_signing_in_sends_nobody_elsewhere(maya, nobody, to):
    typed = {"email": "maya@example.com", "password": PASSWORD, "next": to}
    answer = await nobody.post("/sign-in", follow=False, **typed)
    assert (answer.status, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("to", "where"), [("/日本?é", "/%E6%97%A5%E6%9C%AC?%C3%A9"), ("/a b", "/a%20b"), ("/%0d%0aX: y", "/%0d%0aX:%20y")]
)
async def test_a_path_in_another_alphabet_is_written_as_a_header_may_say_it(maya, nobody, to, where):
    answer = await nobody.post("/sign-in", follow=False, email="maya@example.com", password=PASSWORD, next=to)
    assert (answer.status, answer.headers["location"]) == (303, where)


async def test_who_is_signed_in_already_is_not_asked_again(maya, nobody):
    await sign_in(nobody)
    page = await nobody.get("/sign-in?next=" + quote("/account"), follow=False)
    assert (page.status, page.headers["location"]) == (303, "/account")


async def test_htmx_is_told_to_leave_the_page_and_never_shows_sign_in_inside_it(maya):
    async with Browser(htmx=True) as browser:
        shown = {"HX-Current-URL": "http://portal.test/clients/1?tab=2"}
        page = await browser.get("/account", follow=False, **shown)
        assert page.status == 401 and "<" not in page.text
        assert page.headers["hx-redirect"] == "/sign-in?next=%2Fclients%2F1%3Ftab%3D2"
        for foreign in ("http://evil.example/x", "//evil.example", "http://[", "javascript:alert(1)"):
            page = await browser.get("/account", follow=False, **{"HX-Current-URL": foreign})
            assert "evil" not in page.headers["hx-redirect"] and page.headers["hx-redirect"].startswith("/sign-in")


# Throttle at this door (its table is in test_throttle.py) -------------------------------------------------------------


async def test_after_five_wrong_tries_the_right_password_waits_as_well_and_the_page_says_how_long(maya, nobody):
    with clock.stopped():
        for _ in range(5):
            assert (await sign_in(nobody, password="wrong")).errors == {"": WRONG}
        page = await sign_in(nobody)
        assert (page.status, page.headers["retry-after"]) == (429, "2")
        assert page.errors == {"": "Too many tries. Wait 2 seconds, then try again."}
        with clock.shifted(seconds=2.5):
            assert (await sign_in(nobody)).path == "/clients/1"
    assert await Attempt.count() == 0 or await Attempt.count() == 10


async def test_an_unknown_address_is_slowed_down_just_as_a_known_one(db, nobody):
    await a_practice()
    said = [(await sign_in(nobody, "nope@example.com", "wrong")).status for _ in range(7)]
    assert said == [422] * 5 + [429] * 2


async def test_strangers_do_not_hold_up_a_device_that_has_signed_in_before(maya, nobody):
    await sign_in(nobody)
    await nobody.post("/sign-out")
    for turn in range(9):
        with pytest.raises(Refused):
            await action.sign_in(nobody_at(f"198.51.100.{turn}"), "maya@example.com", "wrong", "")
    async with Browser(address="192.0.2.77") as strange:
        assert (await sign_in(strange)).status == 429
    assert (await sign_in(nobody)).path == "/clients/1"


async def test_a_stolen_device_has_a_delay_of_its_own(maya, nobody):
    await sign_in(nobody)
    await nobody.post("/sign-out")
    said = [(await sign_in(nobody, password="wrong")).status for _ in range(6)]
    assert said == [422] * 5 + [429]


async def test_a_device_of_one_account_is_no_known_device_of_another(maya, nobody):
    await an_account("jonah@example.com")
    await sign_in(nobody, "jonah@example.com")
    await nobody.post("/sign-out")
    for turn in range(5):
        with pytest.raises(Refused):
            await action.sign_in(nobody_at(f"198.51.100.{turn}"), "maya@example.com", "wrong", "")
    assert (await sign_in(nobody)).status == 429


async def test_a_device_cookie_that_the_browser_made_up_is_replaced(maya, nobody):
    made_up = "a-device-cookie-that-an-attacker-has-planted-here"
    nobody.http.cookies.set(DEVICE, made_up, domain="portal.test")
    await sign_in(nobody)
    assert nobody.http.cookies.get(DEVICE, domain="portal.test", path="/") != made_up
    assert await Device.exists().where(Device.token_hash == sessions.hash_of(made_up)) is False


async def test_a_device_keeps_its_cookie_and_serves_a_family(maya, nobody):
    await an_account("jonah@example.com")
    kept = []
    for email in ("maya@example.com", "jonah@example.com", "maya@example.com"):
        await sign_in(nobody, email)
        kept.append(nobody.http.cookies[DEVICE])
        await nobody.post("/sign-out")
    assert len(set(kept)) == 1 and await Device.count() == 2


async def test_a_hundred_wrong_passwords_at_once_are_five_evaluated(maya):
    """They are counted before they are answered: not one more is compared."""
    tries = (action.sign_in(nobody_at(f"198.51.100.{n}"), "maya@example.com", "wrong", "") for n in range(100))
    told = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["Refused"] * 5 + ["TooMany"] * 95


async def test_of_a_thousand_wrong_passwords_over_days_a_hundred_are_evaluated_and_then_a_new_one_is_needed(
    maya, nobody
):
    evaluated, waited = 0, 0.0
    for turn in range(1000):
        with clock.shifted(seconds=waited):
            try:
                await throttle.knock(action.DOOR, "maya@example.com", f"198.51.{turn // 250}.{turn % 250}")
                evaluated += 1
            except throttle.TooMany as refusal:
                waited += refusal.seconds
    assert evaluated == 100
    with clock.shifted(seconds=waited + 60):
        page = await sign_in(nobody)
        assert (page.status, page.headers.get("retry-after")) == (429, None)
        assert page.errors == {"": "Too many tries for this e-mail. Choose “Forgot your password?” to set a new one."}


async def test_two_sign_ins_at_once_are_two_sessions(maya):
    """A phone and a computer: neither ends the other."""
    browsers = [Browser(), Browser(address="198.51.100.3")]
    await asyncio.gather(*(sign_in(one) for one in browsers))
    assert await live() == [maya.id, maya.id]
    assert [await is_signed_in(one) for one in browsers] == [True, True]
