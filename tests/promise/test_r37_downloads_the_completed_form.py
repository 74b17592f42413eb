"""R37: a client downloads the completed form, and whoever has it can ask whether it is still as it was made."""

import re
from pathlib import Path

import pytest

from tests.copies.steps import drawn
from tests.promise.conftest import press
from tests.promise.copies import sent
from tests.promise.documents import LIST, MAYA, PRIYA
from tests.promise.steps import arrive

BOTH = pytest.mark.parametrize("scripts", [False, True])
FORM = "Intake form"


@BOTH
def test_the_completed_form_is_prepared_and_downloaded_and_anybody_can_check_it(portal, opened, tmp_path, scripts):
    document = sent(portal, FORM, {})
    phone = opened(scripts=scripts)
    arrive(phone, MAYA)
    phone.goto(f"{LIST}/{document}")
    with phone.expect_download(timeout=60_000) as download:
        phone.get_by_role("link", name="Completed copy").click()
        wait_at(phone)
    assert download.value.suggested_filename.endswith("completed.pdf")
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"%PDF-") and b"/AcroForm" in content and drawn(content).getextrema()[0] < 60

    anybody = opened(scripts=scripts)
    anybody.goto("/verify")
    said = check(anybody, "copy.pdf", content)
    assert "It is ours, and unchanged" in said and re.search(r"made it on \w+ \d+, 20\d\d", said)
    middle = len(content) // 2
    changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    assert "unchanged" not in check(anybody, "copy.pdf", changed)

    desk = opened(scripts=scripts, width=1280)
    arrive(desk, PRIYA)
    desk.goto(f"/staff/documents/{document}")
    with desk.expect_download() as same:
        desk.get_by_role("link", name="Completed copy").click()
    assert Path(same.value.path()).read_bytes() == content


def wait_at(phone) -> None:
    """On a busy machine it is not there at once: then a page says so, and is looked at again."""
    for _ in range(20):
        phone.wait_for_timeout(1000)
        again = phone.locator("#copy a.btn")
        if not again.count():
            return
        again.first.click()


def check(page, name: str, content: bytes) -> str:
    page.get_by_label("Completed PDF").set_input_files({"name": name, "mimeType": "application/pdf", "buffer": content})
    press(page.get_by_role("button", name=re.compile("^Check")))
    notice = page.locator("#verify .notice")
    notice.wait_for()
    return notice.inner_text()
