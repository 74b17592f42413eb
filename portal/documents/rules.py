"""Which state follows which, and what each is called."""

from portal.documents.tables import DocumentState, Purpose
from portal.language import lazy

S = DocumentState
STATES: dict[str, object] = {
    S.NOT_SHARED: lazy("Not shared"),
    S.PENDING: lazy("Pending Review"),
    S.OPENED: lazy("Opened"),
    S.IN_PROGRESS: lazy("In progress"),
    S.WITH_PRACTICE: lazy("With the practice"),
    S.RETURNED: lazy("Returned"),
    S.ACCEPTED: lazy("Accepted"),
    S.DECLINED: lazy("Declined"),
    S.WITHDRAWN: lazy("Withdrawn"),
    S.EXPIRED: lazy("Expired"),
}
# The kind of the pill: what waits on somebody, what is settled, what is wrong.
PILLS: dict[str, str] = {
    S.PENDING: "wait",
    S.OPENED: "ok",
    S.IN_PROGRESS: "wait",
    S.WITH_PRACTICE: "wait",
    S.RETURNED: "bad",
    S.ACCEPTED: "ok",
    S.DECLINED: "bad",
    S.EXPIRED: "bad",
}
FOLLOW: dict[str, frozenset[str]] = {
    S.NOT_SHARED: frozenset({S.PENDING}),
    S.PENDING: frozenset({S.OPENED, S.IN_PROGRESS, S.DECLINED, S.WITHDRAWN, S.EXPIRED}),
    S.OPENED: frozenset({S.IN_PROGRESS, S.WITH_PRACTICE, S.DECLINED, S.WITHDRAWN, S.EXPIRED}),
    S.IN_PROGRESS: frozenset({S.WITH_PRACTICE, S.DECLINED, S.WITHDRAWN, S.EXPIRED}),
    S.WITH_PRACTICE: frozenset({S.ACCEPTED, S.RETURNED}),
    S.RETURNED: frozenset({S.IN_PROGRESS, S.WITH_PRACTICE, S.DECLINED, S.WITHDRAWN, S.EXPIRED}),
    S.ACCEPTED: frozenset(),
    S.DECLINED: frozenset({S.PENDING}),
    S.WITHDRAWN: frozenset({S.PENDING}),
    S.EXPIRED: frozenset({S.PENDING}),
}
PURPOSES: dict[str, object] = {
    Purpose.READ: lazy("To read"),
    Purpose.FILL: lazy("To fill in"),
    Purpose.SIGN: lazy("To sign"),
}
# What may keep something from a client for a time; each is an exception that the law knows, and is stored.
HIDDEN: dict[str, object] = {
    "harm": lazy("Reading it could put somebody in danger"),
    "privacy": lazy("It names somebody else, or the client asked for that"),
    "therapy": lazy("They are psychotherapy notes"),
    "unfinished": lazy("It is not finished"),
}
# For which a paper goes back to its client, and for which a client will not sign: by name in `common_reason`.
RETURNED: dict[str, object] = {
    "incomplete": lazy("Something is missing. Please look through it once more."),
    "unclear": lazy("One of the answers is not clear to us. Please write it in other words."),
    "outdated": lazy("Something has changed meanwhile. Please bring it up to date."),
    "call": lazy("Please call us about this."),
}
DECLINED: dict[str, object] = {
    "questions": lazy("I have questions about it first."),
    "paper": lazy("I would rather do it on paper."),
    "wrong": lazy("It is not for me, or something in it is not right."),
    "unwilling": lazy("I do not agree with it."),
    "other": lazy("Another reason."),
}
# Clients see these; a paper that was opened and asks for nothing more is done.
SEEN = (S.PENDING, S.OPENED, S.IN_PROGRESS, S.WITH_PRACTICE, S.RETURNED, S.ACCEPTED, S.DECLINED, S.EXPIRED)
WAITING = (S.PENDING, S.OPENED, S.IN_PROGRESS, S.RETURNED)
MOST_DAYS = 365
AS_PORTAL = "portal: "  # how a step names what no person did


def picture_of(media_type: str, key: str, preview_key: str) -> tuple[str, str]:
    """What shows it, and of which type that is: its first page, or itself. Of other files there is none."""
    if preview_key:
        return preview_key, "image/jpeg"
    return (key, media_type) if media_type in ("image/jpeg", "image/png") else ("", "")


def may_follow(state: str, to: str) -> bool:
    return to in FOLLOW[state]


def why(common_reason: str, reason: str) -> str:
    """In the reader's language, as far as it is one of ours."""
    said = {**RETURNED, **DECLINED}.get(common_reason, "")
    return " ".join(part for part in (str(said), reason) if part)


def waits_for_client(state: str, purpose: str) -> bool:
    """Whether the client has still something to do: a paper to read is done when it was opened."""
    return state in WAITING and not (purpose == Purpose.READ and state == S.OPENED)
