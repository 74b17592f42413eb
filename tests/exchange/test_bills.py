"""What another system charged is charged here: once, at its visit, to the cent, or not at all."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.access import Role, Viewer
from portal.billing.actions import charging, paying, returning
from portal.billing.actions.paying import Taken
from portal.billing.queries import checking, owed
from portal.billing.tables import Entry, Posting
from portal.clients.tables import Client
from portal.database import fetch
from portal.encounters.drafts import EncounterDraft, LineDraft
from portal.encounters.tables import Encounter, ServiceLine
from portal.exchange.report import Report
from portal.fees.tables import Fee, Service
from portal.practice.tables import Practice, Site, StaffMember
from tests.exchange.samples import (
    Json,
    charge_item,
    claim,
    coding,
    counts,
    coverage,
    encounter,
    identifier,
    imported,
    invoice,
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
PAST, OVER = "2020-12-01T09:00:00-05:00", "2020-12-01T09:50:00-05:00"
VISIT = encounter(PAST, OVER)
PEOPLE = (patient(), practitioner(), location())
SCT = "http://snomed.info/sct"


@pytest.fixture(autouse=True)
async def practice(db: str) -> None:
    await Practice(name="Harbor Lane", time_zone="America/New_York").save()


async def after(path: Path, *more: Json, name: str = "a.json") -> Report:
    """Whatever comes in, the ledger adds up."""
    report = await imported(write(path / name, *PEOPLE, *more))
    assert (await checking.check(TEST)).faults == []
    return report


async def lines() -> list[dict[str, Any]]:
    return await fetch(
        "SELECT l.*, e.appointment, e.payer, e.starts_at, e.place_of_service, e.clinician FROM service_line AS l"
        " JOIN encounter AS e ON e.id = l.encounter ORDER BY l.id"
    )


async def owes() -> tuple[int, int]:
    client = await Client.objects().first()
    assert client is not None
    found = await owed.balance(TEST, client.id)
    return found.client_due, found.insurance_due


async def test_a_claim_is_an_encounter_of_its_visit_with_what_it_cost(tmp_path: Path) -> None:
    diagnoses = [
        {"sequence": 1, "diagnosisCodeableConcept": coding("F411", "http://hl7.org/fhir/sid/icd-10-cm")},
        {"sequence": 2, "diagnosisCodeableConcept": coding("Z63.0", "http://hl7.org/fhir/sid/icd-10-cm", "Problems")},
    ]
    first = item(
        1, "150.00", quantity={"value": 2}, unitPrice=usd("75.00"), diagnosisSequence=[2, 1],
        modifier=[coding("95"), coding("hj")], locationCodeableConcept=coding("10", "https://www.cms.gov/pos"),
    )  # fmt: skip
    bill = claim(first, item(2, 20.1, "99354"), visit=VISIT["id"], diagnosis=diagnoses, total=usd("170.10"))
    report = await after(tmp_path, VISIT, bill)
    assert counts(report)["Claim"] == (1, 0, 0, 0) and report.exit_code == 0
    one, other = await lines()
    assert (one["code"], one["units"], one["fee"], one["charged"]) == ("90834", 2, 7500, 15000)
    assert (one["modifiers"], one["pointers"], one["place_of_service"]) == (["95", "HJ"], [1, 2], "10")
    assert (other["code"], other["charged"], other["insurance_due"]) == ("99354", 2010, 2010)
    assert one["encounter"] == other["encounter"] and one["payer"] == "Aetna"
    assert one["starts_at"] == datetime.fromisoformat(PAST)
    (visit,) = await fetch("SELECT id FROM appointment")
    assert one["appointment"] == visit["id"]
    assert await fetch("SELECT code, words FROM diagnosis ORDER BY place") == [
        {"code": "Z63.0", "words": "Problems"},
        {"code": "F41.1", "words": ""},
    ]
    assert await owes() == (0, 17010)
    (posting,) = await Posting.objects()
    assert (posting.kind, posting.counts_on) == ("encounter", date(2020, 12, 1))


async def test_the_second_time_nothing_is_charged_again(tmp_path: Path) -> None:
    told_all = (VISIT, claim(item(1, 100), visit=VISIT["id"]), charge_item("30.00", "99354", visit=VISIT["id"]))
    await after(tmp_path, *told_all)
    before = await fetch("SELECT * FROM entry ORDER BY id")
    report = await after(tmp_path, *told_all)
    assert {name: one[:2] for name, one in counts(report).items()} == dict.fromkeys(counts(report), (0, 0))
    assert counts(report)["Claim"] == counts(report)["ChargeItem"] == (0, 0, 1, 0)
    assert await fetch("SELECT * FROM entry ORDER BY id") == before and report.exit_code == 0


async def test_a_dry_run_charges_nothing(tmp_path: Path) -> None:
    report = await imported(write(tmp_path / "a.json", *PEOPLE, claim(item(1, 100))), dry_run=True)
    assert counts(report)["Claim"] == (1, 0, 0, 0)
    assert not await Entry.exists() and not await Encounter.exists()


async def test_a_visit_without_a_price_of_its_own_costs_what_is_left_of_the_total(tmp_path: Path) -> None:
    """As Synthea writes it: the visit and what was found have no price, the total counts the visit."""
    bill = claim(item(1, None, "185349003"), item(2, None, "444814009"), item(3, "140.52", "140"), total=usd("265.52"))
    bill["item"][0]["encounter"] = [{"reference": f"urn:uuid:{VISIT['id']}"}]
    report = await after(tmp_path, VISIT, bill)
    assert [(one["code"], one["charged"]) for one in await lines()] == [("185349003", 12500), ("140", 14052)]
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("bill", "why"),
    [
        (claim(item(1, 100), total=usd(90)), "does not add up: its services do not sum up to its total"),
        (claim(item(1, 60), item(2, 60), total=usd(130)), "does not add up: its services do not sum up to its total"),
        (claim(item(1, None), item(2, None), total=usd(9)), "does not add up: its services do not sum up to its total"),
        (claim(item(1, 100, quantity={"value": 2}, unitPrice=usd(60))),
         "names a price that is not the price of one times the quantity"),
        (claim(item(1, -5)), "names a negative amount"),
        (claim(item(1, "1e300")), "names an amount that is too large"),
        (claim(item(1, "1000000.00")), "names an amount that is too large"),
        (claim(item(1, None, unitPrice=usd(48, "EUR"))), "names an amount that is not in US dollars"),
        (claim(item(1, 10), item(1, 20)), "numbers two of its items alike"),
        (claim(item(1, 10, modifier=[coding("telehealth")])), "names a modifier that is none, or more than 4"),
        (claim(item(1, 10, quantity={"value": 0})), "names a quantity that is not between 0 and 999"),
        (claim(item(1, 10, productOrService={})), "names a service neither by a code nor by words"),
        (claim(item(1, 10, "9" * 21)), "names a code of more than 20 signs"),
        (claim(item(1, 10), at="2999-01-01T09:00:00Z"), "is about a day that is still to come"),
        (claim(item(1, 10), at=""), "does not say on which day it was"),
        (claim(*(item(at, 10, f"9083{at}") for at in range(13))), "has more than 12 services of one visit"),
        (claim(item(1, 10), status="banana"), "status is none that is known"),
        (claim(item(1, 10), patient={"reference": "Patient/gone"}),
         "patient points to Patient/gone, which is in none of these files"),
        (charge_item(status="unknown"), "status is none that is known"),
        (charge_item(None), "names no price, and the fee schedule has none for it"),
        (invoice(totalNet=usd(40, "EUR")), "names an amount that is not in US dollars"),
        (invoice({"chargeItemCodeableConcept": coding("1"), "priceComponent": [{"type": "base", "amount": usd(5)}]},
                 totalNet=usd(6)), "does not add up: its services do not sum up to its total"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_a_sentence_and_no_cent_of_it_comes_in(tmp_path: Path, bill: Json, why: str) -> None:
    report = await after(tmp_path, bill)
    assert told(report, "problem") == [f"{why}: left out"]
    assert counts(report)[bill["resourceType"]] == (0, 0, 0, 1) and report.exit_code == 1
    assert not await ServiceLine.exists() and not await Entry.exists()


async def test_a_reference_to_nothing_is_told_and_the_rest_stands(tmp_path: Path) -> None:
    bill = claim(item(1, 100, diagnosisSequence=[7], encounter=[{"reference": "Encounter/gone"}]))
    report = await after(tmp_path, bill)
    assert told(report) == [
        "encounter points to Encounter/gone, which is in none of these files",
        "diagnosisSequence points to a diagnosis that is not in it",
    ]
    assert [one["appointment"] for one in await lines()] == [None] and await owes() == (0, 10000)


@pytest.mark.parametrize(
    ("status", "use"), [("draft", "claim"), ("cancelled", "claim"), ("active", "predetermination")]
)
async def test_what_is_no_claim_yet_or_any_more_charges_nothing(tmp_path: Path, status: str, use: str) -> None:
    report = await after(tmp_path, claim(item(1, 100), status=status, use=use))
    assert counts(report)["Claim"] == (0, 0, 0, 1) and report.exit_code == 0
    assert not await Entry.exists()


async def test_pharmacies_and_hospitals_are_told_once_and_charge_nothing(tmp_path: Path) -> None:
    stay = encounter("2020-12-03T09:00:00Z", "2020-12-04T09:00:00Z", code="IMP")
    report = await after(
        tmp_path, stay, claim(item(1, 9), visit=stay["id"]), claim(item(1, 9), id="c2", type=coding("pharmacy"))
    )
    assert counts(report)["Claim"] == (0, 0, 0, 2) and report.exit_code == 0
    assert "claims of hospitals and emergency rooms are no visits of the practice: 1" in told(report)
    assert "claims of pharmacies are no visits of the practice: 1" in told(report)
    assert not await Entry.exists()


async def test_parts_of_cents_are_rounded_so_that_the_total_stays(tmp_path: Path) -> None:
    thirds = [item(at, "33.335", f"9083{at}") for at in (1, 2, 3)]
    report = await after(tmp_path, claim(*thirds, total=usd("100.005")))
    assert [one["charged"] for one in await lines()] == [3334, 3333, 3334]
    assert told(report) == ["names parts of a cent: they were rounded so that the sum stays"]


async def test_a_price_that_its_units_do_not_divide_stands_as_one_unit(tmp_path: Path) -> None:
    await after(tmp_path, claim(item(1, "100.00", quantity={"value": 3})))
    assert [(one["units"], one["fee"], one["charged"]) for one in await lines()] == [(1, 10000, 10000)]


async def test_a_day_without_an_hour_belongs_to_the_only_visit_of_that_day(tmp_path: Path) -> None:
    await after(tmp_path, VISIT, claim(item(1, 100, servicedDate="2020-12-01"), item(2, 9, servicedDate="2020-11-02")))
    (visit,) = await fetch("SELECT id FROM appointment")
    one, other = await lines()
    assert (one["appointment"], one["starts_at"]) == (visit["id"], datetime.fromisoformat(PAST))
    assert (other["appointment"], other["starts_at"]) == (None, datetime(2020, 11, 2, 17, tzinfo=UTC))


async def test_two_visits_of_one_claim_are_two_encounters(tmp_path: Path) -> None:
    later = encounter("2020-12-08T09:00:00-05:00", "2020-12-08T09:50:00-05:00")
    bill = claim(item(1, 100), item(2, 100))
    for one, visit in zip(bill["item"], (VISIT, later), strict=True):
        one["encounter"] = [{"reference": f"urn:uuid:{visit['id']}"}]
    await after(tmp_path, VISIT, later, bill)
    assert len({one["encounter"] for one in await lines()}) == len({one["appointment"] for one in await lines()}) == 2


async def test_one_visit_is_one_encounter_whoever_names_its_services(tmp_path: Path) -> None:
    """A claim that is sent again under another number, and the charge items behind it, cost nothing more."""
    again = claim(item(1, 100), visit=VISIT["id"], id="claim-2")
    charges = [charge_item(100, visit=VISIT["id"]), charge_item(7, "99354", visit=VISIT["id"], id="charge-2")]
    report = await after(tmp_path, VISIT, claim(item(1, 100), visit=VISIT["id"]), again, *charges)
    assert counts(report)["Claim"] == (1, 0, 1, 0) and counts(report)["ChargeItem"] == (1, 0, 1, 0)
    assert [(one["code"], one["charged"]) for one in await lines()] == [("90834", 10000), ("99354", 700)]
    assert await Encounter.count() == 1
    report = await after(tmp_path, VISIT, *charges, again, name="b.json")
    assert counts(report)["Claim"] == (0, 0, 1, 0) and counts(report)["ChargeItem"] == (0, 0, 2, 0)


async def test_two_charge_items_of_one_code_are_two_services(tmp_path: Path) -> None:
    await after(tmp_path, VISIT, charge_item(visit=VISIT["id"]))
    report = await after(tmp_path, VISIT, charge_item(visit=VISIT["id"]), charge_item(visit=VISIT["id"], id="charge-2"))
    assert counts(report)["ChargeItem"] == (1, 0, 1, 0)
    assert [(one["place"], one["charged"]) for one in await lines()] == [(1, 8000), (2, 8000)]
    assert (await Encounter.objects().first()).version == 2, "who is about to void it sees that it has grown"


async def test_the_same_service_for_another_price_is_not_charged_beside_it(tmp_path: Path) -> None:
    await after(tmp_path, VISIT, claim(item(1, 100), visit=VISIT["id"]))
    report = await after(tmp_path, VISIT, claim(item(1, 120), visit=VISIT["id"], id="claim-2"))
    assert told(report) == [
        "is about a visit of which the same service is charged already, for another price: left out"
    ]
    assert await owes() == (0, 10000)


async def test_a_changed_amount_is_told_and_the_ledger_stays(tmp_path: Path) -> None:
    await after(tmp_path, claim(item(1, 100)))
    report = await after(tmp_path, claim(item(1, 120)))
    stays = "left as it is; correct it here, if it should change"
    assert told(report) == [f"costs something else, or is something else, than when it was imported: {stays}"]
    assert counts(report)["Claim"] == (0, 0, 1, 0) and await owes() == (0, 10000)
    report = await after(tmp_path, claim(item(1, 100), item(2, 20, "99354")))
    assert told(report) == [f"has other services than when it was imported: {stays}"]
    report = await after(tmp_path, claim(item(1, 100), status="cancelled"))
    assert told(report) == ["does not count any more where it came from: void it here, if that is right"]
    assert await owes() == (0, 10000)


async def test_what_was_voided_here_stays_so_whatever_it_costs_over_there(tmp_path: Path) -> None:
    await after(tmp_path, VISIT, claim(item(1, 100), visit=VISIT["id"]))
    await charging.void(TEST, (await Encounter.objects().first()).id, 1, "Another client")
    for price in (100, 120):
        report = await after(tmp_path, VISIT, claim(item(1, price), visit=VISIT["id"]))
        assert counts(report)["Claim"] == (0, 0, 1, 0) and report.exit_code == 0
    assert await owes() == (0, 0) and await Encounter.count() == 1


async def by_hand() -> None:
    """Staff record the visit that was imported."""
    client, clinician = await Client.objects().first(), await StaffMember.objects().first()
    (visit,) = await fetch("SELECT * FROM appointment")
    draft = EncounterDraft(
        client.id, clinician.id, visit["site"], visit["starts_at"], visit["time_zone"],
        (LineDraft("90834", "Therapy", 1, 10000),), appointment_id=visit["id"],
    )  # fmt: skip
    await charging.record(Viewer(account_id=1, staff_id=clinician.id, role=Role.BILLER), draft)


async def test_a_visit_that_staff_recorded_is_not_charged_again(tmp_path: Path) -> None:
    await after(tmp_path, VISIT)
    await by_hand()
    report = await after(tmp_path, VISIT, claim(item(1, 100), visit=VISIT["id"]))
    assert counts(report)["Claim"] == (0, 0, 1, 0) and report.exit_code == 0
    report = await after(tmp_path, VISIT, claim(item(1, 9, "99354"), visit=VISIT["id"], id="claim-2"))
    assert told(report) == ["is about a visit that was recorded here without this service: left out"]
    assert await owes() == (10000, 0)


async def test_another_clients_visit_is_charged_to_nobody(tmp_path: Path) -> None:
    other = patient("M-2")
    report = await after(
        tmp_path, other, VISIT, claim(item(1, 100), visit=VISIT["id"], patient={"reference": "urn:uuid:p-M-2"})
    )
    assert told(report) == ["is about another client's visit: left out"]
    await after(tmp_path, claim(item(1, 100)))
    report = await after(tmp_path, other, claim(item(1, 100), patient={"reference": "urn:uuid:p-M-2"}))
    assert told(report) == ["has the identifier of another client's service: left out"]
    assert await owes() == (0, 10000)


async def test_who_is_asked_first_is_as_the_claim_says(tmp_path: Path) -> None:
    policy = coverage("urn:uuid:p-M-1", **{"class": [{"type": coding("group"), "value": "G-7"}]})
    bills = [
        claim(item(1, 10), insurance=[{"focal": True, "coverage": {"reference": "urn:uuid:cov-1"}}]),
        claim(item(1, 20), id="c2", insurance=[{"focal": True, "coverage": {"display": "NO_INSURANCE"}}]),
        claim(item(1, 30), id="c3", insurance=[]),
        claim(item(1, 40), id="c4", insurance=[{"focal": True, "coverage": {"reference": "Coverage/gone"}}]),
    ]
    report = await after(tmp_path, policy, *bills)
    assert told(report, "problem") == ["coverage points to Coverage/gone, which is in none of these files"]
    found = await Encounter.select().order_by(Encounter.id)
    assert [(one["payer"], one["member_id"], one["group_number"]) for one in found] == [
        ("Acme Health Plan", "888009335", "G-7"), ("", "", ""), ("", "", ""), ("Insurance", "", ""),
    ]  # fmt: skip
    assert await owes() == (5000, 5000)


async def test_a_charge_item_asks_whom_the_chart_names_and_the_practices_own_fee(tmp_path: Path) -> None:
    service = Service(code="90834", words="Our own words", words_es="Nuestras palabras")
    await service.save()
    for since, cents in ((date(2019, 1, 1), 7000), (date(2021, 1, 1), 9900)):
        await Fee(service=service.id, since=since, cents=cents).save()
    await after(tmp_path, coverage("urn:uuid:p-M-1"), charge_item(None, quantity={"value": 2}))
    (one,) = await lines()
    assert (one["words"], one["words_es"], one["units"], one["fee"]) == (
        "Our own words", "Nuestras palabras", 2, 7000,
    )  # fmt: skip
    assert one["payer"] == "Acme Health Plan" and await owes() == (0, 14000)


async def test_codes_of_other_systems_keep_their_signs_and_diagnoses_that_are_none_of_ours_go(tmp_path: Path) -> None:
    """As Synthea writes it."""
    condition = {"resourceType": "Condition", "id": "cond", "code": coding("444814009", SCT, "Viral sinusitis")}
    told_by = [{"sequence": 1, "diagnosisReference": {"reference": "urn:uuid:cond"}}]
    what = coding("185349003", SCT, "Encounter for check up (procedure)")
    bill = claim(item(1, 10, productOrService=what, diagnosisSequence=[1]), diagnosis=told_by)
    report = await after(tmp_path, condition, bill)
    (one,) = await lines()
    assert (one["code"], one["words"], one["pointers"]) == ("185349003", "Encounter for check up", [])
    assert told(report) == ["diagnoses that are not coded by ICD-10 are left out: 1"]


async def test_an_invoice_of_another_system_is_a_debt_here_and_no_invoice_of_ours(tmp_path: Path) -> None:
    report = await after(tmp_path, invoice(totalNet=usd("40.00"), totalGross=usd("48.00")))
    assert counts(report)["Invoice"] == (1, 0, 0, 0) and report.exit_code == 0
    (one,) = await lines()
    assert (one["words"], one["words_es"], one["code"]) == ("Invoice 654321", "Factura 654321", "")
    assert await owes() == (4800, 0)
    assert not await fetch("SELECT id FROM invoice") and not await fetch("SELECT last FROM counter")
    assert counts(await after(tmp_path, invoice(totalNet=usd("40.00"), totalGross=usd("48.00"))))["Invoice"][2] == 1


async def test_an_invoice_prices_its_charge_items_and_asks_the_client(tmp_path: Path) -> None:
    parts = [{"type": "base", "amount": usd("90.00")}, {"type": "discount", "amount": usd("-10.00")}]
    asks = invoice({"chargeItemReference": {"reference": "urn:uuid:charge-1"}, "priceComponent": parts})
    report = await after(tmp_path, coverage("urn:uuid:p-M-1"), charge_item(None), asks)
    assert counts(report)["Invoice"] == (0, 0, 1, 0) and report.exit_code == 0
    assert await owes() == (8000, 0)


async def test_an_invoice_that_was_paid_over_there_leaves_nothing_to_pay_and_settles_once(tmp_path: Path) -> None:
    line = {"chargeItemReference": {"reference": "urn:uuid:charge-1"}}
    await after(tmp_path, charge_item(), invoice(line))
    assert await owes() == (8000, 0)
    client = await Client.objects().first()
    payment = await paying.take(TEST, client.id, Taken("cash", 3000, date(2021, 1, 1)))
    report = await after(tmp_path, charge_item(), invoice(line, status="balanced"))
    assert counts(report)["Invoice"] == (0, 1, 0, 0) and await owes() == (0, 0)
    await returning.reverse(TEST, payment, "Bounced")
    report = await after(tmp_path, charge_item(), invoice(line, status="balanced"))
    assert counts(report)["Invoice"] == (0, 0, 1, 0) and await owes() == (3000, 0)


async def test_an_invoice_settles_no_service_of_another_client(tmp_path: Path) -> None:
    line = {"chargeItemReference": {"reference": "urn:uuid:charge-1"}}
    await after(tmp_path, charge_item())
    theirs = invoice(line, status="balanced", subject={"reference": "urn:uuid:p-M-2"})
    report = await after(tmp_path, patient("M-2"), charge_item(), theirs)
    assert told(report, "problem") == ["names services of another client: it settles nothing"]
    assert await owes() == (8000, 0)


async def test_identifiers_that_many_claims_share_are_no_key(tmp_path: Path) -> None:
    group = identifier("99999999999", system="https://bluebutton.cms.gov/resources/identifier/claim-group")
    await after(tmp_path, *(claim(item(1, 10), id=f"c{n}", identifier=[group]) for n in (1, 2)))
    assert await owes() == (0, 2000)


async def test_each_change_of_a_ledger_is_in_the_audit(tmp_path: Path) -> None:
    await after(tmp_path, claim(item(1, 10)))
    await after(tmp_path, claim(item(1, 10)))
    assert len(await fetch("SELECT id FROM audit_row WHERE act = 'ledger.imported'")) == 1


async def test_nobody_is_told_where_it_was_or_by_whom(tmp_path: Path) -> None:
    await StaffMember(given_name="Ann", family_name="Other").save()
    await Site(name="Elsewhere").save()
    report = await after(tmp_path, claim(item(1, 10), careTeam=[]), claim(item(1, 10), id="c2", facility=None))
    assert told(report) == ["names no clinician: left out", "names no place: left out"]
