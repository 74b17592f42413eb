"""What the review queue is told of messages."""

from portal.access import Permission
from portal.language import lazy
from portal.messages.tables import Topic
from portal.messages.topics import READERS, TITLES
from portal.review.kinds import Kind, declare

NOBODYS = "message:personal"  # held by no role: such an item is only for whom it names


def line(about: str) -> object:
    return TITLES[Topic(about)]


def address(thread_id: int) -> str:
    return f"/staff/messages/{thread_id}"


UNANSWERED = declare(
    Kind(
        "message.unanswered",
        lazy("Message without an answer"),
        line,
        outcomes={"answered": lazy("Answered"), "closed": lazy("Closed without an answer")},
        needs=(*READERS.values(), Permission.MESSAGE_SUPERVISE),
    )
)
