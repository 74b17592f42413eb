"""What the tests of pages do over and over."""

from typing import Any

from tests.browser import Browser, Page
from tests.cast import Cast
from tests.factories import a_grant, an_account


def inbox(cast: Cast) -> str:
    return f"/clients/{cast.client.id}/messages"


def thread(cast: Cast, thread_id: int) -> str:
    return f"{inbox(cast)}/{thread_id}"


async def sofia(cast: Cast, areas: tuple[str, ...] = ("messages",)) -> None:
    """Maya's mother, who may read what she is let in to."""
    account = await an_account("sofia@example.com", name="Sofia Reyes")
    await a_grant(account, cast.client, kind="guardian", areas=list(areas))
    cast.accounts["sofia"] = account


async def begin(browser: Browser, cast: Cast, **typed: Any) -> Page:
    """As somebody fills in the form."""
    told = {"topic": "appointments", "subject": "Thursday", "body": "May I come later?", **typed}
    return await browser.press(await browser.get(f"{inbox(cast)}/new"), inbox(cast), **told)


async def answer(browser: Browser, cast: Cast, thread_id: int, body: str, **typed: Any) -> Page:
    page = await browser.get(thread(cast, thread_id))
    return await browser.press(page, thread(cast, thread_id), body=body, **typed)


def said(page: Page) -> list[str]:
    """Who, and the words."""
    return [
        f"{one.find('h2').get_text(strip=True)}: " + " / ".join(p.get_text(strip=True) for p in one.select("p.kept"))
        for one in page.soup.select(".msg")
    ]


def badge(page: Page) -> int:
    """What the header shows; nothing where it is hidden."""
    found = page.soup.select_one("#unread")
    assert found is not None and (found.has_attr("hidden") == (found.contents[0].strip() == "0"))
    return int(found.contents[0].strip())
