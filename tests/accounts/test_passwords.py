"""Passwords: long, not common, not made of one's own words; nothing else is asked, and every reason is given."""

import time

import pytest

from portal import language
from portal.accounts import passwords
from portal.refusal import Refused
from tests.accounts.steps import NEW_PASSWORD, choose, confirm, open_link, sign_in
from tests.browser import Browser
from tests.factories import PASSWORD, a_client, a_practice, an_invitation

CONTEXT = ["maya.reyes@example.com", "Maya Reyes", "Harbor Lane Counseling", "Annapolis\nOkafor", "client portal"]
SHORT = "Use at least 15 characters. A short sentence works well."
LONG = "Use 256 characters or fewer"
COMMON = "That is one of the passwords people use most. Choose one that is only yours."
OWN = "That is made of your name, your e-mail or the practice's name. Choose other words."
PATTERN = "That is a pattern others would guess, such as a repeated or a running word. Choose a less regular one."
AGAIN = "Type the same password again"


def reason(password: str, again: str | None = None, *, context=CONTEXT, spoken: str = "en", **more) -> str:
    """Empty where the password may be chosen."""
    with language.speaking(spoken):
        try:
            passwords.must_be_good(password, again, context, **more)
        except Refused as refusal:
            (said,) = refusal.sentences.values()
            return str(said)
    return ""


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        NEW_PASSWORD,
        "correct horse battery staple"[::-1],
        "aquella mañana de lluvia",
        "дождь стучит по крыше",
        "雨が屋根を静かにたたいている夜",
        "🐢 walks past 🌵 at 5",
        "only small letters here",
        "5820 4417 9036 2281",
        "ein Igel im Heuhaufen!",
        "   spaces   around   it   ",
        "x" * 3 + " seven quiet foxes " + "y" * 234,
        "maya hid nine lemons",
        "q;Zx'9.,/-=[]`~!@#$%",
        "-*/+.,;:!?&%$()=",
    ],
)
def test_any_characters_and_any_mixture_will_do(password):
    assert reason(password, password) == ""


@pytest.mark.parametrize("password", ["", "a", "Tr0ub4dor&3", "fourteen chars", "x7$Kq!9zPw#2Lm"])
def test_fewer_than_fifteen_characters_are_refused_however_mixed(password):
    assert reason(password) == SHORT


def test_fifteen_are_enough_and_eight_where_there_is_a_second_factor():
    assert reason("fern owl kettle") == ""
    assert reason("kx9owl7t", has_second_factor=True) == ""
    assert reason("kx9owl7", has_second_factor=True) == "Use at least 8 characters. A short sentence works well."


def test_256_characters_are_allowed_and_257_are_not():
    long = "seven quiet foxes " * 15
    assert (reason(long[:256]), reason(long[:257])) == ("", LONG)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("passwordpassword", PATTERN),
        ("aaaaaaaaaaaaaaaa", PATTERN),
        ("abcdefghijklmnop", PATTERN),
        ("123456789012345", COMMON),
        ("qwertyuiopasdfghjkl", None),
        ("letmeinletmeinletmein", PATTERN),
        ("p@ssw0rdp@ssw0rd", None),
        ("mayareyesmayareyes", OWN),
        ("Maya Reyes Maya R", OWN),
        ("harborlanecounseling", OWN),
        ("Harbor-Lane-Counseling!", OWN),
        ("client portal client", OWN),
        ("maya.reyes@example.com", OWN),
        ("okaforannapolis!", OWN),
    ],
)
def test_what_others_would_guess_first_is_refused_with_the_reason(password, why):
    said = reason(password)
    assert said == why if why else said in (COMMON, PATTERN)


@pytest.mark.parametrize(
    ("password", "english", "spanish"),
    [
        ("short", SHORT, "Use al menos 15 caracteres. Una frase corta funciona bien."),
        ("x" * 257, LONG, "Use 256 caracteres o menos"),
        ("123456789012345", COMMON, None),
        ("mayareyesmayareyes", OWN, None),
        ("aaaaaaaaaaaaaaaa", PATTERN, None),
    ],
)
def test_the_reason_is_given_in_ones_own_language(password, english, spanish):
    assert reason(password) == english
    said = reason(password, spoken="es")
    assert said not in ("", english)
    assert spanish is None or said == spanish


