"""R34: a client receives documents, and a letter tells of each."""

import re
import time

import pytest

from tests.promise.conftest import press
from tests.promise.documents import CHART, LIST, MAYA, PRIYA, pill_of, put, share, shared, take_back
from tests.promise.steps import arrive
from tests.uploads.files import a_pdf

BOTH = pytest.mark.parametrize("scripts", [False, True])


def width_of(page, picture: str) -> int:
    """In its own pixels, as soon as it has come."""
    until, width = time.monotonic() + 10, 0
    while not width and time.monotonic() < until:
        width = page.evaluate("what => document.querySelector(what).naturalWidth", picture)
    return width


@BOTH
def test_staff_share_a_file_the_letter_arrives_and_the_client_opens_and_downloads_it(portal, opened, scripts):
    title = f"Your plan, {'with' if scripts else 'without'} scripts"
    before = len(portal.letters(MAYA))
    desk = opened(scripts=scripts, width=1280)
    arrive(desk, PRIYA)
    put(desk, title, "plan.pdf", a_pdf(pages=2))
    assert desk.locator("h1 ~ .pill").inner_text().strip() == "Not shared"
    share(desk, "Please read it before you come.")
    letter = portal.letter(MAYA, beside=before)
    assert "plan" not in letter.lower() and "document" not in re.sub(r"https?://\S+", "", letter).lower()
    address = re.search(r"/clients/1/documents/\d+", letter)[0]

    phone = opened(scripts=scripts)
    arrive(phone, MAYA)
    phone.goto(address)
    assert phone.locator("h1").inner_text() == title and "Please read it before you come." in phone.content()
    press(phone.get_by_role("button", name="Open"))
    phone.locator("#preview").wait_for()
    assert width_of(phone, "#preview img") > 500
    press(phone.get_by_role("link", name="Next page"))
    phone.get_by_text("Page 2 of 2").wait_for()
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "plan.pdf"
    with open(download.value.path(), "rb") as file:
        assert file.read().startswith(b"%PDF-")
    phone.goto(LIST)
    assert pill_of(phone, title) == "Opened"
    desk.reload()
    assert desk.locator("h1 ~ .pill").inner_text().strip() == "Opened"
    assert "Opened by the client" in desk.content() and "Maya Reyes" in desk.content()


@BOTH
def test_downloaded_without_opening_it_counts_as_well(portal, opened, scripts):
    title = f"Three tips, {scripts}"
    document = shared(portal, opened(scripts=scripts, width=1280), title)
    phone = opened(scripts=scripts)
    arrive(phone, MAYA)
    phone.goto(f"{LIST}/{document}")
    with phone.expect_download() as download:
        phone.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "tips.txt"
    phone.goto(LIST)
    assert pill_of(phone, title) == "Opened"


def test_one_may_open_what_one_has_just_begun_to_download(portal, opened):
    document = shared(portal, opened(width=1280), "Both ways", "plan.pdf", a_pdf(pages=2))
    phone = opened(scripts=True)
    arrive(phone, MAYA)
    phone.goto(f"{LIST}/{document}")
    with phone.expect_download():
        phone.get_by_role("button", name="Download").click()
    press(phone.get_by_role("button", name="Open"))
    phone.locator("#preview").wait_for()


@BOTH
def test_what_is_taken_back_is_gone_from_every_place(portal, opened, scripts):
    title = f"The wrong one, {scripts}"
    desk, phone = opened(scripts=scripts, width=1280), opened(scripts=scripts)
    document = shared(portal, desk, title)
    arrive(phone, MAYA)
    phone.goto(f"{LIST}/{document}")
    take_back(desk, "It belongs to another chart.")
    for path in ("", "/preview", "/file", "/picture"):
        assert phone.request.get(f"{LIST}/{document}{path}").status == 404
    phone.goto(LIST)
    assert title not in phone.content()
    desk.goto(CHART)
    assert "Withdrawn" in desk.locator("tr", has_text=title).inner_text()


def test_a_letter_that_has_not_left_stays_when_it_is_taken_back(portal, opened):
    """Another share afterwards has its own."""
    before = len(portal.letters(MAYA))
    desk = opened(width=1280)
    shared(portal, desk, "Shared twice")
    portal.letter(MAYA, beside=before)
    take_back(desk, "Once more, with a note")
    share(desk, "With a note")
    assert len(portal.letters(MAYA)) >= before + 1
    portal.letter(MAYA, beside=before + 1)
