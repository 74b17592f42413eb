"""What the queue is told of changed information, and the reasons for which it is returned most."""

from portal.access import NotFoundException
from portal.clients.sections import SECTIONS
from portal.clients.sheets import Change, Section
from portal.language import gettext, lazy
from portal.review.kinds import Kind, declare, reading

REASONS: dict[str, object] = {
    "photo": lazy("We could not read the photo of the card. Please send a sharper one, front and back."),
    "member": lazy("The insurance company could not find this member ID. Please check it against the card."),
    "proof": lazy("Please bring a document that shows this change, such as an ID, to your next visit."),
    "incomplete": lazy("Something is missing. Please complete it and send it again."),
    "call": lazy("Please call us about this change."),
}
MOST_NAMED = 12


def section(name: str) -> Section:
    """From an address."""
    if name not in SECTIONS:
        raise NotFoundException
    return SECTIONS[name]


def about(asked: Section, changes: list[Change]) -> str:
    """`insurance: plan member_id`: the fields by name, so that each reader gets their own words."""
    return f"{asked.name}: {' '.join(list(dict.fromkeys(_mark(change) for change in changes))[:MOST_NAMED])}"


def line(told: str) -> object:
    """`Insurance: Plan, Member ID`."""
    name, _, marks = told.partition(": ")
    asked = SECTIONS[name]
    words = []
    for mark in marks.split():
        group, _, field = mark.partition(".")
        found = asked.group(group)
        if field in ("added", "gone"):
            said = gettext("%(what)s added") if field == "added" else gettext("%(what)s removed")
            words.append(said % {"what": found.one})
        else:
            words.append(str(found.field(field).label))
    return f"{asked.label}: {', '.join(words)}"


def reason(common_reason: str, words: str) -> str:
    """In the reader's language, as far as it is one of ours."""
    return " ".join(part for part in (str(REASONS.get(common_reason, "")), words) if part)


def address(request_id: int) -> str:
    return f"/staff/information/{request_id}"


def _mark(change: Change) -> str:
    return f"{change.group.name}.{change.field.name if change.what == 'changed' else change.what}"


CHANGED = declare(
    Kind("information.changed", lazy("Information change"), line, is_on_desk=True, reason=reading(REASONS))
)
APPLIED = declare(Kind("information.applied", lazy("Information changed by the client"), line, is_on_desk=True))
