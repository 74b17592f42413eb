"""What booking or moving would do, looked at before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from portal.access import Viewer
from portal.appointments.actions.moving import PLACE, Placed
from portal.appointments.hours import MINUTE
from portal.appointments.tables import Appointment
from portal.language import written_full_date, written_time
from portal.schedule import repeats
from portal.schedule.queries.clashes import Slot, clashes, doubts
from portal.schedule.queries.visit import later_ones


@dataclass(frozen=True)
class Where:
    """Whom, where, how, and when on the wall there."""

    clinician: int
    site: int
    zone: str
    contact_type: str
    day: date
    minute: int

    @property
    def wall(self) -> datetime:
        return datetime.combine(self.day, time()) + timedelta(minutes=self.minute)


@dataclass(frozen=True)
class Step:
    """One visit of a plan. `key` names it in a form; `placed` is None where the clock leaves its hour out.

    One that `is_same` stays where it is, and nothing speaks against that.
    """

    key: str
    wall: datetime
    placed: Placed | None
    clashes: list[object] = field(default_factory=list)
    doubts: list[object] = field(default_factory=list)
    is_same: bool = False

    @property
    def words(self) -> str:
        """What the wall shows then."""
        return f"{written_full_date(self.wall.date())}, {written_time(self.wall.replace(tzinfo=UTC), 'UTC')}"

    @property
    def is_possible(self) -> bool:
        return self.placed is not None and not self.clashes

    @property
    def is_fine(self) -> bool:
        return self.is_possible and not self.doubts


async def to_book(viewer: Viewer, client_id: int, slot: Slot, where: Where, days: Sequence[date]) -> list[Step]:
    minute = timedelta(minutes=where.minute)
    steps = [
        Step(day.isoformat(), datetime.combine(day, time()) + minute, _placed(slot, where, day, where.minute))
        for day in days
    ]
    return await _looked_at(viewer, client_id, steps, [])


async def to_move(
    viewer: Viewer, row: Appointment, where: Where, *, with_later: bool, only: Sequence[str] | None = None
) -> list[Step]:
    """By as much as the wall differs. `only` are the keys of those that go; what stays is in the way of what goes."""
    rows = await later_ones(viewer, row) if with_later else [row]
    by = where.wall - repeats.wall(row.starts_at, row.time_zone)
    steps = []
    for one in rows:
        wall, starts_at = repeats.moved(one.starts_at, one.time_zone, by, where.zone)
        placed = (
            None if starts_at is None else _slot(one, where).placed(where.clinician, where.site, where.zone, starts_at)
        )
        steps.append(Step(str(one.id), wall, placed, is_same=placed is not None and _is_same(one, placed)))
    going = [int(one.key) for one in steps if only is None or one.key in only]
    return await _looked_at(viewer, row.client, steps, going)


async def _looked_at(viewer: Viewer, client_id: int, steps: list[Step], but: list[int]) -> list[Step]:
    """However many there are, the same few questions."""
    wanted = [one.placed for one in steps if one.placed is not None]
    in_the_way, doubtful = await clashes(viewer, client_id, wanted, but), await doubts(viewer, wanted)
    found, place = [], 0
    for one in steps:
        if one.placed is None:
            found.append(one)
            continue
        told = ([], []) if one.is_same else (in_the_way.get(place, []), doubtful.get(place, []))
        found.append(Step(one.key, one.wall, one.placed, *told, is_same=one.is_same))
        place += 1
    return found


def _placed(slot: Slot, where: Where, day: date, minute: int) -> Placed | None:
    starts_at = repeats.at(where.zone, day, minute)
    return None if starts_at is None else slot.placed(where.clinician, where.site, where.zone, starts_at)


def _is_same(row: Appointment, to: Placed) -> bool:
    """An office that is in another zone since is the same one."""
    return all(getattr(row, name) == getattr(to, name) for name in PLACE if name != "time_zone")


def _slot(row: Appointment, where: Where) -> Slot:
    """It stays as long as it is, whatever its type has become."""
    length, before, after = (
        int(span.total_seconds()) // MINUTE
        for span in (row.ends_at - row.starts_at, row.starts_at - row.busy_from, row.busy_until - row.ends_at)
    )
    return Slot(row.type, length, before, after, where.contact_type)
