"""From an opened invitation to the dashboard: who this is for, a password, and straight in."""

import asyncio

import pytest

from portal import clock
from portal.access import Area, Role
from portal.accounts import passage
from portal.accounts.actions import invitation, registration
from portal.accounts.tables import Account, Invitation
from portal.clients.tables import Client
from portal.database import fetch
from portal.refusal import Refused
from tests.accounts.steps import (
    BORN,
    NEW_PASSWORD,
    WRONG,
    choose,
    code_of,
    confirm,
    is_signed_in,
    open_code,
    open_link,
    row_of,
    sign_in,
)
from tests.browser import Browser, Page
from tests.factories import PASSWORD, TEST, a_client, a_grant, a_member, a_practice, an_account, an_invitation, link_to

CLOSED = "This invitation is closed after five tries. The office has been told and will help you."
GONE = "This invitation is not valid any more. Ask the practice for a new one."
ELSEWHERE = "Sign in with the e-mail address that the invitation was sent to."


@pytest.fixture
async def maya(db):
    await a_practice()
    return await a_client()


@pytest.fixture
async def opened(maya, nobody):
    """A browser in which Maya's invitation was opened."""
    await open_link(nobody, await an_invitation(maya))
    return nobody


async def accounts() -> list[str]:
    return [row["email"] for row in await fetch("SELECT email FROM account ORDER BY id")]


async def grants() -> list[tuple[str, int, str, bool]]:
    rows = await fetch(
        "SELECT a.email, g.client, g.kind, g.ends_at FROM access_grant g JOIN account a ON a.id = g.account"
        " ORDER BY g.id"
    )
    return [(row["email"], row["client"], row["kind"], row["ends_at"] is None) for row in rows]


async def events() -> list[str]:
    return [row["kind"] for row in await fetch("SELECT kind FROM event ORDER BY id")]


async def tries(client_id: int) -> tuple[int, str]:
    row = await row_of(client_id)
    return row.wrong_tries, row.state


async def test_from_the_letter_to_the_dashboard_and_signed_in_at_once(maya, nobody):
    row = await an_invitation(maya)
    assert (await open_link(nobody, row)).heading == "Confirm who this is for"
    page = await confirm(nobody)
    assert (page.path, page.heading) == ("/registration/password", "Create a password")
    assert "You will sign in with maya@example.com and this password." in page.words
    page = await choose(nobody)
    assert page.path == f"/clients/{maya.id}" and page.heading.endswith(", Maya")
    assert await grants() == [("maya@example.com", maya.id, "self", True)]
    assert (await tries(maya.id)) == (0, "used")
    assert (await fetch("SELECT areas FROM access_grant"))[0]["areas"] == [str(area) for area in Area]
    assert await events() == ["invitation.sent", "account.registered"]


async def test_the_new_account_signs_in_with_what_was_chosen(opened):
    await confirm(opened)
    await choose(opened, NEW_PASSWORD)
    async with Browser() as other:
        assert (await sign_in(other, password=NEW_PASSWORD)).heading.endswith(", Maya")


async def test_what_happened_is_in_the_audit_and_no_name_that_was_typed(opened, maya):
    await confirm(opened, "Totally Wrong")
    await confirm(opened)
    await choose(opened)
    rows = await fetch(
        "SELECT act, account_id, client_id, detail::text AS detail FROM audit_row ORDER BY id DESC LIMIT 5"
    )
    acts = [(row["act"], row["client_id"]) for row in reversed(rows)]
    assert acts[-4:] == [
        ("invitation.wrong_try", maya.id),
        ("invitation.confirmed", maya.id),
        ("account.registered", maya.id),
        ("sign_in.done", None),
    ]
    assert not any("Totally" in row["detail"] or "1991" in row["detail"] for row in rows)


async def test_the_code_from_a_letter_works_as_well(maya, nobody):
    assert (await open_code(nobody, await an_invitation(maya))).heading == "Confirm who this is for"
    await confirm(nobody)
    assert (await choose(nobody)).heading.endswith(", Maya")


