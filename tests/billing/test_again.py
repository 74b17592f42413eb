"""What was sent twice is done once; what somebody has looked at is what they agree to; a voided visit owes nothing."""

from datetime import timedelta

import pytest

from portal.billing.actions import charging, deciding, paying, returning
from portal.billing.actions.deciding import Part, Remittance
from portal.billing.actions.paying import Taken
from portal.billing.actions.returning import Back
from portal.billing.tables import Payment, Posting
from portal.database import fetch
from portal.invoices.actions import issuing
from portal.refusal import Refused
from tests.billing.factories import AETNA, a_payment, an_encounter, today
from tests.billing.test_ledger import adds_up, line_of, owes
from tests.factories import TEST
from tests.schedule.steps import staff


async def test_each_act_with_a_key_is_done_once(cast):
    await an_encounter(cast.client)
    payment = await a_payment(cast.client, 5000, key="pay")
    assert await a_payment(cast.client, 5000, key="pay") == payment
    refund = await returning.refund(TEST, payment, Back("cash", "Asked for", key="back"))
    assert await returning.refund(TEST, payment, Back("cash", "Asked for", key="back")) == refund
    for _ in range(2):
        await returning.reverse(TEST, refund, "Never handed over", key="undo")
    assert await owes(cast.client) == (10000, 0, 0) and await Payment.count() == 2
    await adds_up()


async def test_a_key_that_another_form_or_another_client_has_used_is_refused(cast):
    line = (await line_of(await an_encounter(cast.client))).id
    await a_payment(cast.client, 5000, key="mine")
    with pytest.raises(Refused):
        await a_payment(cast.other, 5000, key="mine")
    with pytest.raises(Refused):
        await deciding.write_off(TEST, cast.client.id, line, 100, "Agreed", key="mine")
    assert await Posting.count() == 2


async def test_what_was_taken_back_twice_was_taken_back_once(cast):
    line = (await line_of(await an_encounter(cast.client))).id
    posting = await deciding.write_off(TEST, cast.client.id, line, 100, "Agreed")
    for _ in range(2):
        await returning.take_back(TEST, posting, "Too much", key="undo")
    with pytest.raises(Refused):
        await returning.take_back(TEST, posting, "Too much", key="another")
    assert await owes(cast.client) == (15000, 0, 0)
    await adds_up()


async def test_a_plan_that_is_not_the_one_which_was_seen_is_refused(cast):
    await an_encounter(cast.client)
    taken = Taken("cash", 15000, today())
    plan = await paying.plan(TEST, cast.client.id, taken)
    assert (list(plan.parts.values()), plan.rest) == ([15000], 0)
    await a_payment(cast.client, 15000)
    with pytest.raises(Refused) as refusal:
        await paying.take(TEST, cast.client.id, taken, seen=plan.seen)
    assert list(refusal.value.sentences) == ["changed"]
    assert await owes(cast.client) == (0, 0, 0)


async def test_pressed_twice_the_same_services_are_one_invoice_and_one_replacement(cast):
    desk = staff(cast, "biller")
    lines = [(await line_of(await an_encounter(cast.client))).id]
    invoice = await issuing.issue(desk, cast.client.id, lines)
    assert await issuing.issue(desk, cast.client.id, lines) == invoice
    other = await issuing.replace(desk, invoice, "Wrong address")
    assert await issuing.replace(desk, invoice, "Wrong address") == other != invoice
    for _ in range(2):
        await issuing.void(desk, other, "Wrong person")
    with pytest.raises(Refused):
        await issuing.void(desk, other, "Something else")
    await adds_up()


async def voided(cast, *, paid: int) -> tuple[int, int]:
    """A visit that was paid for in part, and then voided: its line, and the payment."""
    encounter = await an_encounter(cast.client)
    line = (await line_of(encounter)).id
    payment = await a_payment(cast.client, paid)
    await charging.void(TEST, encounter, 1, "Another client")
    return line, payment


async def nothing_is_owed_for(line: int) -> None:
    rows = await fetch("SELECT client_due, insurance_due, charged FROM service_line WHERE id = {}", line)
    assert rows == [{"client_due": 0, "insurance_due": 0, "charged": 0}]
    await adds_up()


