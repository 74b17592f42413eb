"""Slots become hours of single days: free ones open, unavailable ones closed, joined where they touch."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from portal import audit
from portal.access import Viewer
from portal.appointments.hours import Span
from portal.appointments.tables import SpecialHours
from portal.database import fetch
from portal.exchange import rows
from portal.exchange.actions.whereabouts import Places
from portal.exchange.drafts import SlotDraft
from portal.exchange.identifiers import Key
from portal.exchange.mapping.days import days_touched, seconds, shown_span
from portal.exchange.report import Report
from portal.exchange.stretches import Around, Kind, Slots, Stretch, columns_of, stretch_of, wish
from portal.exchange.upserts import Known, Row

EXISTING = """
SELECT id, clinician, site, first_day, last_day, begins, ends, is_open, contact_types FROM special_hours
 WHERE clinician = ANY({}::bigint[]) AND first_day = last_day ORDER BY id FOR UPDATE
"""
REST = "urn:portal:rest"
NAMED = """
SELECT subject_id, count(*) AS count FROM external_identifier
 WHERE kind = 'slot' AND subject_id = ANY({}::bigint[]) GROUP BY subject_id
"""


async def put_slots(viewer: Viewer, drafts: Sequence[SlotDraft], known: Known, report: Report) -> None:
    """Stretches that an earlier import made change with their slots; one that staff removed stays away."""
    if not drafts:
        return
    links = (link for draft in drafts for link in (draft.clinician, *draft.sites))
    await known.look_up({*(link.key for link in links), *(draft.key for draft in drafts if draft.key)})
    clinicians = sorted({row_id for draft in drafts if (row_id := known.get(draft.clinician.key))})
    await fetch("SELECT id FROM staff_member WHERE id = ANY({}::bigint[]) ORDER BY id FOR NO KEY UPDATE", clinicians)
    existing = {row["id"]: row for row in await fetch(EXISTING, clinicians)}
    found = Slots()
    places = await Places.known(viewer, (), clinicians)
    for draft in drafts:
        _place(draft, places, known, existing, found, report)
    named = {row["subject_id"]: row["count"] for row in await fetch(NAMED, sorted(existing))}
    days = {(kind.clinician, day) for _, kind, span in found.placed for day in days_touched(kind.zone, span)}
    before = {row_id for row_id in named if (existing[row_id]["clinician"], existing[row_id]["first_day"]) in days}
    wish(found, _kept(found, before, named, existing, known, places))
    ids = {stretch_of(row): row_id for row_id, row in reversed(existing.items())}
    standing = set(ids) & set(found.spans)
    changed = await _write(found, before, existing, ids)
    await _count(found, ids, standing, changed, known, report)
    if changed or set(found.spans) - standing:
        await audit.record(viewer, "special_hours.imported", clinicians=clinicians, many=len(found.spans))


def _place(
    draft: SlotDraft, places: Places, known: Known, existing: dict[int, Row], found: Slots, report: Report
) -> None:
    clinician = known.get(draft.clinician.key)
    site = places.site(draft.sites, known, clinician) if clinician else None
    row_id = known.get(draft.key)
    if clinician is None or site is None:
        words = "the schedule names no place" if clinician else draft.clinician.lost
        report.problem(draft.place, f"{words}: left out")
    elif row_id is not None and row_id not in existing:
        report.notice(draft.place, "was removed here since it was imported: left out")
    else:
        where = site if draft.is_open else None
        ways = draft.contact_types if draft.is_open else ()
        kind = Kind(clinician, where, places.zones[site], draft.is_open, ways)
        found.placed.append((draft, kind, seconds(draft.begins, draft.ends)))
        return
    report.tally("Slot").skipped += 1


def _kept(
    found: Slots, before: set[int], named: dict[int, int], existing: dict[int, Row], known: Known, places: Places
) -> dict[Kind, list[Span]]:
    """Of earlier stretches of these days, what slots said that are not in these files."""
    here = Counter(known.get(draft.key) for draft, _, _ in found.placed)
    zones = {kind.clinician: kind.zone for _, kind, _ in found.placed}
    kept: dict[Kind, list[Span]] = defaultdict(list)
    for row_id in before:
        if named[row_id] > here[row_id]:
            one = stretch_of(existing[row_id])
            zone = places.zones[one.site] if one.site else zones[one.clinician]
            kind = Kind(one.clinician, one.site, zone, one.is_open, one.contact_types)
            kept[kind].append(shown_span(zone, one.day, one.begins, one.ends))
    return kept


async def _write(found: Slots, before: set[int], existing: dict[int, Row], ids: dict[Stretch, int]) -> set[int]:
    """Fills `ids`. Earlier stretches become new ones of their day, or go. Returns those that did."""
    missing = [one for one in found.spans if one not in ids]
    changed, changes = set(), {}
    for row_id in sorted(before):
        old = stretch_of(existing[row_id])
        if old in found.spans:
            continue
        changed.add(row_id)
        heir = next((one for one in missing if (one.clinician, one.day) == (old.clinician, old.day)), None)
        if heir is not None:
            missing.remove(heir)
            ids[heir] = row_id
            changes[row_id] = columns_of(heir)
    await rows.update(SpecialHours, changes)
    gone = sorted(changed - changes.keys())
    await fetch("DELETE FROM special_hours WHERE id = ANY({}::bigint[])", gone)
    await fetch("DELETE FROM external_identifier WHERE kind = 'slot' AND subject_id = ANY({}::bigint[])", gone)
    new = await rows.insert(SpecialHours, [columns_of(one) for one in missing])
    ids |= dict(zip(missing, new, strict=True))
    return changed


async def _count(
    found: Slots, ids: dict[Stretch, int], standing: set[Stretch], changed: set[int], known: Known, report: Report
) -> None:
    """Each slot is known by its stretch from now on."""
    tally, learnt = report.tally("Slot"), {}
    around = Around(found)
    for draft, kind, span in found.placed:
        is_told, was = draft.is_open or draft.is_closed, known.get(draft.key)
        stretch = around.find(kind, span) if is_told else None
        if stretch is None:
            tally.updated += was in changed
            tally.skipped += was not in changed
            if is_told:
                report.notice(draft.place, "the wall clock cannot tell it: it is short, or in an hour that comes twice")
            continue
        tally.unchanged += stretch in standing
        tally.created += stretch not in standing and was is None
        tally.updated += stretch not in standing and was is not None
        if draft.key:
            learnt[draft.key] = ids[stretch]
    # What is left of an earlier stretch, and no slot of these files is in it: it goes on being the import's.
    left = {ids[one] for one in found.spans if one not in standing} - set(learnt.values())
    await known.learn(learnt | {Key("slot", REST, str(row_id)): row_id for row_id in left})