FORGIVEN = [
    ("Reyes", "  reyes "),
    ("Álvarez-Peña", "ALVAREZ PENA"),
    ("Álvarez-Peña", "álvarezpeña"),
    ("Alvarez Pena", "Álvarez–Peña"),
    ("O’Neill", "ONeill"),
    ("O'Neill", "O’neill"),
    ("D’Ángelo", "d angelo"),
    ("De la Cruz", "delacruz"),
    ("García Márquez", "garcia-marquez"),
    ("Strauß", "Strauss"),
    ("Łukasiewicz", "Lukasiewicz"),
    ("Søndergård", "sondergard"),
    ("St. John", "St John"),
    ("Nguyễn", "nguyen"),
    ("Kaʻāina", "Ka'aina"),
    ("Иванов-Ёлкин", "иванов елкин"),
    ("王", "王"),
    ("Smith", "Smith\u200b"),
    ("Smith", "\u00adSm\u00adith"),
    ("ÅNGSTRÖM", "A\u030angstro\u0308m"),
]  # fmt: skip


@pytest.mark.parametrize(("chart", "typed"), FORGIVEN)
async def test_case_accents_spaces_and_hyphens_are_forgiven(db, nobody, chart, typed):
    await a_practice()
    client = await a_client("Maya", chart)
    await open_link(nobody, await an_invitation(client))
    assert (await confirm(nobody, typed)).heading == "Create a password"


@pytest.mark.parametrize(
    ("chart", "typed"),
    [
        ("Reyes", "Reye"), ("Reyes", "Reyess"), ("Reyes", "Maya"), ("García Márquez", "García"), ("O’Neill", "Neill"),
        ("Reyes", "-"), ("Reyes", "%"), ("Reyes", "Reyes' OR '1'='1"), ("王", "李"), ("Reyes", "R" * 100),
    ],
)  # fmt: skip
async def test_another_name_is_another_name(db, nobody, chart, typed):
    await a_practice()
    client = await a_client("Maya", chart)
    await open_link(nobody, await an_invitation(client))
    page = await confirm(nobody, typed)
    assert page.errors == {"last_name": "The last name and date of birth do not match. Tries left: 4"}
    assert await tries(client.id) == (1, "open")


async def test_who_has_one_name_only_types_that_one(maya, nobody):
    client = await a_client("Sukarno", "")
    await open_link(nobody, await an_invitation(client))
    assert (await confirm(nobody, "-")).status == 422
    assert (await confirm(nobody, "sukarno")).heading == "Create a password"


async def test_the_answer_does_not_tell_which_of_the_two_was_wrong(opened):
    said = [
        (await confirm(opened, name, **born)).errors
        for name, born in (("Wrong", BORN), ("Reyes", WRONG), ("Wrong", WRONG))
    ]
    assert [one["last_name"].rpartition(" ")[0] for one in said] == [
        "The last name and date of birth do not match. Tries left:"
    ] * 3


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"birth_date_month": ""}, {"birth_date": "Enter the date of birth"}),
        ({"birth_date_year": "91"}, {"birth_date": "Use numbers: month, day, and the year with four digits"}),
        ({"birth_date_month": "April"}, {"birth_date": "Use numbers: month, day, and the year with four digits"}),
        ({"birth_date_day": "٣"}, {"birth_date": "Use numbers: month, day, and the year with four digits"}),
        ({"birth_date_month": "-4"}, {"birth_date": "Use numbers: month, day, and the year with four digits"}),
        ({"birth_date_month": "13"}, {"birth_date": "That date is not in the calendar: check the month and the day"}),
        ({"birth_date_day": "31"}, {"birth_date": "That date is not in the calendar: check the month and the day"}),
        ({"birth_date_year": "0000"}, {"birth_date": "That date is not in the calendar: check the month and the day"}),
        ({"last_name": " "}, {"last_name": "Enter the last name"}),
        ({"last_name": "x" * 101}, {"last_name": "Use 100 characters or fewer"}),
    ],
)
async def test_what_is_missing_or_no_date_is_said_kept_and_not_counted(opened, maya, typed, error):
    page = await confirm(opened, **typed)
    assert (page.status, page.errors) == (422, error)
    told = {"last_name": "Reyes", **BORN, **typed}
    assert {name: page.value(name) for name in told} == told
    assert await tries(maya.id) == (0, "open")


