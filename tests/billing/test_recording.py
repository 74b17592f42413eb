"""A visit that took place is recorded: what was done and what it costs, looked over once before it counts."""

import asyncio
from datetime import timedelta

import pytest

from portal import clock
from portal.billing.queries import checking, owed
from portal.database import fetch
from portal.encounters.queries import visits
from portal.encounters.tables import Encounter
from portal.fees import actions as fees
from portal.practice import switches
from tests.appointments.steps import ZONE
from tests.billing.steps import (
    LAST_YEAR,
    Work,
    address,
    again,
    codes_of,
    insured,
    lines_of,
    record,
    send,
    some_work,
    the_encounter,
)  # fmt: skip
from tests.cast import Cast
from tests.factories import TEST, a_client, a_grant

HOLDING = ("booked", "confirmed", "arrived")


@pytest.fixture
async def work(cast: Cast) -> Work:
    return await some_work(cast)


async def counted() -> int:
    return await Encounter.count()


async def test_a_visit_is_looked_over_and_recorded_at_the_fee_of_its_day(work):
    visit, browser = await work.visit(), await work.biller()
    page = await send(browser, address(visit), line1_modifiers="95 gt")
    assert page.status == 200 and page.heading == "Look it over" and await counted() == 0
    assert "H0004 Counseling, 15 minutes 95 GT A 3 $37.50 $112.50" in page.words
    assert "F41.1 Generalized anxiety disorder" in page.words and "The client pays" in page.words
    page = await browser.press(page, address(visit), act="record")
    row = await the_encounter()
    assert page.path == f"/staff/encounters/{row.id}" and "Recorded." in page.words
    (line,) = await lines_of(row)
    assert (line.code, line.units, line.fee, line.charged, line.client_due) == ("H0004", 3, 3750, 11250, 11250)
    assert (line.words_es, line.modifiers, line.pointers) == ("Consejería", ["95", "GT"], [1])
    assert await codes_of(row) == [("F41.1", "Generalized anxiety disorder")]
    assert (row.appointment, row.clinician, row.site) == (visit, work.calendar.okafor, work.calendar.site)
    assert (await owed.balance(TEST, work.cast.client.id)).client_due == 11250
    assert (await checking.check(TEST)).faults == []


@pytest.mark.parametrize(("how", "place"), [("in_person", "11"), ("telehealth", "10"), ("phone", "10")])
async def test_the_visit_suggests_what_it_can(work, how, place):
    visit = await work.visit(contact_type=how)
    page = await (await work.biller()).get(address(visit))
    chosen = {one["name"]: one.find("option", selected=True)["value"] for one in page.soup.select("select")}
    assert chosen == {
        "clinician": str(work.calendar.okafor), "site": str(work.calendar.site), "place_of_service": place,
        "insurer": "client",
    }  # fmt: skip
    assert page.value("date") == (clock.today(ZONE) - timedelta(days=3)).isoformat() and page.value("time") == "10:00"
    assert page.value("line1.units") == "1"


async def test_the_insurer_is_the_primary_one_of_that_day_and_the_insurer_is_asked_first(work):
    today = clock.today(ZONE)
    await insured(work.cast.client, "Cigna", rank=2)
    await insured(work.cast.client, "Aetna")
    await insured(work.cast.client, "Gone", rank=0, ends_on=today - timedelta(days=30))
    await insured(work.cast.client, "To come", rank=0, starts_on=today)
    visit, browser = await work.visit(), await work.biller()
    page = await browser.get(address(visit))
    options = [one.get_text(strip=True) for one in page.soup.select("select[name=insurer] option")]
    assert options == ["Aetna, Open Access, W2093 11864", "Cigna, Open Access, W2093 11864", "The client pays"]
    await record(browser, visit)
    row = await the_encounter()
    assert (row.payer, row.member_id, row.subscriber, row.relationship) == (
        "Aetna",
        "W2093 11864",
        "Maya Reyes",
        "self",
    )
    assert (await owed.balance(TEST, work.cast.client.id)).insurance_due == 11250


