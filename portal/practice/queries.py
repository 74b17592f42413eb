"""The practice as everyone may see it, and its people."""

from dataclasses import dataclass
from time import monotonic

from portal.access import Viewer
from portal.practice.tables import Practice, StaffMember

KEPT_FOR = 5.0
_kept: tuple[float, Practice] | None = None


@dataclass(frozen=True)
class Person:
    """A member of staff, by name."""

    id: int
    name: str


async def practice(viewer: Viewer) -> Practice:
    """Public facts, kept for five seconds: every page shows them. A portal without a practice yet gets an empty one."""
    global _kept
    if _kept is None or monotonic() - _kept[0] > KEPT_FOR:
        _kept = (monotonic(), await Practice.objects().first() or Practice(name="", id=0))
    return _kept[1]


def forget() -> None:
    """After a change, this process shows it at once."""
    global _kept
    _kept = None


async def clinicians(viewer: Viewer) -> list[Person]:
    rows = await (
        StaffMember.objects()
        .where(StaffMember.is_clinician.eq(True), StaffMember.is_active.eq(True))
        .order_by(StaffMember.family_name, StaffMember.given_name, StaffMember.id)
    )
    return [Person(row.id, row.name) for row in rows]
