"""Appointments as a table for other programs."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from portal import spreadsheet
from portal.appointments.states import WORDS
from portal.appointments.visit import Visit
from portal.language import gettext, lazy
from portal.spreadsheet import Cell, Column

COLUMNS = (
    Column(lazy("Date"), 12), Column(lazy("Begins"), 10), Column(lazy("Ends"), 10), Column(lazy("Time zone"), 20),
    Column(lazy("Appointment Type"), 26), Column(lazy("Contact Type"), 16), Column(lazy("Clinician"), 26),
    Column(lazy("Site"), 26), Column(lazy("Status"), 18),
)  # fmt: skip


def as_csv(pieces: AsyncIterator[list[Visit]]) -> AsyncIterator[bytes]:
    return spreadsheet.as_csv(COLUMNS, pieces, cells)


async def as_excel(pieces: AsyncIterator[list[Visit]]) -> IO[bytes]:
    return await spreadsheet.as_excel(gettext("Appointments"), COLUMNS, pieces, cells)


def cells(visit: Visit) -> list[Cell]:
    """As the wall of the place shows them, and which wall that is."""
    begins, ends = (_wall(moment, visit.time_zone) for moment in (visit.starts_at, visit.ends_at))
    return [
        begins.date(), begins.time(), ends.time(), visit.time_zone, visit.type,
        str(visit.meeting), visit.clinician, visit.site, str(WORDS[visit.state]),
    ]  # fmt: skip


def _wall(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
