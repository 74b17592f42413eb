"""Who of the staff is told what waits for review, and when; and what holds where nobody has chosen."""

from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.access import Role
from portal.language import lazy

NOBODY, PRINCIPAL = "nobody", "principal_clinician"
AT_ONCE, DAILY = "at_once", "daily"
AUDIENCES: dict[str, object] = {
    NOBODY: lazy("Nobody"),
    PRINCIPAL: lazy("The client's clinician"),
    Role.FRONT_DESK: lazy("The front desk"),
    Role.SUPERVISOR: lazy("The supervisors"),
    Role.ADMINISTRATOR: lazy("The administrators"),
}
TIMINGS: dict[str, object] = {AT_ONCE: lazy("At once"), DAILY: lazy("Each morning")}
MORNING = time(7)
LETTERS = ("review-waiting", "review-digest")


class Rule(NamedTuple):
    """For one kind of item: one of `AUDIENCES`, one of `TIMINGS`."""

    audience: str
    timing: str


DEFAULT = Rule(Role.FRONT_DESK, DAILY)


def timings(kind: str) -> dict[str, object]:
    """A letter that fails must not lead to letters that fail: such items are never told at once."""
    is_about_letters = kind.startswith(("letter.", "errand."))
    return {name: words for name, words in TIMINGS.items() if name == DAILY or not is_about_letters}


def morning(day: date, zone: str) -> datetime:
    """When the letters of a day begin; what comes later belongs to the next one."""
    return datetime.combine(day, MORNING, ZoneInfo(zone))
