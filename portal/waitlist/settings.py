"""What a practice chooses about its wait list."""

from datetime import timedelta

from portal.access import Viewer
from portal.appointments.settings import GROUP, number
from portal.language import lazy
from portal.practice import switches
from portal.practice.switches import Switch

OFFER_LASTS = switches.declare(
    Switch(
        "appointments.offer_lasts",
        lazy("How long a time that frees up is kept for whoever waits first"),
        (
            ("1", lazy("1 hour")),
            *((str(one), lazy("%(num)s hours", num=one)) for one in (2, 4, 12, 24)),
        ),
        "4",
        lazy("Hours from 8 AM to 8 PM count. Then it is offered to the next person on the wait list."),
        GROUP,
    )
)


async def offer_lasts(viewer: Viewer) -> timedelta:
    return timedelta(hours=await number(viewer, OFFER_LASTS))