async def test_leading_zeros_and_blanks_around_the_date_are_no_mistake(opened):
    page = await confirm(opened, birth_date_month="04", birth_date_day=" 17 ")
    assert page.heading == "Create a password"


async def test_everything_that_is_wrong_is_said_at_once(opened):
    page = await opened.post("/registration")
    assert page.errors == {"last_name": "Enter the last name", "birth_date": "Enter the date of birth"}


async def test_five_wrong_tries_close_the_link_and_tell_staff(cast, nobody):
    row = await an_invitation(cast.other, "other@example.com")
    await open_link(nobody, row)
    left = [(await confirm(nobody, "Wrong")).errors for _ in range(4)]
    assert [one["last_name"][-1] for one in left] == ["4", "3", "2", "1"]
    page = await nobody.post("/registration", last_name="Wrong", **BORN)
    assert (page.status, page.errors) == (422, {"": CLOSED}) and "(443) 555-0142" in page.words
    page = await nobody.post("/registration", last_name="Whitfield", **BORN)
    assert page.errors == {"": GONE}
    page = await nobody.get(link_to(row))
    assert (page.status, page.heading) == (410, "This invitation is closed") and "(443) 555-0142" in page.words
    assert (await open_code(nobody, row)).status == 422
    desk = await cast.browser("front_desk")
    queue = await desk.get("/staff/review")
    assert "Jonah Whitfield" in queue.words and "Invitation closed after five wrong tries" in queue.words
    assert f"/staff/clients/{cast.other.id}" in queue.links()


async def test_tries_are_counted_over_all_browsers_and_both_ways_in(maya):
    row = await an_invitation(maya)
    for turn in range(5):
        async with Browser(address=f"198.51.100.{turn}") as browser:
            await (open_code(browser, row) if turn % 2 else open_link(browser, row))
            await confirm(browser, "Wrong")
    assert await tries(maya.id) == (5, "locked")


async def test_twenty_wrong_tries_at_once_are_five(opened, maya):
    pages = await asyncio.gather(*(opened.post("/registration", last_name=f"Wrong{n}", **BORN) for n in range(20)))
    said = ["Tries left: 4", "Tries left: 3", "Tries left: 2", "Tries left: 1", CLOSED, GONE]
    assert [sum(words in page.words for page in pages) for words in said] == [1, 1, 1, 1, 1, 15]
    assert await tries(maya.id) == (5, "locked")
    assert len(await fetch("SELECT 1 FROM review_item")) == 1


async def test_a_new_invitation_begins_with_five_tries_and_settles_the_queue(cast, nobody):
    old = await an_invitation(cast.other)
    await open_link(nobody, old)
    for _ in range(5):
        await nobody.post("/registration", last_name="Wrong", **BORN)
    new = await an_invitation(cast.other, "new@example.com")
    assert (new.wrong_tries, new.state) == (0, "open")
    assert [row["settled_at"] is None for row in await fetch("SELECT settled_at FROM review_item")] == [False]


async def test_after_a_wrong_try_the_right_one_still_works(opened):
    for _ in range(4):
        await confirm(opened, "Wrong")
    assert (await confirm(opened)).heading == "Create a password"


async def test_an_expired_invitation_is_not_confirmed_in_a_tab_that_stayed_open(opened, maya):
    with clock.shifted(days=7, minutes=1):
        page = await opened.post("/registration", last_name="Reyes", **BORN)
        assert page.heading == "Open your invitation again"
    assert await tries(maya.id) == (0, "open")


