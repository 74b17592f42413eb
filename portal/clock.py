"""The one clock; tests set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_shift = timedelta(0)
_stopped: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return (_stopped or datetime.now(UTC)) + _shift


def today(zone: str) -> date:
    """The date on the wall in `zone`, an IANA name."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def stopped() -> Iterator[None]:
    """For tests that count seconds, on a machine that takes its time."""
    global _stopped
    _stopped = datetime.now(UTC)
    try:
        yield
    finally:
        _stopped = None


@contextmanager
def shifted(**by: float) -> Iterator[None]:
    """For tests and for the demo's past: `with clock.shifted(minutes=16):`."""
    global _shift
    before = _shift
    _shift = before + timedelta(**by)
    try:
        yield
    finally:
        _shift = before