@pytest.mark.parametrize(
    ("typed", "name", "said"),
    [
        ({"line1_code": "99999"}, "line1.code", "This code is not in the fee schedule. Add it there, or check it."),
        ({"line1_code": "", "line1_fee": "5"}, "line1.code",
         "This code is not in the fee schedule. Add it there, or check it."),
        ({"line1_code": ""}, "line1.code", "Enter at least one service"),
        ({"line1_units": "0"}, "line1.units", "Enter units from 1 to 999"),
        ({"line1_units": "-1"}, "line1.units", "Enter units from 1 to 999"),
        ({"line1_units": "1.5"}, "line1.units", "Enter units from 1 to 999"),
        ({"line1_units": ""}, "line1.units", "Enter units from 1 to 999"),
        ({"line1_units": "1000"}, "line1.units", "Enter units from 1 to 999"),
        ({"line1_units": "9" * 30}, "line1.units", "Enter units from 1 to 999"),
        ({"line1_fee": "10,000,000.00"}, "line1.fee", "That is too much for one service. Check the units and the fee."),
        ({"line1_fee": "999,999.99", "line1_units": "2"}, "line1.fee",
         "That is too much for one service. Check the units and the fee."),
        ({"line1_fee": "0"}, "line1.fee", "Enter a fee above zero"),
        ({"line1_fee": "abc"}, "line1.fee", "Enter an amount such as 150.00"),
        ({"line1_fee": "-5"}, "line1.fee", "Enter an amount such as 150.00"),
        ({"line1_modifiers": "95 GT HO HJ U1"}, "line1.modifiers",
         "Enter up to 4 modifiers of two signs, such as 95"),
        ({"line1_modifiers": "955"}, "line1.modifiers", "Enter up to 4 modifiers of two signs, such as 95"),
        ({"line1_pointers": "B"}, "line1.pointers", "There is no diagnosis B to point to"),
        ({"line1_pointers": "M"}, "line1.pointers", "Point with letters of the diagnoses, such as A or AB"),
        ({"line1_pointers": "1"}, "line1.pointers", "Point with letters of the diagnoses, such as A or AB"),
        ({"line1_pointers": "AA"}, "line1.pointers", "Point to up to 4 different diagnoses"),
        ({"diagnosis1": "F41"}, "diagnosis1",
         "This code is not known. Look it up below, or add it to your own codes."),
        ({"diagnosis1": "anxiety"}, "diagnosis1",
         "This code is not known. Look it up below, or add it to your own codes."),
        ({"diagnosis2": "f411"}, "diagnosis2", "This diagnosis stands here twice"),
        ({"date": "2099-01-01"}, "date", "This visit is still to come. Record it when it is over."),
        ({"date": "01/02/2026"}, "date", "Write the date like 2026-11-30"),
        ({"time": "25:00"}, "time", "Enter a time, such as 9:00 AM or 17:30"),
        ({"place_of_service": "77"}, "place_of_service", "Choose where it was"),
        ({"insurer": "999"}, "insurer", "Choose who pays first"),
        ({"clinician": "999"}, "clinician", "Choose a clinician"),
        ({"site": "999"}, "site", "Choose where"),
        ({"referring_npi": "1234567890"}, "referring_npi", "This is not an NPI: check its ten digits"),
        ({"referring_name": "x" * 201}, "referring_name", "Use 200 characters or fewer"),
    ],
)  # fmt: skip
async def test_what_cannot_be_has_its_sentence_and_everything_typed_stays(work, typed, name, said):
    visit, browser = await work.visit(), await work.biller()
    page = await send(browser, address(visit), **typed)
    assert page.status == 422 and page.errors == {name: said} and await counted() == 0
    if name not in ("place_of_service", "insurer", "clinician", "site"):
        assert page.value(name) == str(typed.get(name, typed.get(name.replace(".", "_"), "")))
    assert f'href="#{name}"' in page.text and page.value("line1.code") in ("H0004", "99999", "")


