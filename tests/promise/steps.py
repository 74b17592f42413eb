"""What the tests of My Information do over and over."""

from collections.abc import Mapping
from io import BytesIO
from re import Pattern

from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page

from tests.promise.conftest import press, sign_in

CLIENT = "/clients/1/information"


def arrive(page: Page, email: str) -> None:
    """With scripts, sign-in takes a moment of its own."""
    sign_in(page, email)
    page.wait_for_url(lambda url: "sign-in" not in url)


def focused(page: Page, what: str) -> None:
    """Where the focus comes to be, after a swap has settled."""
    page.locator(f"{what}:focus").wait_for()


def section(page: Page, name: str) -> Locator:
    return page.locator(f"details#{name}")


def open_edit(page: Page, name: str) -> None:
    page.goto(f"{CLIENT}/{name}/edit")


def send(page: Page) -> None:
    press(page.locator(".buttons").get_by_role("button", name="Send changes"))


def change(page: Page, name: str, typed: Mapping[str, str]) -> None:
    open_edit(page, name)
    for label, value in typed.items():
        page.get_by_label(label, exact=False).first.fill(value)
    send(page)


def card(page: Page) -> str:
    """The newest of a history."""
    return page.locator("#history article").first.inner_text()


def photo_of_a_card(words: str) -> bytes:
    """A JPEG as a phone takes it."""
    picture = Image.new("RGB", (1200, 760), (28, 84, 132))
    ImageDraw.Draw(picture).text((80, 80), words, fill="white")
    out = BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def attach(page: Page, label: str, words: str) -> None:
    page.get_by_label(label).and_(page.locator("input[type=file]")).last.set_input_files(
        {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": photo_of_a_card(words)}
    )


def desk_of(page: Page, words: str | Pattern[str]) -> None:
    """Opens what waits in the queue and says these words."""
    page.goto("/staff/review")
    press(page.locator(".queue a", has_text=words).first)


def expire_sessions(portal) -> None:
    portal.sql("UPDATE session SET seen_at = seen_at - interval '1 hour'")
