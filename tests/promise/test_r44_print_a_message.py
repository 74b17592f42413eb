"""R44 and R22: a conversation on clean paper, printed by the browser and as a PDF, also without scripts."""

import re
import subprocess

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.promise.conftest import press, sign_in


def a_conversation(page: Page) -> None:
    """Maya's, opened."""
    page.goto("/clients/1/messages")
    press(page.get_by_role("link", name=re.compile("The sleep diary")))


def words_of(file) -> str:
    return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout


def picture_of(file) -> Image.Image:
    subprocess.run(["pdftoppm", "-r", "50", "-gray", "-singlefile", file, file.with_suffix("")], check=True)
    return Image.open(file.with_suffix(".pgm"))


def ink(picture: Image.Image, box: tuple[float, float, float, float]) -> float:
    """How much of a part of the page is dark."""
    wide, high = picture.size
    part = picture.crop((int(box[0] * wide), int(box[1] * high), int(box[2] * wide), int(box[3] * high)))
    return sum(part.point(lambda tone: tone < 128).histogram()[1:]) / (part.size[0] * part.size[1])


@pytest.mark.parametrize("scripts", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_the_whole_conversation_is_printed_clean(opened, tmp_path, scripts):
    page = sign_in(opened(scripts=scripts), "maya.reyes@example.com")
    page.wait_for_url(lambda url: "sign-in" not in url)
    a_conversation(page)
    press(page.get_by_role("link", name="Print", exact=True))
    assert re.fullmatch(r"(\(\d+\) )?Messages - Harbor Lane Counseling", page.title()), (
        "a printer writes it on the paper"
    )
    page.emulate_media(media="print")
    for unprinted in ("Sign out", "Get a PDF", "Back to the conversation", "Privacy"):
        assert not page.get_by_text(unprinted).first.is_visible(), unprinted
    file = tmp_path / "printed.pdf"
    page.pdf(path=file, format="Letter")
    said = words_of(file)
    assert "Dr. Ngozi Okafor" in said and "Maya Reyes" in said and "The sleep diary" in said
    assert not re.search("Sign out|Get a PDF|Privacy|Reply", said)
    looks_like_a_page(picture_of(file))


def test_the_pdf_says_the_same_and_its_name_nothing(opened, tmp_path):
    page = sign_in(opened(), "maya.reyes@example.com")
    a_conversation(page)
    press(page.get_by_role("link", name="Print", exact=True))
    with page.expect_event("download", timeout=60_000) as fetched:
        page.get_by_role("button", name="Get a PDF").click()
        if not looked_again(page):
            page.get_by_role("link", name="Download the PDF").click()
    assert re.fullmatch(r"messages-\d{4}-\d\d-\d\d\.pdf", fetched.value.suggested_filename)
    file = tmp_path / "paper.pdf"
    fetched.value.save_as(file)
    said = words_of(file)
    assert "Harbor Lane Counseling" in said and "The sleep diary" in said and "Page 1 / 1" in said
    assert "Attached: Sleep diary, first week.pdf" in said
    looks_like_a_page(picture_of(file))


def looked_again(page: Page) -> bool:
    """True where the file came by itself; else until the page says that it is ready."""
    page.wait_for_timeout(4000)
    if "/papers/" not in page.url:
        return True
    for _ in range(20):
        if page.get_by_role("link", name="Download the PDF").count():
            return False
        page.wait_for_timeout(1000)
        page.get_by_role("link", name="Look again").click()
    raise AssertionError("the PDF was not made")


def looks_like_a_page(picture: Image.Image) -> None:
    """Dark words on white paper, within its margins."""
    assert 0.005 < ink(picture, (0.08, 0.05, 0.92, 0.5)) < 0.25
    assert ink(picture, (0, 0, 0.04, 1)) == 0 and ink(picture, (0.96, 0, 1, 1)) == 0
    assert ink(picture, (0, 0, 1, 0.03)) == 0


def test_one_message_is_printed_by_itself(opened):
    page = sign_in(opened(), "maya.reyes@example.com")
    a_conversation(page)
    press(page.get_by_role("link", name="Print the message").first)
    assert page.locator("#print .msg").count() == 1


def test_in_spanish_too(opened, tmp_path):
    page = sign_in(opened(), "maya.reyes@example.com")
    a_conversation(page)
    press(page.get_by_role("link", name="Print", exact=True))
    press(page.get_by_role("button", name="Español"))
    try:
        assert page.locator("html").get_attribute("lang") == "es"
        file = tmp_path / "impreso.pdf"
        page.pdf(path=file)
        assert re.search(r"\d+ mensajes, .* de noviembre de 2026", words_of(file))
    finally:
        press(page.get_by_role("button", name="English"))


def test_staff_print_what_they_read_and_somebody_elses_is_not_there(opened):
    page = sign_in(opened(), "ngozi@harborlane.example")
    page.goto("/staff/messages/6")
    press(page.get_by_role("link", name="Print", exact=True))
    assert page.locator("#print .msg").count() >= 2
    other = sign_in(opened(), "priya@harborlane.example")
    answer = other.goto("/staff/messages/6/print")
    assert answer and answer.status == 404, "what is personal is not the front desk's"
