"""One's own account: who one is here, the language and look of the portal, and the password."""

import pytest

from portal import clock
from portal.accounts.tables import Account, PasswordReset, Session
from portal.database import fetch
from tests.accounts.steps import NEW_PASSWORD, sign_in
from tests.browser import Browser
from tests.factories import PASSWORD, a_client, a_grant, a_practice, an_account

CHANGE = {"present_password": PASSWORD, "password": NEW_PASSWORD, "password_again": NEW_PASSWORD}


@pytest.fixture
async def maya(db):
    await a_practice()
    account = await an_account(name="Maya Reyes")
    await a_grant(account, await a_client())
    return account


@pytest.fixture
async def browser(maya):
    async with Browser() as made:
        yield await made.signed_in(maya.id)


async def stored(column: str) -> object:
    return (await fetch(f"SELECT {column} FROM account WHERE email = 'maya@example.com'"))[0][column]


async def test_it_says_who_one_is(browser):
    page = await browser.get("/account")
    assert (
        page.heading == "Your account" and "Name Maya Reyes" in page.words and "E-mail maya@example.com" in page.words
    )


async def test_language_and_look_are_kept_with_the_account_and_follow_to_the_next_device(browser, maya):
    page = await browser.post("/account/appearance", language="es", theme="dark")
    assert (page.path, page.soup.html["lang"], page.soup.html["data-theme"]) == ("/account", "es", "dark")
    async with Browser() as phone:
        await phone.signed_in(maya.id)
        page = await phone.get("/account")
        assert (page.soup.html["lang"], page.soup.html["data-theme"]) == ("es", "dark")


@pytest.mark.parametrize(
    ("language", "theme"), [("xx", "pink"), ("", ""), ("es'; --", '"><script>'), ("e" * 999, "d" * 999)]
)
async def test_a_choice_that_does_not_exist_is_the_usual_one(browser, language, theme):
    await browser.post("/account/appearance", language=language, theme=theme)
    assert (await stored("language"), await stored("theme")) == ("en", "")


async def test_the_language_button_of_every_page_changes_the_account_too(browser):
    page = await browser.get("/clients/1")
    page = await browser.press(page, "/language", language="es")
    assert (page.path, page.soup.html["lang"]) == ("/clients/1", "es") and await stored("language") == "es"


async def test_before_sign_in_the_language_is_kept_in_the_browser(maya, nobody):
    page = await nobody.press(await nobody.get("/sign-in?next=/account"), "/language", language="es")
    assert (page.path, page.heading) == ("/sign-in?next=/account", "Iniciar sesión")
    assert await stored("language") == "en"


@pytest.mark.parametrize(
    ("accept", "spoken"),
    [
        ("es", "es"), ("es-MX,en;q=0.8", "es"), ("fr,es;q=0.5,en;q=0.4", "es"), ("en;q=0.1, es;q=0.9", "es"),
        ("fr", "en"),
        ("", "en"), ("es;q=0", "en"), ("es;q=nan", "en"), (";;;,,,q=x", "en"), ("x" * 5000, "en"), ("es;q=0.9x", "en"),
    ],
)  # fmt: skip
async def test_at_the_first_visit_the_browser_says_which(maya, nobody, accept, spoken):
    page = await nobody.get("/sign-in", **{"Accept-Language": accept})
    assert page.soup.html["lang"] == spoken


async def test_the_new_password_works_and_the_old_one_does_not(browser):
    page = await browser.post("/account/password", **CHANGE)
    assert "Your password is changed. You are signed out everywhere else." in page.words
    async with Browser() as other:
        assert (await sign_in(other)).status == 422
        assert (await sign_in(other, password=NEW_PASSWORD)).path == "/clients/1"


async def test_its_owner_is_told_by_letter_and_a_link_that_was_out_is_dead(browser, maya):
    await browser.post("/forgot-password", email="maya@example.com")
    await browser.post("/account/password", **CHANGE)
    rows = await fetch("SELECT kind, subject_id FROM event ORDER BY id")
    assert [(row["kind"], row["subject_id"]) for row in rows][-1] == ("password.changed", maya.id)
    assert await PasswordReset.count().where(PasswordReset.ended_at.is_null()) == 0


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"present_password": ""}, {"present_password": "Enter your present password"}),
        ({"password": ""}, {"password": "Choose a password"}),
        ({"present_password": "wrong"}, {"present_password": "That is not your present password"}),
        ({"password": "short"}, {"password": "Use at least 15 characters. A short sentence works well."}),
        (
            {"password": "Harbor Lane Counseling"},
            {"password": "That is made of your name, your e-mail or the practice's name. Choose other words."},
        ),
        ({"password_again": "another one entirely"}, {"password_again": "Type the same password again"}),
    ],
)
async def test_a_refusal_says_why_and_changes_nothing(browser, maya, typed, errors):
    await browser.post("/forgot-password", email="maya@example.com")
    before = await stored("password_hash")
    page = await browser.post("/account/password", **{**CHANGE, **typed})
    assert (page.status, page.errors) == (422, errors)
    assert [one.get("value") for one in page.soup.select('input[type="password"]')] == [None] * 3
    assert await stored("password_hash") == before
    assert await Session.count().where(Session.ended_at.is_null()) == 1
    assert await PasswordReset.count().where(PasswordReset.ended_at.is_null()) == 1


async def test_the_present_password_cannot_be_guessed_at_an_open_browser(browser):
    with clock.stopped():
        for _ in range(5):
            assert (await browser.post("/account/password", **{**CHANGE, "present_password": "wrong"})).status == 422
        page = await browser.post("/account/password", **CHANGE)
        assert (page.status, page.headers["retry-after"]) == (429, "2")
        with clock.shifted(seconds=3):
            assert (await browser.post("/account/password", **CHANGE)).path == "/account"


async def test_guessing_there_does_not_hold_up_the_front_door(browser):
    for _ in range(6):
        await browser.post("/account/password", **{**CHANGE, "present_password": "wrong"})
    async with Browser(address="192.0.2.5") as other:
        assert (await sign_in(other)).path == "/clients/1"


async def test_after_a_refusal_the_language_button_leads_back_to_the_page_and_not_to_nowhere(browser):
    """The form's address only takes POST: opened by hand it leads to the page above it."""
    page = await browser.post("/account/password", **{**CHANGE, "present_password": "wrong"})
    page = await browser.press(page, "/language", language="es")
    assert (page.status, page.path, page.heading) == (200, "/account", "Su cuenta")


async def test_a_form_changes_nothing_but_what_it_asks_for(browser, maya):
    extra = {
        "id": "99",
        "email": "evil@example.com",
        "email_key": "evil@example.com",
        "is_suspended": "true",
        "staff_member": "1",
        "name": "Evil",
    }
    await browser.post("/account/appearance", language="en", theme="light", **extra)
    await browser.post("/account/password", **CHANGE, **extra)
    row = await Account.objects().get(Account.id == maya.id)
    assert (row.email, row.name, row.staff_member, row.is_suspended) == ("maya@example.com", "Maya Reyes", None, False)