async def test_what_was_paid_for_a_voided_visit_goes_back_from_the_credit_that_it_became(cast):
    line, payment = await voided(cast, paid=16000)
    assert await returning.returnable(TEST, payment) == {0: 16000}
    refund = await returning.refund(TEST, payment, Back("cash", "Asked for"))
    assert await owes(cast.client) == (0, 0, 0)
    await returning.reverse(TEST, refund, "Never handed over")
    assert await owes(cast.client) == (0, 0, 16000)
    await nothing_is_owed_for(line)


async def test_a_check_that_bounced_after_its_visit_was_voided_takes_the_credit_away(cast):
    line, payment = await voided(cast, paid=16000)
    await returning.reverse(TEST, payment, "Bounced")
    assert await owes(cast.client) == (0, 0, 0)
    await nothing_is_owed_for(line)


async def test_credit_that_has_paid_for_something_else_is_taken_back_before_its_payment_is_reversed(cast):
    _, payment = await voided(cast, paid=15000)
    await an_encounter(cast.client)
    applied = await paying.apply_credit(TEST, cast.client.id)
    with pytest.raises(Refused):
        await returning.reverse(TEST, payment, "Bounced")
    await returning.take_back(TEST, applied, "The check bounced")
    await returning.reverse(TEST, payment, "Bounced")
    assert await owes(cast.client) == (15000, 0, 0)
    await adds_up()


async def test_what_was_decided_about_a_voided_visit_can_be_taken_back_and_it_still_owes_nothing(cast):
    encounter = await an_encounter(cast.client, insured=AETNA)
    line = (await line_of(encounter)).id
    posting = await deciding.post_remittance(
        TEST, cast.client.id, Remittance("Aetna", "check", today(), [Part(line, 0, 5000, 10000)])
    )
    await charging.void(TEST, encounter, 1, "Another client")
    await returning.take_back(TEST, posting, "Another client")
    assert await owes(cast.client) == (0, 0, 0)
    await nothing_is_owed_for(line)


async def test_credit_that_paid_for_a_visit_which_was_voided_stays_credit(cast):
    await a_payment(cast.client, 15000)
    encounter = await an_encounter(cast.client)
    applied = await paying.apply_credit(TEST, cast.client.id)
    await charging.void(TEST, encounter, 1, "Another client")
    await returning.take_back(TEST, applied, "Too early")
    assert await owes(cast.client) == (0, 0, 15000)
    await nothing_is_owed_for((await line_of(encounter)).id)


@pytest.mark.parametrize(
    ("told", "field"),
    [({"method": "shells"}, "method"), ({"payer": ""}, "payer"), ({"parts": []}, "")],
)
async def test_a_decision_that_cannot_be_is_refused_beside_its_field(cast, told, field):
    line = (await line_of(await an_encounter(cast.client, insured=AETNA))).id
    whole = {"payer": "Aetna", "method": "check", "received_on": today(), "parts": [Part(line, 1)], **told}
    with pytest.raises(Refused) as refusal:
        await deciding.post_remittance(TEST, cast.client.id, Remittance(**whole))
    assert list(refusal.value.sentences) == [field]


async def test_a_form_that_was_sent_and_says_something_else_now_is_refused(cast):
    """Somebody went back in the browser: they would believe that the second sum was posted as well."""
    line = (await line_of(await an_encounter(cast.client, insured=AETNA))).id
    decided = Remittance("Aetna", "check", today(), [Part(line, paid=1000, left=4000)], key="decide")
    await deciding.post_remittance(TEST, cast.client.id, decided)
    await deciding.write_off(TEST, cast.client.id, line, 100, "Agreed", key="less")
    payment = await a_payment(cast.client, 2000, key="pay")
    other = await a_payment(cast.client, 500)
    await returning.refund(TEST, payment, Back("cash", "Asked for", {line: 300}, key="back"))
    await returning.reverse(TEST, other, "Bounced", key="undo")
    another = Remittance("Aetna", "check", today(), [Part(line, paid=2000, left=4000)], key="decide")
    before = await Posting.count()
    for act in (
        deciding.post_remittance(TEST, cast.client.id, another),
        deciding.write_off(TEST, cast.client.id, line, 200, "Agreed", key="less"),
        a_payment(cast.client, 3000, key="pay"),
        a_payment(cast.client, 2000, key="pay", received_on=today() - timedelta(days=1)),
        returning.refund(TEST, payment, Back("cash", "Asked for", {line: 400}, key="back")),
        returning.reverse(TEST, payment, "Bounced", key="undo"),
    ):
        with pytest.raises(Refused) as refusal:
            await act
        assert "sent already" in str(refusal.value.sentences[""])
    assert await Posting.count() == before
    await adds_up()
