"""Addresses of documents, and what stands on their pages."""

from tests.browser import Browser, Page
from tests.cast import Cast


def of_client(cast: Cast, rest: object = "") -> str:
    return f"/clients/{cast.client.id}/documents" + (f"/{rest}" if rest else "")


def of_chart(cast: Cast, rest: str = "") -> str:
    return f"/staff/clients/{cast.client.id}/documents" + (f"/{rest}" if rest else "")


def of_staff(document_id: int, rest: str = "") -> str:
    return f"/staff/documents/{document_id}" + (f"/{rest}" if rest else "")


async def landed(browser: Browser, page: Page) -> Page:
    """Where htmx is told to go, a browser goes."""
    to = page.headers.get("hx-redirect")
    if not to:
        return page
    plain, browser.headers = browser.headers, {}
    try:
        return await browser.get(to)
    finally:
        browser.headers = plain


def rows(page: Page) -> list[str]:
    return [one.get_text(strip=True) for one in page.soup.select(".rows b")]
