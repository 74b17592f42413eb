"""Files of a message that is being written: kept with the draft, whatever becomes of the words."""

import asyncio
from io import BytesIO

import pytest
from PIL import Image

from portal.database import fetch
from tests.messages.pages import inbox, thread
from tests.messages.steps import a_thread


def photo(color: tuple[int, int, int] = (28, 84, 132)) -> bytes:
    out = BytesIO()
    Image.new("RGB", (80, 60), color).save(out, "PNG")
    return out.getvalue()


def files(*sent: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", one) for one in sent]


def go_along(page) -> list[str]:
    return [one["href"] for one in page.soup.select("form .files a.file, form .files .file a")]


async def held() -> dict[str, int]:
    rows = await fetch(
        "SELECT count(*) FILTER (WHERE message IS NOT NULL) AS sent, count(*) FILTER (WHERE draft IS NOT NULL) AS kept"
        " FROM attachment"
    )
    return rows[0]


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_refusal_keeps_the_words_and_the_files_that_came(cast, htmx):
    browser = await cast.browser("client", htmx=htmx)
    page = await browser.get(f"{inbox(cast)}/new")
    assert page.soup.select_one("form.card")["enctype"] == "multipart/form-data"
    sent = files(("card.png", photo()), ("tool.exe", b"MZ\x90\x00 nothing"), ("note.txt", b"By the window"))
    page = await browser.press(page, inbox(cast), topic="other", subject="My card", body="x" * 10_001, files=sent)
    assert page.status == 422 and set(page.errors) == {"body", "files"} and "tool.exe" in page.errors["files"]
    assert page.value("subject") == "My card" and len(go_along(page)) == 2
    page = await browser.press(page, inbox(cast), body="Here it is.")
    if htmx:
        page = await browser.get(page.headers["hx-redirect"])
    assert page.heading == "My card" and await held() == {"sent": 2, "kept": 0}
    assert [one.get_text(strip=True) for one in page.soup.select(".msg .file b")] == ["card.png", "note.txt"]


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_photo_needs_no_words(cast, htmx):
    one, browser = await a_thread(cast), await cast.browser("client")
    first, page = await browser.get(f"{inbox(cast)}/new"), await browser.get(thread(cast, one))
    browser.headers = {"HX-Request": "true"} if htmx else {}
    for _ in range(2):  # pressed twice, it is sent once
        await browser.press(page, thread(cast, one), body="", files=files(("card.png", photo())))
        await browser.press(
            first, inbox(cast), topic="other", subject="My card", body=" ", files=files(("card.png", photo()))
        )
    rows = await fetch("SELECT thread, body FROM message ORDER BY id OFFSET 1")
    assert [row["body"] for row in rows] == ["", ""] and await held() == {"sent": 2, "kept": 0}
    browser.headers = {}
    listed = (await browser.get(inbox(cast))).words
    assert listed.count("You: A file, without words") == 2
    for place in (thread(cast, one), f"{thread(cast, one)}/print"):
        assert "card.png" in (await browser.get(place)).words
    desk = await cast.browser("front_desk")
    assert "card.png" in (await desk.get(f"/staff/messages/{one}")).words


@pytest.mark.parametrize("is_sent", [False, True])
async def test_but_neither_words_nor_a_file_is_nothing_to_send(cast, is_sent):
    """Nor under the key of what was sent: Back, and Send once more with an empty form."""
    one, browser = await a_thread(cast), await cast.browser("client")
    page = await browser.get(thread(cast, one))
    if is_sent:
        await browser.press(page, thread(cast, one), body="Here", files=files(("card.png", photo())))
    told = await browser.press(page, thread(cast, one), body=" ")
    assert told.status == 422 and told.errors == {"body": "Write your message"}
    gone = await browser.press(await browser.get(thread(cast, one)), thread(cast, one), act="save",
                               files=files(("other.png", photo((9, 9, 9)))))  # fmt: skip
    page = await browser.get(thread(cast, one))
    without = page.soup.select_one("form [name=without]")["value"]
    told = await browser.press(page, thread(cast, one), body="", without=without)
    assert gone.status == 200 and told.status == 422 and told.errors == {"body": "Write your message"}


async def test_a_file_that_cannot_be_taken_keeps_the_message_from_going_without_it(cast):
    one, browser = await a_thread(cast), await cast.browser("client")
    page = await browser.get(thread(cast, one))
    page = await browser.press(page, thread(cast, one), body="See this", files=files(("x.svg", b"<svg/>")))
    assert page.status == 422 and set(page.errors) == {"files"} and page.value("body").strip() == "See this"
    assert (await fetch("SELECT count(*) FROM message"))[0]["count"] == 1


async def test_saved_for_later_with_its_files_on_another_device_and_one_left_out(cast):
    one, browser = await a_thread(cast), await cast.browser("client")
    sent = files(("a.txt", b"first"), ("b.txt", b"second"))
    await browser.press(await browser.get(thread(cast, one)), thread(cast, one), body="", act="save", files=sent)
    other = await cast.browser("client")
    page = await other.get(thread(cast, one))
    boxes = [str(box["value"]) for box in page.soup.select("[name=without]")]
    assert len(boxes) == 2
    page = await other.press(page, thread(cast, one), body="Only the second", without=boxes[:1])
    assert [one.get_text(strip=True) for one in page.soup.select(".msg .file b")] == ["b.txt"]
    assert await held() == {"sent": 1, "kept": 0}


async def test_what_is_thrown_away_belongs_to_nothing(cast):
    one, browser = await a_thread(cast), await cast.browser("client")
    sent = files(("a.txt", b"first"))
    await browser.press(await browser.get(thread(cast, one)), thread(cast, one), body="x", act="save", files=sent)
    await browser.press(await browser.get(thread(cast, one)), thread(cast, one), act="drop")
    assert await held() == {"sent": 0, "kept": 0}


async def test_pressed_five_times_at_once_it_is_there_once_and_each_file_too(cast):
    one, browser = await a_thread(cast), await cast.browser("client")
    page = await browser.get(thread(cast, one))
    told = {"body": "Only once", "key": page.value("key")}
    sent = files(("a.txt", b"first"), ("b.txt", b"second"))
    pages = await asyncio.gather(*(browser.post(thread(cast, one), files=sent, **told) for _ in range(5)))
    assert {page.status for page in pages} == {200}
    assert (await fetch("SELECT count(*) FROM message"))[0]["count"] == 2
    assert await held() == {"sent": 2, "kept": 0}
    rows = await fetch("SELECT count(*) FROM message_draft")
    assert rows[0]["count"] == 0
