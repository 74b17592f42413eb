"""Items that are due by a day: the row keeps the day, and each reader gets it in their own words."""

from datetime import date

from portal import clock
from portal.language import lazy, written_full_date


def about(due_on: date, zone: str) -> str:
    """`2026-12-02 America/New_York`."""
    return f"{due_on.isoformat()} {zone}"


def line(told: str) -> object:
    day, zone = told.split(" ")
    return due(date.fromisoformat(day), clock.today(zone))


def due(due_on: date, today: date) -> object:
    if due_on < today:
        return lazy("Overdue: it was due by %(day)s", day=written_full_date(due_on))
    if due_on == today:
        return lazy("Due today")
    return lazy("Due by %(day)s", day=written_full_date(due_on))
