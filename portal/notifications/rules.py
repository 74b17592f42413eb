"""Who of the staff is told what waits for review, and when; and what holds where nobody has chosen."""

from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from portal.access import HOLDS, Permission, Role
from portal.language import lazy
from portal.review.kinds import KINDS, Kind, kind_of

NOBODY, PRINCIPAL, READERS = "nobody", "principal_clinician", "readers"
AT_ONCE, DAILY = "at_once", "daily"
AUDIENCES: dict[str, object] = {
    NOBODY: lazy("Nobody"),
    PRINCIPAL: lazy("The client's clinician"),
    Role.FRONT_DESK: lazy("The front desk"),
    Role.BILLER: lazy("The billers"),
    Role.SUPERVISOR: lazy("The supervisors"),
    Role.ADMINISTRATOR: lazy("The administrators"),
}
TIMINGS: dict[str, object] = {AT_ONCE: lazy("At once"), DAILY: lazy("Each morning")}
MORNING = time(7)
LETTERS = ("review-waiting", "review-digest", "message-received", "message-digest")
# Told by the same rules, though it waits in another place than the queue.
NEW_MESSAGE = Kind("message.received", lazy("New message from a client"))
WHO_ANSWERS: dict[str, object] = {NOBODY: AUDIENCES[NOBODY], READERS: lazy("Who reads and answers it")}
WHO_SETTLES = lazy("Everybody who can settle it")
ROLES = {PRINCIPAL: Role.CLINICIAN, **{str(role): role for role in Role if role in AUDIENCES}}


class Rule(NamedTuple):
    """For one kind of item: one of `AUDIENCES`, one of `TIMINGS`."""

    audience: str
    timing: str


DEFAULT = Rule(Role.FRONT_DESK, DAILY)


def kinds() -> dict[str, Kind]:
    return {**KINDS, NEW_MESSAGE.name: NEW_MESSAGE}


def default(kind: str) -> Rule:
    """The front desk, unless it may not look into what waits."""
    return DEFAULT if DEFAULT.audience in audiences(kind) else Rule(READERS, DAILY)


def audiences(kind: str) -> dict[str, object]:
    """Nobody is told of what they would not find in the queue."""
    if kind == NEW_MESSAGE.name:
        return WHO_ANSWERS
    told = {
        name: words for name, words in AUDIENCES.items() if name == NOBODY or _finds(ROLES[name], kind_of(kind).needs)
    }
    return told if Role.FRONT_DESK in told else {**told, READERS: WHO_SETTLES}


def _finds(role: Role, needs: tuple[str, ...]) -> bool:
    held = {str(one) for one in HOLDS[role]} | ({""} if Permission.REVIEW_SETTLE in HOLDS[role] else set())
    return not held.isdisjoint(needs)


def timings(kind: str) -> dict[str, object]:
    """A letter that fails must not lead to letters that fail: such items are never told at once."""
    is_about_letters = kind.startswith(("letter.", "errand."))
    return {name: words for name, words in TIMINGS.items() if name == DAILY or not is_about_letters}


def morning(day: date, zone: str) -> datetime:
    """When the letters of a day begin; what comes later belongs to the next one."""
    return datetime.combine(day, MORNING, ZoneInfo(zone))
