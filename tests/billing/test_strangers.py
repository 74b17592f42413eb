"""What nobody can do to a ledger: by another's client, visit or service, or by coming at the same time."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.access import NotFoundException
from portal.appointments.tables import Appointment
from portal.billing.actions import charging, ledger
from portal.billing.actions.ledger import Item
from portal.billing.queries import checking, owed
from portal.billing.tables import EntryKind, PostingKind, Share
from portal.database import fetch, transaction
from portal.encounters.drafts import DiagnosisDraft, LineDraft
from portal.encounters.tables import Diagnosis, Encounter, ServiceLine
from portal.refusal import Refused
from tests.billing.factories import AETNA, SESSION, a_draft, a_payment, a_site, an_encounter
from tests.factories import TEST


async def a_whole_draft(client, *lines, **more):
    site = await a_site()
    return a_draft(client, *lines, **{"site_id": site.id, **more})


async def a_visit_of(client) -> int:
    (kind,) = await fetch("INSERT INTO appointment_type (name, length) VALUES ('Therapy', 50) RETURNING id")
    draft = await a_whole_draft(client)
    begins, ends = draft.starts_at, draft.starts_at + timedelta(minutes=50)
    visit = Appointment(
        client=client.id, clinician=client.principal_clinician, site=draft.site_id, type=kind["id"], made_at=begins,
        contact_type="in_person", starts_at=begins, ends_at=ends, busy_from=begins, busy_until=ends, state="completed",
        time_zone="America/New_York", holds=False,
    )  # fmt: skip
    await visit.save()
    return int(visit.id)


async def test_the_visit_of_another_client_is_not_recorded(cast):
    visit = await a_visit_of(cast.client)
    draft = await a_whole_draft(cast.other, appointment_id=visit, clinician_id=cast.client.principal_clinician)
    with pytest.raises(NotFoundException):
        await charging.record(TEST, draft)
    await charging.record(TEST, await a_whole_draft(cast.client, appointment_id=visit))


@pytest.mark.parametrize(("name", "at"), [("clinician_id", "clinician"), ("site_id", "site")])
async def test_a_clinician_or_an_office_that_is_none_is_a_sentence(cast, name, at):
    with pytest.raises(Refused) as refused:
        await charging.record(TEST, await a_whole_draft(cast.client, **{name: 999_999}))
    assert list(refused.value.sentences) == [at] and not await Encounter.exists()


async def test_who_is_no_clinician_saw_nobody(cast):
    (desk,) = await fetch("SELECT id FROM staff_member WHERE NOT is_clinician ORDER BY id LIMIT 1")
    with pytest.raises(Refused, match="clinician"):
        await charging.record(TEST, await a_whole_draft(cast.client, clinician_id=desk["id"]))


async def test_a_correction_charges_nobody_else(cast):
    encounter = await an_encounter(cast.client)
    theirs = await a_whole_draft(cast.other, clinician_id=cast.client.principal_clinician)
    with pytest.raises(NotFoundException):
        await charging.correct(TEST, encounter, 1, theirs, "Another client")
    assert (await Encounter.objects().get(Encounter.id == encounter)).voided_at is None


@pytest.mark.parametrize("lines", [(), (SESSION, SESSION), (replace(SESSION, fee=1),), (replace(SESSION, units=1),)])
async def test_codes_are_not_changed_beside_the_services_that_they_belong_to(cast, lines):
    """Else a pointer would be left that points to a diagnosis which is gone, or an amount that nobody posted."""
    other = LineDraft("H0031", "Assessment", 1, 9000, pointers=(2,))
    diagnoses = (DiagnosisDraft("F41.1", ""), DiagnosisDraft("F32.0", ""))
    encounter = await an_encounter(cast.client, SESSION, other, diagnoses=diagnoses)
    draft = await a_whole_draft(cast.client, *(lines or (SESSION,)), diagnoses=diagnoses[:1])
    with pytest.raises(Refused):
        await charging.recode(TEST, encounter, 1, draft)
    assert await Diagnosis.count() == 2
    assert [row["pointers"] for row in await ServiceLine.select().order_by(ServiceLine.id)] == [[1], [2]]


async def test_who_voids_recodes_and_pays_at_once_waits_and_nobody_is_thrown_out(cast):
    """All take the ledger first: in the other order two of them would wait for one another."""
    encounters = [await an_encounter(cast.client, days_ago=days) for days in range(1, 9)]
    drafts = [await a_whole_draft(cast.client, days_ago=days) for days in range(1, 9)]

    async def tries(act) -> None:
        with contextlib.suppress(Refused):
            await act()

    pairs = list(zip(encounters, drafts, strict=True))
    await asyncio.gather(
        *(tries(lambda one=one: charging.void(TEST, one, 1, "Wrong")) for one, _ in pairs[::2]),
        *(tries(lambda one=one, to=to: charging.recode(TEST, one, 1, to)) for one, to in pairs[1::2]),
        *(tries(lambda: a_payment(cast.client, 9000)) for _ in pairs),
    )
    assert (await checking.check(TEST)).faults == []


async def test_whoever_posts_has_the_ledger_before_the_encounter(cast):
    """Somebody holds the ledger: whoever voids waits there, and does not keep the encounter from them meanwhile."""
    encounter = await an_encounter(cast.client)
    async with transaction():
        await fetch("SELECT id FROM ledger_account WHERE client = {} FOR UPDATE", cast.client.id)
        voiding = asyncio.create_task(
            charging.void(TEST, encounter, 1, "Wrong"), context=__import__("contextvars").Context()
        )
        await asyncio.sleep(0.2)
        await fetch("SELECT id FROM encounter WHERE id = {} FOR UPDATE NOWAIT", encounter)
    await voiding
    assert (await owed.balance(TEST, cast.client.id)).total == 0


async def test_a_voided_encounter_that_still_owes_is_found(cast):
    encounter = await an_encounter(cast.client)
    await fetch("UPDATE encounter SET voided_at = now() WHERE id = {}", encounter)
    assert [fault.what for fault in (await checking.check(TEST)).faults] == ["encounter"]


async def test_a_fee_that_somebody_changed_afterwards_is_found(cast):
    encounter = await an_encounter(cast.client)
    await fetch("UPDATE service_line SET fee = fee - 1 WHERE encounter = {}", encounter)
    assert [fault.what for fault in (await checking.check(TEST)).faults] == ["encounter"]


async def test_an_entry_for_another_clients_service_is_never_kept(cast):
    await an_encounter(cast.client)
    await a_payment(cast.other, 100)
    (line,) = await fetch("SELECT id FROM service_line")
    (posting,) = await fetch("SELECT id FROM posting WHERE client = {}", cast.other.id)
    sql = (
        "INSERT INTO entry (posting, client, line, kind, share, amount) VALUES ({}, {}, {}, 'adjustment', 'client', 5)"
    )
    with pytest.raises(Exception, match="is not of the client"):
        await fetch(sql, posting["id"], cast.other.id, line["id"])
    assert (await checking.check(TEST)).faults == []


async def test_what_one_posting_overpays_is_said_by_the_service(cast):
    """Nobody comes that far through the forms; whoever does reads a sentence."""
    (line,) = await fetch(f"SELECT id FROM service_line WHERE encounter = {await an_encounter(cast.client)}")
    items = [Item(EntryKind.CLIENT_PAYMENT, Share.CLIENT, -15001, line["id"])]
    await ledger.lock(TEST, cast.client.id)
    with pytest.raises(Refused):
        await ledger.post(TEST, cast.client.id, PostingKind.PAYMENT, items)
    assert (await owed.balance(TEST, cast.client.id)).client_due == 15000


async def test_entries_of_one_statement_count_together(cast):
    encounter = await an_encounter(cast.client, SESSION, SESSION, insured=AETNA)
    lines = [row["id"] for row in await fetch("SELECT id FROM service_line WHERE encounter = {}", encounter)]
    told = (
        (EntryKind.TRANSFER, Share.INSURANCE, -15000), (EntryKind.TRANSFER, Share.CLIENT, 15000),
        (EntryKind.WRITE_OFF, Share.CLIENT, -4000), (EntryKind.CLIENT_PAYMENT, Share.CLIENT, -9000),
    )  # fmt: skip
    items = [Item(*one, line) for line in lines for one in told]
    async with transaction():
        await ledger.lock(TEST, cast.client.id)
        await ledger.post(TEST, cast.client.id, PostingKind.ADJUSTMENT, items)
    assert (await checking.check(TEST)).faults == []
    assert [row["client_due"] for row in await fetch("SELECT client_due FROM service_line")] == [2000, 2000]
