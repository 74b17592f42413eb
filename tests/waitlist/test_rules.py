"""Which times fit, by the wall clock of the place; and for how long one is kept."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.appointments import grid
from portal.appointments.grid import Frame
from portal.appointments.hours import moment
from portal.waitlist import rules

ZONES = ("America/New_York", "America/Los_Angeles", "Europe/Madrid", "Australia/Lord_Howe", "America/Santiago")
HOURS = timedelta(hours=1)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("around", [date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 9, 6),
                                    date(2026, 10, 4), date(2026, 10, 25), date(2026, 11, 1)])  # fmt: skip
@pytest.mark.parametrize(
    ("days", "parts"), [((6,), ("morning",)), ((5, 0), ("afternoon", "evening")), ((6,), ("evening",))]
)
def test_what_fits_is_what_the_clock_on_the_wall_shows(zone, around, days, parts):
    """Against asking each moment by itself, on the days around each change of the clock."""
    first, last = around - timedelta(days=2), around + timedelta(days=2)
    frame = Frame(moment("UTC", first - timedelta(days=1), 0), moment("UTC", last + timedelta(days=2), 0))
    bits = rules.fitting(zone, days, parts, first, last, frame)
    for second in range(frame.begins, frame.ends, grid.CELL):
        wall = datetime.fromtimestamp(second, ZoneInfo(zone))
        begins_ends = [rules.PARTS[part] for part in parts]
        minute = wall.hour * 60 + wall.minute
        fits = first <= wall.date() <= last and wall.weekday() in days and any(b <= minute < e for b, e in begins_ends)
        assert bool(bits >> (second // grid.CELL - frame.origin) & 1) == fits, wall


@pytest.mark.parametrize(
    ("now", "hours", "until"),
    [
        ((23, 9), 4, (23, 13)),
        ((23, 18), 4, (24, 10)),
        ((23, 23), 4, (24, 12)),
        ((23, 3), 1, (23, 9)),
        ((23, 8), 12, (23, 20)),
        ((23, 14), 24, (25, 14)),
    ],
)
def test_hours_of_the_night_do_not_count(now, hours, until):
    zone = "America/New_York"
    begins, ends = (datetime(2026, 11, *one, tzinfo=ZoneInfo(zone)).astimezone(UTC) for one in (now, until))
    assert rules.kept_until(begins, hours * HOURS, zone, ends + timedelta(days=9), 24 * HOURS) == ends


def test_half_of_the_shortest_notice_is_the_practices():
    now = datetime(2026, 11, 23, 15, tzinfo=UTC)
    starts = now + timedelta(hours=13)
    assert rules.kept_until(now, 12 * HOURS, "America/New_York", starts, 12 * HOURS) == now + timedelta(hours=7)


@pytest.mark.parametrize("day", [date(2026, 3, 7), date(2026, 10, 31)])
def test_a_night_on_which_the_clock_changes_is_a_night(day):
    zone = "America/New_York"
    at = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).replace(hour=19)
    until = rules.kept_until(at.astimezone(UTC), 2 * HOURS, zone, at + timedelta(days=9), 24 * HOURS)
    assert until.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.combine(
        day + timedelta(days=1), datetime.min.time()
    ).replace(hour=9)
