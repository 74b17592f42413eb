"""R41, R7: a client requests records from the first screen, and views them when the practice has answered."""

import re

import pytest

from tests.promise.conftest import press
from tests.promise.documents import MAYA, PRIYA
from tests.promise.seeing import PHONE, enter, look_at
from tests.promise.steps import arrive

BOTH = pytest.mark.parametrize("scripts", [False, True])
REQUESTS = "/clients/1/record-requests"
PAPER = b"Notes of the last three visits."


@BOTH
def test_records_are_requested_answered_and_viewed(portal, opened, scripts):
    phone, desk, words = opened(scripts=scripts), opened(scripts=scripts, width=1280), f"About my sleep, {scripts}"
    arrive(phone, MAYA)
    phone.goto("/clients/1")
    press(phone.get_by_role("link", name="Medical records"))
    press(phone.get_by_role("link", name="Request records"))
    press(phone.get_by_role("button", name="Send"))
    assert "Choose what you would like to have" in phone.locator("#errors").inner_text()
    phone.get_by_label("Notes of visits").check()
    phone.get_by_label("In your words").fill(words)
    press(phone.get_by_role("button", name="Send"))
    phone.get_by_text("You can expect an answer by").wait_for()
    assert phone.locator("h1 ~ .pill").inner_text().strip() == "With the practice"
    assert "The practice gathers them" in phone.locator(".trail [aria-current=step]").inner_text()
    number = re.search(r"/record-requests/(\d+)", phone.url)[1]

    arrive(desk, PRIYA)
    desk.goto("/staff/clients/1/documents")
    desk.get_by_label("Title").fill(f"Notes, {scripts}")
    desk.get_by_label("File", exact=True).set_input_files({"name": "notes.txt", "mimeType": "", "buffer": PAPER})
    press(desk.get_by_role("button", name="Put it into the chart"))
    desk.goto("/staff/review?kind=records.asked")
    assert desk.locator(".queue, main").first.get_by_text("Request for records").count()
    desk.goto(f"/staff/record-requests/{number}")
    assert words in desk.locator("main").inner_text() and "Due by" in desk.locator(".notice").first.inner_text()
    press(desk.get_by_role("button", name="Answer", exact=True))
    assert "Choose what answers it" in desk.locator("#errors").inner_text()
    desk.get_by_label(f"Notes, {scripts}").check()
    desk.get_by_role("textbox", name="To the client", exact=False).first.fill("All three visits.")
    before = len(portal.letters(MAYA))
    press(desk.get_by_role("button", name="Answer", exact=True))
    desk.get_by_text("Answered. A letter says that it is there.").wait_for()
    assert "Something waits for you in the portal" in portal.letter(MAYA, beside=before)
    assert "sleep" not in portal.letters(MAYA)[0]

    phone.goto(f"{REQUESTS}/{number}")
    assert phone.locator("h1 ~ .pill").inner_text().strip() == "Ready"
    assert "All three visits." in phone.locator("main").inner_text()
    press(phone.get_by_role("link", name=f"Notes, {scripts}"))
    with phone.expect_download() as download:
        phone.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "notes.txt"
    phone.goto(f"{REQUESTS}/{number}")
    assert phone.get_by_role("link", name=f"Notes, {scripts}").is_visible()


@BOTH
def test_a_request_is_taken_back(portal, opened, scripts):
    phone = opened(scripts=scripts)
    arrive(phone, MAYA)
    phone.goto(f"{REQUESTS}/new")
    phone.get_by_label("Bills and payments").check()
    press(phone.get_by_role("button", name="Send"))
    phone.get_by_text("Take this request back").click()
    press(phone.get_by_role("button", name="Yes, take it back"))
    phone.get_by_text("You can ask again at any time").wait_for()
    assert "Withdrawn" in phone.locator(".rows li").first.inner_text()


@BOTH
def test_what_takes_longer_or_cannot_be_given_is_said_with_its_reason(portal, opened, scripts):
    desk, phone = opened(scripts=scripts, width=1280), opened(scripts=scripts)
    arrive(desk, PRIYA)
    desk.goto("/staff/clients/1/record-requests")
    desk.get_by_role("heading", name="Note a request that came by phone").click()
    desk.get_by_label("Treatment plan").check()
    desk.get_by_label("On paper, by mail").check()
    press(desk.get_by_role("button", name="Note it"))
    desk.get_by_text("Noted. It stands in the review queue").wait_for()
    desk.get_by_role("heading", name="It takes longer").click()
    desk.get_by_label("Until").fill(portal.sql("SELECT (now() + interval '40 days')::date"))
    desk.get_by_label("Why", exact=True).fill("It lies in the archive.")
    press(desk.get_by_role("button", name="Put it off"))
    desk.get_by_text("Put off. The client is told why.").wait_for()
    desk.get_by_role("heading", name="It cannot be given").click()
    desk.get_by_label("The practice does not have them").check()
    desk.get_by_label("To the client, in plain words").fill("Your last practice has it.")
    press(desk.get_by_role("button", name="Do not give it"))
    desk.locator("h1 ~ .pill", has_text="Not given").wait_for()
    number = re.search(r"/record-requests/(\d+)", desk.url)[1]
    arrive(phone, MAYA)
    phone.goto(f"{REQUESTS}/{number}")
    said = phone.locator("main").inner_text()
    assert "Your last practice has it." in said and "It lies in the archive." in said and "hhs.gov" in said


def test_every_page_can_be_read(portal, opened):
    page, desk = opened(scripts=True, language="es-US"), opened(scripts=True, language="es-US")
    enter(page, MAYA, "es-US")
    enter(desk, PRIYA, "es-US")
    for place in (REQUESTS, f"{REQUESTS}/new", f"{REQUESTS}/1", f"{REQUESTS}/2", "/clients/1"):
        assert page.goto(place).status == 200, place
        look_at(page, PHONE)
    for place in ("/staff/clients/1/record-requests", "/staff/record-requests/1", "/staff/record-requests/2"):
        assert desk.goto(place).status == 200, place
        look_at(desk, PHONE)
