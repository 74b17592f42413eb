"""R4: a client signs in with e-mail and password."""

import re

import pytest

from tests.promise.conftest import NEW_PASSWORD, a_client, choose_password, confirm, link_in, press, sign_in


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_with_email_and_password(opened, scripts):
    page = sign_in(opened(scripts=scripts), "maya.reyes@example.com", anew=True)
    assert page.locator("h1").inner_text().endswith(", Maya")


def test_what_is_wrong_is_said_once_and_the_email_stays(phone):
    sign_in(phone, "maya.reyes@example.com", "not my password at all")
    assert "is not right" in phone.locator("#errors").inner_text()
    assert phone.get_by_label("E-mail").input_value() == "maya.reyes@example.com"
    assert phone.title().startswith("Error: ")


def test_signing_in_returns_to_where_one_was(phone):
    phone.goto("/account")
    phone.get_by_label("E-mail").fill("maya.reyes@example.com")
    phone.get_by_label("Password", exact=True).fill("harbor lane demo only")
    press(phone.get_by_role("button", name="Sign in", exact=True))
    assert phone.locator("h1").inner_text() == "Your account"


def test_a_forgotten_password_is_set_anew_by_letter(portal, phone):
    number = a_client(portal, "Fay", "Gould", "1990-02-03", "fay@example.com")
    portal.run("client", "invite", number)
    phone.goto(link_in(portal.letter("fay@example.com"), "invitation"))
    press(phone.get_by_role("button", name="Register"))
    confirm(phone, "Gould", "2", "3", "1990")
    choose_password(phone)
    portal.letter("fay@example.com", beside=1)
    press(phone.get_by_role("button", name="Sign out").first)
    phone.goto("/sign-in")
    press(phone.get_by_role("link", name="Forgot your password?"))
    phone.get_by_label("E-mail").fill("fay@example.com")
    press(phone.get_by_role("button", name="Send me the link"))
    assert phone.locator("h1").inner_text() == "Look in your mailbox"
    phone.goto(link_in(portal.letter("fay@example.com", beside=2), "reset"))
    press(phone.get_by_role("button", name="Continue"))
    for label in ("New password", "The same password again"):
        phone.get_by_label(label).fill(NEW_PASSWORD + " twice")
    press(phone.get_by_role("button", name="Save and sign in"))
    assert phone.locator("h1").inner_text().endswith(", Fay")
    assert re.search("was changed", portal.letter("fay@example.com", beside=3))
