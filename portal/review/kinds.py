"""What kinds of items there are: each feature declares its own, and the queue learns nothing else of it."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portal.language import lazy

log = logging.getLogger("portal")

OUTCOMES: dict[str, object] = {
    "approved": lazy("Approved"),
    "accepted": lazy("Approved"),
    "edited": lazy("Edited, then approved"),
    "returned": lazy("Returned to the client"),
    "withdrawn": lazy("Taken back by the client"),
    "applied": lazy("On the record at once"),
    "seen": lazy("Looked at"),
}
DONE = lazy("Done")


def nothing(about: str) -> object:
    return ""


@dataclass(frozen=True)
class Kind:
    """`line` makes one line of an item's `about`, in the reader's language; `outcomes` are words of its own.

    Where `is_on_desk`, the item's address answers with the queue around it (portal/review/desk.py); other items are
    settled on pages of their own.
    """

    name: str
    title: object
    line: Callable[[str], object] = nothing
    is_on_desk: bool = False
    outcomes: Mapping[str, object] = field(default_factory=dict)

    def says(self, about: str) -> object:
        """The queue outlives the words of a feature's last version: it is shown without a line rather than not."""
        try:
            return self.line(about)
        except Exception as error:
            log.warning(json.dumps({"event": "unreadable item", "kind": self.name, "error": type(error).__name__}))
            return ""

    def ended(self, outcome: str) -> object:
        return self.outcomes.get(outcome) or OUTCOMES.get(outcome, DONE)


KINDS: dict[str, Kind] = {}


def declare(kind: Kind) -> Kind:
    KINDS[kind.name] = kind
    return kind


def kind_of(name: str) -> Kind:
    """Of a row whose feature is gone as well: it still waits."""
    return KINDS.get(name) or Kind(name, lazy("Something that waits"))


def titles() -> list[tuple[str, object]]:
    """To choose from, in the order of the reader's alphabet."""
    return sorted(((kind.name, kind.title) for kind in KINDS.values()), key=lambda one: str(one[1]).casefold())
