"""The days of what repeats: the same weekday, the same hour on the wall, whatever the clocks do."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.appointments.tables import Repeat
from portal.schedule import repeats

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
ZONES = st.sampled_from(
    [
        "America/New_York",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "America/Phoenix",
        "Africa/Casablanca",
        "Asia/Kathmandu",
    ]
)
MANY = st.integers(repeats.FEWEST, repeats.MOST)


@given(DAYS, st.sampled_from(list(repeats.WEEKS)), MANY)
def test_weeks_keep_the_weekday_and_the_distance(first, every, many):
    found = repeats.days(first, every, many)
    assert len(found) == many and found[0] == first
    assert {(later - one).days for one, later in pairwise(found)} == {7 * repeats.WEEKS[every]}


@given(DAYS, MANY)
def test_months_keep_the_weekday_and_its_place_and_none_is_left_out(first, many):
    found = repeats.days(first, Repeat.MONTHLY, many)
    assert found[0] == first and len(found) == many
    assert {one.weekday() for one in found} == {first.weekday()}
    months = [one.year * 12 + one.month for one in found]
    assert months == list(range(months[0], months[0] + many))
    for one in found:
        nth, is_last = (one.day - 1) // 7, one.day + 7 > monthrange(one.year, one.month)[1]
        assert nth == (first.day - 1) // 7 or (first.day > 28 and is_last)


def test_a_fifth_friday_is_the_last_where_there_are_four():
    found = repeats.days(date(2027, 1, 29), Repeat.MONTHLY, 4)
    assert found == [date(2027, 1, 29), date(2027, 2, 26), date(2027, 3, 26), date(2027, 4, 30)]


def test_the_second_tuesday_is_followed_by_second_tuesdays_over_the_year():
    found = repeats.days(date(2026, 12, 8), Repeat.MONTHLY, 3)
    assert found == [date(2026, 12, 8), date(2027, 1, 12), date(2027, 2, 9)]


@given(DAYS, ZONES, st.integers(0, 24 * 12 - 1))
def test_the_wall_shows_what_was_asked_for_or_there_is_no_such_time(day, zone, five):
    minute = 5 * five
    found = repeats.at(zone, day, minute)
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60)
    readings = {wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    real = [one for one in readings if one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall]
    assert found == (min(real) if real else None)


@pytest.mark.parametrize(("day", "offset"), [(date(2027, 3, 8), -5), (date(2027, 3, 15), -4)])
def test_nine_stays_nine_when_the_clocks_change(day, offset):
    found = repeats.at("America/New_York", day, 540)
    assert found == datetime(day.year, day.month, day.day, 9, tzinfo=UTC) - timedelta(hours=offset)


def test_an_hour_that_the_clock_leaves_out_is_none():
    assert repeats.at("America/New_York", date(2027, 3, 14), 150) is None


@given(DAYS, ZONES, st.integers(8 * 12, 20 * 12), st.integers(-30, 30), st.integers(-24, 24))
def test_what_moves_by_the_wall_shows_that_difference(day, zone, five, days, fives):
    starts_at = repeats.at(zone, day, 5 * five)
    by = timedelta(days=days, minutes=5 * fives)
    assert starts_at is not None
    wall, moved = repeats.moved(starts_at, zone, by, zone)
    assert wall == repeats.wall(starts_at, zone) + by
    assert moved is None or repeats.wall(moved, zone) == wall
