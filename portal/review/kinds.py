"""What kinds of items there are: each feature declares its own, and the queue learns nothing else of it."""

import json
import logging
from collections.abc import Callable, Collection, Mapping
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
COMMON = "common:"


def nothing(about: str) -> object:
    return ""


def as_written(reason: str) -> str:
    return reason


def reason_told(common: str, words: str) -> str:
    """For a row: `common:photo` and below it what was written, so that each reader gets their own words."""
    return f"{COMMON}{common}\n{words}".strip() if common or words.startswith(COMMON) else words


def reading(reasons: Mapping[str, object]) -> Callable[[str], str]:
    """What such a row says. Older decisions kept the sentence itself: it stays as it is."""

    def read(told: str) -> str:
        if not told.startswith(COMMON):
            return told
        name, _, words = told.removeprefix(COMMON).partition("\n")
        return " ".join(part for part in (str(reasons.get(name, "")), words) if part)

    return read


@dataclass(frozen=True)
class Kind:
    """`line` makes one line of an item's `about`, in the reader's language, and `reason` the words of why it ended so.

    `outcomes` are words of its own. `needs` are the permissions of which its items need one; "" is that to settle.

    Where `is_on_desk`, the item's address answers with the queue around it (portal/review/desk.py); other items are
    settled on pages of their own.
    """

    name: str
    title: object
    line: Callable[[str], object] = nothing
    is_on_desk: bool = False
    reason: Callable[[str], str] = as_written
    outcomes: Mapping[str, object] = field(default_factory=dict)
    needs: tuple[str, ...] = ("",)

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


def titles(held: Collection[str]) -> list[tuple[str, object]]:
    """To choose from, in the order of the reader's alphabet: kinds of which somebody who holds that may find any."""
    found = [(kind.name, kind.title) for kind in KINDS.values() if not set(kind.needs).isdisjoint(held)]
    return sorted(found, key=lambda one: str(one[1]).casefold())
