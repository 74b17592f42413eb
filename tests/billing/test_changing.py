"""What was recorded is looked at, completed, corrected and voided; and stays on record."""

import asyncio
from dataclasses import replace

import pytest

from portal.access import NotFoundException
from portal.billing.actions import charging, deciding, paying
from portal.billing.actions.deciding import Part, Remittance
from portal.billing.queries import checking, entries, owed
from portal.database import fetch
from portal.encounters.queries.recorded import recorded
from portal.encounters.tables import Encounter
from portal.fees import actions as fees
from portal.invoices.actions import issuing
from tests.billing.factories import AETNA, SESSION, a_payment, an_encounter, today
from tests.billing.steps import Work, again, codes_of, lines_of, some_work, the_encounter
from tests.cast import Cast
from tests.factories import TEST


@pytest.fixture
async def work(cast: Cast) -> Work:
    return await some_work(cast)


def opened(encounter: int, what: str = "") -> tuple[str, str]:
    return f"/staff/encounters/{encounter}", f"/staff/encounters/{encounter}{what}"


async def due(work: Work) -> tuple[int, int, int]:
    found = await owed.balance(TEST, work.cast.client.id)
    return found.client_due, found.insurance_due, found.credit


async def adds_up() -> None:
    assert (await checking.check(TEST)).faults == []


async def test_the_page_says_what_stands_there_and_what_became_of_the_charge(work):
    encounter = await an_encounter(work.cast.client, insured=AETNA)
    line = (await lines_of(await the_encounter()))[0].id
    told = Remittance("Aetna", "transfer", today(), [Part(line, 9000, 3500, 2500)])
    await deciding.post_remittance(TEST, work.cast.client.id, told)
    await a_payment(work.cast.client, 1000)
    page = await (await work.biller()).get(f"/staff/encounters/{encounter}")
    assert page.heading == "Maya Reyes" and "F41.1 Generalized anxiety disorder" in page.words
    assert "Aetna, Open Access, W2093 11864" in page.words and "11 Office" in page.words
    said = [one.get_text(" ", strip=True) for one in page.soup.select("#ledger-h + table tbody th")]
    assert sorted(said) == [
        "Charged", "No longer with the insurer Aetna", "Now the client’s to pay Aetna", "Paid by the client",
        "Paid by the insurer Aetna", "Taken off by the insurer’s agreement Aetna",
    ]  # fmt: skip
    assert "Still open $15.00" in page.words and "Recorded portal: test" in page.words
    assert {f"/staff/clients/{work.cast.client.id}/account", f"{page.path}/superbill"} <= set(page.links())


async def test_codes_are_completed_and_no_money_moves(work):
    encounter = await an_encounter(work.cast.client, replace(SESSION, pointers=()), diagnoses=())
    browser = await work.biller()
    path, codes = opened(encounter, "/codes")
    assert "None yet. A superbill asks for at least one." in (await browser.get(path)).words
    page = await browser.get(codes)
    assert page.value("line1.pointers") == ""
    typed = {"diagnosis1": "f41.1", "diagnosis2": "Z63.0", "line1.modifiers": "95", "line1.pointers": "ba"}
    page = await browser.press(page, codes, typed, act="save", place_of_service="10", is_part2="yes")
    assert page.path == path and "Saved. The charge is as it was." in page.words
    row = await the_encounter()
    assert [code for code, _ in await codes_of(row)] == ["F41.1", "Z63.0"] and (row.version, row.is_part2) == (2, True)
    assert [(line.modifiers, line.pointers, line.charged) for line in await lines_of(row)] == [(["95"], [2, 1], 15000)]
    assert row.place_of_service == "10" and "Codes changed" in page.words and await due(work) == (15000, 0, 0)
    await adds_up()


@pytest.mark.parametrize(
    ("typed", "name", "said"),
    [
        ({"diagnosis1": "F4"}, "diagnosis1",
         "This code is not known. Look it up below, or add it to your own codes."),
        ({"line1.pointers": "B"}, "line1.pointers", "There is no diagnosis B to point to"),
        ({"line1.modifiers": "9"}, "line1.modifiers", "Enter up to 4 modifiers of two signs, such as 95"),
        ({"referring_npi": "12"}, "referring_npi", "This is not an NPI: check its ten digits"),
    ],
)  # fmt: skip
async def test_codes_that_cannot_be_have_their_sentence(work, typed, name, said):
    encounter = await an_encounter(work.cast.client)
    browser = await work.biller()
    _, codes = opened(encounter, "/codes")
    page = await browser.press(await browser.get(codes), codes, typed, act="save")
    assert page.status == 422 and page.errors == {name: said} and page.value(name) == typed[name]
    assert (await the_encounter()).version == 1


