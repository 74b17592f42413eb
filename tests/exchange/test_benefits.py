"""What insurers decided elsewhere: the payment, what was taken off, what is the client's; to the cent, and once."""

from pathlib import Path
from typing import Any

import pytest

from portal.billing.actions import charging, returning
from portal.billing.queries import checking
from portal.billing.tables import Payment, Posting
from portal.database import fetch
from portal.encounters.tables import Encounter, ServiceLine
from portal.exchange.report import Report
from portal.practice.tables import Practice
from tests.exchange.samples import (
    Json,
    adjudication,
    benefit,
    claim,
    counts,
    imported,
    item,
    location,
    patient,
    practitioner,
    told,
    usd,
    write,
)
from tests.factories import TEST

pytestmark = pytest.mark.usefixtures("db")
PEOPLE = (patient(), practitioner(), location())
CLAIM = claim(item(1, "150.00"), item(2, "140.52", "99354"))
REVERSE = "left as it is; reverse it here, if that is right"


@pytest.fixture(autouse=True)
async def practice(db: str) -> None:
    await Practice(name="Harbor Lane", time_zone="America/New_York").save()


async def after(path: Path, *more: Json) -> Report:
    """Whatever comes in, the ledger adds up."""
    report = await imported(write(path / "a.json", *PEOPLE, *more))
    assert (await checking.check(TEST)).faults == []
    return report


async def sums() -> list[tuple[int, ...]]:
    """Of each service: charged, paid by insurers, taken off, waiting for insurance, the client's."""
    found = await ServiceLine.select().order_by(ServiceLine.id)
    names = ("charged", "paid_by_insurer", "adjusted", "insurance_due", "client_due")
    return [tuple(one[name] for name in names) for one in found]


async def test_an_insurer_pays_takes_off_and_leaves_a_part_to_the_client(tmp_path: Path) -> None:
    decided = adjudication(submitted=150, eligible="110.00", copay=20, deductible=5, benefit=85)
    paid = {"payment": {"amount": usd("85.00"), "date": "2021-01-08", "identifier": {"value": "ERA 77"}}}
    report = await after(tmp_path, CLAIM, benefit(decided, **paid))
    assert counts(report)["ExplanationOfBenefit"] == (1, 0, 0, 0) and report.exit_code == 0
    assert await sums() == [(15000, 8500, 4000, 0, 2500), (14052, 0, 0, 14052, 0)], "the other service waits"
    (payment,) = await Payment.select()
    assert (payment["payer"], payment["amount"], payment["reference"]) == ("Aetna", 8500, "ERA 77")
    assert (payment["number"], payment["received_on"].isoformat()) == (None, "2021-01-08")


async def test_the_second_time_nothing_is_posted_again(tmp_path: Path) -> None:
    told_all = (CLAIM, benefit(adjudication(benefit=85, copay=20), paid=85))
    await after(tmp_path, *told_all)
    before = await fetch("SELECT * FROM entry ORDER BY id")
    report = await after(tmp_path, *told_all)
    assert counts(report)["ExplanationOfBenefit"] == (0, 0, 1, 0) and report.exit_code == 0
    assert await fetch("SELECT * FROM entry ORDER BY id") == before and await Payment.count() == 1


async def test_parts_of_cents_as_synthea_writes_them_lose_no_cent(tmp_path: Path) -> None:
    """112.416 twice is 224.832: what came is 224.83, and what it pays is that."""
    part = adjudication(pays="112.41600000000001", coinsurance="28.104000000000003", charges=140.52, allows=140.52)
    report = await after(
        tmp_path, claim(item(1, 140.52), item(2, 140.52, "99354")), benefit(part, part, paid="224.83200000000002")
    )
    assert await sums() == [(14052, 11242, 0, 0, 2810), (14052, 11241, 0, 0, 2811)]
    assert (await Payment.objects().first()).amount == 22483
    assert told(report) == ["names parts of a cent: they were rounded so that the sum stays"]


