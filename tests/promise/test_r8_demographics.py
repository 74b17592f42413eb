"""R8: a client keeps their own details; what is changed waits for the practice, and the page says so."""

import pytest

from tests.promise.conftest import press, sign_in
from tests.promise.steps import arrive, card, change, focused, open_edit, section, send


def test_a_change_waits_for_the_practice_and_is_shown_beside_the_record(phone):
    """Her preferred name, and nothing else."""
    sign_in(phone, "maya.reyes@example.com")
    press(phone.get_by_role("link", name="My Information"))
    assert phone.locator("h1").inner_text() == "My Information"
    open_edit(phone, "demographics")
    phone.get_by_label("Name to go by").fill("May")
    phone.get_by_label("Pronouns").fill("she/her")
    send(phone)
    told = section(phone, "demographics").inner_text()
    assert "With the practice" in told and "You sent it" in told and "On record now: nothing" in told
    press(phone.get_by_role("link", name="History"))
    assert "Name to go by" in phone.locator("#history").inner_text() and "With the practice" in card(phone)
    phone.go_back()
    press(phone.get_by_role("button", name="Take back this change"))
    assert "With the practice" not in section(phone, "demographics").inner_text()


def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(phone):
    sign_in(phone, "maya.reyes@example.com")
    open_edit(phone, "demographics")
    phone.get_by_label("Legal last name").fill("")
    phone.get_by_label("Name to go by").fill("Kept")
    phone.get_by_label("Phone number").first.fill("443 555 01")
    send(phone)
    assert phone.title().startswith("Error:")
    assert phone.locator("#errors a").all_inner_texts() == [
        "Enter the last name",
        "Enter a phone number with 10 digits, or with + and the code of its country",
    ]
    assert phone.get_by_label("Name to go by").input_value() == "Kept"
    assert phone.get_by_label("Phone number").first.input_value() == "443 555 01"


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_phone_is_added_and_removed_before_it_is_sent(opened, scripts):
    """Enter in a field sends the form; it presses no “Remove”."""
    page = opened(scripts=scripts)
    arrive(page, "maya.reyes@example.com")
    open_edit(page, "demographics")
    before = page.get_by_label("Phone number").count()
    page.get_by_label("Name to go by").fill("Typed first")
    press(page.get_by_role("button", name="Add a phone"))
    page.get_by_role("group", name=f"Phone {before + 1}").wait_for()
    assert page.get_by_label("Name to go by").input_value() == "Typed first"
    press(page.get_by_role("button", name=f"Remove Phone {before + 1}"))
    page.get_by_role("group", name=f"Phone {before + 1}").wait_for(state="detached")
    if scripts:
        focused(page, "#demographics h2")
    page.get_by_label("Name to go by").press("Enter")
    page.get_by_text("With the practice").first.wait_for()
    press(page.get_by_role("button", name="Take back this change"))
    page.get_by_text("With the practice").first.wait_for(state="detached")


def test_sections_open_change_and_close_in_place(opened):
    page = opened(scripts=True)
    arrive(page, "maya.reyes@example.com")
    press(page.get_by_role("link", name="My Information"))
    page.locator("#emergency > summary").click()
    section(page, "emergency").get_by_role("link", name="Edit").wait_for()
    press(section(page, "demographics").get_by_role("link", name="Edit"))
    focused(page, "#demographics h2")
    page.get_by_label("Pronouns").fill("she/her")
    press(section(page, "demographics").get_by_role("button", name="Send changes").last)
    section(page, "demographics").get_by_text("With the practice").first.wait_for()
    focused(page, "#demographics h2")
    assert page.url.endswith("/information") and section(page, "emergency").get_attribute("open") is not None
    press(section(page, "demographics").get_by_role("button", name="Take back this change"))
    section(page, "demographics").get_by_text("With the practice").first.wait_for(state="detached")


def test_a_section_with_javascript_shows_its_errors_first(opened):
    page = opened(scripts=True)
    arrive(page, "maya.reyes@example.com")
    change(page, "demographics", {"Legal first name": ""})
    page.locator("#errors").wait_for()
    focused(page, "#errors")
    page.locator("#errors a").first.click()
    focused(page, "#given_name")
