"""What the review queue is told of estimates: until when one is due, and for whom."""

from datetime import date

from portal import clock
from portal.access import Permission
from portal.language import lazy, written_full_date
from portal.review.kinds import Kind, declare


def about(due_on: date, zone: str) -> str:
    """`2026-12-02 America/New_York`, so that each reader gets their own words."""
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


def address(client_id: int, **told: int) -> str:
    """Where it is given: the form knows what it is for."""
    query = "&".join(f"{name}={value}" for name, value in told.items())
    return f"/staff/clients/{client_id}/account/estimates/new?{query}"


ENDED = {
    "given": lazy("Given"),
    "needless": lazy("Not needed any more"),
    "missed": lazy("The visit came before it"),
}
GIVES = (Permission.ESTIMATE_GIVE,)
DUE = declare(Kind("estimate.due", lazy("Good Faith Estimate for a visit"), line, outcomes=ENDED, needs=GIVES))
ASKED = declare(
    Kind("estimate.asked", lazy("Good Faith Estimate that was asked for"), line, outcomes=ENDED, needs=GIVES)
)
