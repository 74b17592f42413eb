"""How a PDF looks. The pypdfium2 door."""

from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2

from portal.workshop import CONTENT, FACTS, SHEET, Refusal
from portal.workshop.images import thumbnail, written

LONGER_SIDE, LONGER_SIDE_OF_A_PAGE = 1600, 1400
MOST_OF_ALL_PAGES = 20 * 1024 * 1024
SMALLEST_SIDE = 1.0


def first_page(content: bytes) -> tuple[bytes, bytes]:
    """Large and small. Fonts that are not in the file are those of the library: the system's are out of reach."""
    pdf = pypdfium2.PdfDocument(content)
    pdf.init_forms()
    sheet = drawn(pdf[0], LONGER_SIDE)
    return written(sheet), thumbnail(sheet)


def every_page(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The same of each, in order, until they are too much."""
    pdf = pypdfium2.PdfDocument(content)
    pdf.init_forms()
    left = MOST_OF_ALL_PAGES
    for page in pdf:
        sheet = drawn(page, LONGER_SIDE_OF_A_PAGE)
        large = written(sheet)
        left -= len(large)
        if left < 0:
            return
        yield large, thumbnail(sheet)


def drawn(page: pypdfium2.PdfPage, longer_side: int) -> Any:
    width, height = page.get_size()
    if min(width, height) < SMALLEST_SIDE:
        raise ValueError("nothing to see")
    return page.render(scale=longer_side / max(width, height), may_draw_forms=True).to_pil().convert("RGB")


def sheet(job: str) -> Callable[[bytes], Iterator[tuple[str, bytes | dict[str, object]]]]:
    """How a page looks, large: which one stands in the name of the job."""
    number = int(job.removeprefix(SHEET))

    def one(content: bytes) -> Iterator[tuple[str, bytes | dict[str, object]]]:
        pdf = pypdfium2.PdfDocument(content)
        if not 0 < number <= len(pdf):
            raise Refusal("damaged")
        pdf.init_forms()
        yield FACTS, {"page": number}
        yield CONTENT, written(drawn(pdf[number - 1], LONGER_SIDE))

    return one
