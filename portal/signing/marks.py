"""A signature as it is given on a page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """`seen` and `meant` are what stood on the page, as one word each; `drawing` is a PNG as the browser made it."""

    name: str
    initials: str = ""
    drawing: bytes = b""
    seen: str = ""
    meant: str = ""
