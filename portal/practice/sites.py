"""The practice's places: offices that people go to, each with the clock on its wall."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from portal import audit, phones
from portal.access import NotFoundException, Permission, Viewer
from portal.database import fetch, transaction
from portal.language import lazy
from portal.practice import queries
from portal.practice.tables import Site
from portal.refusal import Refused

FACTS = ("name", "street", "city", "state", "postal_code", "phone", "time_zone")
# Where practices of this country are, in the order of the sun.
ZONES = (
    "America/Puerto_Rico", "America/New_York", "America/Detroit", "America/Indiana/Indianapolis", "America/Chicago",
    "America/Denver", "America/Boise", "America/Phoenix", "America/Los_Angeles", "America/Anchorage",
    "Pacific/Honolulu", "Pacific/Guam", "Pacific/Pago_Pago",
)  # fmt: skip
LONGEST = {"name": 200, "street": 200, "city": 100, "state": 50, "postal_code": 20}


@dataclass(frozen=True)
class Place:
    """`phone` is E.164; an empty `time_zone` is the practice's. `clinicians` is how many have hours there."""

    id: int
    name: str
    street: str
    city: str
    state: str
    postal_code: str
    phone: str
    time_zone: str
    is_active: bool
    clinicians: int


async def sites(viewer: Viewer) -> list[Place]:
    """Those that are open first, each by name."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    return [Place(**row) for row in await _rows("TRUE")]


async def site(viewer: Viewer, site_id: int) -> Place:
    viewer.must(Permission.PRACTICE_CONFIGURE)
    rows = await _rows("s.id = {}", site_id)
    if not rows:
        raise NotFoundException
    return Place(**rows[0])


async def save(viewer: Viewer, site_id: int | None, facts: dict[str, str]) -> int:
    """Adds a place or changes one. Raises `Refused` at the fact that cannot be."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    told = _checked(facts)
    async with transaction():
        await fetch("LOCK TABLE site IN SHARE ROW EXCLUSIVE MODE")
        same = await fetch(
            "SELECT id FROM site WHERE lower(name) = lower({}) AND is_active AND id <> {}", told["name"], site_id or 0
        )
        if same:
            raise Refused(name=lazy("There is an office of this name already. Choose another name."))
        row = await Site.objects().get(Site.id == site_id) if site_id else Site()
        if row is None:
            raise NotFoundException
        for name, value in told.items():
            setattr(row, name, value)
        await row.save()
        await audit.record(viewer, "site.changed" if site_id else "site.added", subject_id=row.id)
    queries.forget()
    return int(row.id)


async def close(viewer: Viewer, site_id: int, *, is_open: bool = False) -> None:
    """Nobody is offered times there any more; what is booked stays. Or it opens again."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    async with transaction():
        rows = await fetch(
            "UPDATE site SET is_active = {} WHERE id = {} AND is_active <> {} RETURNING id", is_open, site_id, is_open
        )
        if rows:
            await audit.record(viewer, "site.opened" if is_open else "site.closed", subject_id=site_id)
    queries.forget()


async def _rows(which: str, *values: object) -> list[dict[str, Any]]:
    return await fetch(
        f"SELECT s.id, {', '.join(f's.{name}' for name in FACTS)}, s.is_active,"
        " (SELECT count(DISTINCT clinician) FROM hours WHERE site = s.id) AS clinicians"
        f" FROM site AS s WHERE {which} ORDER BY s.is_active DESC, s.name, s.id",
        *values,
    )


def _checked(facts: dict[str, str]) -> dict[str, str]:
    told = {name: " ".join(facts.get(name, "").split()) for name in FACTS}
    wrong: dict[str, object] = {
        name: lazy("Use %(most)s characters or fewer", most=most)
        for name, most in LONGEST.items()
        if len(told[name]) > most
    }
    if not told["name"]:
        wrong["name"] = lazy("Enter the name of the office")
    if told["phone"]:
        number = phones.e164(told["phone"])
        if number is None:
            wrong["phone"] = lazy("Enter a phone number with its area code")
        told["phone"] = number or told["phone"]
    if told["time_zone"] and told["time_zone"] not in available_timezones():
        wrong["time_zone"] = lazy("Choose a time zone such as America/New_York")
    if wrong:
        raise Refused({name: wrong[name] for name in FACTS if name in wrong})
    return told
