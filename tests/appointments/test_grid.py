"""Free times against a reference that is slow and obvious: it walks through the minutes and looks at the clock."""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from portal.appointments import grid
from portal.appointments.grid import Frame, Shape
from portal.appointments.hours import Special, Weekly, moment, spans

ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "America/St_Johns", "America/Havana",
    "America/Sao_Paulo", "Europe/London", "Europe/Dublin", "Europe/Berlin", "Africa/Casablanca", "Asia/Beirut",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Apia",
)  # fmt: skip
YEARS = range(2020, 2030)
NEW_YORK = "America/New_York"
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


@cache
def changes(zone: str) -> tuple[date, ...]:
    """The days of ten years on which the clock is changed."""
    here, found = ZoneInfo(zone), []
    day = date(YEARS[0], 1, 1)
    while day.year in YEARS:
        today, tomorrow = (datetime.combine(day + timedelta(days=more), time(), here).utcoffset() for more in (0, 1))
        if today != tomorrow:
            found.append(day)
        day += timedelta(days=1)
    return tuple(found)


@cache
def minutes_around(zone: str, day: date) -> tuple[list[int], list[datetime]]:
    """Every minute of three days, and the latest that the clock on the wall has shown by then."""
    begins = int(datetime.combine(day - timedelta(days=1), time(), UTC).timestamp())
    seconds = [begins + 60 * place for place in range(3 * 24 * 60)]
    shown, latest = [], datetime.min
    for second in seconds:
        latest = max(latest, datetime.fromtimestamp(second, ZoneInfo(zone)).replace(tzinfo=None))
        shown.append(latest)
    return seconds, shown


def seen_on_the_wall(zone: str, day: date, minute: int) -> int:
    seconds, shown = minutes_around(zone, day)
    return seconds[bisect_left(shown, datetime.combine(day, time()) + timedelta(minutes=minute))]


def local(seconds, zone: str = NEW_YORK) -> list[str]:
    return [datetime.fromtimestamp(second, ZoneInfo(zone)).strftime("%H:%M %Z") for second in seconds]


def offered(weekly, shape: Shape, day: date, *, special=(), busy=(), zone: str = NEW_YORK) -> list[int]:
    open_times = spans(zone, tuple(weekly), tuple(special), day, 1)
    frame = Frame(moment(zone, day, 0), moment(zone, day + timedelta(days=1), 0))
    possible = grid.beginnings(open_times, shape.length, shape.step, frame)
    return list(grid.moments(grid.free(possible, busy, shape, frame), frame))


@pytest.mark.parametrize("zone", ZONES)
def test_every_half_hour_around_each_change_of_ten_years_is_what_the_wall_shows(zone):
    days = changes(zone) or (date(2026, 3, 8), date(2026, 11, 1))
    for day in {day + timedelta(days=more) for day in days for more in (0, 1)}:
        for minute in range(0, 24 * 60 + 1, 30):
            assert moment(zone, day, minute) == seen_on_the_wall(zone, day, minute), (zone, day, minute)


def test_the_hour_that_does_not_exist_is_not_offered():
    shape = Shape(length=30, before=0, after=0, step=30)
    found = offered([Weekly(6, 60, 240)], shape, SPRING)
    assert local(found) == ["01:00 EST", "01:30 EST", "03:00 EDT", "03:30 EDT"]


def test_hours_that_begin_in_the_missing_hour_begin_when_it_is_over():
    shape = Shape(length=30, before=0, after=0, step=30)
    assert local(offered([Weekly(6, 150, 240)], shape, SPRING)) == ["03:00 EDT", "03:30 EDT"]
    assert offered([Weekly(6, 120, 180)], shape, SPRING) == []


def test_the_hour_that_comes_twice_is_offered_twice_and_told_apart():
    shape = Shape(length=30, before=0, after=0, step=30)
    found = offered([Weekly(6, 30, 150)], shape, AUTUMN)
    assert local(found) == ["00:30 EDT", "01:00 EDT", "01:30 EDT", "01:00 EST", "01:30 EST", "02:00 EST"]
    assert len(set(found)) == len(found)


def test_a_lunch_that_is_closed_a_holiday_and_extra_hours_on_it():
    shape, monday = Shape(length=60, before=0, after=0, step=60), date(2026, 11, 30)
    weekly = [Weekly(0, 540, 720), Weekly(0, 720, 900)]
    assert local(offered(weekly, shape, monday))[3] == "12:00 EST"
    lunch = Special(monday, 690, 750)
    assert local(offered(weekly, shape, monday, special=[lunch])) == [
        "09:00 EST",
        "10:00 EST",
        "12:30 EST",
        "13:30 EST",
    ]
    closed = Special(monday)
    assert offered(weekly, shape, monday, special=[closed]) == []
    extra = Special(monday, 1080, 1140, is_open=True)
    assert local(offered(weekly, shape, monday, special=[closed, extra])) == ["18:00 EST"]


