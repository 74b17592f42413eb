"""What the tests of documents do over and over."""

import re

from playwright.sync_api import Page

from tests.promise.conftest import Portal, press
from tests.promise.steps import arrive

PRIYA, MAYA = "priya@harborlane.example", "maya.reyes@example.com"
LIST, CHART = "/clients/1/documents", "/staff/clients/1/documents"
PAPER = b"Three things to try this week."


def put(page: Page, title: str, name: str, content: bytes) -> None:
    """A file into Maya's chart, as the front desk does it; it ends on the page of the document."""
    page.goto(CHART)
    page.get_by_label("Title").fill(title)
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "", "buffer": content})
    press(page.get_by_role("button", name="Put it into the chart"))
    page.locator("h1", has_text=title).wait_for()


def share(page: Page, note: str = "") -> None:
    page.get_by_label("Note to the client").fill(note)
    press(page.get_by_role("button", name="Share", exact=True))
    page.locator(".pill", has_text="Pending Review").wait_for()


def take_back(page: Page, reason: str) -> None:
    press(page.get_by_role("link", name="Take this document back"))
    page.get_by_label("Why").fill(reason)
    press(page.get_by_role("button", name="Yes, take it back"))
    page.locator("h1 ~ .pill", has_text="Withdrawn").wait_for()


def shared(portal: Portal, desk: Page, title: str, name: str = "tips.txt", content: bytes = PAPER) -> str:
    """By the front desk; returns the number of the document."""
    arrive(desk, PRIYA)
    put(desk, title, name, content)
    share(desk)
    return re.search(r"/documents/(\d+)", desk.url)[1]


def pill_of(page: Page, title: str) -> str:
    """As the list says it."""
    return page.locator(".rows li", has_text=title).locator(".pill").inner_text().strip()
