"""The HTML of what is laid upon the pages of a form, and of the pages behind them: every answer in full, and the record
of how they came about.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import segno

from portal import language
from portal.access import Viewer
from portal.copies import words
from portal.copies.queries.record import Record, Signed
from portal.copies.sheets import Mark, Sheet
from portal.filling import answers
from portal.language import gettext
from portal.library.fields import By, Kind
from portal.papers.drawing import drawn
from portal.settings import settings
from portal.web.templates import render


@dataclass(frozen=True)
class Response:
    """A question and what was answered, in words; `is_cut` where there was no room for all of it on the page."""

    page: int
    label: str
    said: tuple[str, ...]
    is_practices: bool


def of_sheets(sheets: Sequence[Sheet]) -> str:
    return render("pdf/written.html", {"locale": language.current(), "title": "-", "sheets": sheets})


async def of_record(viewer: Viewer, one: Record, pictures: Mapping[bytes, str], shown: str) -> str:
    """`pictures` are the drawings of signatures by their hash, as `data:` addresses; `shown` is that of a photo."""
    address = f"{settings().base_url}/verify"
    return await drawn(
        viewer, "pdf/record", title=gettext("Document and record"), one=one, words=words, shown=shown,
        responses=responses(one), pictures=pictures, address=address, utc=utc,
        qr=segno.make(address, error="m").svg_inline(scale=3, border=0, lineclass=None, svgclass=None),
    )  # fmt: skip


def marks(one: Record, pictures: Mapping[bytes, str], zone: str) -> dict[By, Mark]:
    """What stands where the form asks for a signature: of whoever sent it, and of the practice."""
    return {
        By.PRACTICE if signed.is_practice else By.CLIENT: _mark(signed, pictures, zone) for signed in one.signatures
    }


def _mark(signed: Signed, pictures: Mapping[bytes, str], zone: str) -> Mark:
    day = language.written_date(signed.signed_at, signed.time_zone or zone, "medium")
    note = gettext("Signed electronically, %(day)s", day=day)
    return Mark(signed.name, signed.initials or initials(signed.name), pictures.get(signed.image_sha256, ""), note)


def initials(name: str) -> str:
    return "".join(part[0] for part in name.split())[:4].upper()


def responses(one: Record) -> list[Response]:
    """In the order in which they were asked, those of the practice behind them."""
    added = one.accepted.answers if one.accepted else {}
    asked = [field for field in one.fields if not field.is_signed and field.by != By.NOBODY]
    found = []
    for field in sorted(asked, key=lambda field: not field.is_clients):
        if field.is_clients or one.accepted:
            values = (one.answers if field.is_clients else added).get(field.name, [])
            said = [gettext("Yes")] if field.kind == Kind.CHECK and values else answers.spoken(field, values)
            said = [words.as_day(value) for value in said] if field.kind == Kind.DATE else said
            found.append(Response(field.page, field.label, tuple(said), not field.is_clients))
    return found


def as_address(content: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
