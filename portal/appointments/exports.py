"""Appointments as a table for other programs."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.appointments.states import WORDS
from portal.appointments.visit import Visit
from portal.language import lazy

COLUMNS = (
    lazy("Date"), lazy("Begins"), lazy("Ends"), lazy("Time zone"), lazy("Appointment Type"), lazy("Contact Type"),
    lazy("Clinician"), lazy("Site"), lazy("Status"),
)  # fmt: skip
# What a spreadsheet takes for a formula when it opens a file.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
MARK = "\ufeff"


def cells(visit: Visit) -> list[str]:
    begins, ends = (_wall(moment, visit.time_zone) for moment in (visit.starts_at, visit.ends_at))
    return [
        begins.date().isoformat(), begins.strftime("%H:%M"), ends.strftime("%H:%M"), visit.time_zone, visit.type,
        str(visit.meeting), visit.clinician, visit.site, str(WORDS[visit.state]),
    ]  # fmt: skip


async def as_csv(pieces: AsyncIterator[list[Visit]]) -> AsyncIterator[bytes]:
    """UTF-8 with its mark, by which spreadsheets know it; lines end as RFC 4180 says."""
    yield (MARK + _lines([[str(one) for one in COLUMNS]])).encode()
    async for visits in pieces:
        yield _lines([[harmless(cell) for cell in cells(one)] for one in visits]).encode()


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


def _lines(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _wall(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))
