"""R3: a client presses Register in the e-mail, confirms Last Name and Date of Birth, creates a password."""

import pytest

from tests.promise.conftest import a_client, choose_password, confirm, link_in, press


def invitation(portal, given, family, born, email):
    number = a_client(portal, given, family, born, email)
    portal.run("client", "invite", number)
    return link_in(portal.letter(email), "invitation")


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_from_the_letter_to_the_dashboard(portal, opened, scripts):
    page = opened(scripts=scripts)
    email = f"lucia{scripts}@example.com".lower()
    page.goto(invitation(portal, "Lucía", "Álvarez-Peña", "1988-11-09", email))
    press(page.get_by_role("button", name="Register"))
    confirm(page, "alvarez pena", "11", "9", "1988")
    choose_password(page)
    assert page.locator("h1").inner_text().endswith(", Lucía")
    assert page.get_by_role("button", name="Sign out").first.is_visible()


def test_a_wrong_birth_date_is_said_beside_the_field_and_nothing_typed_is_lost(portal, phone):
    phone.goto(invitation(portal, "Ed", "Marsh", "1970-01-02", "ed@example.com"))
    press(phone.get_by_role("button", name="Register"))
    confirm(phone, "Marsh", "13", "2", "1970")
    assert "That date is not in the calendar" in phone.locator(".err").inner_text()
    assert phone.get_by_label("Client's last name").input_value() == "Marsh"
    confirm(phone, "Marsh", "1", "3", "1970")
    assert "Tries left: 4" in phone.locator(".err").inner_text()


def test_five_wrong_tries_close_the_link(portal, phone, opened):
    link = invitation(portal, "Al", "Dunn", "1970-01-02", "al@example.com")
    phone.goto(link)
    press(phone.get_by_role("button", name="Register"))
    for _ in range(5):
        confirm(phone, "Wrong", "1", "2", "1970")
    assert "closed after five tries" in phone.locator("#errors").inner_text()
    other = opened()
    other.goto(link)
    assert other.locator("h1").inner_text() == "This invitation is closed"


def test_a_weak_password_is_refused_with_the_reason(portal, phone):
    phone.goto(invitation(portal, "Bo", "Finch", "1970-01-02", "bo@example.com"))
    press(phone.get_by_role("button", name="Register"))
    confirm(phone, "Finch", "1", "2", "1970")
    for password, reason in (
        ("too short", "at least 15"),
        ("harborlanecounseling", "name"),
        ("passwordpassword", "others would guess"),
    ):
        choose_password(phone, password)
        assert reason in phone.locator(".err").first.inner_text()
    choose_password(phone)
    assert phone.locator("h1").inner_text().endswith(", Bo")


def test_a_parents_second_child_is_added_to_the_account_that_is_there(portal, phone):
    number = a_client(portal, "Noor", "Karim", "2019-03-04")
    portal.run("client", "invite", number, "--email", "daniel.karim@example.com")
    phone.goto(link_in(portal.letter("daniel.karim@example.com", beside=1), "invitation"))
    press(phone.get_by_role("button", name="Register"))
    assert phone.locator("h1").inner_text() == "You have an account already"
    press(phone.get_by_role("link", name="Sign in to continue"))
    phone.get_by_label("E-mail").fill("daniel.karim@example.com")
    phone.get_by_label("Password", exact=True).fill("harbor lane demo only")
    press(phone.get_by_role("button", name="Sign in", exact=True))
    confirm(phone, "Karim", "3", "4", "2019")
    assert "one more person" in phone.locator("#flashes").inner_text()
    phone.goto("/")
    assert "Noor Karim" in phone.locator("#whose").inner_text()
