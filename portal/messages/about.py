"""When messages are read and answered, and to whom a client may write: what the pages say of it."""

from dataclasses import dataclass

from portal.access import Viewer
from portal.language import lazy
from portal.messages.queries import people
from portal.messages.settings import (
    CLOSES,
    OPENS,
    READ_ON,
    UNANSWERED_AFTER,
    writes_to_clinicians,
)
from portal.messages.tables import Topic
from portal.messages.topics import TITLES, WHO_READS
from portal.practice import switches

Option = tuple[str, object, object]


@dataclass(frozen=True)
class About:
    """`days`, `opens` and `closes` as people read them; an answer comes within so many hours."""

    days: object
    opens: object
    closes: object
    hours: int


async def about(viewer: Viewer) -> About:
    chosen = await switches.values(viewer)
    days, opens, closes = (
        next(one[1] for one in switch.choices if one[0] == chosen[switch.name]) for switch in (READ_ON, OPENS, CLOSES)
    )
    return About(days, opens, closes, int(chosen[UNANSWERED_AFTER.name]))


async def addressees(viewer: Viewer, client_id: int) -> list[Option]:
    """Value, words, and who reads it: the topics, and among them the clinicians whom the client sees."""
    topics = [(str(one), TITLES[one], WHO_READS[one]) for one in WHO_READS]
    seen = await people.clinicians(viewer, client_id) if await writes_to_clinicians(viewer) else []
    personal = [
        (
            f"{Topic.PERSONAL}-{one.id}",
            one.name,
            lazy("Only %(name)s reads this, and who stands in for them.", name=one.name),
        )
        for one in seen
    ]
    return [*topics[:-1], *personal, topics[-1]]