@pytest.mark.parametrize("htmx", [False, True])
async def test_both_browsers_get_the_refusal(work, htmx):
    visit, browser = await work.visit(), await work.biller(htmx=htmx)
    page = await send(browser, address(visit), line1_units="0")
    assert page.status == 422 and ("<html" in page.text) is not htmx and list(page.errors) == ["line1.units"]


async def test_all_faults_are_said_at_once_in_the_order_of_the_page(work):
    visit, browser = await work.visit(), await work.biller()
    typed = {
        "date": "x",
        "diagnosis1": "zzz",
        "line1_units": "0",
        "line2_code": "1",
        "line2_units": "1",
        "referring_npi": "7",
    }
    page = await send(browser, address(visit), **typed)
    assert list(page.errors) == ["date", "diagnosis1", "line1.units", "line2.code", "referring_npi"]
    linked = [one["href"] for one in page.soup.select("#errors a")]
    assert linked == [f"#{name}" for name in page.errors]


async def test_a_fee_that_the_schedule_does_not_have_is_asked_for(work):
    visit, browser = await work.visit(), await work.biller()
    early = (LAST_YEAR - timedelta(days=10)).isoformat()
    page = await send(browser, address(visit), date=early)
    assert page.errors == {"line1.fee": "The fee schedule has no fee for that day: enter one"}
    page = await again(browser, page, address(visit), "check", line1_fee="20")
    assert page.heading == "Look it over" and "$60.00" in page.words
    await browser.press(page, address(visit), act="record")
    assert (await the_encounter()).starts_at.date().isoformat() == early


async def test_rows_between_that_say_nothing_are_left_out_and_letters_stay_right(work):
    """C is the third row, whatever stands in the second."""
    visit, browser = await work.visit(), await work.biller()
    page = await send(browser, address(visit), "diagnosis")
    typed = {
        "diagnosis1": "F41.1",
        "diagnosis2": "",
        "diagnosis3": "Z63.0",
        "line2.code": "H0031",
        "line2.pointers": "C, a",
        "line2.units": "2",
    }
    page = await browser.press(page, address(visit), {**typed, "line1.code": ""}, act="check")
    assert page.heading == "Look it over", page.errors
    await browser.press(page, address(visit), act="record")
    row = await the_encounter()
    assert [code for code, _ in await codes_of(row)] == ["F41.1", "Z63.0"]
    assert [(line.code, line.pointers) for line in await lines_of(row)] == [("H0031", [2, 1])]


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_row_more_and_a_look_up_keep_everything(work, htmx):
    visit, browser = await work.visit(), await work.biller(htmx=htmx)
    path = address(visit)
    page = await send(browser, path, "line", diagnosis1="", line1_fee="12.5")
    assert page.value("line2.units") == "1" and page.value("line1.fee") == "12.5" and page.status == 200
    page = await again(browser, page, path, "diagnosis", referring_name="Dr. Prior")
    assert page.soup.select_one("#diagnosis3") is not None
    page = await again(browser, page, path, "find", find="generalized anxiety")
    assert page.soup.select_one("button[name=pick]")["value"] == "F41.1"
    page = await again(browser, page, path, "", find="generalized anxiety")
    assert page.soup.select_one("button[name=pick]") is not None, "Enter in the field looks up as well"
    page = await browser.press(page, path, pick="F41.1")
    assert page.value("diagnosis1") == "F41.1" and "Generalized anxiety disorder" in page.words
    assert page.value("find") == "" and page.soup.select_one("button[name=pick]") is None
    page = await browser.press(page, path, pick="F41.1")
    assert page.value("diagnosis2") == "", "what stands there is not taken twice"
    assert page.value("referring_name") == "Dr. Prior" and page.value("line1.fee") == "12.5" and await counted() == 0


