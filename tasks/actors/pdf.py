"""The WeasyPrint door: HTML of ours becomes a PDF, and fetches nothing.

Run as a program it reads the page and writes the PDF, within limits, so that a long page costs nobody else anything:
`printed` in papers.py calls it. It imports nothing of the portal.
"""

import resource
import sys
from typing import Any

from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher

NOWHERE = "nowhere:/"  # what a relative address is relative to
VARIANT = "pdf/ua-1"
MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 45


class Forbidden(Exception):
    """The page asked for something outside itself."""


class _Nowhere(URLFetcher):
    """What a page needs stands in it, as a `data:` URL."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        if not url.lower().startswith("data:"):
            self.refused.append(url)
            raise FatalURLFetchingError(url)
        return super().fetch(url, headers)


def rendered(html: str) -> bytes:
    """Blocks for as long as it lays out. Raises `Forbidden` rather than leave something out."""
    fetcher = _Nowhere()
    try:
        pdf = HTML(string=html, base_url=NOWHERE, url_fetcher=fetcher).write_pdf(pdf_variant=VARIANT)
    except FatalURLFetchingError:
        pdf = None
    if fetcher.refused:  # also inside an SVG, where the error itself is swallowed
        raise Forbidden(f"a page that becomes a PDF may not fetch {fetcher.refused[0]}")
    assert isinstance(pdf, bytes)
    return pdf


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    sys.stdout.buffer.write(rendered(sys.stdin.buffer.read().decode()))
