"""Whether staff are reminded of estimates that nobody asked for."""

from portal.access import Viewer
from portal.billing.settings import GROUP, ON, YES, is_on
from portal.language import lazy
from portal.practice import switches
from portal.practice.switches import Switch

REMIND = switches.declare(
    Switch(
        "billing.estimates",
        lazy("Good Faith Estimates that are due come into the review queue"),
        ON,
        YES,
        lazy("When a client without insurance on the chart gets an appointment. What a client asks for always does."),
        GROUP,
    )
)


async def reminds(viewer: Viewer) -> bool:
    return await is_on(viewer, REMIND)
