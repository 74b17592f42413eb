"""Types of appointments as staff keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from portal.access import NotFoundException, Permission, Viewer
from portal.appointments.queries.availability import ways
from portal.database import fetch
from portal.practice.queries import Person, name_of

TYPES = f"""
    SELECT t.id, t.name, t.name_es, t.length, t.before, t.after, t.contact_types, t.booked_by, t.is_booked_at_once,
           t.color, t.place,
           ARRAY(SELECT clinician FROM type_clinician WHERE type = t.id ORDER BY clinician) AS clinicians,
           ARRAY(SELECT site FROM type_site WHERE type = t.id ORDER BY site) AS sites,
           ARRAY(SELECT {name_of("m")} FROM type_clinician AS o JOIN staff_member AS m ON m.id = o.clinician
                  WHERE o.type = t.id ORDER BY m.family_name, m.given_name, m.id) AS clinician_names,
           ARRAY(SELECT s.name FROM type_site AS o JOIN site AS s ON s.id = o.site
                  WHERE o.type = t.id ORDER BY s.name, s.id) AS site_names
      FROM appointment_type AS t WHERE t.is_active AND {{}} ORDER BY t.place, t.name, t.id
"""


@dataclass(frozen=True)
class Type:
    """A type with everything that staff chose for it; no clinicians and no sites are all of them."""

    id: int
    name: str
    name_es: str
    length: int
    before: int
    after: int
    contact_types: tuple[str, ...]
    booked_by: str
    is_booked_at_once: bool
    color: str
    place: int
    clinicians: list[int]
    sites: list[int]
    clinician_names: list[str]
    site_names: list[str]

    @property
    def seen(self) -> str:
        """Changes when anything of it does."""
        return sha256(repr(self).encode()).hexdigest()[:16]

    def called(self, spoken: str) -> str:
        return self.name_es if spoken == "es" and self.name_es else self.name


async def types(viewer: Viewer) -> list[Type]:
    """Those that are offered, in the order of the list."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    return [_type(row) for row in await fetch(TYPES.format("true"))]


async def type_of(viewer: Viewer, type_id: int) -> Type:
    """Raises not found for one that is retired."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    rows = await fetch(TYPES.format("t.id = {}"), type_id)
    if not rows:
        raise NotFoundException
    return _type(rows[0])


async def people(viewer: Viewer, chosen: Sequence[int] = ()) -> list[Person]:
    """Who may offer a type: the clinicians, and whoever was chosen and is not here any more."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    rows = await fetch(
        f"SELECT id, {name_of('m')} AS name FROM staff_member AS m WHERE is_clinician AND is_active OR id = ANY({{}})"
        " ORDER BY family_name, given_name, id",
        list(chosen),
    )
    return [Person(**row) for row in rows]


async def places(viewer: Viewer, chosen: Sequence[int] = ()) -> list[Person]:
    """Where a type may be offered, likewise."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    rows = await fetch("SELECT id, name FROM site WHERE is_active OR id = ANY({}) ORDER BY name, id", list(chosen))
    return [Person(**row) for row in rows]


def _type(row: dict[str, Any]) -> Type:
    return Type(**{**row, "contact_types": ways(row["contact_types"])})
