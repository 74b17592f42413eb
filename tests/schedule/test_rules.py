"""What may become of a visit."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.appointments.tables import State
from portal.schedule import rules

NINE = datetime(2026, 11, 30, 14, tzinfo=UTC)
ZONE = "America/New_York"


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("to", list(State))
def test_only_what_stands_in_the_table_may_be(state, to):
    later = NINE + timedelta(hours=2)
    assert rules.may_mark(state, to, NINE, ZONE, later, is_late=True) == (to in rules.MARKS.get(state, ()))


@pytest.mark.parametrize(
    "state", [State.HELD, State.REQUESTED, State.OFFERED, State.CANCELLED, State.MOVED, State.DECLINED]
)
def test_what_is_not_booked_is_not_marked(state):
    assert rules.marks(state, NINE, ZONE, NINE + timedelta(days=1)) == ()


def test_who_comes_is_there_on_the_day_and_is_missed_when_it_has_begun():
    def marks(**before: float):
        return rules.marks(State.BOOKED, NINE, ZONE, NINE - timedelta(**before))

    assert marks(days=3) == ()
    assert marks(hours=8) == (State.ARRIVED, State.COMPLETED)
    assert marks(hours=10) == ()  # still Sunday on the wall there
    assert State.NO_SHOW in marks(hours=0)


def test_a_cancellation_is_late_within_the_window_of_the_practice():
    before = NINE - timedelta(hours=10)
    assert rules.marks(State.BOOKED, NINE, ZONE, before, is_late=True) == (State.LATE_CANCELLED,)
    assert rules.marks(State.CANCELLED, NINE, ZONE, before, is_late=True) == ()


def test_every_mark_can_be_taken_away():
    for state in {to for marks in rules.MARKS.values() for to in marks} - {State.BOOKED}:
        assert State.BOOKED in rules.MARKS[state]
