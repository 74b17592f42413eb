"""The ledger adds up, whatever happens to it, and whoever comes at the same time."""

import asyncio
import contextlib

import pytest

from portal.access import NotFoundException, Role, Viewer
from portal.billing.actions import charging, deciding, paying, returning
from portal.billing.actions.deciding import Part, Remittance
from portal.billing.actions.returning import Back
from portal.billing.queries import checking, owed
from portal.billing.tables import Entry, LedgerAccount, Payment, Posting
from portal.database import fetch, transaction
from portal.encounters.tables import Encounter, ServiceLine
from portal.invoices.actions import issuing
from portal.invoices.tables import Invoice
from portal.refusal import Refused
from tests.billing.factories import AETNA, a_payment, an_encounter, today
from tests.factories import TEST


async def adds_up() -> None:
    assert (await checking.check(TEST)).faults == []


async def owes(client) -> tuple[int, int, int]:
    found = await owed.balance(TEST, client.id)
    return found.client_due, found.insurance_due, found.credit


async def line_of(encounter_id: int) -> ServiceLine:
    row = await ServiceLine.objects().where(ServiceLine.encounter == encounter_id).first()
    assert row is not None
    return row


async def test_a_visit_that_the_client_pays_is_owed_and_paid_oldest_first(cast):
    first = await an_encounter(cast.client, days_ago=20)
    second = await an_encounter(cast.client, days_ago=10)
    assert await owes(cast.client) == (30000, 0, 0)
    await a_payment(cast.client, 20000)
    assert (await line_of(first)).client_due == 0 and (await line_of(second)).client_due == 10000
    await a_payment(cast.client, 15000)
    assert await owes(cast.client) == (0, 0, 5000)
    await adds_up()


async def test_an_insurer_pays_takes_off_and_leaves_a_part_to_the_client(cast):
    line = (await line_of(await an_encounter(cast.client, insured=AETNA))).id
    assert await owes(cast.client) == (0, 15000, 0)
    told = Remittance("Aetna", "transfer", today(), [Part(line, 9000, 3500, 2500)], key="era-1")
    posting = await deciding.post_remittance(TEST, cast.client.id, told)
    assert await deciding.post_remittance(TEST, cast.client.id, told) == posting, "sent twice, it is posted once"
    assert await owes(cast.client) == (2500, 0, 0)
    row = await line_of(1)
    assert (row.charged, row.paid_by_insurer, row.paid_by_client, row.adjusted) == (15000, 9000, 0, 3500)
    await adds_up()


async def test_more_than_is_owed_is_refused(cast):
    line = (await line_of(await an_encounter(cast.client, insured=AETNA))).id
    with pytest.raises(Refused):
        await deciding.post_remittance(
            TEST, cast.client.id, Remittance("Aetna", "check", today(), [Part(line, 15000, 1, 0)])
        )
    with pytest.raises(Refused):
        await a_payment(cast.client, 100, given={line: 100})
    with pytest.raises(Refused):
        await deciding.write_off(TEST, cast.client.id, line, -5, "no")
    assert await owes(cast.client) == (0, 15000, 0)
    await adds_up()


async def test_a_voided_encounter_takes_back_what_it_cost_and_keeps_what_was_paid_as_credit(cast):
    encounter = await an_encounter(cast.client)
    await a_payment(cast.client, 4000)
    await charging.void(TEST, encounter, 1, "Another client")
    assert await owes(cast.client) == (0, 0, 4000)
    assert (await Encounter.objects().get(Encounter.id == encounter)).void_reason == "Another client"
    await adds_up()


async def test_an_encounter_on_an_invoice_is_not_voided(cast):
    encounter = await an_encounter(cast.client)
    invoice = await issuing.issue(TEST, cast.client.id)
    with pytest.raises(Refused, match=r"^$"):
        await charging.void(TEST, encounter, 1, "no")
    await issuing.void(TEST, invoice, "Wrong day")
    await charging.void(TEST, encounter, 1, "Wrong day")
    assert await owes(cast.client) == (0, 0, 0)
    await adds_up()


