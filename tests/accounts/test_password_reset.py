"""A forgotten password: a link for 60 minutes, once; who has an account is not told."""

import asyncio
import statistics
import time

import pytest

from portal import clock
from portal.access import Viewer
from portal.accounts import passage, throttle
from portal.accounts.actions import password_reset
from portal.accounts.actions.own import change_password
from portal.accounts.tables import Account, PasswordReset
from portal.database import fetch
from portal.notifications import letters
from portal.refusal import Refused
from tests.accounts.steps import NEW_PASSWORD, is_signed_in, sign_in
from tests.accounts.test_sign_in import DEVICE
from tests.browser import Browser, Page
from tests.factories import PASSWORD, TEST, a_client, a_grant, a_practice, an_account, an_invitation

DEAD = "This link does not work any more"
EXPIRED = {"": "This link is not valid any more. Ask for a new one."}


@pytest.fixture
async def maya(db):
    await a_practice()
    account = await an_account(name="Maya Reyes")
    await a_grant(account, await a_client())
    return account


async def ask(browser: Browser, email: str = "maya@example.com") -> Page:
    return await browser.press(await browser.get("/forgot-password"), "/forgot-password", email=email)


async def newest() -> PasswordReset:
    found = await PasswordReset.objects().order_by(PasswordReset.id, ascending=False).first()
    assert found is not None
    return found


async def link() -> str:
    return f"/reset/{password_reset.token_of(await newest())}"


async def open_link(browser: Browser) -> Page:
    address = await link()
    return await browser.press(await browser.get(address), address)


async def choose(browser: Browser, password: str = NEW_PASSWORD, again: str | None = None) -> Page:
    page = await browser.get("/new-password")
    return await browser.press(page, "/new-password", password=password, password_again=again or password)


async def test_from_forgetting_to_signed_in(maya, nobody):
    page = await ask(nobody)
    assert (page.path, page.heading) == ("/forgot-password/sent", "Look in your mailbox")
    assert (await open_link(nobody)).heading == "Choose a new password"
    assert (await choose(nobody)).path == "/clients/1"
    assert await is_signed_in(nobody)
    async with Browser() as other:
        assert (await sign_in(other)).status == 422
        assert (await sign_in(other, password=NEW_PASSWORD)).path == "/clients/1"


async def test_its_owner_gets_two_letters_one_with_the_link_and_one_that_tells(maya, nobody):
    await ask(nobody)
    await open_link(nobody)
    await choose(nobody)
    rows = await fetch("SELECT kind, subject_id FROM event ORDER BY id")
    assert [(row["kind"], row["subject_id"]) for row in rows] == [
        ("password_reset.asked", 1),
        ("password.changed", maya.id),
    ]


async def test_an_address_that_only_looks_like_the_accounts_gets_no_letter(db, nobody):
    """`ß` and `ss`, a Kelvin sign and a K: compared without case they are one, and two mailboxes."""
    await a_practice()
    await an_account("strasse.k@example.com")
    await ask(nobody, "STRAßE.\u212a@example.com")
    assert await fetch("SELECT 1 FROM password_reset") == []


async def test_the_link_in_the_letter_has_the_configured_host_whatever_the_request_says(maya, nobody):
    await nobody.post(
        "/forgot-password",
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
        email="maya@example.com",
    )
    told = await letters.reset((await newest()).id)
    assert told == {"url": "http://portal.test" + await link()}


async def test_neither_the_link_nor_the_address_typed_is_stored(maya, nobody):
    await ask(nobody)
    await ask(nobody, "canary@example.com")
    token = (await link()).partition("-")[2]
    for table in await fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        rows = await fetch(f'SELECT t::text AS said FROM "{table["tablename"]}" t')
        assert not any(token in row["said"] or "canary" in row["said"] for row in rows), table


@pytest.mark.parametrize("email", ["unknown@example.com", "suspended@example.com"])
async def test_an_unknown_address_gets_the_same_answer_and_no_letter(maya, nobody, email):
    await an_account("suspended@example.com", is_suspended=True)
    known, unknown = await ask(nobody), await ask(nobody, email)
    assert (known.path, known.heading, known.words) == (unknown.path, unknown.heading, unknown.words)
    assert sorted(known.headers) == sorted(unknown.headers)
    assert await PasswordReset.count() == 1


