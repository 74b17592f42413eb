"""Appointment, Encounter → a visit; Slot → a time that is free or closed."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from portal.appointments.tables import Appointment as Row
from portal.appointments.tables import ContactType, State
from portal.exchange.drafts import SlotDraft, VisitDraft
from portal.exchange.fhir import Appointment, CodeableConcept, Encounter, Slot
from portal.exchange.identifiers import Key
from portal.exchange.mapping.values import concept_words, plain
from portal.exchange.report import Place, Report

APPOINTMENT_STATES = {
    "proposed": State.REQUESTED, "pending": State.REQUESTED, "booked": State.BOOKED, "arrived": State.ARRIVED,
    "checked-in": State.ARRIVED, "fulfilled": State.COMPLETED, "cancelled": State.CANCELLED, "noshow": State.NO_SHOW,
}  # fmt: skip
ENCOUNTER_STATES = {
    "planned": State.BOOKED, "arrived": State.ARRIVED, "triaged": State.ARRIVED, "in-progress": State.ARRIVED,
    "onleave": State.ARRIVED, "finished": State.COMPLETED, "cancelled": State.CANCELLED,
}  # fmt: skip
PASSED_OVER = {"entered-in-error", "waitlist", "unknown"}
HOLDING = (State.REQUESTED, State.BOOKED, State.ARRIVED)
ELSEWHERE = {"EMER", "IMP", "ACUTE", "NONAC", "OBSENC", "PRENC", "SS"}
BY_PHONE = re.compile(r"telephone|\bphone\b", re.IGNORECASE)
BY_VIDEO = re.compile(r"video|virtual|tele-?(health|med|psych|therap|consult|visit)|\bonline\b", re.IGNORECASE)
SEMANTIC_TAG = re.compile(r" \((procedure|finding|situation|event|environment|regime/therapy)\)$")
YEARS = range(1900, 2200)
LONGEST, LONGEST_SLOT = timedelta(days=1), timedelta(days=366)


def moment(text: str) -> datetime | None:
    """In UTC, to the second; None where it is no moment: a day alone, or without its offset."""
    try:
        found = datetime.fromisoformat(text)
        if "T" not in text or found.tzinfo is None or found.year not in YEARS:
            return None
        return found.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


def appointment(place: Place, key: Key, found: Appointment, now: datetime, report: Report) -> VisitDraft | None:
    """None where it is left out; the report says why, unless its status does."""
    state = APPOINTMENT_STATES.get(found.status)
    begins, ends = moment(found.start), moment(found.end)
    if begins and not found.end and found.minutes_duration and 0 < found.minutes_duration <= 24 * 60:
        ends = begins + timedelta(minutes=found.minutes_duration)
    if state is State.REQUESTED and begins and begins <= now:
        state = State.EXPIRED
    kinds = [*([found.appointment_type] if _is_said(found.appointment_type) else []), *found.service_type]
    how = contact_type(kinds, ContactType.TELEHEALTH if found.virtual_service else ContactType.IN_PERSON)
    draft = _visit(place, key, found.status, state, "start", begins, "end", ends, kinds, how, report)
    if draft is not None:
        draft.made_at = moment(found.created)
    return draft


def encounter(place: Place, key: Key, found: Encounter, report: Report) -> VisitDraft | None:
    """None where it is left out; the report says why, unless its status does."""
    state = ENCOUNTER_STATES.get(found.status)
    begins, ends = moment(found.period.start), moment(found.period.end)
    kinds = [*found.type, *([found.service_type] if _is_said(found.service_type) else [])]
    how = contact_type(kinds, ContactType.TELEHEALTH if found.setting.code == "VR" else ContactType.IN_PERSON)
    return _visit(place, key, found.status, state, "period.start", begins, "period.end", ends, kinds, how, report)


def is_elsewhere(found: Encounter) -> bool:
    """In a hospital or an emergency room."""
    return found.setting.code in ELSEWHERE


def slot(place: Place, key: Key, found: Slot, more: Iterable[CodeableConcept], report: Report) -> SlotDraft | None:
    begins, ends = moment(found.start), moment(found.end)
    if begins is None or ends is None or not begins < ends <= begins + LONGEST_SLOT:
        report.problem(place, "start and end are not two moments with a time zone, one after the other: left out")
        return None
    kinds = [found.appointment_type, *found.service_type, *more]
    is_by_wire = BY_PHONE.search(_said(kinds)) or BY_VIDEO.search(_said(kinds))
    ways = (contact_type(kinds, ContactType.IN_PERSON),) if is_by_wire else tuple(ContactType)
    return SlotDraft(
        place, key, begins=begins, ends=ends, is_open=found.status == "free",
        is_closed=found.status == "busy-unavailable", contact_types=tuple(map(str, ways)),
    )  # fmt: skip


def contact_type(kinds: Sequence[CodeableConcept], otherwise: ContactType) -> ContactType:
    """As the words of its type say; else as its class or service does."""
    said = _said(kinds)
    if BY_PHONE.search(said):
        return ContactType.PHONE
    return ContactType.TELEHEALTH if BY_VIDEO.search(said) else otherwise


def _visit(
    place: Place, key: Key, status: str, state: State | None, first: str, begins: datetime | None, last: str,
    ends: datetime | None, kinds: Sequence[CodeableConcept], how: ContactType, report: Report,
) -> VisitDraft | None:  # fmt: skip
    if state is None:
        if status not in PASSED_OVER:
            report.problem(place, "status is none that is known: left out")
        return None
    why = ""
    if begins is None:
        why = f"{first} is not a moment with a time zone"
    elif ends is None:
        why = f"{last} is not a moment with a time zone"
    elif ends <= begins:
        why = f"{last} is not after {first}"
    elif state in HOLDING and ends - begins > LONGEST:
        why = "it takes longer than a day"
    if why:
        report.problem(place, f"{why}: left out")
        return None
    draft = VisitDraft(place, key, names=list(dict.fromkeys(_names(kinds))))
    draft.put(Row.starts_at, begins)
    draft.put(Row.ends_at, ends)
    draft.put(Row.busy_from, begins)
    draft.put(Row.busy_until, ends)
    draft.put(Row.contact_type, str(how))
    draft.put(Row.state, str(state))
    draft.put(Row.holds, state in HOLDING)
    return draft


def _names(kinds: Sequence[CodeableConcept]) -> Iterable[str]:
    """What each of its types is called, the text before the displays."""
    for one in kinds:
        for words in (concept_words(one), *(plain(coding.display) for coding in one.coding)):
            if name := SEMANTIC_TAG.sub("", words):
                yield name


def _is_said(concept: CodeableConcept) -> bool:
    return bool(concept.text or concept.coding)


def _said(kinds: Iterable[CodeableConcept]) -> str:
    return " ".join(
        part for one in kinds for part in (one.text, *(f"{coding.code} {coding.display}" for coding in one.coding))
    )
