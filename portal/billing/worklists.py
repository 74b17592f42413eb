"""The lists of the billing page: each feature declares its own, and says what waits there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from portal.access import Viewer
from portal.encounters.queries import visits
from portal.keyset import Place
from portal.language import lazy


@dataclass(frozen=True)
class Edge:
    """From where a page of a list is read, and whose: of one clinician, or of all."""

    after: Place | None = None
    before: Place | None = None
    clinician_id: int | None = None


@dataclass(frozen=True)
class Listing:
    """A page of it. `total` is what is said beside its title; `clients` are those whose names stand in it."""

    rows: list[Any]
    total: int
    before: Place | None = None
    after: Place | None = None
    clients: list[int] = field(default_factory=list)
    is_more: bool = False


@dataclass(frozen=True)
class Section:
    """`template` shows the `listing`; where it holds nothing, `empty` is what the page says.

    `ask` is asked only for the list that is open, so that the page costs the same however many lists there are.
    """

    name: str
    title: object
    hint: object
    empty: object
    template: str
    ask: Callable[[Viewer, Edge], Awaitable[Listing]]


SECTIONS: dict[str, Section] = {}


def declare(section: Section) -> Section:
    """By the feature that knows it, when it is imported: in the order of the page."""
    SECTIONS[section.name] = section
    return section


async def _to_record(viewer: Viewer, edge: Edge) -> Listing:
    found = await visits.to_record(viewer, after=edge.after, before=edge.before, clinician_id=edge.clinician_id)
    clients = list(dict.fromkeys(one.client_id for one in found.visits))
    return Listing(found.visits, found.total, found.before, found.after, clients, found.is_more)


TO_RECORD = declare(
    Section(
        "record",
        lazy("To record"),
        lazy("Visits that took place and are not on anybody's account yet, the longest ago first."),
        lazy("Everything is recorded."),
        "billing/to_record.html",
        _to_record,
    )
)