async def test_a_system_that_rounds_each_amount_is_believed_too(tmp_path: Path) -> None:
    part = adjudication(benefit="50.004")
    await after(tmp_path, claim(item(1, 60), item(2, 60, "99354")), benefit(part, part, paid="100.00"))
    assert [one[1] for one in await sums()] == [5000, 5000]


@pytest.mark.parametrize(
    ("told_of", "why"),
    [
        (benefit(adjudication(benefit=85), paid=80),
         "does not add up: what was paid for the services is not what was paid"),
        (benefit(adjudication(benefit=200), paid=200), "decides about more than is waiting for insurance here"),
        (benefit(adjudication(benefit=85, eligible=80), paid=85),
         "does not add up: it pays and leaves more than it allows"),
        (benefit(adjudication(benefit=85, eligible=160), paid=85), "does not add up: it allows more than it costs"),
        (benefit(adjudication(benefit=85, submitted=140), paid=85), "decides about another price than it has here"),
        (benefit(adjudication(benefit=-85), paid=-85), "names a negative amount"),
        (benefit(adjudication(benefit=85), payment={"amount": usd(85, "CAD")}),
         "names an amount that is not in US dollars"),
        (benefit(adjudication(benefit=85), paid=85, status="banana"), "status or outcome is none that is known"),
        (benefit(adjudication(benefit=85), paid=85, outcome="banana"), "status or outcome is none that is known"),
        (benefit(adjudication(benefit=85), paid=85, claim={"reference": "Claim/gone"}),
         "claim points to Claim/gone, which is in none of these files"),
        (benefit(adjudication(benefit=85), paid=85, claim=None), "names no claim"),
        (benefit(adjudication(benefit=85), payment={"amount": usd(85), "date": "2999-01-01"}),
         "does not say when it was paid, or a day that is still to come"),
        (benefit([], [], adjudication(benefit=85), paid=85), "is about a service that was not imported"),
        (benefit(adjudication(paidtopatient=85), paid=85),
         "says that the insurer paid the client, which moves nothing here"),
        (benefit(adjudication(benefit=85, left=0) + adjudication(benefit=80), paid=85),
         "says one amount in two ways"),
        (benefit(adjudication(benefit="0.004"), paid=0), "decides about less than a cent"),
    ],
)  # fmt: skip
async def test_what_does_not_add_up_is_a_sentence_and_moves_no_cent(tmp_path: Path, told_of: Json, why: str) -> None:
    report = await after(tmp_path, CLAIM, told_of)
    assert told(report, "problem") == [f"{why}: left out"]
    assert counts(report)["ExplanationOfBenefit"] == (0, 0, 0, 1)
    assert await sums() == [(15000, 0, 0, 15000, 0), (14052, 0, 0, 14052, 0)]
    assert not await Payment.exists()


@pytest.mark.parametrize(
    "told_of",
    [
        benefit(adjudication(submitted=150, eligible=0), paid=0),
        benefit([], [], paid=0),
        benefit(adjudication(benefit=85), paid=85, outcome="queued"),
    ],
)
async def test_what_decides_nothing_goes_on_waiting(tmp_path: Path, told_of: Json) -> None:
    """What an insurer refuses is for staff to settle: nobody says here whether the client pays it."""
    report = await after(tmp_path, CLAIM, told_of)
    assert told(report) == ["explanations of benefits that decide nothing are left out: 1"] and report.exit_code == 0
    assert [one[3] for one in await sums()] == [15000, 14052]


async def test_a_sum_for_all_services_goes_to_the_first_ones_first(tmp_path: Path) -> None:
    whole = adjudication(submitted="290.52", eligible="280.00", copay=20, benefit=200)
    report = await after(tmp_path, CLAIM, benefit(paid=200, total=whole))
    assert told(report) == ["decides about its services together: it was spread over them, the first ones first"]
    assert await sums() == [(15000, 15000, 0, 0, 0), (14052, 5000, 1052, 6000, 2000)]


