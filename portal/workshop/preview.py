"""How the first page of a PDF looks. The pypdfium2 door."""

from collections.abc import Callable, Iterator

import pypdfium2

from portal.workshop import CONTENT, FACTS, SHEET, Refusal
from portal.workshop.images import thumbnail, written

LONGER_SIDE = 1600
SMALLEST_SIDE = 1.0


def first_page(content: bytes) -> tuple[bytes, bytes]:
    """Large and small. Fonts that are not in the file are those of the library: the system's are out of reach."""
    pdf = pypdfium2.PdfDocument(content)
    pdf.init_forms()
    page = pdf[0]
    width, height = page.get_size()
    if min(width, height) < SMALLEST_SIDE:
        raise ValueError("nothing to see")
    sheet = page.render(scale=LONGER_SIDE / max(width, height), may_draw_forms=True).to_pil().convert("RGB")
    return written(sheet), thumbnail(sheet)


def sheet(job: str) -> Callable[[bytes], Iterator[tuple[str, bytes | dict[str, object]]]]:
    """How a page looks, large: which one stands in the name of the job."""
    number = int(job.removeprefix(SHEET))

    def drawn(content: bytes) -> Iterator[tuple[str, bytes | dict[str, object]]]:
        pdf = pypdfium2.PdfDocument(content)
        if not 0 < number <= len(pdf):
            raise Refusal("damaged")
        pdf.init_forms()
        page = pdf[number - 1]
        longer = max(*page.get_size(), SMALLEST_SIDE)
        yield FACTS, {"page": number}
        yield CONTENT, written(page.render(scale=LONGER_SIDE / longer, may_draw_forms=True).to_pil().convert("RGB"))

    return drawn
