"""What invoices and superbills say of who treats: the numbers under which insurers and states know them."""

from dataclasses import dataclass
from typing import Any

from portal import audit
from portal.access import NotFoundException, Permission, Viewer
from portal.database import fetch, transaction
from portal.language import lazy
from portal.practice import queries
from portal.practice.identifiers import STATES, is_npi
from portal.practice.queries import name_of
from portal.refusal import Refused

FACTS = ("credentials", "npi", "license_number", "license_state")
LONGEST = {"credentials": 100, "license_number": 40}
# What an insurer asks for of whoever treats, as fields that lack it.
ASKED = ("npi", "license_number", "license_state")
CLINICIANS = f"""
SELECT m.id, {name_of("m")} AS name, m.is_active, {", ".join(f"m.{name}" for name in FACTS)} FROM staff_member AS m
 WHERE m.is_clinician AND {{which}} ORDER BY m.is_active DESC, m.family_name, m.given_name, m.id
"""


@dataclass(frozen=True)
class Clinician:
    id: int
    name: str
    is_active: bool
    credentials: str
    npi: str
    license_number: str
    license_state: str

    @property
    def lacks(self) -> list[str]:
        """Which of what superbills need is not known."""
        return [name for name in ASKED if not getattr(self, name)]


async def clinicians(viewer: Viewer) -> list[Clinician]:
    """Who works here first, each by name; a clinician who has left still stands on papers."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    return [Clinician(**row) for row in await _rows("TRUE")]


async def clinician(viewer: Viewer, staff_id: int) -> Clinician:
    viewer.must(Permission.PRACTICE_CONFIGURE)
    rows = await _rows("m.id = {}", staff_id)
    if not rows:
        raise NotFoundException
    return Clinician(**rows[0])


async def save(viewer: Viewer, staff_id: int, facts: dict[str, str]) -> None:
    """Raises `Refused` at every fact that cannot be."""
    viewer.must(Permission.PRACTICE_CONFIGURE)
    told = _checked(facts)
    async with transaction():
        rows = await fetch(
            f"UPDATE staff_member SET {', '.join(f'{name} = {{}}' for name in FACTS)}"
            " WHERE id = {} AND is_clinician RETURNING id",
            *(told[name] for name in FACTS),
            staff_id,
        )
        if not rows:
            raise NotFoundException
        await audit.record(viewer, "staff.changed", subject_id=staff_id, fields=sorted(told))
    queries.forget()


def _checked(facts: dict[str, str]) -> dict[str, str]:
    told = {name: " ".join(facts.get(name, "").split()) for name in FACTS}
    told["license_state"] = told["license_state"].upper()
    wrong: dict[str, object] = {
        name: lazy("Use %(most)s characters or fewer", most=most)
        for name, most in LONGEST.items()
        if len(told[name]) > most
    }
    if told["npi"] and not is_npi(told["npi"]):
        wrong["npi"] = lazy("This is not an NPI: check its ten digits")
    if told["license_state"] and told["license_state"] not in STATES:
        wrong["license_state"] = lazy("Write the state with its two letters, such as MD")
    elif told["license_number"] and not told["license_state"]:
        wrong["license_state"] = lazy("Enter the state that gave this license")
    if wrong:
        raise Refused(wrong)
    return told


async def _rows(which: str, *values: object) -> list[dict[str, Any]]:
    return await fetch(CLINICIANS.format(which=which), *values)
