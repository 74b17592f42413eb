"""The HTML of a PDF: one page that holds all it needs, its letters too."""

from base64 import b64encode
from functools import cache
from typing import Any

from portal import language
from portal.access import Viewer
from portal.practice import queries as practices
from portal.settings import ROOT
from portal.web.templates import render, written_phone

TYPEFACE = ROOT / "static" / "fonts" / "figtree-latin-wght-normal.woff2"


async def drawn(viewer: Viewer, name: str, *, title: object, **context: Any) -> str:
    """`title` is discreet: readers of PDFs show it above the page."""
    practice = await practices.practice(viewer)
    told = {
        "locale": language.current(),
        "title": title,
        "typeface": _typeface(),
        "practice": practice,
        "phone": written_phone(practice.phone) if practice.phone else "",
        "zone": practice.time_zone,
    }
    return render(f"{name}.html", {**told, **context})


@cache
def _typeface() -> str:
    return b64encode(TYPEFACE.read_bytes()).decode()
