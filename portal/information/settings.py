"""The practice's choice for each section: look first, apply at once, or read only."""

from portal.access import Viewer
from portal.clients.sections import INSURANCE, SECTIONS
from portal.clients.sheets import Section
from portal.language import lazy
from portal.practice import switches
from portal.practice.switches import Switch

REVIEWED, APPLIED, READ_ONLY = "review", "at_once", "read_only"
CHOICES = {
    REVIEWED: lazy("Staff look first, then it goes on the record"),
    APPLIED: lazy("It goes on the record at once, and staff are shown"),
    READ_ONLY: lazy("Clients read it and call the office"),
}
GROUP = lazy("My Information")

for _section in SECTIONS.values():
    switches.declare(
        Switch(
            f"information.{_section.name}",
            _section.label,
            tuple((value, words) for value, words in CHOICES.items() if value != APPLIED or _section is not INSURANCE),
            REVIEWED,
            group=GROUP,
        )
    )


async def mode_of(viewer: Viewer, section: Section) -> str:
    return await switches.value(viewer, f"information.{section.name}")