async def test_no_more_rows_than_there_is_room_for(work):
    visit, browser = await work.visit(), await work.biller()
    page = await send(browser, address(visit), "diagnosis", diagnoses="12", lines="12")
    assert (
        len(page.soup.select("[id^=diagnosis][name]")) == 12 and page.soup.select_one("button[value=diagnosis]") is None
    )
    page = await send(browser, address(visit), "line", diagnoses="99999", lines="99999")
    assert len(page.soup.select("fieldset.service")) == 12 and page.soup.select_one("button[value=line]") is None


async def test_back_from_looking_over_everything_is_there(work):
    visit, browser = await work.visit(), await work.biller()
    typed = {"line1_modifiers": "95", "diagnosis2": "Z63.0", "referring_name": "Dr. Prior", "is_part2": "yes"}
    page = await again(browser, await send(browser, address(visit), **typed), address(visit), "change")
    assert page.heading == "Record a visit" and page.status == 200
    assert [page.value(name) for name in ("line1.modifiers", "diagnosis2", "referring_name")] == [
        "95",
        "Z63.0",
        "Dr. Prior",
    ]
    assert page.soup.select_one("#is_part2[checked]") is not None


async def test_what_was_not_looked_over_is_not_recorded(work):
    visit, browser = await work.visit(), await work.biller()
    page = await send(browser, address(visit), "record")
    assert page.heading == "Look it over" and await counted() == 0


async def test_a_fee_that_changed_meanwhile_is_looked_at_first(work):
    visit, browser = await work.visit(), await work.biller()
    page = await send(browser, address(visit))
    await fees.set_fee(TEST, 1, LAST_YEAR, 4000)
    page = await browser.press(page, address(visit), act="record")
    assert "A fee has changed meanwhile" in page.words and "$120.00" in page.words and await counted() == 0
    await browser.press(page, address(visit), act="record")
    assert [line.charged for line in await lines_of(await the_encounter())] == [12000]


@pytest.mark.parametrize("htmx", [False, True])
async def test_pressed_twice_it_is_recorded_once(work, htmx):
    visit, browser = await work.visit(), await work.biller(htmx=htmx)
    page = await send(browser, address(visit))
    pressed = [browser.press(page, address(visit), act="record") for _ in range(4)]
    for answer in await asyncio.gather(*pressed):
        told = answer.headers.get("hx-redirect", answer.path)
        assert told == f"/staff/encounters/{(await the_encounter()).id}"
    assert await counted() == 1
    page = await browser.press(page, address(visit), act="record")
    assert await counted() == 1 and (await owed.balance(TEST, work.cast.client.id)).client_due == 11250


async def test_what_is_recorded_leads_from_the_visit_to_what_stands_there(work):
    visit, browser = await work.visit(), await work.biller()
    await record(browser, visit)
    page = await browser.get(address(visit))
    assert page.path == f"/staff/encounters/{(await the_encounter()).id}"


async def test_forty_visits_are_worked_down_one_after_the_other(work):
    first, second = await work.visit(days_ago=5), await work.visit(days_ago=4)
    third, browser = await work.visit(days_ago=3), await work.biller()
    page = await record(browser, second, "next")
    assert page.path == address(third) and "Recorded. This is the next one." in page.words
    page = await record(browser, third, "next")
    assert page.path == address(first), "after the last the first comes again"
    page = await record(browser, first, "next")
    assert page.path == "/staff/billing" and "That was the last one." in page.words
    assert "Everything is recorded." in page.words