# The password ---------------------------------------------------------------------------------------------------------


async def test_nobody_chooses_a_password_without_having_confirmed(opened):
    for page in (
        await opened.get("/registration/password"),
        await opened.post("/registration/password", password=PASSWORD, password_again=PASSWORD),
    ):
        assert page.path == "/registration"
    assert await accounts() == []


async def test_the_invitations_address_is_the_accounts_whatever_else_is_sent(opened):
    await confirm(opened)
    await choose(opened, email="evil@example.com", username="evil@example.com", id="1", staff_member="1", kind="proxy")
    assert await accounts() == ["maya@example.com"]
    assert (await fetch("SELECT staff_member FROM account"))[0]["staff_member"] is None


async def test_a_refused_password_uses_nothing_up(opened, maya):
    await confirm(opened)
    page = await choose(opened, "too little")
    assert (page.status, list(page.errors), page.value("password")) == (422, ["password"], "")
    assert await tries(maya.id) == (0, "open") and await accounts() == []
    assert (await choose(opened)).heading.endswith(", Maya")


async def test_the_back_button_after_registering_makes_no_second_account(opened):
    await confirm(opened)
    shown = await opened.get("/registration/password")
    await choose(opened)
    again = await opened.press(shown, "/registration/password", password=PASSWORD, password_again=PASSWORD)
    assert (again.status, again.heading) == (419, "Please send it once more")
    again = await opened.post("/registration/password", password=PASSWORD, password_again=PASSWORD)
    assert again.heading == "Open your invitation again"
    assert await accounts() == ["maya@example.com"]


async def test_two_tabs_of_one_invitation_make_one_account(opened):
    await confirm(opened)
    first, second = await opened.get("/registration/password"), await opened.get("/registration/password")
    kept = dict(opened.http.cookies)
    typed = {"password": PASSWORD, "password_again": PASSWORD}
    assert (await opened.press(first, "/registration/password", **typed)).heading.endswith(", Maya")
    async with Browser() as other:
        other.http.cookies.clear()
        for name, value in kept.items():
            other.http.cookies.set(name, value, domain="portal.test")
        page = await other.press(second, "/registration/password", **typed)
        assert page.heading == "This invitation has been used" and "/sign-in" in page.links()
        assert not await is_signed_in(other)
    assert await accounts() == ["maya@example.com"]


async def test_a_tab_of_another_invitation_is_no_wrong_try(maya, nobody):
    jonah = await a_client("Jonah", "Whitfield")
    rows = await an_invitation(maya), await an_invitation(jonah, "jonah@example.com")
    await open_link(nobody, rows[0])
    of_maya = await nobody.get("/registration")
    await open_link(nobody, rows[1])
    page = await nobody.press(of_maya, "/registration", last_name="Reyes", **BORN)
    assert page.errors == {"": "You opened another invitation in this browser. This page is now about that one."}
    assert (await tries(maya.id), await tries(jonah.id)) == ((0, "open"), (0, "open"))
    await confirm(nobody, "Whitfield")
    await nobody.get("/registration/password")
    of_jonah = await nobody.get("/registration/password")
    await open_link(nobody, rows[0])
    await confirm(nobody, "Reyes")
    page = await nobody.press(of_jonah, "/registration/password", password=PASSWORD, password_again=PASSWORD)
    assert page.status == 422 and await accounts() == []


@pytest.mark.parametrize("what", ["revoke", "resend", "change"])
async def test_what_staff_do_between_the_two_steps_counts(opened, maya, what):
    await confirm(opened)
    if what == "revoke":
        await invitation.revoke(TEST, maya.id)
    elif what == "resend":
        with clock.shifted(seconds=61):
            await invitation.resend(TEST, maya.id)
    else:
        await invitation.change_owner(TEST, maya.id, email="father@example.com", kind="guardian", holder_name="Father")
    page = await opened.post("/registration/password", password=PASSWORD, password_again=PASSWORD)
    assert page.heading == "Open your invitation again"
    assert await accounts() == [] and not await is_signed_in(opened)


