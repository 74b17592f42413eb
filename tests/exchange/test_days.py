"""Moments as hours of days on a wall clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.appointments.hours import Span, Special, spans
from portal.exchange.mapping.days import days_of, seconds, shown_span, without

ZONE = "America/New_York"
ZONES = (ZONE, "America/Denver", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Kolkata")


@pytest.mark.parametrize(
    "zone", [ZONE, "America/Denver", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Kolkata"]
)
@pytest.mark.parametrize("minutes", [25, 60, 150, 60 * 30])
def test_what_is_open_is_never_longer_and_what_is_closed_never_shorter(zone: str, minutes: int) -> None:
    """Through a whole year, at every hour that is a little off."""
    begins = datetime(2036, 1, 1, 0, 5, tzinfo=ZoneInfo("UTC"))
    while begins.year == 2036:
        told_span = seconds(begins, begins + timedelta(minutes=minutes))
        is_open = [shown_span(zone, *one) for one in days_of(zone, told_span, is_open=True)]
        closed = [shown_span(zone, *one) for one in days_of(zone, told_span, is_open=False)]
        assert not list(without(is_open, [told_span]))
        assert not list(without([told_span], closed))
        if begins.month in (1, 6):
            assert sum(one.ends - one.begins for one in is_open) == minutes * 60
        begins += timedelta(hours=1)


def test_the_calendar_reads_these_hours_as_they_were_told() -> None:
    told_span = seconds(*map(datetime.fromisoformat, ("2036-12-02T09:00:00-05:00", "2036-12-02T11:30:00-05:00")))
    ((day, begins, ends),) = days_of(ZONE, told_span, is_open=True)
    assert spans(ZONE, (), (Special(day, begins, ends, True),), day, 1) == (Span(*told_span),)
