"""An encounter as staff fill it in: read, with every fault beside its field."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from portal import clock
from portal.appointments.readers import minute_of
from portal.encounters import coding, rules
from portal.encounters.choices import CLIENT, Around
from portal.encounters.drafts import POINTERS, EncounterDraft, Insured, LineDraft
from portal.encounters.queries.around import Where
from portal.encounters.queries.recorded import Recorded
from portal.language import lazy
from portal.practice.queries import Person
from portal.refusal import Refused
from portal.web.form import Form, Reader

YEARS = range(2000, 2100)
LONGEST_REASON = 300
NO_REASON = lazy("Say why: it stands beside what was voided")


def read(form: Form, around: Around) -> EncounterDraft:
    """Raises `Refused` at every fault."""
    return _read(Reader(form), around)


def corrected(form: Form, around: Around) -> tuple[EncounterDraft, str]:
    """With the reason why it takes the place of what stands there."""
    reader = Reader(form)
    why = reader.text("reason", most=LONGEST_REASON, missing=NO_REASON)
    return _read(reader, around), why


def recoded(form: Form, known: Mapping[str, str], one: Recorded) -> EncounterDraft:
    """What stands, with other codes: neither services nor money change. Raises `Refused` at every fault."""
    reader = Reader(form)
    diagnoses = coding.diagnoses(reader, known)
    rows = range(1, len(one.lines) + 1)
    lines = [
        LineDraft(
            line.code,
            line.words,
            line.units,
            line.fee,
            line.words_es,
            modifiers=coding.modifiers(reader, row),
            pointers=coding.pointers(reader, row, list(diagnoses)),
        )
        for row, line in zip(rows, one.lines, strict=True)
    ]
    draft = EncounterDraft(
        client_id=one.client_id, clinician_id=one.clinician_id, site_id=one.site_id, starts_at=one.starts_at,
        time_zone=one.time_zone, lines=tuple(lines), place_of_service=form["place_of_service"],
        appointment_id=one.appointment_id, diagnoses=tuple(diagnoses.values()), insured=one.insured,
        referring_name=reader.text("referring_name", most=200),
        referring_npi=reader.text("referring_npi", most=10), is_part2=form["is_part2"] == "yes",
    )  # fmt: skip
    _check(reader, draft, rows)
    return draft


def reason(form: Form) -> str:
    reader = Reader(form)
    found = reader.text("reason", most=LONGEST_REASON, missing=NO_REASON)
    reader.finish()
    return found


def day_of(form: Form) -> date | None:
    """The day of the visit, on which its fees depend; None for what is no day."""
    try:
        found = date.fromisoformat(form["date"].strip())
    except ValueError:
        return None
    return found if found.year in YEARS else None


def _read(reader: Reader, around: Around) -> EncounterDraft:
    form, rows = reader.form, coding.meant(reader.form)
    diagnoses = coding.diagnoses(reader, around.diagnoses)
    site = _one_of(reader, "site", around.places, lazy("Choose where"))
    draft = EncounterDraft(
        client_id=around.client_id,
        appointment_id=around.appointment_id,
        clinician_id=_one_of(reader, "clinician", around.people, lazy("Choose a clinician")),
        site_id=site,
        time_zone=around.zone_of(site),
        starts_at=_moment(reader, around, site),
        place_of_service=form["place_of_service"],
        insured=_insured(reader, around),
        diagnoses=tuple(diagnoses.values()),
        lines=tuple(coding.line(reader, row, list(diagnoses), around.services, around.kept) for row in rows),
        referring_name=reader.text("referring_name", most=200),
        referring_npi=reader.text("referring_npi", most=10),
        is_part2=form["is_part2"] == "yes",
    )
    _check(reader, draft, rows)
    return draft


def _check(reader: Reader, draft: EncounterDraft, rows: Sequence[int]) -> None:
    try:
        rules.check(draft, clock.now())
    except Refused as refusal:
        for name, words in refusal.sentences.items():
            reader.refuse(coding.shown(name, rows), words)
    lines = [f"line{row}.{part}" for row in coding.ROWS for part in coding.PARTS]
    seen = [f"diagnosis{row}" for row in range(1, len(POINTERS) + 1)]
    first = ["date", "time", "clinician", "site", "place_of_service", "insurer"]
    reader.finish([*first, *seen, *lines, "referring_name", "referring_npi", "reason"])


def _one_of(reader: Reader, name: str, known: Sequence[Person] | Sequence[Where], missing: object) -> int:
    found = reader.form.number(name) or 0
    if found not in {one.id for one in known}:
        reader.refuse(name, missing)
        return 0
    return found


def _insured(reader: Reader, around: Around) -> Insured:
    chosen = reader.form["insurer"]
    if chosen != CLIENT and chosen not in around.insurers:
        reader.refuse("insurer", lazy("Choose who pays first"))
    return around.insurers.get(chosen, Insured())


def _moment(reader: Reader, around: Around, site: int) -> datetime:
    """As it was, where nobody has changed it: of the hour that comes twice a form does not know which."""
    day, minute = day_of(reader.form), minute_of(reader.form["time"].strip())
    if day is None:
        reader.refuse("date", lazy("Write the date like 2026-11-30"))
    if minute is None or minute >= 24 * 60:
        reader.refuse("time", lazy("Enter a time, such as 9:00 AM or 17:30"))
    was = around.starts_at.astimezone(rules.zone(around.time_zone))
    if day is None or minute is None or minute >= 24 * 60 or (was.date(), 60 * was.hour + was.minute) == (day, minute):
        return around.starts_at
    there = datetime.combine(day, time(*divmod(minute, 60)), ZoneInfo(around.zone_of(site)))
    return there.astimezone(clock.now().tzinfo)
