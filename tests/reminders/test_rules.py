"""When a reminder is due, over every change of the clock, against walking back minute by minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portal.reminders.rules import DAY, Quiet, due_at, goes_now, is_quiet

NEW_YORK = "America/New_York"
ZONES = [
    NEW_YORK, "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage",
    "Pacific/Honolulu", "America/Puerto_Rico", "America/St_Johns", "Europe/London", "Europe/Lisbon", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Chatham", "Africa/Casablanca", "America/Santiago", "UTC",
]  # fmt: skip
NIGHT = Quiet(21 * 60, 8 * 60)
HOURS = st.sampled_from([2, 4, 12, 24, 48, 72, 168])
PROPERTY = settings(deadline=None, max_examples=300)


def changes() -> list[tuple[str, datetime]]:
    """Every hour after which a clock has changed, in ten years."""
    found = []
    for name in ZONES:
        zone, hour = ZoneInfo(name), datetime(2024, 1, 1, tzinfo=UTC)
        while hour.year < 2034:
            if hour.astimezone(zone).utcoffset() != (hour + timedelta(hours=1)).astimezone(zone).utcoffset():
                found.append((name, hour))
            hour += timedelta(hours=1)
    return found


CHANGES = changes()


def reference(starts_at: datetime, zone: str, hours: int, quiet: Quiet | None) -> datetime:
    """Slow and obvious: back by hours, then by minutes until the clock on the wall does not say that it is quiet."""
    moment = starts_at - timedelta(hours=hours)
    while quiet is not None and quiet_on_the_wall(moment.astimezone(ZoneInfo(zone)), quiet):
        moment -= timedelta(minutes=1)
    return moment


def quiet_on_the_wall(here: datetime, quiet: Quiet) -> bool:
    minute, last = quiet.begins, here.hour * 60 + here.minute
    while minute != quiet.ends:
        if minute == last:
            return True
        minute = (minute + 1) % DAY
    return False


@st.composite
def quiets(draw: st.DrawFn) -> Quiet:
    begins, ends = draw(st.tuples(st.integers(0, DAY - 1), st.integers(0, DAY - 1)))
    assume(begins != ends)
    return Quiet(begins, ends)


@PROPERTY
@given(change=st.sampled_from(CHANGES), minutes=st.integers(-3000, 3000), hours=HOURS, quiet=quiets() | st.just(NIGHT))
def test_around_a_change_of_the_clock_it_is_the_last_minute_that_is_not_quiet(change, minutes, hours, quiet):
    zone, moment = change
    starts_at = moment + timedelta(hours=hours, minutes=minutes)
    assert due_at(starts_at, zone, hours, quiet) == reference(starts_at, zone, hours, quiet)


@PROPERTY
@given(
    zone=st.sampled_from(ZONES),
    starts_at=st.datetimes(datetime(2025, 1, 1), datetime(2034, 1, 1)),
    hours=HOURS,
    quiet=st.none() | quiets(),
)
def test_on_any_day_it_is_the_last_minute_that_is_not_quiet(zone, starts_at, hours, quiet):
    starts_at = starts_at.replace(second=0, microsecond=0, tzinfo=UTC)
    found = due_at(starts_at, zone, hours, quiet)
    assert found == reference(starts_at, zone, hours, quiet)
    assert not is_quiet(found, zone, quiet) and found <= starts_at - timedelta(hours=hours)


@PROPERTY
@given(change=st.sampled_from(CHANGES), minutes=st.integers(-3000, 3000), hours=HOURS, quiet=quiets() | st.just(NIGHT))
def test_a_later_visit_is_never_reminded_of_earlier_and_the_night_is_never_longer_than_is_looked_ahead(
    change, minutes, hours, quiet
):
    assume(
        (quiet.ends - quiet.begins) % DAY <= 20 * 60
    )  # of the one minute that is not quiet a clock may skip that too
    zone, moment = change
    first = moment + timedelta(hours=hours, minutes=minutes)
    second = first + timedelta(minutes=7)
    assert due_at(first, zone, hours, quiet) <= due_at(second, zone, hours, quiet)
    assert first - timedelta(hours=hours) - due_at(first, zone, hours, quiet) <= quiet.longest


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(NEW_YORK))


@pytest.mark.parametrize(
    ("starts_at", "hours", "due"),
    [
        (at(30, 9), 48, at(28, 9)),
        (at(30, 9), 4, at(29, 20, 59)),
        (at(30, 12), 4, at(30, 8)),
        (at(30, 11, 59), 4, at(29, 20, 59)),
        (at(30, 9), 12, at(29, 20, 59)),
        (at(30, 9), 168, at(23, 9)),
        (at(1, 9), 24, datetime(2026, 10, 31, 10, tzinfo=ZoneInfo(NEW_YORK))),
    ],
)  # fmt: skip
def test_what_would_fall_into_the_night_goes_before_it_begins(starts_at, hours, due):
    """The last is the Sunday on which the clock is set back: 24 hours before it is ten o'clock."""
    assert due_at(starts_at, NEW_YORK, hours, NIGHT) == due.astimezone(UTC)


LONG_AGO = at(1, 9)


@pytest.mark.parametrize(
    ("now", "starts_at", "due", "booked_at", "goes"),
    [
        (at(28, 9), at(30, 9), at(28, 9), LONG_AGO, True),
        (at(28, 8, 59), at(30, 9), at(28, 9), LONG_AGO, False),
        (at(28, 9, 30), at(30, 9), at(28, 9), LONG_AGO, True),
        (at(28, 9, 30), at(30, 9), at(28, 9), at(28, 9, 20), False),
        (at(29, 21, 5), at(30, 9), at(29, 20, 59), LONG_AGO, True),
        (at(29, 22, 0), at(30, 9), at(29, 20, 59), LONG_AGO, False),
        (at(30, 8, 0), at(30, 9), at(29, 20, 59), LONG_AGO, True),
        (at(30, 8, 1), at(30, 9), at(29, 20, 59), LONG_AGO, False),
    ],
    ids=[
        "due", "not yet", "late", "booked when it was due already", "a moment late, into the night",
        "late, and it is night", "late, in the morning, an hour before", "too late",
    ],
)  # fmt: skip
def test_late_is_better_than_never_but_not_at_night_nor_in_the_last_hour(now, starts_at, due, booked_at, goes):
    assert goes_now(now, starts_at, NEW_YORK, booked_at, due, NIGHT) is goes