async def test_the_new_account_speaks_the_language_of_its_invitation(maya, nobody):
    row = await an_invitation(maya, language="es")
    assert (await nobody.get(link_to(row))).soup.html["lang"] == "es"
    await open_link(nobody, row)
    assert (await confirm(nobody)).soup.html["lang"] == "es"
    await choose(nobody)
    assert (await fetch("SELECT language FROM account"))[0]["language"] == "es"


async def test_who_has_chosen_a_language_keeps_it(maya, nobody):
    row = await an_invitation(maya, language="es")
    await nobody.post("/language", language="en")
    await open_link(nobody, row)
    await confirm(nobody)
    await choose(nobody)
    assert (await fetch("SELECT language FROM account"))[0]["language"] == "en"


# Passage cookies ------------------------------------------------------------------------------------------------------


def with_cookie(browser: Browser, value: str, name: str = "portal-invitation") -> Browser:
    browser.http.cookies.delete(name) if name in browser.http.cookies else None
    browser.http.cookies.set(name, value, domain="portal.test")
    return browser


async def test_a_forged_passage_opens_nothing(maya, nobody):
    row = await an_invitation(maya)
    good = passage.issue("invitation", row.id, "opened").value
    number, stage, until, mac = good.split(".")
    other = passage.issue("invitation", row.id + 1, "opened").value.split(".")
    forged = [
        "", "x", "...", f"{number}.confirmed.{until}.{mac}", f"{number}.{stage}.{int(until) + 999}.{mac}",
        f"{row.id + 1}.{stage}.{until}.{mac}", f"{number}.{stage}.{until}.{other[3]}", f"{number}.{stage}.{until}.",
        f"{number}.{stage}.{until}.{mac}.", f"²{number}.{stage}.{until}.{mac}", f"{'9' * 5000}.{stage}.{until}.{mac}",
        passage.issue("reset", row.id, "opened").value, f"{number}.{stage}.{until}.{mac[:-1]}",
        f"-1.{stage}.{until}.{mac}",
    ]  # fmt: skip
    for value in forged:
        headers = {"Cookie": f"portal-invitation={value}".encode("latin-1")}
        page = await nobody.http.get("/registration", headers=headers)
        assert page.status_code == 200 and "Open your invitation again" in page.text, value
    assert "Confirm who this is for" in (await with_cookie(nobody, good).get("/registration")).text


async def test_a_passage_for_a_password_reset_is_none_for_an_invitation_nor_the_other_way_round(maya, nobody):
    row = await an_invitation(maya)
    with_cookie(nobody, passage.issue("invitation", row.id, "confirmed").value, "portal-reset")
    assert (
        await nobody.post("/new-password", password=PASSWORD, password_again=PASSWORD)
    ).heading == "Forgot your password?"


async def test_a_passage_lasts_half_an_hour(opened, maya):
    await confirm(opened)
    with clock.shifted(seconds=1801):
        page = await opened.post("/registration/password", password=PASSWORD, password_again=PASSWORD)
        assert page.heading == "Open your invitation again"
        assert await accounts() == []
        await open_link(opened, await row_of(maya.id))
        await confirm(opened)
        assert (await choose(opened)).heading.endswith(", Maya")


async def test_a_passage_of_a_key_that_is_gone_opens_nothing(opened, secret_keys):
    secret_keys("a newer secret for tests only, 40 letters")
    assert (await opened.get("/registration")).heading == "Open your invitation again"


# An address that has an account ---------------------------------------------------------------------------------------


@pytest.fixture
async def parent(maya):
    """Daniel, who has an account for his first child; the second one is invited."""
    account = await an_account("daniel@example.com", name="Daniel Karim")
    await a_grant(account, maya, kind="guardian")
    return account