async def test_the_clients_part_may_be_said_as_a_whole(tmp_path: Path) -> None:
    await after(tmp_path, CLAIM, benefit(adjudication(paidtoprovider=100, copay=20, memberliability=30), paid=100))
    assert (await sums())[0] == (15000, 10000, 0, 2000, 3000)


async def test_a_second_insurer_pays_from_what_the_first_has_left_waiting(tmp_path: Path) -> None:
    first = benefit(adjudication(benefit=100), paid=100)
    second = benefit(adjudication(benefit=30), paid=30, id="eob-2", insurer={"display": "Cigna"})
    third = benefit(adjudication(benefit=30), paid=30, id="eob-3")
    report = await after(tmp_path, CLAIM, first, second, third)
    assert told(report) == ["decides about more than is waiting for insurance here: left out"]
    assert (await sums())[0] == (15000, 13000, 0, 2000, 0)
    assert [row["payer"] for row in await Payment.select().order_by(Payment.id)] == ["Aetna", "Cigna"]


async def test_a_benefit_in_a_later_file_finds_its_claim(tmp_path: Path) -> None:
    numbered = {"identifier": [{"system": "http://ehr.example/claims", "value": "C-9"}]}
    await after(tmp_path, {**CLAIM, **numbered})
    later = benefit(
        adjudication(benefit=85), paid=85, claim={"reference": "Claim?identifier=http://ehr.example/claims|C-9"}
    )
    report = await after(tmp_path, later)
    assert counts(report)["ExplanationOfBenefit"] == (1, 0, 0, 0) and (await sums())[0][1] == 8500


async def test_another_payment_than_before_is_told_and_not_posted(tmp_path: Path) -> None:
    await after(tmp_path, CLAIM, benefit(adjudication(benefit=85), paid=85))
    report = await after(tmp_path, CLAIM, benefit(adjudication(benefit=90), paid=90))
    assert told(report) == [f"says another payment than when it was imported: {REVERSE}"]
    report = await after(tmp_path, CLAIM, benefit(adjudication(benefit=85), paid=85, status="cancelled"))
    assert told(report) == [f"does not count any more where it came from: {REVERSE}"]
    assert counts(report)["ExplanationOfBenefit"] == (0, 0, 1, 0) and (await sums())[0][1] == 8500


async def test_what_was_reversed_here_stays_reversed(tmp_path: Path) -> None:
    told_all = (CLAIM, benefit(adjudication(benefit=85), paid=85))
    await after(tmp_path, *told_all)
    (payment,) = await Payment.objects()
    await returning.reverse(TEST, payment.id, "Another client's")
    report = await after(tmp_path, *told_all)
    assert counts(report)["ExplanationOfBenefit"] == (0, 0, 1, 0) and report.exit_code == 0
    assert (await sums())[0] == (15000, 0, 0, 15000, 0) and await Posting.count() == 3


async def test_nothing_is_paid_for_what_was_voided_here(tmp_path: Path) -> None:
    await after(tmp_path, CLAIM)
    await charging.void(TEST, (await Encounter.objects().first()).id, 1, "Another client")
    report = await after(tmp_path, CLAIM, benefit(adjudication(benefit=85), paid=85))
    assert told(report) == ["is about a service that was voided here: left out"]


async def test_nothing_is_paid_for_another_clients_services(tmp_path: Path) -> None:
    theirs = benefit(adjudication(benefit=85), paid=85, patient={"reference": "urn:uuid:p-M-2"})
    report = await after(tmp_path, patient("M-2", birthDate="1990-01-01"), CLAIM, theirs)
    assert told(report) == ["is about another client's service: left out"]
    assert not await Payment.exists()


async def test_who_decided_is_the_insurer_of_the_visit_where_nobody_is_named(tmp_path: Path) -> None:
    await after(tmp_path, CLAIM, benefit(adjudication(copay=20), insurer=None))
    assert (await sums())[0] == (15000, 0, 0, 13000, 2000) and not await Payment.exists()
    reasons: list[Any] = await fetch("SELECT reason FROM posting WHERE kind = 'insurer'")
    assert reasons == [{"reason": "Aetna"}]