async def test_as_last_time_fills_in_the_codes_and_leaves_the_fee_to_the_schedule(work):
    last, visit, browser = await work.visit(days_ago=10), await work.visit(), await work.biller()
    assert (await browser.get(address(last))).soup.select_one("button[value=last]") is None, "there was none yet"
    typed = {
        "line1_modifiers": "95",
        "line2_code": "H0031",
        "line2_fee": "150",
        "line2_units": "1",
        "diagnosis2": "Z63.0",
        "line1_pointers": "ba",
    }
    await record(browser, last, **typed, referring_name="Dr. Prior", insurer="client")
    await insured(work.cast.client)
    page = await again(browser, await browser.get(address(visit)), address(visit), "last")
    names = ("diagnosis1", "diagnosis2", "line1.code", "line1.modifiers", "line1.units", "line1.fee", "line1.pointers")
    assert [page.value(name) for name in names] == ["F41.1", "Z63.0", "H0004", "95", "3", "", "BA"]
    assert page.value("line2.fee") == "150.00" and page.value("referring_name") == "Dr. Prior"
    assert page.value("date") == (clock.today(ZONE) - timedelta(days=3)).isoformat(), "the visit stays its own"
    chosen = page.soup.select_one("select[name=insurer] option[selected]")
    assert "Aetna" in chosen.get_text()


async def test_last_time_is_of_the_same_client_and_type(work):
    stranger = await a_client("Tove", "Lindqvist", principal_clinician=work.calendar.okafor)
    browser = await work.biller()
    await record(browser, await work.visit(stranger, days_ago=9))
    assert (await browser.get(address(await work.visit()))).soup.select_one("button[value=last]") is None


async def test_a_practice_under_part_2_has_it_ticked(work):
    await switches.turn(TEST, "billing.part2", "yes")
    browser = await work.biller()
    await record(browser, await work.visit())
    assert (await the_encounter()).is_part2


@pytest.mark.parametrize("state", ["booked", "confirmed", "arrived", "no_show", "cancelled", "moved"])
async def test_what_did_not_take_place_is_not_recorded(work, state):
    visit, browser = await work.visit(state=state, holds=state in HOLDING), await work.biller()
    assert (await browser.get(address(visit))).status == 404
    assert (await browser.post(address(visit), act="record")).status == 404 and await counted() == 0


async def test_who_may_record_whose_visits(work):
    own, other = await work.visit(), await work.visit(work.cast.other, days_ago=4)
    may = {"clinician": (own,), "biller": (own, other), "supervisor": (own, other), "administrator": (own, other)}
    for part in work.cast.parts:
        if part == "signed out":
            continue
        browser = await work.cast.browser(part)
        for visit in (own, other):
            status = 200 if visit in may.get(part, ()) else 404
            assert (await browser.get(address(visit))).status == status, (part, visit)
            if status == 404:
                assert (await browser.post(address(visit), act="record", seen="11250")).status == 404, (part, visit)
    assert await counted() == 0


async def test_nobody_records_their_own_visit(work):
    await a_grant(work.cast.accounts["biller"], work.cast.client)
    visit, browser = await work.visit(), await work.biller()
    assert (await browser.get(address(visit))).status == 404
    assert (await visits.to_record(work.viewer())).total == 1, "only by the grant of the session is it their own"


async def test_the_visit_in_the_schedule_leads_there(work):
    visit = await work.visit()
    desk, clinician = await work.cast.browser("front_desk"), await work.cast.browser("clinician")
    path = f"/staff/schedule/visits/{visit}"
    assert address(visit) in (await clinician.get(path)).links()
    assert address(visit) not in (await desk.get(path)).links(), "the desk records nothing"
    await record(await work.biller(), visit)
    page = await clinician.get(path)
    assert f"/staff/encounters/{(await the_encounter()).id}" in page.links() and address(visit) not in page.links()


async def test_the_event_and_the_audit_name_no_code(work):
    await record(await work.biller(), await work.visit())
    rows = await fetch("SELECT act, detail FROM audit_row WHERE act LIKE 'encounter.%' OR act LIKE 'ledger.%'")
    assert sorted(row["act"] for row in rows) == ["encounter.recorded", "ledger.posted"] and "F41" not in str(rows)
    assert [row["kind"] for row in await fetch("SELECT kind FROM event WHERE kind LIKE 'encounter%'")] == [
        "encounter.recorded"
    ]
