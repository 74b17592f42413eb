"""What the form of an encounter stands in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from portal.encounters.drafts import Insured
from portal.encounters.queries.around import Where
from portal.fees.queries import Priced
from portal.practice.queries import Person

CLIENT = "client"


@dataclass(frozen=True)
class Around:
    """What the form stands in: the visit as it was, what may be chosen, what the codes mean on that day.

    `kept` is what codes were called when they were recorded, where they stand in no schedule any more.
    """

    client_id: int
    starts_at: datetime
    time_zone: str
    people: Sequence[Person]
    places: Sequence[Where]
    insurers: Mapping[str, Insured]
    services: Mapping[str, Priced]
    diagnoses: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    appointment_id: int | None = None

    def zone_of(self, site: int) -> str:
        return next((one.zone for one in self.places if one.id == site), self.time_zone)
