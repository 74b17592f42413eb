"""The HTML of a PDF: one page that holds all it says; typeface and style sheet are the press's."""

from typing import Any

from portal import language
from portal.access import Viewer
from portal.practice import queries as practices
from portal.web.templates import render, written_phone


async def drawn(viewer: Viewer, name: str, *, title: object, **context: Any) -> str:
    """`title` is discreet: readers of PDFs show it above the page."""
    practice = await practices.practice(viewer)
    told = {
        "locale": language.current(),
        "title": title,
        "practice": practice,
        "phone": written_phone(practice.phone) if practice.phone else "",
        "zone": practice.time_zone,
    }
    return render(f"{name}.html", {**told, **context})
