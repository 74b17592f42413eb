"""Recording what was done: the encounter and what it costs are one act."""

from portal import audit, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.billing.actions import ledger
from portal.billing.actions.ledger import Item
from portal.billing.tables import EntryKind, PostingKind, Share
from portal.clock import now
from portal.database import fetch, transaction
from portal.encounters import actions as encounters
from portal.encounters import rules
from portal.encounters.drafts import EncounterDraft
from portal.language import lazy
from portal.refusal import Refused

OPEN = """
SELECT e.id, e.line, e.kind, e.share, e.amount, l.paid_by_insurer, l.paid_by_client
  FROM entry AS e JOIN service_line AS l ON l.id = e.line
 WHERE l.encounter = {} AND e.reverses IS NULL AND NOT EXISTS (SELECT FROM entry AS r WHERE r.reverses = e.id)
 ORDER BY e.id
"""
INVOICED = """
SELECT i.number FROM invoice_line AS n JOIN invoice AS i ON i.id = n.invoice JOIN service_line AS l ON l.id = n.line
 WHERE l.encounter = {} AND n.is_live LIMIT 1
"""
UNDONE = (EntryKind.CHARGE, EntryKind.ADJUSTMENT, EntryKind.WRITE_OFF)


async def record(viewer: Viewer, draft: EncounterDraft) -> int:
    """Raises `Refused` for what cannot be, and where the visit has been recorded already."""
    viewer.must(Permission.ENCOUNTER_RECORD)
    async with transaction():
        return await _record(viewer, draft, None)


async def void(viewer: Viewer, encounter_id: int, version: int, reason: str) -> None:
    """What it cost is taken back; what the client has paid for it becomes credit. It stays on record.

    Raises `Refused` while an invoice names it or an insurer has paid for it, and `Stale`.
    """
    viewer.must(Permission.ENCOUNTER_RECORD)
    async with transaction():
        await _void(viewer, encounter_id, version, reason)


async def correct(viewer: Viewer, encounter_id: int, version: int, draft: EncounterDraft, reason: str) -> int:
    """Voided and recorded anew, at once, for the same client; as `void` and `record`."""
    viewer.must(Permission.ENCOUNTER_RECORD)
    async with transaction():
        if await _lock(viewer, encounter_id) != draft.client_id:
            raise NotFoundException
        await _void(viewer, encounter_id, version, reason)
        return await _record(viewer, draft, encounter_id)


async def recode(viewer: Viewer, encounter_id: int, version: int, draft: EncounterDraft) -> None:
    """Codes and pointers alone: nothing is posted. Raises `Refused` and `Stale`."""
    viewer.must(Permission.ENCOUNTER_RECORD)
    rules.check(draft, now())
    async with transaction():
        await _lock(viewer, encounter_id)
        row = await encounters.locked(viewer, encounter_id, version)
        await encounters.recode(viewer, row, draft)
        await audit.record(viewer, "encounter.recoded", client_id=row.client, subject_id=row.id)
        await outbox.record("encounter.recoded", row.id, row.client)


async def _record(viewer: Viewer, draft: EncounterDraft, replaces: int | None) -> int:
    rules.check(draft, now())
    await ledger.lock(viewer, draft.client_id)
    row, lines = await encounters.store(viewer, draft, replaces=replaces)
    share = Share.INSURANCE if draft.insured.payer else Share.CLIENT
    items = [Item(EntryKind.CHARGE, share, one.charge, line) for one, line in zip(draft.lines, lines, strict=True)]
    day = draft.starts_at.astimezone(rules.zone(draft.time_zone)).date()
    await ledger.post(viewer, draft.client_id, PostingKind.ENCOUNTER, items, counts_on=day)
    await audit.record(viewer, "encounter.recorded", client_id=draft.client_id, subject_id=row.id)
    await outbox.record("encounter.recorded", row.id, draft.client_id)
    return int(row.id)


async def _lock(viewer: Viewer, encounter_id: int) -> int:
    """The ledger before the encounter, as everybody who posts; whose it is."""
    client_id = await encounters.client_of(viewer, encounter_id)
    await ledger.lock(viewer, client_id)
    return client_id


async def _void(viewer: Viewer, encounter_id: int, version: int, reason: str) -> None:
    if not reason:
        raise Refused(reason=lazy("Say why: it stands beside what was voided"))
    await _lock(viewer, encounter_id)
    row = await encounters.locked(viewer, encounter_id, version)
    if invoiced := await fetch(INVOICED, encounter_id):
        number = invoiced[0]["number"]
        raise Refused({"": lazy("Invoice %(number)s names it. Void the invoice first.", number=number)})
    entries = await fetch(OPEN, encounter_id)
    if any(one["paid_by_insurer"] for one in entries):
        raise Refused({"": lazy("An insurer has paid for it. Reverse that payment first.")})
    paid = {one["line"]: one["paid_by_client"] for one in entries if one["paid_by_client"] > 0}
    items = [
        Item(EntryKind(one["kind"]), Share(one["share"]), -one["amount"], one["line"], one["id"])
        for one in entries
        if one["kind"] in UNDONE
    ]
    items += await _shifted_back(encounter_id)
    for line, cents in paid.items():
        items.append(Item(EntryKind.TRANSFER, Share.CLIENT, cents, line))
        items.append(Item(EntryKind.TRANSFER, Share.CLIENT, -cents))
    await ledger.post(viewer, row.client, PostingKind.VOID, items, reason=reason)
    await encounters.void(viewer, row, reason)
    await audit.record(viewer, "encounter.voided", client_id=row.client, subject_id=row.id)
    await outbox.record("encounter.voided", row.id, row.client)


async def _shifted_back(encounter_id: int) -> list[Item]:
    """What the insurer had left to the client, so that each share ends at nothing."""
    rows = await fetch(
        "SELECT e.line, sum(e.amount)::bigint AS moved FROM entry AS e JOIN service_line AS l ON l.id = e.line"
        " WHERE l.encounter = {} AND e.kind = 'transfer' AND e.share = 'insurance' GROUP BY e.line"
        " HAVING sum(e.amount) <> 0",
        encounter_id,
    )
    return [
        item
        for row in rows
        for item in (
            Item(EntryKind.TRANSFER, Share.INSURANCE, -row["moved"], row["line"]),
            Item(EntryKind.TRANSFER, Share.CLIENT, row["moved"], row["line"]),
        )
    ]
