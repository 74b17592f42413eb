"""How documents are spoken of: by when, of which kind, and what happened to them."""

from datetime import date, datetime
from typing import NamedTuple, Protocol

from portal.documents import rules
from portal.documents.queries.shown import Shown
from portal.documents.tables import DocumentKind, DocumentState, Purpose
from portal.language import lazy, ngettext, written_date, written_month_day
from portal.review.kinds import reading

TABS: dict[str, object] = {
    "all": lazy("All Documents"),
    "forms": lazy("Forms"),
    "documents": lazy("Documents"),
    "to-sign": lazy("To Be Signed"),
    "to-do": lazy("Action Required"),
}
# What will stand where nothing stands yet.
EMPTY: dict[str, tuple[object, object]] = {
    "all": (
        lazy("No documents yet."),
        lazy("What the practice shares with you stands here, to read and to keep. A letter tells you each time."),
    ),
    "forms": (lazy("No forms yet."), lazy("Forms that the practice asks you to fill in stand here.")),
    "documents": (lazy("No documents yet."), lazy("Papers that the practice shares with you to read stand here.")),
    "to-sign": (lazy("Nothing to sign."), lazy("What the practice asks you to sign stands here until it is done.")),
    "to-do": (lazy("Nothing waits for you."), lazy("What you have still to read, fill in or sign stands here.")),
}
KINDS: dict[str, object] = {DocumentKind.FORM: lazy("Form"), DocumentKind.DOCUMENT: lazy("Document")}
FILES: dict[str, object] = {
    "application/pdf": lazy("PDF"),
    "image/jpeg": lazy("Photo"),
    "image/png": lazy("Picture"),
    "text/plain": lazy("Text"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": lazy("Word document"),
}
STEPS: dict[str, object] = {
    "added": lazy("Put into the chart"),
    "shared": lazy("Shared"),
    "shown": lazy("Shown to the client"),
    "opened": lazy("Opened by the client"),
    "started": lazy("Begun by the client"),
    "signed": lazy("Signed"),
    "sent": lazy("Sent to the practice"),
    "completed": lazy("Completed copy made"),
    "accepted": lazy("Accepted"),
    "countersigned": lazy("Signed for the practice"),
    "returned": lazy("Returned to the client"),
    "declined": lazy("Declined by the client"),
    "seen": lazy("Looked at by the practice"),
    "withdrawn": lazy("Taken back"),
    "expired": lazy("Its time was over"),
}


# What is to be done, as a list says it.
ACTS: dict[str, object] = {Purpose.READ: lazy("Read"), Purpose.FILL: lazy("Fill in"), Purpose.SIGN: lazy("Sign")}


def to_do(purpose: str, title: str, state: str = DocumentState.PENDING) -> object:
    """The act by its plain name, as it stands among what is to be done."""
    if state == DocumentState.RETURNED:
        return lazy("Change and send again: %(title)s", title=title)
    if state == DocumentState.IN_PROGRESS:
        return lazy("Go on filling in: %(title)s", title=title)
    if purpose == Purpose.SIGN:
        return lazy("Sign: %(title)s", title=title)
    return lazy("Fill in: %(title)s", title=title) if purpose == Purpose.FILL else lazy("Read: %(title)s", title=title)


def due(due_on: date | None, today: date) -> object:
    """`by December 4`; what is past says so. Empty where there is no day."""
    if due_on is None:
        return ""
    day = written_month_day(due_on) if abs((due_on - today).days) < 180 else written_date(due_on)
    return lazy("overdue since %(day)s", day=day) if due_on < today else lazy("by %(day)s", day=day)


def detail(told: str) -> object:
    """Why it happened, as a step keeps it."""
    return lazy("Kept back: %(reason)s", reason=rules.HIDDEN[told]) if told in rules.HIDDEN else _why(told)


_why = reading({**rules.RETURNED, **rules.DECLINED})


class OfAFile(Protocol):
    @property
    def media_type(self) -> str: ...
    @property
    def pages(self) -> int | None: ...


def file(one: OfAFile) -> str:
    """`PDF, 3 pages`."""
    pages = [ngettext("%(num)s page", "%(num)s pages", one.pages)] if one.pages else []
    return ", ".join([str(FILES.get(one.media_type, one.media_type)), *pages])


class Happened(NamedTuple):
    """Words and days; `now` of them are behind."""

    steps: list[tuple[object, str]]
    now: int


def happened(one: Shown, zone: str) -> Happened:
    """As its client may know it."""
    told: list[tuple[object, datetime | None]] = [
        (_by(lazy("Shared by %(name)s", name=one.shared_by), lazy("Shared"), one.shared_by), one.shared_at)
    ]
    if one.opened_at:
        told.append((_by(lazy("Opened by %(name)s", name=one.opened_by), lazy("Opened"), one.opened_by), one.opened_at))
    if one.sent_at:
        told.append((lazy("Sent to the practice"), one.sent_at))
    if one.settled_at:
        is_again = one.state == DocumentState.IN_PROGRESS  # what was returned is being filled in once more
        told.append((rules.STATES[DocumentState.RETURNED if is_again else one.state], one.settled_at))
    elif one.state == DocumentState.EXPIRED:
        told.append((STEPS["expired"], None))
    steps = [(said, written_date(at, zone, "medium") if at else "") for said, at in told]
    now = lazy("Opened") if one.is_new else rules.STATES[one.state] if one.state == DocumentState.IN_PROGRESS else ""
    return Happened([*steps, (now, "")] if now else steps, len(steps))


def _by(named: object, plain: object, name: str | None) -> object:
    return named if name else plain