def test_both_fields_must_be_the_same_and_the_second_one_says_so():
    with pytest.raises(Refused) as refused:
        passwords.must_be_good(PASSWORD, PASSWORD + " ", CONTEXT)
    assert {name: str(said) for name, said in refused.value.sentences.items()} == {"password_again": AGAIN}


@pytest.mark.parametrize(
    "password",
    [
        "4@8({[<369&#!1/|0$5+7%2" * 11,
        "p4@8({[<s5$w0rd1!|/+7%2a" * 10,
        "a" * 256,
        "ab" * 128,
        "ﷺ" * 256,
        "1234567890" * 25,
    ],
)
def test_no_password_takes_long_to_judge(password):
    """zxcvbn's readings of signs as letters multiply: such a password held the whole portal for seconds."""
    began = time.process_time()
    reason(password)
    assert time.process_time() - began < 1


async def test_a_password_is_verified_as_it_was_typed_and_nothing_of_it_is_cut():
    long = "seven quiet foxes " * 14 + "end"
    assert len(long) == 255
    stored = await passwords.hashed(long)
    assert stored.startswith("$argon2id$") and long not in stored
    others = (long[:-1], long + "x", long.upper(), long + " ")
    assert await passwords.matches(stored, long)
    assert not any([await passwords.matches(stored, typed) for typed in others])


async def test_nothing_beyond_the_longest_password_is_forgotten():
    """A password of 256 characters is not opened by itself with something behind it."""
    longest = ("seven quiet foxes " * 15)[:256]
    stored = await passwords.hashed(longest)
    assert [await passwords.matches(stored, typed) for typed in (longest, longest + "x", longest * 3)] == [
        True,
        False,
        False,
    ]


async def test_the_same_characters_from_another_keyboard_are_the_same_password():
    composed, decomposed = "caf\u00e9 con le\u0301che y miel", "cafe\u0301 con l\u00e9che y miel"
    stored = await passwords.hashed(composed)
    assert await passwords.matches(stored, decomposed)


async def test_nobodys_password_matches_nothing():
    broken = ("", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$x$y")
    assert not any([await passwords.matches(stored, PASSWORD) for stored in broken])


async def test_two_people_with_one_password_have_two_hashes():
    assert await passwords.hashed(PASSWORD) != await passwords.hashed(PASSWORD)


async def test_the_form_says_the_rule_allows_pasting_and_has_a_button_that_shows(db, nobody):
    await a_practice()
    await open_link(nobody, await an_invitation(await a_client()))
    await confirm(nobody)
    page = await nobody.get("/registration/password")
    field = page.soup.find("input", id="password")
    assert (field["type"], field["autocomplete"], field.has_attr("maxlength"), field.has_attr("onpaste")) == (
        "password", "new-password", False, False,
    )  # fmt: skip
    assert "At least 15 characters." in page.soup.find(id="password-hint").get_text() and "you can paste" in page.words
    assert page.soup.find("button", attrs={"data-shows": "password"})
    assert page.soup.find("input", attrs={"name": "username"})["value"] == "maya@example.com"


@pytest.mark.parametrize(
    ("password", "field", "sentence"),
    [
        ("", "password", "Choose a password"),
        ("too short", "password", SHORT),
        ("Harbor Lane Counseling", "password", OWN),
        ("maya maya maya maya", "password", OWN),
        ("123456789012345", "password", COMMON),
    ],
)
async def test_registration_says_why(db, nobody, password, field, sentence):
    await a_practice()
    await open_link(nobody, await an_invitation(await a_client()))
    await confirm(nobody)
    page = await choose(nobody, password)
    assert (page.status, page.errors) == (422, {field: sentence})
    assert page.soup.find("input", id="password").get("value") is None


async def test_a_long_password_with_anything_in_it_signs_in(db, nobody):
    await a_practice()
    password = '¡Ay! <b>"quoted"</b> & 100% ½ 🐢 \\ \' ; -- ' * 6
    password = password[:256].strip()
    await open_link(nobody, await an_invitation(await a_client()))
    await confirm(nobody)
    assert (await choose(nobody, password)).heading.endswith(", Maya")
    async with Browser() as other:
        assert (await sign_in(other, password=password)).heading.endswith(", Maya")


def test_the_password_of_nobody_costs_what_everybodys_does():
    assert not passwords.needs_rehash(passwords.NOBODYS)