async def test_a_code_keeps_the_words_of_the_time_of_service(work):
    own = await fees.save_diagnosis(TEST, None, "G47.00", "Insomnia")
    encounter = await an_encounter(work.cast.client)
    browser = await work.biller()
    _, codes = opened(encounter, "/codes")
    await browser.press(await browser.get(codes), codes, diagnosis1="G47.00", act="save")
    await fees.save_diagnosis(TEST, own, "", "Something else")
    await fees.retire_diagnosis(TEST, own)
    page = await browser.press(await browser.get(codes), codes, diagnosis2="F41.1", act="save")
    assert page.status == 200
    assert await codes_of(await the_encounter()) == [("G47.00", "Insomnia"), ("F41.1", "Generalized anxiety disorder")]


@pytest.mark.parametrize("htmx", [False, True])
async def test_codes_that_somebody_else_changed_meanwhile_are_not_written_over(work, htmx):
    encounter = await an_encounter(work.cast.client)
    browser = await work.biller(htmx=htmx)
    _, codes = opened(encounter, "/codes")
    mine = await browser.get(codes)
    await browser.press(mine, codes, diagnosis1="F33.1", act="save")
    page = await browser.press(mine, codes, diagnosis1="Z63.0", act="save")
    assert page.status == 409 and "Somebody changed this meanwhile" in page.words
    assert page.value("diagnosis1") == "Z63.0" and [code for code, _ in await codes_of(await the_encounter())] == [
        "F33.1"
    ]
    await browser.press(page, codes, act="save")
    assert [code for code, _ in await codes_of(await the_encounter())] == ["Z63.0"], "sent once more, it is meant"


async def test_a_correction_voids_and_records_anew_with_its_reason(work):
    encounter = await an_encounter(work.cast.client, insured=AETNA)
    browser = await work.biller()
    path, correction = opened(encounter, "/correction")
    page = await browser.get(correction)
    assert page.value("line1.fee") == "37.50" and page.value("line1.units") == "4"
    page = await browser.press(page, correction, {"line1.units": "2"}, act="check")
    assert page.status == 422 and page.errors == {"reason": "Say why: it stands beside what was voided"}
    assert page.value("line1.units") == "2"
    page = await again(browser, page, correction, "check", reason="Two units only")
    assert page.heading == "Look it over" and "$75.00" in page.words and "Aetna, Open Access" in page.words
    assert await Encounter.count() == 1
    page = await browser.press(page, correction, act="record")
    new = await the_encounter()
    assert page.path == f"/staff/encounters/{new.id}" and new.replaces == encounter and new.member_id == AETNA.member_id
    assert await due(work) == (0, 7500, 0)
    old = await browser.get(path)
    assert "Voided" in old.pills() and "Two units only" in old.words and page.path in old.links()
    assert path in page.links() and "Still open $0.00" in old.words
    await adds_up()


async def test_a_correction_pressed_twice_corrects_once(work):
    encounter = await an_encounter(work.cast.client)
    browser = await work.biller()
    _, correction = opened(encounter, "/correction")
    page = await browser.get(correction)
    page = await browser.press(page, correction, {"line1.units": "2"}, act="check", reason="Two units only")
    answers = await asyncio.gather(*(browser.press(page, correction, act="record") for _ in range(3)))
    new = await the_encounter()
    assert {answer.path for answer in answers} == {f"/staff/encounters/{new.id}"}
    assert await Encounter.count() == 2 and await due(work) == (7500, 0, 0)
    await adds_up()


async def test_a_service_that_was_retired_since_may_stand_in_a_correction(work):
    encounter = await an_encounter(work.cast.client)
    await fees.retire_service(TEST, 1)
    browser = await work.biller()
    _, correction = opened(encounter, "/correction")
    page = await browser.press(await browser.get(correction), correction, act="check", reason="Another clinician")
    assert page.heading == "Look it over" and f"H0004 {SESSION.words}" in page.words


async def test_it_is_voided_with_a_reason_and_recorded_anew(work):
    visit = await work.visit()
    encounter = await an_encounter(work.cast.client, appointment_id=visit)
    await a_payment(work.cast.client, 4000)
    browser = await work.biller()
    path, voiding = opened(encounter, "/voiding")
    page = await browser.press(await browser.get(path), voiding, reason=" ")
    assert page.status == 422 and page.errors == {"reason": "Say why: it stands beside what was voided"}
    page = await browser.press(page, voiding, reason="Another client")
    assert page.path == path and "Voided" in page.pills() and "Another client" in page.words
    assert "What the client paid became credit" in page.words and "Charge taken back" in page.words
    assert await due(work) == (0, 0, 4000)
    assert page.soup.find("form", action=voiding) is None
    page = await browser.post(voiding, reason="Twice", version="2")
    assert page.path == path and (await the_encounter()).void_reason == "Another client"
    assert (await browser.get(f"/staff/billing/visits/{visit}/encounter")).heading == "Record a visit"
    for what in ("/codes", "/correction"):
        assert (await browser.get(f"{path}{what}")).path == path, "what is voided is not changed"
    await adds_up()