def test_hours_hold_from_their_first_day_to_their_last():
    shape, monday = Shape(length=60, before=0, after=0, step=60), date(2026, 11, 30)
    for weekly, many in (
        (Weekly(0, 540, 600, since=monday), 1),
        (Weekly(0, 540, 600, until=monday), 1),
        (Weekly(0, 540, 600, since=monday + timedelta(days=1)), 0),
        (Weekly(0, 540, 600, until=monday - timedelta(days=1)), 0),
        (Weekly(1, 540, 600), 0),
    ):
        assert len(offered([weekly], shape, monday)) == many


def test_a_visit_that_ends_when_the_next_begins_is_no_clash_unless_time_is_kept_between():
    monday = date(2026, 11, 30)
    ten = moment(NEW_YORK, monday, 600)
    busy = [(ten, ten + 3600)]
    times = local(offered([Weekly(0, 540, 780)], Shape(60, 0, 0, 30), monday, busy=busy))
    assert times == ["09:00 EST", "11:00 EST", "11:30 EST", "12:00 EST"]
    times = local(offered([Weekly(0, 540, 780)], Shape(60, 10, 0, 30), monday, busy=busy))
    assert times == ["09:00 EST", "11:30 EST", "12:00 EST"]
    times = local(offered([Weekly(0, 540, 780)], Shape(60, 0, 10, 30), monday, busy=busy))
    assert times == ["11:00 EST", "11:30 EST", "12:00 EST"]


FIVES = some.integers(0, 24 * 12).map(lambda many: many * 5)
PIECES = some.tuples(FIVES, FIVES).map(sorted).filter(lambda pair: pair[0] < pair[1])


def obvious(zone, first, days, weekly, special, busy, shape: Shape, begins: int, ends: int) -> list[int]:
    """Day by day, minute by minute of the wall; then every beginning against every appointment."""
    found = set()
    open_times = []
    for place in range(days):
        day = first + timedelta(days=place)
        marks = [False] * (24 * 60 + 1)
        for one in weekly:
            if one.holds(day):
                marks[one.begins : one.ends] = [True] * (one.ends - one.begins)
        for is_open in (False, True):
            for one in special:
                if one.day == day and one.is_open is is_open:
                    marks[one.begins : one.ends] = [is_open] * (one.ends - one.begins)
        edges = [minute for minute in range(24 * 60 + 1) if marks[minute] != (minute > 0 and marks[minute - 1])]
        open_times += [
            (seen_on_the_wall(zone, day, opens), seen_on_the_wall(zone, day, closes))
            for opens, closes in zip(edges[::2], edges[1::2], strict=True)
        ]
    joined: list[list[int]] = []
    for opens, closes in open_times:
        if joined and joined[-1][1] == opens:
            joined[-1][1] = closes
        else:
            joined.append([opens, closes])
    for opens, closes in joined:
        second = opens
        while second + shape.length * 60 <= closes:
            held = (second - shape.before * 60, second + (shape.length + shape.after) * 60)
            if begins <= second < ends and not any(held[0] < until and since < held[1] for since, until in busy):
                found.add(second)
            second += shape.step * 60
    return sorted(found)


@settings(max_examples=150, deadline=None)
@given(zone=some.sampled_from(ZONES), drawn=some.data())
def test_what_is_offered_is_what_the_obvious_way_finds(zone, drawn):
    near = drawn.draw(some.sampled_from(changes(zone) or (date(2026, 3, 8),)))
    first, days = near - timedelta(days=1), 3
    weekly = tuple(
        Weekly((first + timedelta(days=drawn.draw(some.integers(0, 2)))).weekday(), *piece)
        for piece in drawn.draw(some.lists(PIECES, min_size=1, max_size=4))
    )
    special = tuple(
        Special(first + timedelta(days=drawn.draw(some.integers(0, 2))), *piece, is_open=drawn.draw(some.booleans()))
        for piece in drawn.draw(some.lists(PIECES, max_size=3))
    )
    shape = Shape(
        *(
            drawn.draw(some.sampled_from(choices))
            for choices in ((15, 30, 50, 90), (0, 5, 10), (0, 10, 30), (5, 15, 30))
        )
    )
    begins, ends = moment(zone, first, 0), moment(zone, first + timedelta(days=days), 0)
    busy = [
        (begins + minute * 60, begins + (minute + many) * 60)
        for minute, many in drawn.draw(
            some.lists(some.tuples(some.integers(-300, 4500), some.integers(1, 200)), max_size=6)
        )
    ]
    frame = Frame(begins + drawn.draw(some.sampled_from((0, 3600, 40000))), ends)
    possible = grid.beginnings(spans(zone, weekly, special, first, days), shape.length, shape.step, frame)
    found = list(grid.moments(grid.free(possible, busy, shape, frame), frame))
    assert found == obvious(zone, first, days, weekly, special, busy, shape, frame.begins, frame.ends)
    middle = (frame.begins + frame.ends) // 2
    some_of = grid.between(grid.free(possible, busy, shape, frame), middle, ends, frame)
    assert list(grid.moments(some_of, frame)) == [second for second in found if middle <= second < ends]