async def second_child(email: str = "Daniel@Example.com") -> tuple[Client, Invitation]:
    child = await a_client("Sami", "Karim-Özdemir")
    return child, await an_invitation(child, email, kind="guardian", holder_name="Daniel Karim")


async def test_a_guardians_second_child_is_added_to_the_account_that_is_there(parent, maya, nobody):
    child, row = await second_child()
    page = await open_link(nobody, row)
    assert page.heading == "You have an account already" and "/sign-in?next=/registration" in page.links()
    page = await nobody.press(
        await nobody.get("/sign-in?next=/registration"), "/sign-in", email="daniel@example.com", password=PASSWORD
    )
    assert (page.path, page.heading) == ("/registration", "Confirm who this is for")
    assert "You are signed in as daniel@example.com" in page.words
    page = await confirm(nobody, "karim ozdemir")
    assert page.path == f"/clients/{child.id}" and "You can now use the portal for one more person." in page.words
    assert await grants() == [
        ("daniel@example.com", maya.id, "guardian", True),
        ("daniel@example.com", child.id, "guardian", True),
    ]
    assert (await tries(child.id)) == (0, "used") and await accounts() == ["daniel@example.com"]
    assert await events() == ["invitation.sent", "portal_access.gained"]


async def test_an_address_with_an_account_makes_no_second_one_however_one_asks(parent, nobody):
    child, row = await second_child()
    await open_link(nobody, row)
    page = await nobody.post("/registration", last_name="Karim-Özdemir", **BORN)
    assert (page.status, page.errors) == (422, {"": ELSEWHERE})
    with_cookie(nobody, passage.issue("invitation", row.id, "confirmed").value)
    page = await nobody.post("/registration/password", password=PASSWORD, password_again=PASSWORD)
    assert page.errors == {"": "This address has an account already. Sign in to add this client to it."}
    assert await tries(child.id) == (0, "open") and await accounts() == ["daniel@example.com"]


async def test_wrong_tries_of_somebody_who_is_signed_in_count_as_well(parent, nobody):
    child, row = await second_child()
    await nobody.signed_in(parent.id)
    await open_link(nobody, row)
    for _ in range(5):
        page = await nobody.post("/registration", last_name="Wrong", **BORN)
    assert page.errors == {"": CLOSED}
    assert await tries(child.id) == (5, "locked") and len(await grants()) == 1


async def test_another_account_does_not_gain_what_it_was_not_sent(parent, nobody):
    child, row = await second_child()
    stranger = await an_account("eve@example.com", name="Eve")
    await nobody.signed_in(stranger.id)
    assert (await open_link(nobody, row)).heading == "You have an account already"
    page = await nobody.post("/registration", last_name="Karim-Özdemir", **BORN)
    assert page.errors == {"": ELSEWHERE}
    with pytest.raises(Refused):
        await registration.gain(TEST.on(account_id=stranger.id, email="eve@example.com", reason=""), row.id)
    assert len(await grants()) == 1 and (await tries(child.id))[1] == "open"


async def test_who_is_signed_in_as_somebody_else_registers_the_new_account_and_leaves_the_old_session(maya, nobody):
    jonah = await an_account("jonah@example.com", name="Jonah")
    await nobody.signed_in(jonah.id)
    before = nobody.http.cookies["portal-session"]
    await open_link(nobody, await an_invitation(maya))
    await confirm(nobody)
    page = await choose(nobody)
    assert page.path == f"/clients/{maya.id}" and nobody.http.cookies["portal-session"] != before
    assert await grants() == [("maya@example.com", maya.id, "self", True)]
    assert len(await fetch("SELECT 1 FROM session WHERE ended_at IS NULL")) == 1


async def test_gaining_somebody_one_reaches_already_changes_nothing(maya, nobody):
    account = await an_account("daniel@example.com")
    row = await an_invitation(maya, "daniel@example.com")
    await a_grant(account, maya, kind="guardian")
    await nobody.signed_in(account.id)
    await open_link(nobody, row)
    assert (await confirm(nobody)).path == f"/clients/{maya.id}"
    assert await grants() == [("daniel@example.com", maya.id, "guardian", True)]


