"""From appointments, encounters and slots to drafts: who, with whom, and where."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from portal.appointments.tables import State
from portal.exchange.drafts import Link, SlotDraft, VisitDraft
from portal.exchange.fhir import (
    Appointment,
    CodeableConcept,
    Encounter,
    Location,
    PractitionerRole,
    Reference,
    Schedule,
    Slot,
)
from portal.exchange.identifiers import Key
from portal.exchange.mapping import places, visits
from portal.exchange.reading import Found
from portal.exchange.report import Place

if TYPE_CHECKING:
    from portal.exchange.drafting import Drafting

OURS = re.compile(r"(?:^|/)(Patient|Practitioner|PractitionerRole|Location|Organization)[/?]")
DEEPEST = 5


@dataclass
class Actors:
    """Who takes part, as far as it was found; `lost` is what was referred to and is nowhere."""

    owner: Link | None = None
    clinician: Link | None = None
    sites: list[Link] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


class Visiting:
    def __init__(self, drafting: "Drafting", now: datetime) -> None:
        self.drafting, self.report, self.now = drafting, drafting.report, now

    def appointments(self) -> Iterator[VisitDraft]:
        for one, found in self.drafting.of(Appointment):
            key = self.drafting.key(one)
            draft = visits.appointment(one.place, key, found, self.now, self.report) if key else None
            told = [("participant", part.actor) for part in found.participant if part.status != "declined"]
            if draft is not None and self._is_whole(draft, self.actors(told, one)):
                yield draft
            else:
                self.report.tally("Appointment").skipped += 1

    def encounters(self, appointments: Iterable[VisitDraft]) -> Iterator[VisitDraft]:
        """One of an appointment that comes along is the same visit, and says how it went."""
        booked = {_likeness(draft): draft for draft in appointments}
        by_key = {draft.key: draft for draft in booked.values()}
        elsewhere: Counter[str] = Counter()
        for one, found in self.drafting.of(Encounter):
            draft = None
            if visits.is_elsewhere(found):
                elsewhere[one.place.file] += 1
            elif key := self.drafting.key(one):
                draft = visits.encounter(one.place, key, found, self.report)
            if draft is not None and self._is_whole(draft, self.actors(_told(found), one)):
                same = self._appointment_of(found, one, by_key) or booked.get(_likeness(draft))
                self.drafting.visits[id(one)] = same.key if same else draft.key
                if same is None:
                    yield draft
                    continue
                _advance(same, draft)
            self.report.tally("Encounter").skipped += 1
        for file, count in elsewhere.items():
            self.report.notice(
                Place(file), f"encounters in a hospital or an emergency room are no visits of the practice: {count}"
            )

    def slots(self) -> Iterator[SlotDraft]:
        """What is over, or was a mistake, is of no use to anybody."""
        passed_over: Counter[tuple[str, str]] = Counter()
        for one, found in self.drafting.of(Slot):
            ends = visits.moment(found.end)
            draft = None
            if found.status == "entered-in-error":
                passed_over[one.place.file, "slots that were entered in error"] += 1
            elif ends is not None and ends <= self.now:
                passed_over[one.place.file, "slots that are over"] += 1
            else:
                draft = self._slot(one, found)
            if draft is not None:
                yield draft
            else:
                self.report.tally("Slot").skipped += 1
        for (file, words), count in passed_over.items():
            self.report.notice(Place(file), f"{words} open nothing: {count}")

    def _slot(self, one: Found, found: Slot) -> SlotDraft | None:
        key = self.drafting.key(one)
        schedule = self.drafting.index.find(found.schedule, one, "schedule") if found.schedule else None
        if key is None or not isinstance(schedule, Found) or not isinstance(schedule.resource, Schedule):
            lost = self.drafting.lost("schedule", found.schedule) if found.schedule else "schedule is missing"
            self.report.problem(one.place, f"{lost}: left out")
            return None
        more: Sequence[CodeableConcept] = schedule.resource.service_type
        draft = visits.slot(one.place, key, found, more, self.report)
        actors = self.actors([("actor", reference) for reference in schedule.resource.actor], schedule)
        if draft is not None and actors.clinician is None:
            why = actors.lost[0] if actors.lost else "the schedule names no practitioner"
            self.report.problem(one.place, f"{why}: left out")
            return None
        if draft is not None and actors.clinician is not None:
            draft.clinician, draft.sites = actors.clinician, actors.sites
        return draft

    def _is_whole(self, draft: VisitDraft, actors: Actors) -> bool:
        """There is somebody on both sides."""
        if actors.owner is None or actors.clinician is None:
            missing = "patient" if actors.owner is None else "practitioner"
            self.report.problem(draft.place, f"{(actors.lost or [f'names no {missing}'])[0]}: left out")
            return False
        for words in actors.lost:
            self.report.problem(draft.place, words)
        draft.owner, draft.clinician, draft.sites = actors.owner, actors.clinician, actors.sites
        draft.person = (actors.owner.key,)
        return True

    def actors(self, told: Iterable[tuple[str, Reference | None]], origin: Found) -> Actors:
        actors = Actors()
        for name, reference in told:
            if reference is None or not (reference.reference or reference.identifier):
                continue
            target = self.drafting.index.find(reference, origin)
            if isinstance(target, Found) and isinstance(target.resource, PractitionerRole):
                target = self._behind(target)
            if target is None:
                if OURS.search(reference.reference):
                    actors.lost.append(self.drafting.lost(name, reference))
                continue
            words = self.drafting.lost(name, reference) if isinstance(target, Key) else f"{name} leads to nobody here"
            for key in self._keys(target):
                link = Link(key, words)
                if key.kind == "patient":
                    actors.owner = actors.owner or link
                elif key.kind == "practitioner":
                    actors.clinician = actors.clinician or link
                elif key.kind in ("location", "organization"):
                    actors.sites.append(link)
        return actors

    def _behind(self, role: Found) -> Found | Key | None:
        assert isinstance(role.resource, PractitionerRole)
        person = role.resource.practitioner
        return self.drafting.index.find(person, role, "practitioner") if person else None

    def _keys(self, target: Found | Key | None) -> Iterator[Key]:
        """A room is in a house, and the house is the site."""
        if isinstance(target, Key):
            yield target
        for _ in range(DEEPEST):
            if not isinstance(target, Found):
                return
            if key := self.drafting.drafted.get(id(target)):
                yield key
            resource = target.resource
            if not isinstance(resource, Location) or places.is_site(resource) or resource.part_of is None:
                return
            target = self.drafting.index.find(resource.part_of, target, "location")

    def _appointment_of(self, found: Encounter, one: Found, by_key: dict[Key | None, VisitDraft]) -> VisitDraft | None:
        for reference in found.appointment:
            target = self.drafting.index.find(reference, one, "appointment")
            key = self.drafting.drafted.get(id(target)) if isinstance(target, Found) else target
            if key in by_key:
                return by_key[key]
        return None


def _told(found: Encounter) -> list[tuple[str, Reference | None]]:
    """The place itself goes before the organization that is behind it."""
    return [
        ("subject", found.subject),
        *(("participant", part.individual) for part in found.participant),
        *(("location", part.location) for part in found.location),
        ("serviceProvider", found.service_provider),
    ]


def _likeness(draft: VisitDraft) -> tuple[object, ...]:
    return draft.owner.key, draft.clinician.key, draft.fields["starts_at"]


def _advance(booked: VisitDraft, happened: VisitDraft) -> None:
    """What was booked took place, or is taking place."""
    if booked.fields["state"] in (State.BOOKED, State.ARRIVED) and happened.fields["state"] in (
        State.ARRIVED, State.COMPLETED,
    ):  # fmt: skip
        booked.fields |= {name: happened.fields[name] for name in ("state", "holds")}
