"""Encounters are stored and voided here; what they cost is posted by portal/billing in the same transaction."""

from dataclasses import asdict

from portal import clock
from portal.access import NotFoundException, Viewer
from portal.database import fetch, refusing, transaction
from portal.encounters.drafts import EncounterDraft
from portal.encounters.tables import Diagnosis, Encounter, ServiceLine
from portal.language import lazy
from portal.refusal import Refused
from portal.review.actions import Stale

KNOWN = """
SELECT EXISTS (SELECT FROM staff_member WHERE id = {} AND is_clinician) AS clinician,
       EXISTS (SELECT FROM site WHERE id = {}) AS site,
       {}::bigint IS NULL OR EXISTS (SELECT FROM appointment WHERE id = {} AND client = {}) AS visit
"""
SAME_SERVICES = Refused({"": lazy("Other services or amounts are a correction: the codes alone cannot be changed so.")})
TWICE = Refused({"": lazy("This visit has been recorded already. Open what was recorded to correct it.")})


async def store(viewer: Viewer, draft: EncounterDraft, *, replaces: int | None = None) -> tuple[Encounter, list[int]]:
    """The encounter and the ids of its lines, in order. Raises `Refused` where the visit has one already."""
    async with transaction():
        await _know(draft)
        row = Encounter(
            client=draft.client_id, appointment=draft.appointment_id, clinician=draft.clinician_id, site=draft.site_id,
            place_of_service=draft.place_of_service, starts_at=draft.starts_at, time_zone=draft.time_zone,
            referring_name=draft.referring_name, referring_npi=draft.referring_npi, is_part2=draft.is_part2,
            replaces=replaces, recorded_by=viewer.staff_id, recorded_at=clock.now(), **asdict(draft.insured),
        )  # fmt: skip
        with refusing(encounter_of_visit=TWICE, encounter_replaced_once=TWICE):
            await row.save()
        await _store_diagnoses(row, draft)
        lines = []
        for place, one in enumerate(draft.lines, 1):
            line = ServiceLine(
                encounter=row.id, client=draft.client_id, place=place, code=one.code, words=one.words,
                words_es=one.words_es, modifiers=list(one.modifiers), units=one.units, fee=one.fee,
                pointers=list(one.pointers),
            )  # fmt: skip
            await line.save()
            lines.append(int(line.id))
    return row, lines


async def _know(draft: EncounterDraft) -> None:
    """Whoever is named is somebody, and the visit is this client's. Raises `Refused`, and not found for the visit."""
    visit = draft.appointment_id
    (known,) = await fetch(KNOWN, draft.clinician_id, draft.site_id, visit, visit, draft.client_id)
    if not known["visit"]:
        raise NotFoundException
    wrong = {} if known["clinician"] else {"clinician": lazy("Choose a clinician")}
    if not known["site"]:
        wrong["site"] = lazy("Choose where")
    if wrong:
        raise Refused(wrong)


async def client_of(viewer: Viewer, encounter_id: int) -> int:
    """Not found outside one's reach."""
    row = await (
        Encounter.select(Encounter.client).where(viewer.reaches(Encounter), Encounter.id == encounter_id).first()
    )
    if row is None:
        raise NotFoundException
    return int(row["client"])


async def locked(viewer: Viewer, encounter_id: int, version: int) -> Encounter:
    """As it was seen. Raises not found outside one's reach and for what was voided, `Stale` where it has changed."""
    row = await (
        Encounter.objects()
        .where(viewer.reaches(Encounter), Encounter.id == encounter_id, Encounter.voided_at.is_null())
        .first()
        .lock_rows("UPDATE")
    )
    if row is None:
        raise NotFoundException
    if row.version != version:
        raise Stale
    return row


async def void(viewer: Viewer, row: Encounter, reason: str) -> None:
    row.voided_at, row.voided_by, row.void_reason, row.version = clock.now(), viewer.staff_id, reason, row.version + 1
    await row.save()


async def recode(viewer: Viewer, row: Encounter, draft: EncounterDraft) -> None:
    """What moves no money: diagnoses and what points to them, modifiers, place of service, who referred."""
    async with transaction():
        stored = await fetch("SELECT code, units, fee FROM service_line WHERE encounter = {} ORDER BY place", row.id)
        if [tuple(one.values()) for one in stored] != [(one.code, one.units, one.fee) for one in draft.lines]:
            raise SAME_SERVICES
        await fetch("DELETE FROM diagnosis WHERE encounter = {}", row.id)
        await _store_diagnoses(row, draft)
        for place, one in enumerate(draft.lines, 1):
            await fetch(
                "UPDATE service_line SET modifiers = {}::varchar[], pointers = {}::smallint[]"
                " WHERE encounter = {} AND place = {}",
                list(one.modifiers),
                list(one.pointers),
                row.id,
                place,
            )
        row.place_of_service, row.version = draft.place_of_service, row.version + 1
        row.referring_name, row.referring_npi = draft.referring_name, draft.referring_npi
        row.is_part2 = draft.is_part2
        await row.save()


async def _store_diagnoses(row: Encounter, draft: EncounterDraft) -> None:
    if draft.diagnoses:
        await Diagnosis.insert(
            *(
                Diagnosis(encounter=row.id, place=place, code=one.code, words=one.words)
                for place, one in enumerate(draft.diagnoses, 1)
            )
        )
