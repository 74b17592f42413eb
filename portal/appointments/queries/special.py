"""The days that are other than their week."""

from datetime import date, timedelta
from typing import Any

from portal.access import Viewer
from portal.appointments.hours import Special
from portal.database import Prepared

SPECIAL = Prepared(
    """
    SELECT clinician, site, first_day, last_day, begins, ends, is_open FROM special_hours
     WHERE last_day >= $1 AND first_day <= $2 AND (clinician IS NULL OR clinician = ANY($3::bigint[]))
       AND (NOT is_open OR $4 = ANY(contact_types)) ORDER BY first_day, id
    """,
    "first",
    "last",
    "clinicians",
    "contact_type",
)


async def special_days(
    viewer: Viewer, clinicians: list[int], contact_type: str, first: date, days: int
) -> dict[int, list[tuple[int | None, Special]]]:
    """Clinician → (site or all of them, hours of one day), those of everybody with each one's own."""
    last = first + timedelta(days=days - 1)
    rows = await SPECIAL(first=first, last=last, clinicians=clinicians, contact_type=contact_type)
    found: dict[int | None, list[tuple[int | None, Special]]] = {}
    for row in rows:
        for day in _days(row, first, days):
            hours = Special(day, row["begins"], row["ends"], row["is_open"])
            found.setdefault(row["clinician"], []).append((row["site"], hours))
    everybodys = found.get(None, [])
    return {one: [*everybodys, *found.get(one, ())] for one in clinicians}


async def holidays(viewer: Viewer, first: date, days: int) -> list[Special]:
    """The days, or hours of them, on which the whole practice is closed."""
    rows = await SPECIAL(first=first, last=first + timedelta(days=days - 1), clinicians=[], contact_type="")
    closed = [row for row in rows if row["clinician"] is None and row["site"] is None and not row["is_open"]]
    return [Special(day, row["begins"], row["ends"]) for row in closed for day in _days(row, first, days)]


def _days(row: dict[str, Any], first: date, days: int) -> list[date]:
    """Those of a row that lie in the span."""
    begins, ends = max(first, row["first_day"]), min(first + timedelta(days=days - 1), row["last_day"])
    return [begins + timedelta(days=place) for place in range((ends - begins).days + 1)]
