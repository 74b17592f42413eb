"""Claims, charge items and invoices: each service is charged once, whoever else names it, and a bill as a whole."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from portal.access import Viewer
from portal.database import fetch
from portal.encounters.drafts import DiagnosisDraft, Insured
from portal.exchange import rows
from portal.exchange.actions import ledgers
from portal.exchange.actions.occasions import Line, Occasion, Occasions
from portal.exchange.actions.recording import Recording, plan
from portal.exchange.actions.settling import settle
from portal.exchange.drafts import BillDraft, ServiceDraft
from portal.exchange.identifiers import Key
from portal.exchange.mapping.amounts import Wrong
from portal.exchange.report import Report
from portal.exchange.upserts import Known, Row

STORED = """
SELECT l.id, l.client, l.code, l.units * l.fee AS cents, e.voided_at IS NOT NULL AS is_void
  FROM service_line AS l JOIN encounter AS e ON e.id = l.encounter WHERE l.id = ANY({}::bigint[])
"""
HERE = """
SELECT e.id AS encounter, e.appointment, e.client, e.clinician, e.site, e.starts_at, e.time_zone, e.place_of_service,
       e.payer, e.recorded_by, l.id, l.code, l.words, l.units * l.fee AS cents,
       (SELECT array_agg(DISTINCT x.kind || '|' || x.system || '|' || x.value) FROM external_identifier AS x
         WHERE x.subject_id = l.id AND x.kind IN ('claim', 'charge_item', 'invoice')) AS keys
  FROM encounter AS e JOIN service_line AS l ON l.encounter = e.id
 WHERE e.appointment = ANY({}::bigint[]) AND e.voided_at IS NULL ORDER BY e.id, l.place
"""
DIAGNOSES = "SELECT encounter, code, words FROM diagnosis WHERE encounter = ANY({}::bigint[]) ORDER BY encounter, place"
FEES = "SELECT s.code, f.since, f.cents FROM fee AS f JOIN service AS s ON s.id = f.service ORDER BY f.since DESC, f.id"
WORDS = "SELECT code, words, words_es FROM service WHERE is_active"
STAYS = "left as it is; correct it here, if it should change"


async def put_bills(viewer: Viewer, drafts: Sequence[BillDraft], known: Known, report: Report) -> set[int]:
    """The clients who are charged more than before."""
    await known.look_up({key for draft in drafts for key in _keys(draft)})
    owned = _owned(drafts, known, report)
    clients = sorted({client for _, client in owned})
    for batch in rows.in_batches(clients):
        await fetch("SELECT id FROM client WHERE id = ANY({}::bigint[]) ORDER BY id FOR NO KEY UPDATE", list(batch))
    await ledgers.lock(viewer, clients)
    fresh = await _unknown(owned, known, report)
    occasions = await Occasions.of(viewer, fresh, known)
    await _keep(occasions, occasions.visits(fresh))
    recording, fees, new = Recording(await _words()), await _fees(), set[int]()
    for draft, client in fresh:
        tally = report.tally(draft.resource_type)
        try:
            planned = plan(draft, client, occasions, fees)
        except Wrong as wrong:
            report.problem(draft.place, f"{wrong}: left out")
            tally.skipped += 1
        else:
            is_new = recording.take(draft.bill, planned)
            tally.created += is_new
            tally.unchanged += not is_new
            new |= {id(draft)} if is_new else set()
    await recording.store(viewer, known)
    return recording.clients | await settle(viewer, owned, new, known, report)


def _keys(draft: BillDraft) -> list[Key]:
    found = [draft.owner.key, *(draft.settles or ())]
    for done in draft.services:
        found += [done.key, *([done.visit] if done.visit else []), *(one.key for one in done.sites)]
        found += [done.clinician.key] if done.clinician else []
    return found


def _owned(drafts: Sequence[BillDraft], known: Known, report: Report) -> list[tuple[BillDraft, int]]:
    owned = []
    for draft in drafts:
        client = known.get(draft.owner.key)
        if client is None:
            report.problem(draft.place, f"{draft.owner.lost}: left out")
            report.tally(draft.resource_type).skipped += 1
        else:
            owned.append((draft, client))
    return owned


async def _unknown(owned: Sequence[tuple[BillDraft, int]], known: Known, report: Report) -> list[tuple[BillDraft, int]]:
    """What is here stays as it is, whatever is said of it now: the ledger only grows."""
    ids = sorted({id for draft, _ in owned for done in draft.services if (id := known.get(done.key))})
    stored: dict[int, Row] = {}
    for batch in rows.in_batches(ids):
        stored |= {row["id"]: row for row in await fetch(STORED, list(batch))}
    fresh: list[tuple[BillDraft, int]] = []
    for draft, client in owned:
        pairs = [(done, stored.get(known.get(done.key) or 0)) for done in draft.services]
        here = [row for _, row in pairs if row is not None]
        why = ""
        if any(row["client"] != client for row in here):
            why = "has the identifier of another client's service: left out"
        elif draft.is_withdrawn and any(not row["is_void"] for row in here):
            why = "does not count any more where it came from: void it here, if that is right"
        elif not draft.is_withdrawn and len(here) < len(pairs):
            if not here:
                fresh.append((draft, client))
                continue
            why = f"has other services than when it was imported: {STAYS}"
        elif not draft.is_withdrawn and any(_differs(done, row) for done, row in pairs if row is not None):
            why = f"costs something else, or is something else, than when it was imported: {STAYS}"
        if why:
            report.problem(draft.place, why)
        tally = report.tally(draft.resource_type)
        tally.unchanged += bool(here) or not draft.services
        tally.skipped += not here and bool(draft.services)
    return fresh


def _differs(done: ServiceDraft, row: Row) -> bool:
    """What was voided here is settled, whatever it costs over there."""
    return not row["is_void"] and (row["code"] != done.code or done.price not in (None, row["cents"]))


async def _keep(occasions: Occasions, visits: Sequence[int]) -> None:
    """The encounters of these visits that stand here, with who charges their services already."""
    kept: dict[int, Occasion] = {}
    for batch in rows.in_batches(visits):
        for row in await fetch(HERE, list(batch)):
            one = kept.get(row["encounter"]) or Occasion(
                row["client"], row["clinician"], row["site"], row["starts_at"], row["time_zone"],
                row["place_of_service"], Insured(payer=row["payer"]), row["appointment"], row["encounter"], True,
            )  # fmt: skip
            kept[row["encounter"]] = one
            bills = {_bill(Key(*text.split("|", 2))) for text in row["keys"] or ()}
            one.is_by_hand = one.is_by_hand and (row["recorded_by"] is not None or not bills)
            one.lines.append(Line(row["code"], row["words"], row["cents"], bills, row["id"]))
    for batch in rows.in_batches(sorted(kept)):
        for row in await fetch(DIAGNOSES, list(batch)):
            kept[row["encounter"]].diagnoses.append(DiagnosisDraft(row["code"], row["words"]))
    for one in kept.values():
        occasions.keep(one)


def _bill(key: Key) -> Key:
    if key.kind == "charge_item":
        return Key(key.kind, "", "")
    return key._replace(value=key.value.rpartition("#")[0])


async def _words() -> dict[str, tuple[str, str]]:
    """The practice's own, for codes of its fee schedule."""
    return {row["code"]: (row["words"], row["words_es"]) for row in await fetch(WORDS)}


async def _fees() -> dict[str, list[tuple[date, int]]]:
    """By code, the newest first."""
    found: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for row in await fetch(FEES):
        found[row["code"]].append((row["since"], row["cents"]))
    return found