async def test_an_unknown_address_takes_as_long_as_a_known_one(db):
    await a_practice()
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    for turn in range(8):
        await an_account(f"known{turn}@example.com")
        for who in took:
            began = time.perf_counter()
            await password_reset.ask(Viewer.nobody(f"198.51.100.{turn}"), f"{who}{turn}@example.com")
            took[who].append(time.perf_counter() - began)
    known, unknown = (statistics.median(sorted(one)[:4]) for one in took.values())
    assert min(known, unknown) >= throttle.PACE and abs(known - unknown) < 0.2 * max(known, unknown)


@pytest.mark.parametrize("email", ["", "nonsense", "a@b\r\nBcc: x@example.com", "x" * 100_000 + "@example.com"])
async def test_what_is_no_address_is_said_beside_the_field(maya, nobody, email):
    page = await nobody.post("/forgot-password", email=email)
    assert page.status == 422 and list(page.errors) == ["email"]


async def test_the_link_works_for_sixty_minutes(maya, nobody):
    await ask(nobody)
    with clock.shifted(minutes=59, seconds=50):
        assert (await nobody.get(await link())).status == 200
    with clock.shifted(minutes=60, seconds=1):
        page = await nobody.get(await link())
        assert (page.status, page.heading) == (410, DEAD) and "/forgot-password" in page.links()
        assert (await open_link_by_post(nobody)).heading == DEAD


async def open_link_by_post(browser: Browser) -> Page:
    return await browser.post(await link())


async def test_the_hour_counts_for_the_last_step_too(maya, nobody):
    await ask(nobody)
    with clock.shifted(minutes=45):
        await open_link(nobody)
    with clock.shifted(minutes=61):
        page = await nobody.post("/new-password", password=NEW_PASSWORD, password_again=NEW_PASSWORD)
        assert page.errors == EXPIRED and not await is_signed_in(nobody)


async def test_it_works_once(maya, nobody):
    await ask(nobody)
    address = await link()
    await open_link(nobody)
    kept = nobody.http.cookies["portal-reset"]
    await choose(nobody)
    assert (await nobody.get(address)).heading == DEAD
    async with Browser() as thief:
        thief.http.cookies.set("portal-reset", kept, domain="portal.test")
        page = await thief.post("/new-password", password="another password 99", password_again="another password 99")
        assert page.errors == EXPIRED and not await is_signed_in(thief)


async def test_looking_at_it_uses_nothing_up(maya, nobody):
    await ask(nobody)
    for _ in range(5):
        await nobody.get(await link())
        await nobody.http.head(await link())
    assert (await newest()).ended_at is None
    assert (await open_link(nobody)).heading == "Choose a new password"


async def test_a_newer_link_ends_the_older_one(maya, nobody):
    await ask(nobody)
    old = await link()
    await ask(nobody)
    assert ((await nobody.get(old)).status, (await nobody.get(await link())).status) == (410, 200)


async def test_a_password_that_was_changed_meanwhile_ends_the_link(maya, nobody):
    """Whoever had read the mailbox does not come in afterwards."""
    await ask(nobody)
    await open_link(nobody)
    await change_password(TEST.on(account_id=maya.id, reason=""), PASSWORD, NEW_PASSWORD, NEW_PASSWORD)
    page = await nobody.post("/new-password", password="another password 99", password_again="another password 99")
    assert page.errors == EXPIRED


@pytest.mark.parametrize("token", ["", "x", "1-", "1-aaaaaaaa", "0-x", "-1-x", "²-x", "9" * 30 + "-x", "%00", "日本"])
async def test_a_link_that_was_never_ours_is_dead(maya, nobody, token):
    await ask(nobody)
    for page in (await nobody.get(f"/reset/{token}"), await nobody.post(f"/reset/{token}")):
        assert page.status in (404, 410) and "portal-reset" not in nobody.http.cookies


async def test_an_invitations_token_is_no_reset_link(maya, nobody):
    from tests.accounts.steps import token_of

    await ask(nobody)
    row = await an_invitation(await a_client("New", "Person"))
    assert row.id == (await newest()).id
    assert (await nobody.get(f"/reset/{token_of(row)}")).status == 410


async def test_without_a_passage_there_is_no_new_password(maya, nobody):
    await ask(nobody)
    for page in (await nobody.get("/new-password"), await nobody.post("/new-password", password=NEW_PASSWORD)):
        assert page.path == "/forgot-password"
    forged = passage.issue("reset", 1, "opened").value.replace("1.", "2.", 1)
    nobody.http.cookies.set("portal-reset", forged, domain="portal.test")
    assert (await nobody.get("/new-password")).path == "/forgot-password"


