"""What people send: told apart by content and name, and cleaned in a bounded subprocess. Nothing else is ever kept."""

from dataclasses import dataclass
from typing import Any

from portal.uploads import bench, kinds, names
from portal.uploads.sentences import EMPTY, NOT_A_PDF, TOO_LARGE, TOO_LARGE_A_PHOTO, Unfit, sentence_of
from portal.workshop import DOCX, FORM, HEIC_PHOTO, JPEG, MARK, PDF, PHOTO, PNG, SHEET, TXT

__all__ = [
    "ACCEPT", "MOST_BYTES", "MOST_FILES", "Cleaned", "Paper", "Picture", "Unfit", "cleaned", "form", "mark", "photo",
    "sheet",
]  # fmt: skip

MOST_BYTES = 10 * 1024 * 1024
MOST_BYTES_OF_A_PHOTO = 12 * 1024 * 1024
MOST_FILES = 5
ACCEPT = kinds.ACCEPT
MEDIA_TYPES = {
    PDF: "application/pdf",
    JPEG: "image/jpeg",
    PNG: "image/png",
    TXT: "text/plain",
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True)
class Cleaned:
    """What may be kept. `thumbnail` and `preview` are JPEGs; a picture is its own preview, and no PDF must have one."""

    name: str
    kind: str
    media_type: str
    content: bytes
    thumbnail: bytes | None
    preview: bytes | None
    pages: int | None
    width: int | None
    height: int | None


@dataclass(frozen=True)
class Picture:
    """`content` is made here: nothing of the file that was sent is in it but what can be seen."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Paper:
    """`pictures` are JPEGs of its first pages, mostly all; `fields` are as the workshop tells them: to be checked."""

    name: str
    content: bytes
    thumbnail: bytes | None
    pictures: list[bytes]
    pages: int
    fields: list[dict[str, Any]]


async def cleaned(filename: str, content: bytes) -> Cleaned:
    """Raises `Unfit`. Not inside a transaction: it takes its time."""
    if not content:
        raise Unfit(EMPTY)
    if len(content) > MOST_BYTES:
        raise Unfit(TOO_LARGE)
    made = await _made(kinds.kind_of(names.plain(filename), content), content)
    kind = str(made.facts["kind"])
    return Cleaned(
        name=names.safe(filename, kind),
        kind=kind,
        media_type=MEDIA_TYPES[kind],
        content=made.content,
        thumbnail=made.thumbnail,
        preview=made.preview,
        pages=made.facts.get("pages"),
        width=made.facts.get("width"),
        height=made.facts.get("height"),
    )


async def form(filename: str, content: bytes) -> Paper:
    """Whether or not there is anything to fill in. Raises `Unfit`. Not inside a transaction: it takes its time."""
    if not content:
        raise Unfit(EMPTY)
    if len(content) > MOST_BYTES:
        raise Unfit(TOO_LARGE)
    if kinds.content_of(content) != PDF:
        raise Unfit(NOT_A_PDF)
    made = await _made(FORM, content)
    count, fields = made.facts["pages"], made.facts["fields"]
    return Paper(names.safe(filename, PDF), made.content, made.thumbnail, made.pages[:count], count, fields)


async def photo(content: bytes) -> Picture:
    """By what it is, whatever it is called. Raises `Unfit`."""
    if len(content) > MOST_BYTES_OF_A_PHOTO:
        raise Unfit(TOO_LARGE_A_PHOTO)
    made = await _made(HEIC_PHOTO if kinds.is_heic(content) else PHOTO, content)
    return Picture(made.content, made.facts["width"], made.facts["height"])


async def mark(content: bytes) -> Picture:
    """A signature that was drawn: a PNG of its ink and of nothing else. Raises `Unfit`."""
    made = await _made(MARK, content)
    return Picture(made.content, made.facts["width"], made.facts["height"])


async def sheet(content: bytes, number: int) -> bytes:
    """How a page of a PDF that is kept looks, from 1 on: a JPEG. Raises `Unfit` where it cannot be drawn."""
    return (await _made(f"{SHEET}{number}", content)).content


async def _made(job: str, content: bytes) -> bench.Made:
    try:
        return await bench.made(job, content)
    except bench.Turned as turned:
        raise Unfit(sentence_of(turned.code, job)) from turned
