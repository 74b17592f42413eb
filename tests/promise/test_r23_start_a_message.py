"""R23: a client starts a message, to a topic or a clinician, and attaches documents or images."""

import pytest

from tests.promise.conftest import press
from tests.promise.messages import INBOX, MAYA
from tests.promise.steps import arrive, expire_sessions, photo_of_a_card

BOTH = pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
PHOTO = {"name": "sleep-log.jpg", "mimeType": "image/jpeg", "buffer": photo_of_a_card("Week 2")}
NOTE = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"Naps: two."}
WRONG = {"name": "tool.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00 nothing"}


def send(page) -> None:
    press(page.get_by_role("button", name="Send message"))


@BOTH
def test_a_client_writes_to_a_clinician_and_sends_a_photo_and_a_document(opened, scripts):
    page = opened(scripts=scripts)
    arrive(page, MAYA)
    page.goto(INBOX)
    press(page.get_by_role("link", name="New message").first) if not scripts else page.goto(f"{INBOX}/new")
    page.get_by_role("radio", name="Dr. Ngozi Okafor").check()
    page.get_by_label("Subject").fill("My sleep log")
    page.get_by_label("Your message").fill("Here is the page of this week.")
    page.get_by_label("Add photos or documents").set_input_files([PHOTO, NOTE])
    send(page)
    page.locator("h1", has_text="My sleep log").wait_for()
    assert "With Dr. Ngozi Okafor." in page.locator("main").inner_text()
    names = page.locator(".msg .file b").all_inner_texts()
    assert names == ["sleep-log.jpg", "note.txt"]
    assert "Your message is sent." in page.locator("#flashes").inner_text()


@BOTH
def test_what_is_wrong_is_said_and_nothing_that_was_right_is_lost(opened, scripts):
    page = opened(scripts=scripts)
    arrive(page, MAYA)
    page.goto(f"{INBOX}/new")
    page.get_by_label("Your message").fill("Two files, one of them no good.")
    page.get_by_label("Add photos or documents").set_input_files([NOTE, WRONG])
    send(page)
    page.locator("#errors").wait_for()
    told = page.locator("#errors").inner_text()
    assert "Choose who the message is for" in told and "tool.exe" in told
    assert page.get_by_label("Your message").input_value() == "Two files, one of them no good."
    assert "note.txt" in page.locator("form .files").inner_text()
    page.get_by_role("radio", name="Something else").check()
    page.get_by_label("Subject").fill(f"Corrected {scripts}")
    send(page)
    page.locator("h1", has_text="Corrected").wait_for()
    assert page.locator(".msg .file b").all_inner_texts() == ["note.txt"]


def test_what_was_typed_saves_itself_and_is_there_on_another_device(portal, opened):
    page = opened(scripts=True)
    arrive(page, MAYA)
    page.goto(f"{INBOX}/new")
    page.get_by_role("radio", name="Billing").check()
    page.get_by_label("Subject").press_sequentially("The bill")
    page.get_by_label("Your message").press_sequentially("I do not under")
    page.locator("#saved", has_text="Draft saved").wait_for()
    page.wait_for_timeout(2500)
    expire_sessions(portal)
    phone = opened()
    arrive(phone, MAYA)
    phone.goto(INBOX)
    press(phone.locator(".rows a", has_text="The bill").first)
    assert phone.get_by_label("Your message").input_value() == "I do not under"
    assert phone.get_by_role("radio", name="Billing").is_checked()
    phone.get_by_label("Your message").fill("I do not understand the second line.")
    send(phone)
    assert phone.locator("h1").inner_text() == "The bill"
    phone.goto(f"{INBOX}/new")
    assert phone.get_by_label("Your message").input_value() == ""


def test_who_is_signed_out_in_the_middle_gets_back_what_they_typed(portal, phone):
    """Without scripts nothing saves itself: what is sent too late is kept, and a draft that was saved stays."""
    arrive(phone, MAYA)
    phone.goto(f"{INBOX}/new")
    phone.get_by_label("Subject").fill("Half of it")
    phone.get_by_label("Your message").fill("The first half")
    press(phone.get_by_role("button", name="Save for later"))
    assert "Saved for later." in phone.locator("#flashes").inner_text()
    press(phone.get_by_role("link", name="Half of it"))
    phone.get_by_role("radio", name="Something else").check()
    phone.get_by_label("Your message").fill("The first half, and the second")
    expire_sessions(portal)
    send(phone)
    phone.get_by_label("E-mail").fill(MAYA)
    phone.get_by_label("Password", exact=True).fill("harbor lane demo only")
    press(phone.get_by_role("button", name="Sign in", exact=True))
    assert "The first half, and the second" in phone.locator("main").inner_text()
    press(phone.get_by_role("button", name="Send it now"))
    assert phone.locator("h1").inner_text() == "Half of it"
    assert "The first half, and the second" in phone.locator("#latest").inner_text()
    phone.goto(f"{INBOX}/new")
    assert phone.get_by_label("Your message").input_value() == ""


def test_where_no_time_suits_one_writes(phone):
    arrive(phone, MAYA)
    phone.goto("/clients/1/appointments/book/time?type=1&how=in_person")
    press(phone.get_by_role("link", name="None of these work for me"))
    assert phone.get_by_label("Subject").input_value() == "None of the free times suits me"
    assert phone.get_by_role("radio", name="Appointments").is_checked()
    phone.get_by_label("Your message").fill("I work until six. Is there anything later?")
    send(phone)
    assert phone.locator("h1").inner_text() == "None of the free times suits me"