async def test_a_refund_and_a_reversal_put_back_what_was_paid(cast):
    line = (await line_of(await an_encounter(cast.client))).id
    payment = await a_payment(cast.client, 16000)
    assert await returning.returnable(TEST, payment) == {line: 15000, 0: 1000}
    refund = await returning.refund(TEST, payment, Back("cash", "Asked for", {line: 5000}))
    assert await owes(cast.client) == (5000, 0, 1000)
    with pytest.raises(Refused):
        await returning.reverse(TEST, payment, "Bounced")
    await returning.reverse(TEST, refund, "Never handed over")
    await returning.reverse(TEST, payment, "Bounced")
    with pytest.raises(Refused):
        await returning.reverse(TEST, payment, "Twice")
    assert await owes(cast.client) == (15000, 0, 0)
    await adds_up()


async def test_credit_pays_for_what_comes_later(cast):
    await a_payment(cast.client, 8000)
    await an_encounter(cast.client)
    posting = await paying.apply_credit(TEST, cast.client.id, key="once")
    assert await paying.apply_credit(TEST, cast.client.id, key="once") == posting
    assert await owes(cast.client) == (7000, 0, 0)
    with pytest.raises(Refused):
        await paying.apply_credit(TEST, cast.client.id)
    await adds_up()


@pytest.mark.parametrize("table", [Entry, Posting])
async def test_the_ledger_only_grows(cast, table):
    await an_encounter(cast.client)
    with pytest.raises(Exception, match="append-only"):
        await table.update({table.client: cast.other.id}, force=True)
    with pytest.raises(Exception, match="append-only"):
        await table.delete(force=True)


async def test_a_sum_that_somebody_changed_is_found(cast):
    await an_encounter(cast.client)
    await fetch("UPDATE ledger_account SET client_due = client_due + 1")
    assert [fault.what for fault in (await checking.check(TEST)).faults] == ["account"]


async def test_fifty_payments_at_once_are_fifty_receipts_without_a_gap(cast):
    await an_encounter(cast.client)
    await asyncio.gather(*(a_payment(cast.client, 400) for _ in range(50)))
    numbers = sorted(row["number"] for row in await Payment.select(Payment.number))
    assert numbers == list(range(1, 51))
    assert await owes(cast.client) == (0, 0, 5000)
    await adds_up()


async def test_twenty_who_issue_at_once_leave_no_gap_and_no_service_stands_twice(cast):
    for days in range(1, 6):
        await an_encounter(cast.client, days_ago=days)
        await an_encounter(cast.other, days_ago=days, clinician_id=cast.client.principal_clinician)

    async def tries(client_id: int) -> None:
        with contextlib.suppress(Refused):
            await issuing.issue(TEST, client_id)

    await asyncio.gather(*(tries(one.id) for one in (cast.client, cast.other) * 10))
    rows = await Invoice.objects().order_by(Invoice.number)
    assert [row.number for row in rows] == [1, 2] and [row.total for row in rows] == [75000, 75000]
    await adds_up()


async def test_an_invoice_that_is_rolled_back_gives_its_number_to_the_next(cast):
    await an_encounter(cast.client)

    async def crash() -> None:
        async with transaction():
            await issuing.issue(TEST, cast.client.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await crash()
    await issuing.issue(TEST, cast.client.id)
    assert [row["number"] for row in await Invoice.select(Invoice.number)] == [1]
    await adds_up()


async def test_who_does_not_reach_the_client_finds_nothing(cast):
    await an_encounter(cast.client)
    account = cast.accounts["other clinician"]
    stranger = Viewer(account_id=account.id, staff_id=account.staff_member, role=Role.CLINICIAN)
    with pytest.raises(NotFoundException):
        await issuing.issue(stranger, cast.client.id)
    biller = Viewer(account_id=1, staff_id=1, role=Role.BILLER)
    await issuing.issue(biller, cast.client.id)
    assert (await LedgerAccount.objects().first()).client_due == 15000
