"""A photo that is too large costs nothing of what was typed beside it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.promise.conftest import press, sign_in
from tests.promise.steps import CLIENT, open_edit


@pytest.fixture
def large(tmp_path: Path) -> Path:
    file = tmp_path / "card.jpg"
    file.write_bytes(b"x" * (26 * 1024 * 1024))
    return file


def sent(page: Page, large: Path) -> None:
    sign_in(page, "maya.reyes@example.com")
    open_edit(page, "insurance")
    page.get_by_label("Plan").first.fill("Kept Plan")
    page.locator("input[type=file]").first.set_input_files(large)
    press(page.locator(".section-body .buttons button").first)


def test_with_javascript_the_form_stays_and_the_notice_has_the_focus(opened, large):
    page = opened(scripts=True)
    sent(page, large)
    notice = page.locator("#flashes .notice.bad:focus")
    notice.wait_for()
    assert "25 MB at most. Choose a smaller one." in notice.inner_text()
    assert page.get_by_label("Plan").first.input_value() == "Kept Plan"
    assert page.locator("#not-sent").is_hidden()


def test_without_it_the_way_back_is_the_form(phone, large):
    sent(phone, large)
    assert phone.locator("h1").inner_text() == "That file is too large"
    assert phone.get_by_role("link", name="Go back").get_attribute("href") == f"{CLIENT}/insurance/edit"