# A printed invitation, for a client without e-mail --------------------------------------------------------------------


@pytest.fixture
async def printed(maya, nobody):
    await open_code(nobody, await an_invitation(maya, ""))
    return nobody


async def test_a_printed_invitation_asks_for_the_address_to_sign_in_with(printed, maya):
    await confirm(printed)
    page = await choose(printed, email="not an address")
    assert page.errors == {"email": "Enter an e-mail address like name@example.com"}
    assert page.value("email") == "not an address"
    page = await choose(printed, email=" Maya.Reyes@Example.com ")
    assert page.heading.endswith(", Maya")
    assert await grants() == [("Maya.Reyes@example.com", maya.id, "self", True)]
    assert await events() == ["account.registered"]
    async with Browser() as other:
        assert (await sign_in(other, "maya.reyes@example.com")).heading.endswith(", Maya")


@pytest.mark.parametrize(
    "email",
    ["", "a@b", "x" * 300 + "@example.com", "a@example.com\r\nBcc: b@example.com", "ΐ" * 32 + "@" + "a." * 93 + "com"],
)
async def test_an_address_that_no_letter_reaches_is_refused(printed, email):
    await confirm(printed)
    page = await choose(printed, email=email)
    assert page.status == 422 and list(page.errors) == ["email"]
    assert await accounts() == []


async def test_an_address_that_is_taken_is_said_and_its_owner_signs_in_and_gains_the_client(printed, maya):
    daniel = await an_account("daniel@example.com", name="Daniel Karim")
    await confirm(printed)
    page = await choose(printed, email="DANIEL@example.com")
    assert page.errors == {"email": "This address has an account already. Sign in to add this client to it."}
    assert "/sign-in?next=/registration" in page.links()
    page = await printed.press(
        await printed.get("/sign-in?next=/registration"), "/sign-in", email="daniel@example.com", password=PASSWORD
    )
    assert "You are signed in as daniel@example.com" in page.words
    assert (await confirm(printed)).path == f"/clients/{maya.id}"
    assert await grants() == [("daniel@example.com", maya.id, "self", True)] and daniel.id
    assert await accounts() == ["daniel@example.com"]


async def test_staff_who_hand_a_printed_invitation_over_do_not_gain_the_client(printed, maya):
    _, desk = await a_member(Role.FRONT_DESK)
    await printed.signed_in(desk.id)
    await confirm(printed)
    page = await choose(printed, email="maya@example.com")
    assert page.path == f"/clients/{maya.id}"
    assert await grants() == [("maya@example.com", maya.id, "self", True)]


async def test_a_printed_invitation_still_wants_the_name_and_birth_date_of_who_is_signed_in(printed, maya):
    account = await an_account("daniel@example.com")
    await printed.signed_in(account.id)
    for _ in range(5):
        await printed.post("/registration", last_name="Wrong", **BORN)
    assert await tries(maya.id) == (5, "locked") and await grants() == []


# Races ----------------------------------------------------------------------------------------------------------------


def let_in(pages: list[Page]) -> int:
    """How many got a session; the others are led to what became of the invitation."""
    with_session = ["portal-session=" in str(page.headers.get_list("set-cookie")) for page in pages]
    assert {page.status for page in pages} == {303}
    assert {page.headers["location"] for page in pages} == {"/", "/registration"}
    return sum(with_session)


async def test_twenty_registrations_with_one_invitation_make_one_account(maya):
    row = await an_invitation(maya)
    browsers = [with_cookie(Browser(), passage.issue("invitation", row.id, "confirmed").value) for _ in range(20)]
    typed = {"password": PASSWORD, "password_again": PASSWORD}
    pages = await asyncio.gather(*(one.post("/registration/password", follow=False, **typed) for one in browsers))
    assert let_in(pages) == 1
    assert await accounts() == ["maya@example.com"] and len(await grants()) == 1
    assert (await events()).count("account.registered") == 1


