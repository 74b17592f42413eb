"""R36: a client completes a digital form, on whatever devices they have, with scripts and without."""

import re

import pytest
from playwright.sync_api import Page

from tests.promise.conftest import Portal, press
from tests.promise.documents import CHART, LIST, MAYA, PRIYA
from tests.promise.seeing import look_at
from tests.promise.steps import arrive, focused

BOTH = pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
NAME, PHONE = "#q-0", "#q-3"


def shared_form(portal: Portal, desk: Page) -> str:
    """The intake form, from the chart of Maya; its address for her."""
    arrive(desk, PRIYA)
    desk.goto(f"{CHART}/sharings/new")
    desk.get_by_role("checkbox", name=re.compile("^Intake form")).check()
    desk.get_by_label("Note to the client").fill("Before your first visit, please.")
    press(desk.get_by_role("button", name="Share", exact=True))
    desk.locator("h1", has_text="Documents").wait_for()
    return f"{LIST}/{portal.sql('SELECT max(id) FROM document')}"


def go_on(page: Page) -> None:
    press(page.get_by_role("button", name="Save and continue"))


def born(page: Page, month: str, day: str, year: str) -> None:
    for label, value in (("Month", month), ("Day", day), ("Year", year)):
        page.get_by_label(label).fill(value)


@BOTH
def test_it_is_begun_on_one_device_finished_on_another_looked_over_and_sent(portal, opened, scripts):
    form = shared_form(portal, opened(scripts=scripts, width=1280))
    phone = opened(scripts=scripts)
    arrive(phone, MAYA)
    phone.goto("/clients/1")
    press(phone.locator(f"#todo a[href='{form}']", has_text="Fill in: Intake form"))
    assert "Before your first visit, please." in phone.content()
    press(phone.get_by_role("button", name="Fill in"))
    phone.get_by_role("heading", name="Part 1 of 2").wait_for()
    phone.locator(PHONE).fill("(443) 555-0119 or at work 0120")
    go_on(phone)
    phone.locator("#errors").wait_for()
    assert phone.locator("#errors a").all_inner_texts() == [
        "Fill in: Full name / Nombre completo",
        "Enter the date: Date of birth / Fecha de nacimiento",
        "Use 20 characters or fewer: Telephone / Teléfono",
    ]
    assert phone.locator(PHONE).input_value() == "(443) 555-0119 or at work 0120"
    if scripts:
        look_at(phone, 390)
        focused(phone, "#errors")
        phone.get_by_role("link", name="Fill in: Full name").click()
        focused(phone, NAME)
    phone.locator(NAME).fill("Zoë Núñez-Åström 李")
    phone.locator(PHONE).fill("(443) 555-0119")
    press(phone.get_by_role("button", name="Save and stop"))
    phone.locator("h1 ~ .pill", has_text="In progress").wait_for()

    laptop = opened(scripts=scripts, width=1280, dark=True)
    arrive(laptop, MAYA)
    laptop.goto(form)
    press(laptop.get_by_role("link", name="Continue"))
    assert laptop.locator(NAME).input_value() == "Zoë Núñez-Åström 李"
    assert laptop.locator(PHONE).input_value() == "(443) 555-0119"
    born(laptop, "4", "17", "1991")
    laptop.get_by_label("Best way to reach you").select_option(label="By mail / Por correo")
    go_on(laptop)
    laptop.get_by_role("heading", name="Part 2 of 2").wait_for()
    laptop.get_by_label("I have been in counseling before").check()
    laptop.get_by_label("Medicines that you take").fill("None\n\nSometimes valerian")
    if scripts:
        look_at(laptop, 1280)
    go_on(laptop)
    laptop.get_by_role("heading", name="Part 1 of 2").wait_for()
    if scripts:
        look_at(laptop, 1280)
    shown = laptop.locator("#review").inner_text()
    for words in ("Zoë Núñez-Åström 李", "April 17, 1991", "By mail / Por correo", "Sometimes valerian"):
        assert words in shown
    press(laptop.get_by_role("link", name="Change Full name"))
    laptop.locator(NAME).fill("Maya Reyes")
    go_on(laptop)
    laptop.locator("#review", has_text="Maya Reyes").wait_for()
    press(laptop.get_by_role("button", name="Send to the practice"))
    laptop.locator("h1 ~ .pill", has_text="With the practice").wait_for()

    answers = portal.sql("SELECT answers->>'full_name' FROM form_submission ORDER BY id DESC LIMIT 1")
    assert answers == '["Maya Reyes"]'
    phone.goto(f"{form}/form/review")
    assert "You sent this on" in phone.locator("main").inner_text()
    assert phone.get_by_role("button", name="Send to the practice").count() == 0


def test_it_saves_itself_while_one_types_and_the_cursor_stays(portal, opened):
    form = shared_form(portal, opened(width=1280))
    phone = opened(scripts=True)
    arrive(phone, MAYA)
    phone.goto(f"{form}/form/pages/1")
    phone.locator(NAME).press_sequentially("Maya R")
    phone.locator("#saved", has_text="Saved, ").wait_for()
    assert phone.evaluate("document.activeElement.id") == "q-0"
    phone.locator(NAME).press_sequentially("eyes")
    with phone.expect_response(re.compile("/draft$")):
        phone.get_by_label("Best way to reach you").select_option(label="By mail / Por correo")
    phone.locator("#saved:not(.htmx-request)").wait_for()
    assert phone.locator(NAME).input_value() == "Maya Reyes"
    other = opened()  # without a press, the tab was closed
    arrive(other, MAYA)
    other.goto(f"{form}/form")
    assert other.locator(NAME).input_value() == "Maya Reyes"
    assert other.get_by_label("Best way to reach you").locator("option:checked").inner_text().startswith("By mail")


def test_an_older_page_loses_nothing_that_was_written_elsewhere(portal, opened):
    form = shared_form(portal, opened(width=1280))
    phone, laptop = opened(), opened(scripts=True, width=1280)
    for page in (phone, laptop):
        arrive(page, MAYA)
        page.goto(f"{form}/form/pages/1")
    phone.locator(NAME).fill("From the phone")
    press(phone.get_by_role("button", name="Save and stop"))
    laptop.get_by_label("Since when").fill("August")
    laptop.locator("#saved", has_text="Saved, ").wait_for()
    laptop.locator(NAME).fill("From the laptop")
    laptop.locator("#saved", has_text="Not saved yet: Full name").wait_for()
    press(laptop.get_by_role("button", name="Save and stop"))
    laptop.locator("#errors", has_text="From the phone").wait_for()
    assert laptop.locator(NAME).input_value() == "From the laptop"
    phone.goto(f"{form}/form/pages/1")
    assert phone.locator(NAME).input_value() == "From the phone"
    assert phone.get_by_label("Since when").input_value() == "August"
