"""The times at which a visit may begin: three questions, however many clinicians there are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from portal import clock
from portal.access import Viewer
from portal.appointments import grid
from portal.appointments.grid import Frame, Shape
from portal.appointments.hours import Weekly, moment, spans
from portal.appointments.queries.offers import SOMEWHERE, Offer, must_choose
from portal.appointments.queries.special import special_days
from portal.appointments.settings import HORIZON, NOTICE, STEP, number
from portal.appointments.visit import Visit
from portal.database import Prepared
from portal.practice import queries as practices

HOUR = 3600
LONGEST = timedelta(days=1)
WEEKLY = ", ".join(
    f"coalesce(array_agg(h.{part} ORDER BY h.id) FILTER (WHERE h.weekday IS NOT NULL), '{{}}') AS {part}"
    for part in Weekly._fields
)
HOURS = Prepared(
    f"""
    SELECT h.clinician, h.site, coalesce(nullif(s.time_zone, ''), $5) AS zone,
           {WEEKLY}
      {SOMEWHERE} AND ($3::bigint IS NULL OR h.clinician = $3) AND ($4::bigint IS NULL OR h.site = $4)
     GROUP BY h.clinician, h.site, s.time_zone ORDER BY h.clinician, h.site
    """,
    "type",
    "contact_type",
    "clinician",
    "site",
    "zone",
)
# A time that somebody holds and has forgotten is free; the client's own hold is, for they choose another now.
BUSY = Prepared(
    """
    SELECT clinician, array_agg(extract(epoch FROM busy_from)::bigint) AS begins,
           array_agg(extract(epoch FROM busy_until)::bigint) AS ends
      FROM appointment
     WHERE holds AND clinician = ANY($1::bigint[]) AND busy_from > $2::timestamptz - $5::interval AND busy_from < $3
       AND busy_until > $2 AND NOT (state = 'held' AND (held_until <= $4 OR client = $6))
       AND id <> ALL($7::bigint[])
     GROUP BY clinician
    UNION ALL
    SELECT NULL, array_agg(extract(epoch FROM starts_at)::bigint), array_agg(extract(epoch FROM ends_at)::bigint)
      FROM appointment
     WHERE holds AND client = $6 AND ends_at > $2 AND starts_at < $3 AND state NOT IN ('held', 'offered')
       AND id <> ALL($7::bigint[])
    """,
    "clinicians",
    "begins",
    "ends",
    "now",
    "longest",
    "client",
    "without",
)


@dataclass(frozen=True)
class Wish:
    """What a client looks for; without a clinician or a site, any. `moves` is the visit that would go there."""

    offer: Offer
    contact_type: str
    clinician: int | None = None
    site: int | None = None
    moves: Visit | None = None


@dataclass(frozen=True)
class Calendar:
    """One clinician at one site; `load` is how many visits they have in that time."""

    clinician: int
    site: int
    zone: str
    bits: int
    load: int


@dataclass(frozen=True)
class Openings:
    """From `first` to `last`, days of the practice's wall; `zone` is that of the places, if they have one."""

    frame: Frame
    calendars: list[Calendar]
    first: date
    last: date
    zone: str

    @cached_property
    def bits(self) -> int:
        return grid.anybody([one.bits for one in self.calendars])

    def of_day(self, day: date) -> list[int]:
        """Seconds of the epoch."""
        begins, ends = (moment(self.zone, one, 0) for one in (day, day + timedelta(days=1)))
        return list(grid.moments(grid.between(self.bits, begins, ends, self.frame), self.frame))

    @property
    def first_free(self) -> date | None:
        first = next(grid.moments(self.bits, self.frame), None)
        return None if first is None else datetime.fromtimestamp(first, ZoneInfo(self.zone)).date()

    def who(self, second: int, preferred: int | None = None) -> Iterator[Calendar]:
        """Whoever is free then: the client's own clinician, then who has most time left."""
        place = second // grid.CELL - self.frame.origin
        free = [one for one in self.calendars if place >= 0 and one.bits >> place & 1]
        yield from sorted(free, key=lambda one: (one.clinician != preferred, one.load, one.clinician, one.site))


async def openings(
    viewer: Viewer, client_id: int, wish: Wish, *, notice: int | None = None, without: Sequence[int] = ()
) -> Openings:
    """Of the whole time in which the practice lets clients book, as if these appointments `without` were not there.

    `notice` is in hours, instead of the practice's.
    """
    must_choose(viewer, client_id)
    zone = (await practices.practice(viewer)).time_zone
    now = clock.now()
    first = clock.today(zone)
    days = 7 * await number(viewer, HORIZON)
    frame = Frame(moment(zone, first, 0), moment(zone, first + timedelta(days=days), 0))
    earliest = int(now.timestamp()) + HOUR * (await number(viewer, NOTICE) if notice is None else notice)
    offer = wish.offer
    shape = Shape(offer.length, offer.before, offer.after, await number(viewer, STEP))
    rows = await HOURS(
        type=offer.id, contact_type=wish.contact_type, clinician=wish.clinician, site=wish.site, zone=zone
    )
    clinicians = sorted({row["clinician"] for row in rows})
    special = await special_days(viewer, clinicians, wish.contact_type, first - timedelta(days=1), days + 2)
    busy = await _busy(clinicians, frame, now, client_id, [*without, *([wish.moves.id] if wish.moves else [])])
    alone = Shape(offer.length, 0, 0, shape.step)
    own = grid.free(-1, busy.get(None, ()), alone, frame)
    possible = grid.between(own, earliest, frame.ends, frame)
    calendars = []
    for row in rows:
        weekly = tuple(map(Weekly, *(row[part] for part in Weekly._fields)))
        days_off = tuple(one for site, one in special[row["clinician"]] if site in (None, row["site"]))
        open_times = spans(row["zone"], weekly, days_off, first - timedelta(days=1), days + 2)
        taken = busy.get(row["clinician"], ())
        begins = grid.beginnings(open_times, shape.length, shape.step, frame) & possible
        if wish.moves:
            begins = _beside(begins, wish.moves, row["clinician"], alone, frame)
        bits = grid.free(begins, taken, shape, frame)
        calendars.append(Calendar(row["clinician"], row["site"], row["zone"], bits, len(taken)))
    zones = {one.zone for one in calendars}
    return Openings(frame, calendars, first, first + timedelta(days=days - 1), zones.pop() if len(zones) == 1 else zone)


def _beside(begins: int, moves: Visit, clinician: int, alone: Shape, frame: Frame) -> int:
    """With the same clinician everywhere but where the visit is now; with another not while it is there."""
    first, last = int(moves.starts_at.timestamp()), int(moves.ends_at.timestamp())
    if clinician == moves.clinician_id:
        return begins & ~grid.between(begins, first, first + grid.CELL, frame)
    return grid.free(begins, [(first, last)], alone, frame)


async def _busy(
    clinicians: list[int], frame: Frame, now: datetime, client_id: int, without: Sequence[int]
) -> dict[int | None, list[tuple[int, int]]]:
    begins, ends = (datetime.fromtimestamp(second, UTC) for second in (frame.begins, frame.ends))
    rows = await BUSY(
        clinicians=clinicians, begins=begins, ends=ends + LONGEST, now=now, longest=LONGEST, client=client_id,
        without=list(without),
    )  # fmt: skip
    return {row["clinician"]: list(zip(row["begins"] or (), row["ends"] or (), strict=True)) for row in rows}
