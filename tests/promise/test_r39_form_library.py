"""Staff upload a fillable PDF and an information sheet, look over what the portal has read, and publish both."""

import pytest
from playwright.sync_api import Locator, Page

from tests.library.files import an_intake
from tests.promise.conftest import press, sign_in
from tests.promise.seeing import enter, look_at
from tests.uploads.files import a_pdf

SAM = "sam@harborlane.example"
FORMS = "/staff/settings/forms"


def upload(staff: Page, title: str, name: str, content: bytes) -> None:
    press(staff.get_by_role("link", name="Add a form").first)
    staff.get_by_label("Title", exact=True).fill(title)
    staff.get_by_label("PDF", exact=True).set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": content}
    )
    staff.get_by_role("button", name="Upload").click()


def settled(staff: Page, words: str) -> None:
    staff.locator("#flashes").get_by_text(words).wait_for()


def width_of(picture: Locator) -> int:
    """Of what has arrived: a picture is asked for when it is in sight."""
    picture.scroll_into_view_if_needed()
    for _ in range(50):
        if found := picture.evaluate("picture => picture.naturalWidth"):
            return int(found)
        picture.page.wait_for_timeout(100)
    return 0


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_form_is_uploaded_looked_over_and_published(opened, scripts):
    staff = opened(scripts=scripts, width=1280)
    sign_in(staff, SAM)
    staff.goto("/staff/settings")
    staff.get_by_role("link", name="Forms What clients are given").click()
    title = f"New clients {scripts}"
    upload(staff, title, "intake.pdf", b"%PDF-1.7 cut off")
    staff.locator("#errors").wait_for()
    assert "damaged or did not arrive whole" in staff.locator("#file-error").inner_text()
    assert staff.get_by_label("Title", exact=True).input_value() == title

    staff.goto(FORMS)
    upload(staff, title, "intake.pdf", an_intake())
    settled(staff, "Uploaded. Look it over")
    assert width_of(staff.locator("main img")) > 900
    assert staff.locator("#field-0 > .field .label").inner_text() == "Full name (optional)"

    staff.get_by_text("Change Date of birth").click()
    staff.locator("#label-1").fill("Born on")
    staff.locator("#help-1").fill("Month, day and year")
    staff.locator("#required-1").check()
    staff.get_by_text("Change I have insurance").click()
    staff.locator("#by-2").select_option(label="The practice")
    press(staff.locator("button[value=up-1]"))
    staff.locator("#field-0").get_by_text("Month, day and year", exact=True).wait_for()
    assert staff.locator("#field-0 > .field .label").inner_text() == "Born on"
    assert "The practice fills this in." in staff.locator("#field-2").inner_text()
    if scripts:
        assert staff.evaluate("document.activeElement.id") == "field-0"
        look_at(staff, 1280)

    staff.locator("#field-1").get_by_text("Change Full name").click()
    staff.locator("#label-1").fill("")
    press(staff.get_by_role("button", name="Save", exact=True).first)
    staff.locator("#errors").wait_for()
    assert "Say what is to be filled in here" in staff.locator("#label-1-error").inner_text()
    staff.locator("#label-1").fill("Your full name")
    staff.get_by_role("button", name="Save and publish").first.click()
    settled(staff, "Published.")
    assert "In use" in staff.locator("main .rows").inner_text()
    press(staff.get_by_role("link", name="Version 1"))
    assert [one.inner_text() for one in staff.locator(".entry .label").all()] == [
        "Born on",
        "Your full name (optional)",
    ]
    assert staff.get_by_role("button", name="Save").count() == 0

    staff.goto(FORMS)
    upload(staff, f"Our office {scripts}", "office.pdf", a_pdf(pages=2))
    settled(staff, "Uploaded. Look it over")
    assert "clients read it" in staff.locator("main").inner_text()
    staff.get_by_role("button", name="Save and publish").first.click()
    settled(staff, "Published.")
    staff.goto(FORMS)
    row = staff.locator(".rows li", has_text=f"Our office {scripts}").inner_text()
    assert "To read" in row and "2 pages" in row


def test_it_is_seen_on_a_phone_in_the_dark(opened):
    staff = opened(scripts=True, dark=True)
    enter(staff, SAM, "en-US")
    for place in ("", "/new", "/1", "/1/versions/2", "/2/versions/1", "/2/versions/new"):
        assert staff.goto(FORMS + place).status == 200
        look_at(staff, 390)
