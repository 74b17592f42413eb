"""R8: a client keeps their own details; what is changed waits for the practice, and the page says so."""

import pytest
from playwright.sync_api import Page

from tests.promise.conftest import press, sign_in
from tests.promise.steps import CLIENT, arrive, card, change, focused, open_edit, section, send


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
        "Enter a phone number with 10 digits, or with + and the code of its country",
        "Enter the last name",
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
        focused(page, "#phones-h")
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
    assert page.url.endswith("/information/demographics")
    assert section(page, "emergency").get_attribute("open") is not None
    press(section(page, "demographics").get_by_role("button", name="Take back this change"))
    section(page, "demographics").get_by_text("With the practice").first.wait_for(state="detached")


def test_a_section_with_javascript_shows_its_errors_first(opened):
    page = opened(scripts=True)
    arrive(page, "maya.reyes@example.com")
    change(page, "demographics", {"Legal first name": ""})
    page.locator("#errors").wait_for()
    focused(page, "#errors")
    assert page.title().startswith("Error: ")
    page.locator("#errors a").first.click()
    focused(page, "#given_name")


def test_a_form_that_was_opened_in_place_has_an_address(opened):
    """Reload and Back find it again, and what was sent leaves none behind."""
    page = opened(scripts=True)
    arrive(page, "maya.reyes@example.com")
    page.goto(CLIENT)
    press(section(page, "demographics").get_by_role("link", name="Edit"))
    focused(page, "#demographics h2")
    page.wait_for_url(f"**{CLIENT}/demographics/edit")
    assert "Edit: Demographics" in page.title()
    page.reload()
    assert page.get_by_label("Pronouns").is_visible() and page.locator("h1").inner_text() == "My Information"
    page.get_by_role("link", name="Help").click()
    page.go_back()
    page.wait_for_url(f"**{CLIENT}/demographics/edit")
    page.get_by_label("Legal first name").fill("")
    send(page)
    focused(page, "#errors")
    assert page.title().startswith("Error: Edit") and page.url.endswith("/demographics/edit")
    page.get_by_label("Legal first name").fill("Maya")
    page.get_by_label("Pronouns").fill("she/her")
    send(page)
    page.wait_for_url(f"**{CLIENT}/demographics")
    assert "Demographics - " in page.title()
    press(page.get_by_role("button", name="Take back this change"))
    page.get_by_text("With the practice").first.wait_for(state="detached")
    page.go_back()
    page.wait_for_url(f"**{CLIENT}")
    section(page, "demographics").get_by_role("link", name="Edit").wait_for()
    kept = page.evaluate("Object.values(sessionStorage).join()")
    assert "Reyes" not in kept and "<" not in kept and page.locator("h1").count() == 1


def test_cancelled_the_address_is_that_of_the_section(opened):
    page = opened(scripts=True)
    arrive(page, "maya.reyes@example.com")
    page.goto(CLIENT)
    press(section(page, "demographics").get_by_role("link", name="Edit"))
    page.wait_for_url(f"**{CLIENT}/demographics/edit")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(f"**{CLIENT}/demographics")
    section(page, "demographics").get_by_role("link", name="Edit").wait_for()
    page.go_back()
    page.wait_for_url(f"**{CLIENT}/demographics/edit")
    page.get_by_label("Pronouns").wait_for()


def test_two_forms_are_open_and_only_that_which_was_sent_gives_up_its_address(opened):
    page = opened(scripts=True)
    arrive(page, "maya.reyes@example.com")
    page.goto(CLIENT)
    press(section(page, "demographics").get_by_role("link", name="Edit"))
    focused(page, "#demographics h2")
    page.locator("#emergency > summary").click()
    press(section(page, "emergency").get_by_role("link", name="Edit"))
    page.wait_for_url(f"**{CLIENT}/emergency/edit")
    page.get_by_label("Pronouns").fill("she/her")
    press(section(page, "demographics").get_by_role("button", name="Send changes").last)
    press(section(page, "demographics").get_by_role("button", name="Take back this change"))
    section(page, "demographics").get_by_role("link", name="Edit").wait_for()
    assert page.url.endswith("/emergency/edit")


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_what_was_added_is_what_one_sees(opened, scripts):
    """And after “Remove”, the group that it has left."""
    page = opened(scripts=scripts)
    arrive(page, "maya.reyes@example.com")
    open_edit(page, "demographics")
    press(page.get_by_role("button", name="Add an address"))
    new = page.locator("#addresses fieldset").last
    new.get_by_label("Kind of address").wait_for()
    page.wait_for_function("scrollY > 300")
    assert is_seen(page, "#addresses fieldset:last-of-type legend")
    assert is_seen(page, "#addresses fieldset:last-of-type select")
    press(new.get_by_role("button", name="Remove"))
    new.get_by_role("button", name="Remove Address 2").wait_for(state="detached")
    page.wait_for_function("scrollY > 300")
    assert is_seen(page, "#addresses-h")


def is_seen(page: Page, what: str) -> bool:
    box = page.locator(what).last.bounding_box()
    assert box
    return box["y"] >= 0 and box["y"] + box["height"] <= 844


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_long_form_begins_with_what_changes_most_and_leads_to_the_rest(opened, scripts):
    """With scripts the address stays as it is: Back would ask for the page anew, and what was typed would be gone."""
    page = opened(scripts=scripts)
    arrive(page, "maya.reyes@example.com")
    page.goto(CLIENT)
    press(section(page, "demographics").get_by_role("link", name="Edit"))
    page.get_by_label("Phone number").first.fill("443 555 0188")
    parts = ["Phones", "E-mails", "Addresses", "How you like to be reached", "Names", "About you"]
    assert page.get_by_role("navigation", name="Jump to").get_by_role("link").all_inner_texts() == parts
    assert page.locator("#demographics h3").all_inner_texts() == parts
    page.get_by_role("link", name="Names", exact=True).click()
    page.wait_for_function("scrollY > 300")
    assert is_seen(page, "h3:text-is('Names')") and is_seen(page, "#given_name")
    if scripts:
        focused(page, "h3:text-is('Names')")
        assert page.url.endswith("/edit")
    assert page.get_by_label("Phone number").first.input_value() == "443 555 0188"
