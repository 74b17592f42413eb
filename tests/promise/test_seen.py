"""What holds on every screen: the language, what an expired session had typed, that something is being sent."""

import pytest

from tests.promise.conftest import press, sign_in
from tests.promise.steps import expire_sessions


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_the_language_is_switched_and_kept(opened, scripts):
    page = opened(scripts=scripts)
    page.goto("/sign-in")
    press(page.get_by_role("button", name="Español"))
    assert page.locator("html").get_attribute("lang") == "es"
    page.goto("/help")
    assert page.locator("html").get_attribute("lang") == "es"
    press(page.get_by_role("button", name="English"))
    assert page.locator("html").get_attribute("lang") == "en"


def test_what_an_expired_session_was_about_to_send_is_given_back(portal, phone):
    """The session is made old in the database; the form that was open is sent, and comes back after sign-in."""
    sign_in(phone, "priya@harborlane.example")
    phone.goto("/staff/clients/new")
    phone.get_by_label("First name").fill("Kept")
    phone.get_by_label("Last name").fill("Carefully")
    for part, value in (("Month", "1"), ("Day", "2"), ("Year", "1999")):
        phone.get_by_label(part).fill(value)
    expire_sessions(portal)
    press(phone.get_by_role("button", name="Add client"))
    assert phone.locator("h1").inner_text() == "Sign in"
    phone.get_by_label("E-mail").fill("priya@harborlane.example")
    phone.get_by_label("Password", exact=True).fill("harbor lane demo only")
    press(phone.get_by_role("button", name="Sign in", exact=True))
    assert phone.locator("h1").inner_text() == "You were signed out before this was sent"
    press(phone.get_by_role("button", name="Send it now"))
    assert phone.locator("h1").inner_text() == "Kept Carefully"


def test_a_form_shows_that_it_is_being_sent(opened, portal):
    page = opened(scripts=True)
    page.goto("/forgot-password")
    page.get_by_label("E-mail").fill("maya.reyes@example.com")
    assert page.evaluate(PRESS) == ["Sending…", "Sending…"]


PRESS = """() => {
  const form = document.querySelector("form.card");
  form.requestSubmit();
  return [form.querySelector("button:not([type=button])").dataset.busy, document.getElementById("status").textContent];
}"""


def test_the_audit_of_all_this_is_whole(portal):
    assert portal.run("audit", "verify").startswith("The audit is whole")