@pytest.mark.parametrize(
    ("password", "again", "errors"),
    [
        ("", "", {"password": "Choose a password"}),
        ("short", "short", {"password": "Use at least 15 characters. A short sentence works well."}),
        (
            "mayareyesmayareyes",
            None,
            {"password": "That is made of your name, your e-mail or the practice's name. Choose other words."},
        ),
        (NEW_PASSWORD, "something else entirely", {"password_again": "Type the same password again"}),
    ],
)
async def test_a_refused_password_uses_nothing_up(maya, nobody, password, again, errors):
    await ask(nobody)
    await open_link(nobody)
    page = await nobody.post("/new-password", password=password, password_again=password if again is None else again)
    assert (page.status, page.errors) == (422, errors)
    assert (await choose(nobody)).path == "/clients/1"


async def test_asking_again_and_again_is_slowed_down_but_never_refused_for_good(maya, nobody):
    said = [(await ask(nobody)).status for _ in range(6)]
    assert said == [200] * 5 + [429]
    waited = 0.0
    for turn in range(120):
        with clock.shifted(seconds=waited):
            try:
                await throttle.knock(
                    password_reset.DOOR, "maya@example.com", f"198.51.100.{turn}", most=throttle.ENDLESS
                )
            except throttle.TooMany as refusal:
                waited += refusal.seconds
    with clock.shifted(seconds=waited + throttle.LONGEST_DELAY):
        assert (await ask(nobody)).heading == "Look in your mailbox"


async def test_a_new_password_forgives_what_was_tried_before_by_strangers_and_by_ones_own_device(maya, nobody):
    await sign_in(nobody)
    await nobody.post("/sign-out")
    assert nobody.http.cookies[DEVICE]
    for _ in range(8):
        await sign_in(nobody, password="wrong")
        async with Browser(address="198.51.100.9") as stranger:
            await sign_in(stranger, password="wrong")
    await ask(nobody)
    await open_link(nobody)
    await choose(nobody)
    await nobody.post("/sign-out")
    async with Browser(address="192.0.2.8") as other:
        assert (await sign_in(other, password=NEW_PASSWORD)).path == "/clients/1"
    with clock.shifted(minutes=6):  # its address had ten wrong tries
        assert (await sign_in(nobody, password=NEW_PASSWORD)).path == "/clients/1"


async def test_a_suspended_account_gains_nothing_by_a_link_that_is_out(maya, nobody):
    await ask(nobody)
    await open_link(nobody)
    await Account.update({Account.is_suspended: True}).where(Account.id == maya.id)
    await choose(nobody)
    assert not await is_signed_in(nobody)


async def test_five_who_ask_at_once_get_one_link(maya):
    browsers = [Browser(address=f"198.51.100.{n}") for n in range(5)]
    pages = await asyncio.gather(*(one.post("/forgot-password", email="maya@example.com") for one in browsers))
    assert [page.path for page in pages] == ["/forgot-password/sent"] * 5
    assert await PasswordReset.count().where(PasswordReset.ended_at.is_null()) == 1


@pytest.mark.parametrize("rounds", [4, pytest.param(200, marks=pytest.mark.torture)])
async def test_one_link_used_twice_at_once_sets_one_password(maya, rounds):
    for turn in range(rounds):
        await throttle.forget(password_reset.DOOR, "maya@example.com")
        with clock.shifted(minutes=turn * 10):
            await password_reset.ask(Viewer.nobody(f"198.51.100.{turn % 250}"), "maya@example.com")
            row = await newest()
            told = await asyncio.gather(
                *(
                    password_reset.set_password(TEST, row.id, f"{NEW_PASSWORD} {n}", f"{NEW_PASSWORD} {n}")
                    for n in range(4)
                ),
                password_reset.ask(Viewer.nobody("198.51.101.1"), "maya@example.com"),
                return_exceptions=True,
            )
        assert sum(one == maya.id for one in told[:4]) <= 1
        assert all(isinstance(one, (int, Refused)) or one is None for one in told), told


async def test_in_the_browser_of_somebody_else_their_session_ends(maya, nobody):
    jonah = await an_account("jonah@example.com")
    await nobody.signed_in(jonah.id)
    await ask(nobody)
    await open_link(nobody)
    await choose(nobody)
    rows = await fetch("SELECT account FROM session WHERE ended_at IS NULL")
    assert [row["account"] for row in rows] == [maya.id]
