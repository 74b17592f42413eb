"""A form as the practice keeps it: cleaned as any PDF, its fields told, and a picture of every page."""

import signal
from collections.abc import Iterator

from portal.workshop import CONTENT, FACTS, PAGE, PDF, THUMBNAIL, Refusal, fields
from portal.workshop.nearby import Words
from portal.workshop.pdf import counted, disarm, must_not_unpack_to_too_much, opened, trimmed, written
from portal.workshop.preview import every_page

MOST_PAGES = 40
SECONDS_TO_DRAW = 12  # of a processor: what is not drawn by then has no picture


def cleaned(content: bytes) -> Iterator[tuple[str, bytes | dict[str, object]]]:
    content = trimmed(content)
    with opened(content) as pdf:
        pages = counted(pdf)
        if pages > MOST_PAGES:
            raise Refusal("too_many_pages_of_a_form")
        must_not_unpack_to_too_much(pdf)
        fields.must_have_been_a_pdf(pdf)
        fields.must_not_be_signed(pdf)
        found = fields.of(pdf, Words(content))
        disarm(pdf)
        kept = written(pdf, is_same_each_time=True)
    yield FACTS, {"kind": PDF, "pages": pages, "fields": found}
    yield CONTENT, kept
    signal.setitimer(signal.ITIMER_PROF, SECONDS_TO_DRAW)
    for number, (sheet, small) in enumerate(every_page(kept)):
        if not number:
            yield THUMBNAIL, small
        yield PAGE, sheet
