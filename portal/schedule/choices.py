"""What may be chosen for a visit: who is here and what is open, and what the visit has even where that is over."""

from collections.abc import Iterable, Sequence
from datetime import date

from portal.access import Viewer
from portal.language import lazy
from portal.schedule.queries import hours
from portal.schedule.queries.hours import Place
from portal.schedule.queries.people import Keeper, people

OVER: dict[type, object] = {Keeper: lazy("(not here any more)"), Place: lazy("(not open any more)")}


async def keepers(viewer: Viewer, own: int = 0) -> list[Keeper]:
    """`own` is whom the visit is with now."""
    return [one for one in await people(viewer) if one.is_active or one.id == own]


async def places(viewer: Viewer, own: int = 0) -> list[Place]:
    """`own` is where the visit is now."""
    return [one for one in (await hours.places(viewer)).values() if one.is_active or one.id == own]


def named(found: Iterable[Keeper | Place], chosen: str) -> list[tuple[object, object]]:
    """Where none of several is chosen, nothing is chosen for whoever fills it in."""
    told: list[tuple[object, object]] = [
        (one.id, one.name if one.is_active else f"{one.name} {OVER[type(one)]}") for one in found
    ]
    is_open = len(told) > 1 and chosen not in {str(value) for value, _ in told}
    return [("", lazy("Choose one")), *told] if is_open else told


async def site_of(viewer: Viewer, clinician: int | None, day: date, known: Sequence[Keeper]) -> int | None:
    """Where a clinician is on that day, or else on some day. None leaves it to whoever books."""
    if clinician is None or clinician not in {one.id for one in known}:
        return None
    found = await hours.hours(viewer, [clinician], day, day)
    places = found.sites(clinician)
    there = [one.id for one in places if found.open(clinician, one.id, day)]
    return next(iter([*there, *(one.id for one in places)]), None)
