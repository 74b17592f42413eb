"""What staff may book: every type that is offered, also those that clients may not choose."""

from dataclasses import dataclass

from portal.access import Permission, Viewer
from portal.appointments.queries.availability import ways
from portal.database import fetch
from portal.language import in_language


@dataclass(frozen=True)
class Bookable:
    id: int
    name: str
    length: int
    contact_types: tuple[str, ...]


async def types(viewer: Viewer) -> list[Bookable]:
    """In the order of the practice's list, in the reader's language."""
    viewer.must(Permission.SCHEDULE_KEEP)
    rows = await fetch(
        "SELECT id, name, name_es, length, contact_types FROM appointment_type WHERE is_active ORDER BY place, name, id"
    )
    return [
        Bookable(
            row["id"],
            in_language(row["name"], row["name_es"]),
            row["length"],
            ways(row["contact_types"]),
        )
        for row in rows
    ]