async def test_twenty_registrations_of_a_printed_invitation_under_twenty_addresses_make_one_account(maya):
    row = await an_invitation(maya, "")
    browsers = [with_cookie(Browser(), passage.issue("invitation", row.id, "confirmed").value) for _ in range(20)]
    typed = {"password": PASSWORD, "password_again": PASSWORD}
    pages = await asyncio.gather(
        *(
            one.post("/registration/password", follow=False, email=f"m{n}@example.com", **typed)
            for n, one in enumerate(browsers)
        )
    )
    assert let_in(pages) == 1
    assert len(await accounts()) == 1 == len(await grants())


async def test_twenty_activations_at_once_leave_one_open_invitation(cast):
    client = await a_client("Lena", "Fischer")
    desk = await cast.browser("front_desk")
    address = f"/staff/clients/{client.id}/portal-access/activation"
    pages = await asyncio.gather(
        *(desk.post(address, how="other", email="lena@example.com", kind="self", follow=False) for _ in range(20))
    )
    assert {page.status for page in pages} <= {303, 422}
    rows = await fetch("SELECT state, count(*) AS count FROM invitation GROUP BY state")
    assert {row["state"]: row["count"] for row in rows}["open"] == 1
    assert len(await fetch("SELECT 1 FROM client_email WHERE client = {}", client.id)) == 1


async def race(*acts) -> list[object]:
    told = await asyncio.gather(*acts, return_exceptions=True)
    strange = [one for one in told if isinstance(one, BaseException) and not isinstance(one, Refused)]
    assert strange == []
    return told


def register(row: Invitation):
    return registration.register(TEST, row.id, PASSWORD, PASSWORD)


@pytest.mark.parametrize("rounds", [6, pytest.param(200, marks=pytest.mark.torture)])
@pytest.mark.parametrize("act", ["resend", "activate", "change_owner", "revoke"])
async def test_registering_while_staff_act_leaves_one_way_in_at_most(db, act, rounds):
    await a_practice()
    for turn in range(rounds):
        client = await a_client("Maya", f"Reyes {turn}")
        row = await an_invitation(client, f"m{turn}@example.com")
        other = {"email": f"other{turn}@example.com"} if act in ("activate", "change_owner") else {}
        theirs = getattr(invitation, act)(TEST, client.id, **other)
        await race(*((register(row), theirs) if turn % 2 else (theirs, register(row))))
        state = (await fetch(
            "SELECT (SELECT count(*) FROM access_grant WHERE client = {} AND ends_at IS NULL) AS live,"
            " (SELECT count(*) FROM invitation WHERE client = {} AND state = 'open') AS open", client.id, client.id
        ))[0]  # fmt: skip
        assert (state["live"], state["open"]) in {
            "resend": [(1, 0), (0, 1)], "activate": [(1, 0), (0, 1)], "change_owner": [(0, 1)], "revoke": [(0, 0)],
        }[act]  # fmt: skip


async def test_two_accounts_for_one_address_are_never_made(maya):
    rows = [await an_invitation(await a_client("Child", f"N{n}"), "parent@example.com") for n in range(4)]
    await race(*(register(row) for row in rows))
    assert await accounts() == ["parent@example.com"] and len(await grants()) == 1


async def test_a_code_and_a_link_used_together_are_one_use(maya):
    row = await an_invitation(maya)
    async with Browser() as one, Browser(address="198.51.100.7") as two:
        await open_link(one, row)
        await two.post("/invitation", code=code_of(row))
        for browser in (one, two):
            await confirm(browser)
        typed = {"password": PASSWORD, "password_again": PASSWORD}
        pages = await asyncio.gather(*(b.post("/registration/password", follow=False, **typed) for b in (one, two)))
    assert let_in(pages) == 1
    assert await Account.count() == 1
