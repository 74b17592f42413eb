"""R22: a client views messages and replies to them; what others say meanwhile is offered, and never pushed in."""

import pytest

from tests.promise.conftest import press
from tests.promise.messages import INBOX, MAYA, begin, office_says, read_all
from tests.promise.steps import arrive, focused

POLL = (
    """htmx.ajax("GET", document.querySelector("#news").getAttribute("hx-get"), {target: "#news", swap: "outerHTML"})"""
)
BOTH = pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])


@BOTH
def test_a_client_reads_and_replies(portal, opened, scripts):
    subject = f"Reply {scripts}"
    page = opened(scripts=scripts)
    arrive(page, MAYA)
    begin(page, subject, "May I come later?")
    office_says(portal, subject, "Yes, at eleven.")
    page.goto(INBOX)
    press(page.locator(".rows a", has_text=subject).first)
    assert "Priya Raman" in page.locator("#latest").inner_text()
    assert page.locator("#new").inner_text() == "1 new message"
    page.get_by_label("Your message").fill("Thank you.\n\nSee you at eleven.")
    press(page.get_by_role("button", name="Send reply"))
    page.locator("#latest", has_text="See you at eleven.").wait_for()
    mine = page.locator("#latest").inner_text()
    assert "You" in mine and "Sent. Not read yet." in mine
    assert page.get_by_label("Your message").input_value() == ""
    if scripts:
        focused(page, "#latest")
        assert page.locator("#status").inner_text() == "Your message is sent."
    assert page.locator(".msg").count() == 3


@BOTH
def test_nothing_written_is_said_beside_the_field(opened, scripts):
    page = opened(scripts=scripts)
    arrive(page, MAYA)
    begin(page, f"Empty {scripts}", "Hello?")
    press(page.get_by_role("button", name="Send reply"))
    page.locator("#errors").wait_for()
    assert "Write your message" in page.locator("#errors").inner_text()
    assert page.title().startswith("Error:")
    if scripts:
        focused(page, "#errors")
        page.locator("#errors a").click()
        focused(page, "#body")


def test_what_comes_while_one_writes_is_offered_and_the_words_stay(portal, opened):
    read_all(portal)
    page = opened(scripts=True)
    arrive(page, MAYA)
    begin(page, "Meanwhile", "Hello?")
    page.get_by_label("Your message").fill("I was just about to")
    office_says(portal, "Meanwhile", "Good morning.")
    page.evaluate(POLL)
    page.locator("#news", has_text="1 new message").wait_for()
    press(page.get_by_role("link", name="Show it"))
    page.locator("#latest", has_text="Good morning.").wait_for()
    focused(page, "#new")
    assert page.get_by_label("Your message").input_value() == "I was just about to"
    assert page.locator("#unread").is_hidden()


def test_without_scripts_one_looks_by_a_link(portal, phone):
    arrive(phone, MAYA)
    begin(phone, "By hand", "Hello?")
    office_says(portal, "By hand", "Good morning.")
    press(phone.get_by_role("link", name="Check for new messages"))
    assert "Good morning." in phone.locator("#latest").inner_text()


def test_words_lead_to_the_conversation(phone):
    arrive(phone, MAYA)
    begin(phone, "A word to find", "The heliotrope is in bloom")
    phone.goto(INBOX)
    phone.get_by_label("Search your messages").fill("heliotr")
    press(phone.get_by_role("button", name="Search"))
    assert "1 conversation found" in phone.locator("main").inner_text()
    press(phone.locator(".rows a", has_text="A word to find"))
    assert phone.locator("h1").inner_text() == "A word to find"
