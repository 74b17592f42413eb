"""What the tests of signing do over and over."""

import re

from playwright.sync_api import Page

from tests.promise.conftest import Portal, press, sign_in
from tests.promise.documents import MAYA

CODE = "SELECT code FROM electronic_consent ORDER BY id DESC LIMIT 1"
END = "UPDATE electronic_consent SET withdrawn_at = now() WHERE given_at IS NOT NULL AND withdrawn_at IS NULL"


def arrive(page: Page, email: str = MAYA) -> None:
    sign_in(page, email)
    page.wait_for_url(lambda url: "sign-in" not in url)


def to_sign(page: Page, title: str) -> None:
    """A file of the chart, put there already: shared to be signed, by the front desk on its page."""
    page.get_by_role("radio", name="Share to Sign").check()
    press(page.get_by_role("button", name="Share", exact=True))
    page.locator(".pill", has_text="Pending Review").wait_for()
    assert page.locator("h1").inner_text() == title


def number_in(url: str) -> str:
    return re.search(r"/documents/(\d+)", url)[1]


def agree(portal: Portal, page: Page) -> None:
    """Opens the PDF, and types the code that stands in it."""
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("^Open the PDF")).click()
    text = words_of(download.value.path())
    code = portal.sql(CODE)
    assert code in text and "You can sign documents of Harbor Lane Counseling" in text
    page.get_by_label("Code").fill(code.lower())
    page.get_by_label("I have read this, and I agree").check()
    press(page.get_by_role("button", name="Agree", exact=True))


def words_of(path: object) -> str:
    import pypdfium2

    with pypdfium2.PdfDocument(str(path)) as pdf:
        return " ".join(" ".join(sheet.get_textpage().get_text_bounded().split()) for sheet in pdf)


def sign(page: Page, name: str = "Maya Reyes") -> None:
    page.get_by_label("I have read “").check()
    page.get_by_label("Your full name").fill(name)
    press(page.get_by_role("button", name="Sign and send"))
    page.locator("h1 ~ .pill", has_text="With the practice").wait_for()