async def test_what_stands_on_an_invoice_or_was_paid_by_an_insurer_is_not_voided(work):
    first = await an_encounter(work.cast.client)
    invoice = await issuing.issue(TEST, work.cast.client.id)
    browser = await work.biller()
    path, voiding = opened(first, "/voiding")
    page = await browser.press(await browser.get(path), voiding, reason="Wrong")
    assert page.status == 422 and page.errors[""].startswith("Invoice ") and page.value("reason") == "Wrong"
    await issuing.void(TEST, invoice, "Wrong")
    second = await an_encounter(work.cast.client, insured=AETNA)
    line = (await lines_of(await the_encounter(second)))[0].id
    await deciding.post_remittance(TEST, work.cast.client.id, Remittance("Aetna", "check", today(), [Part(line, 100)]))
    path, correction = opened(second, "/correction")
    page = await browser.press(await browser.get(correction), correction, act="check", reason="Wrong")
    page = await browser.press(page, correction, act="record")
    assert page.status == 422 and "An insurer has paid for it" in page.errors[""] and page.value("reason") == "Wrong"


@pytest.mark.parametrize("version", ["0", "2", "x", ""])
async def test_a_version_that_nobody_saw_voids_nothing(work, version):
    encounter = await an_encounter(work.cast.client)
    browser = await work.biller()
    page = await browser.post(f"/staff/encounters/{encounter}/voiding", version=version, reason="Wrong visit")
    assert page.status == 409 and page.value("reason") == "Wrong visit" and (await the_encounter()).voided_at is None


async def test_who_may_look_and_who_may_change(work):
    """The desk sees the charge and no diagnosis; another clinician nothing."""
    own = await an_encounter(work.cast.client)
    other = await an_encounter(work.cast.other, clinician_id=work.calendar.okafor)
    reads = {"front_desk", "clinician", "biller", "supervisor", "administrator"}
    for part in work.cast.parts:
        if part == "signed out":
            continue
        browser = await work.cast.browser(part)
        for encounter in (own, other):
            path = f"/staff/encounters/{encounter}"
            may = part in reads and not (part == "clinician" and encounter == other)
            page = await browser.get(path)
            assert page.status == (200 if may else 404), (part, path)
            assert ("Generalized anxiety" in page.words) is (may and part != "front_desk"), part
            changes = 200 if may and part != "front_desk" else 404
            for what in ("/codes", "/correction"):
                assert (await browser.get(f"{path}{what}")).status == changes, (part, what)
            if changes == 404:
                for what in ("/codes", "/correction", "/voiding"):
                    told = {"version": "1", "reason": "x", "act": "record", "seen": "15000"}
                    assert (await browser.post(f"{path}{what}", **told)).status == 404, (part, what)
    assert [row["version"] for row in await fetch("SELECT version FROM encounter")] == [1, 1]


async def test_out_of_reach_nothing_is_found_by_the_acts_either(work):
    encounter = await an_encounter(work.cast.client)
    stranger, desk = work.viewer("other clinician"), work.viewer("front_desk")
    for viewer in (stranger, desk):
        with pytest.raises(NotFoundException):
            await charging.void(viewer, encounter, 1, "x")
    with pytest.raises(NotFoundException):
        await recorded(stranger, encounter)
    assert (await recorded(desk, encounter)).diagnoses == ()


@pytest.mark.parametrize("kind", ["charge", "insurer_payment", "adjustment", "client_payment", "refund", "write_off"])
@pytest.mark.parametrize("is_reversal", [False, True])
def test_every_kind_of_entry_has_words(kind, is_reversal):
    assert str(entries.said("encounter", kind, "client", 1, is_reversal=is_reversal))


async def test_credit_that_pays_for_it_is_said_so(work):
    await a_payment(work.cast.client, 2000)
    encounter = await an_encounter(work.cast.client)
    await paying.apply_credit(TEST, work.cast.client.id)
    found = [(str(one.what), one.amount) for one in await entries.of_encounter(TEST, encounter)]
    assert found == [("Charged", 15000), ("Paid from the client’s credit", -2000)]
