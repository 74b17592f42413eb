"""What a test reads from the pages of the queue."""

from tests.browser import Page


def text(element) -> str:
    return element.get_text(" ", strip=True) if element else ""


def rows(page: Page) -> list[str]:
    """`Maya Reyes: A wish For a boat`, in the order of the list."""
    return [f"{text(one.b)}: {text(one.select_one('.what'))}" for one in page.soup.select("#queue .queue a")]


def names(page: Page) -> list[str]:
    return [text(one) for one in page.soup.select("#queue .queue b")]


def addresses(page: Page) -> list[str]:
    return [str(one["href"]) for one in page.soup.select("#queue .queue a")]


def count(page: Page) -> str:
    return text(page.soup.select_one("#queue-h .pill"))


def current(page: Page) -> list[str]:
    return [text(one.b) for one in page.soup.select('#queue .queue [aria-current="true"]')]


def badge(page: Page) -> str:
    found = page.soup.select_one("#badge-inbox")
    return "" if found is None or found.has_attr("hidden") else text(found)


def notices(page: Page) -> list[str]:
    return [text(one) for one in page.soup.select("#main .notice-body, .desk .notice-body")]


def turn(page: Page, way: str) -> str:
    """The address of the page before or behind, or nothing."""
    found = page.soup.select_one(f'.pager a[rel="{way}"]')
    return str(found["href"]) if found else ""
