"""What can be asked for, until when it is due, and on which grounds it may be denied (45 CFR 164.524)."""

from datetime import date, timedelta

from portal.language import lazy
from portal.records.tables import RequestState, Wanted, Way

DAYS = 30  # and once as many more
MOST_OPEN = 5
WANTED: dict[str, object] = {
    Wanted.EVERYTHING: lazy("My whole record"),
    Wanted.NOTES: lazy("Notes of visits"),
    Wanted.PLAN: lazy("Treatment plan"),
    Wanted.EVALUATIONS: lazy("Evaluations and test results"),
    Wanted.FORMS: lazy("Forms and documents that I filled in or signed"),
    Wanted.BILLING: lazy("Bills and payments"),
    Wanted.OTHER: lazy("Something else"),
}
WAYS: dict[str, object] = {
    Way.PORTAL: lazy("In this portal"),
    Way.PICK_UP: lazy("On paper, to pick up at the office"),
    Way.MAIL: lazy("On paper, by mail to my address on record"),
}
STATES: dict[str, object] = {
    RequestState.OPEN: lazy("With the practice"),
    RequestState.READY: lazy("Ready"),
    RequestState.DENIED: lazy("Not given"),
    RequestState.WITHDRAWN: lazy("Withdrawn"),
}
PILLS: dict[str, str] = {RequestState.OPEN: "wait", RequestState.READY: "ok", RequestState.DENIED: "bad"}
GROUNDS: dict[str, object] = {
    "therapy": lazy("They are psychotherapy notes, which are kept apart"),
    "harm": lazy("Reading them could put somebody in danger"),
    "others": lazy("They name somebody else, or came in confidence from somebody else"),
    "court": lazy("They were gathered for a court or another proceeding"),
    "not_ours": lazy("The practice does not have them"),
}
# What a licensed colleague who took no part in it looks at again, if the client asks for that: 164.524(a)(3).
REVIEWED = ("harm", "others")


def due_when_asked(day: date) -> date:
    return day + timedelta(days=DAYS)


def longest(asked_on: date) -> date:
    return asked_on + timedelta(days=2 * DAYS)
