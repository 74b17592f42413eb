"""The next times at which somebody has room."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal import clock
from portal.access import Viewer
from portal.appointments import grid
from portal.appointments.grid import Frame, Shape
from portal.appointments.hours import Span, moment
from portal.appointments.settings import STEP, number
from portal.database import fetch
from portal.schedule.queries.clashes import Slot
from portal.schedule.queries.hours import hours
from portal.schedule.queries.people import must_keep

AHEAD = 28
BUSY = """
SELECT extract(epoch FROM busy_from)::bigint AS begins, extract(epoch FROM busy_until)::bigint AS ends FROM appointment
 WHERE holds AND clinician = {} AND busy_until > {} AND busy_from < {} AND NOT (state = 'held' AND held_until <= {})
   AND id <> {}
"""


@dataclass(frozen=True)
class Free:
    """`day` and `minute` on the wall of the site."""

    site: int
    site_name: str
    zone: str
    starts_at: datetime

    @property
    def day(self) -> date:
        return self.starts_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def clock(self) -> str:
        return self.starts_at.astimezone(ZoneInfo(self.zone)).strftime("%H:%M")


async def next_free(
    viewer: Viewer, clinician_id: int, slot: Slot, from_day: date, *, many: int = 6, but: int = 0
) -> list[Free]:
    """Of one clinician at all their sites, from a day on for four weeks. `but` is the visit that would move."""
    must_keep(viewer, clinician_id)
    found = await hours(viewer, [clinician_id], from_day, from_day + timedelta(days=AHEAD))
    shape = Shape(slot.length, slot.before, slot.after, await number(viewer, STEP))
    moments: list[Free] = []
    begins = datetime.combine(from_day, datetime.min.time(), UTC) - timedelta(days=1)
    busy = await fetch(BUSY, clinician_id, begins, begins + timedelta(days=AHEAD + 2), clock.now(), but)
    for place in found.sites(clinician_id):
        frame = Frame(moment(place.zone, from_day, 0), moment(place.zone, from_day + timedelta(days=AHEAD), 0))
        spans: list[Span] = []
        for more in range(AHEAD):
            spans += found.open(clinician_id, place.id, from_day + timedelta(days=more), slot.contact_type)
        bits = grid.free(
            grid.beginnings(tuple(spans), shape.length, shape.step, frame),
            [(one["begins"], one["ends"]) for one in busy], shape, frame,
        )  # fmt: skip
        bits = grid.between(bits, int(clock.now().timestamp()), frame.ends, frame)
        for second, _ in zip(grid.moments(bits, frame), range(many), strict=False):
            moments.append(Free(place.id, place.name, place.zone, datetime.fromtimestamp(second, UTC)))
    return sorted(moments, key=lambda one: (one.starts_at, one.site))[:many]
