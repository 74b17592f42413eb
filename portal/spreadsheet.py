"""Tables for spreadsheet programs: CSV, and Excel's own format. The door to xlsxwriter."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any, TypeVar

from xlsxwriter import Workbook

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet takes for a formula when it opens a file.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
MARK = "\ufeff"
NO_XML = re.compile("[\ufffe\uffff]")
# Excel's own forms, which follow the reader's country; money is dollars wherever it is read.
FORMS = {date: 14, time: 18, Decimal: '"$"#,##0.00;-"$"#,##0.00'}
MOST_AT_ONCE = 64 * 1024
Cell = str | date | time | Decimal
T = TypeVar("T")


@dataclass(frozen=True)
class Column:
    """`width` is in letters."""

    title: object
    width: int


async def as_csv(
    columns: Sequence[Column], pieces: AsyncIterator[list[T]], cells: Callable[[T], list[Cell]]
) -> AsyncIterator[bytes]:
    """UTF-8 with its mark, by which spreadsheets know it; lines end as RFC 4180 says."""
    yield (MARK + _lines([[str(one.title) for one in columns]])).encode()
    async for piece in pieces:
        yield _lines([[_plain(cell) for cell in cells(one)] for one in piece]).encode()


async def as_excel(
    title: str, columns: Sequence[Column], pieces: AsyncIterator[list[T]], cells: Callable[[T], list[Cell]]
) -> IO[bytes]:
    """An open file without a name, so that nothing stays behind whatever happens; see `sent`.

    Each piece is written in a thread, and no more than one row of it is kept in memory.
    """
    file = TemporaryFile()  # noqa: SIM115 - `sent` closes it
    try:
        with TemporaryDirectory(prefix="portal-", ignore_cleanup_errors=True) as folder:
            book = _Book(file, folder, title, columns)
            async for piece in pieces:
                await asyncio.to_thread(book.add, map(cells, piece))
            await asyncio.to_thread(book.close)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


async def sent(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := file.read(MOST_AT_ONCE):
            yield piece


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


def _plain(cell: Cell) -> str:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, Decimal):
        return f"{cell:.2f}"
    return cell.strftime("%H:%M") if isinstance(cell, time) else cell.isoformat()


def _lines(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


class _Book:
    """One sheet; text is text, whatever it looks like, and stays text where somebody edits it."""

    def __init__(self, file: IO[bytes], folder: str, title: str, columns: Sequence[Column]) -> None:
        as_it_stands = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
        self.book: Any = Workbook(file, {"constant_memory": True, "tmpdir": folder, **as_it_stands})
        self.forms = {kind: self.book.add_format({"num_format": form}) for kind, form in FORMS.items()}
        self.quoted = self.book.add_format({"quote_prefix": True})
        self.sheet: Any = self.book.add_worksheet(title)
        self.sheet.freeze_panes(1, 0)
        bold = self.book.add_format({"bold": True})
        for place, column in enumerate(columns):
            self.sheet.set_column(place, place, column.width)
        for place, column in enumerate(columns):
            self.sheet.write_string(0, place, _text(str(column.title)), bold)
        self.next = 1

    def add(self, rows: Iterable[list[Cell]]) -> None:
        for row in rows:
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    self.sheet.write_string(
                        self.next, place, _text(cell), self.quoted if cell.startswith(FORMULAS) else None
                    )
                elif isinstance(cell, Decimal):
                    self.sheet.write_number(self.next, place, cell, self.forms[Decimal])
                else:
                    self.sheet.write_datetime(self.next, place, cell, self.forms[type(cell)])
            self.next += 1

    def close(self) -> None:
        self.book.close()


def _text(cell: str) -> str:
    """The library writes what looks like its own markup of rich text as it stands."""
    return NO_XML.sub("", f"{cell} " if cell.startswith("<r>") else cell)
