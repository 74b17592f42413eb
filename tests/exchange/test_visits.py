"""Appointments and encounters of another system become visits, and stay what staff and clients made of them."""

import asyncio
import json
from contextvars import Context
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal import clock
from portal.access import Area, Reach, Viewer
from portal.appointments.actions import decision, keeping
from portal.appointments.queries import history, visits
from portal.appointments.tables import Appointment, AppointmentType
from portal.clients.tables import Client
from portal.database import fetch
from portal.exchange.actions import visits as stored
from portal.practice.tables import Practice, Site, StaffMember
from tests.exchange.samples import (
    Json,
    appointment,
    bundle,
    counts,
    encounter,
    imported,
    location,
    patient,
    practitioner,
    told,
    write,
)
from tests.factories import TEST

pytestmark = pytest.mark.usefixtures("db")
NINE, TEN = "2036-12-01T09:00:00-05:00", "2036-12-01T09:50:00-05:00"
NOON, ONE = "2036-12-01T12:00:00-05:00", "2036-12-01T12:50:00-05:00"
PAST, OVER = "2020-12-01T09:00:00-05:00", "2020-12-01T09:50:00-05:00"
PEOPLE = (patient(), practitioner(), location())


async def after(path: Path, *more: Json) -> list[dict[str, Any]]:
    """The visits that there are when these have come in."""
    await imported(write(path / "a.json", *PEOPLE, *more))
    return await fetch(
        "SELECT a.*, t.name AS called, t.booked_by FROM appointment a JOIN appointment_type t ON t.id = a.type"
        " ORDER BY starts_at, id"
    )


async def a_viewer() -> tuple[Viewer, int]:
    client = await Client.objects().first()
    assert client is not None
    reach = Reach(client.id, "self", frozenset({Area.APPOINTMENTS}))
    return Viewer(account_id=1, name="Agustín", grants=(reach,)), int(client.id)


async def test_an_appointment_is_booked_with_whom_where_and_when(tmp_path: Path) -> None:
    await Practice(name="Harbor Lane", time_zone="America/New_York").save()
    report = await imported(write(tmp_path / "a.json", *PEOPLE, appointment(NINE, TEN, created="2036-01-01")))
    assert counts(report)["Appointment"] == (1, 0, 0, 0) and report.exit_code == 0
    viewer, client_id = await a_viewer()
    (visit,) = await visits.coming(viewer, client_id)
    assert (visit.starts_at, visit.ends_at) == tuple(map(datetime.fromisoformat, (NINE, TEN)))
    assert (visit.clinician, visit.site, visit.type) == ("Dr. Nancy Nurse", "Harbor House", "Individual therapy")
    assert (visit.state, visit.holds, visit.contact_type, visit.time_zone) == (
        "booked", True, "in_person", "America/New_York",
    )  # fmt: skip
    again = await imported(write(tmp_path / "a.json", *PEOPLE, appointment(NINE, TEN, created="2036-01-01")))
    assert counts(again)["Appointment"] == (0, 0, 1, 0)
    assert not await fetch("SELECT id FROM review_item") and not await fetch("SELECT id FROM event")
    (kind,) = await AppointmentType.objects()
    assert (kind.booked_by, kind.length) == ("nobody", 50)


@pytest.mark.parametrize(
    ("status", "state", "holds"),
    [
        ("proposed", "requested", True), ("pending", "requested", True), ("booked", "booked", True),
        ("arrived", "arrived", True), ("checked-in", "arrived", True), ("fulfilled", "completed", False),
        ("cancelled", "cancelled", False), ("noshow", "no_show", False),
    ],
)  # fmt: skip
async def test_each_status_has_a_state(tmp_path: Path, status: str, state: str, holds: bool) -> None:
    (row,) = await after(tmp_path, appointment(NINE, TEN, status=status))
    assert (row["state"], row["holds"]) == (state, holds)


@pytest.mark.parametrize("status", ["entered-in-error", "waitlist"])
async def test_a_mistake_and_a_wait_are_no_visits(tmp_path: Path, status: str) -> None:
    report = await imported(write(tmp_path / "a.json", *PEOPLE, appointment(NINE, TEN, status=status)))
    assert counts(report)["Appointment"] == (0, 0, 0, 1) and report.exit_code == 0
    assert not await Appointment.exists()


@pytest.mark.parametrize(
    ("status", "code", "state", "how"),
    [
        ("finished", "AMB", "completed", "in_person"), ("finished", "VR", "completed", "telehealth"),
        ("finished", "HH", "completed", "in_person"), ("cancelled", "AMB", "cancelled", "in_person"),
        ("planned", "AMB", "booked", "in_person"), ("in-progress", "VR", "arrived", "telehealth"),
    ],
)  # fmt: skip
async def test_an_encounter_is_a_visit(tmp_path: Path, status: str, code: str, state: str, how: str) -> None:
    (row,) = await after(tmp_path, encounter(PAST, OVER, status=status, code=code))
    assert (row["state"], row["contact_type"], row["called"]) == (state, how, "Encounter for check up")
    assert row["holds"] == (state in ("booked", "arrived"))


async def test_hospital_and_emergency_room_are_told_once_and_are_no_visits(tmp_path: Path) -> None:
    several = [encounter(f"2020-12-0{day}T09:00:00Z", f"2020-12-0{day}T10:00:00Z", code=code)
               for day, code in enumerate(("IMP", "EMER", "ACUTE", "AMB"), start=1)]  # fmt: skip
    report = await imported(write(tmp_path / "a.json", *PEOPLE, *several))
    assert counts(report)["Encounter"] == (1, 0, 0, 3) and report.exit_code == 0
    assert told(report) == ["encounters in a hospital or an emergency room are no visits of the practice: 3"]


async def test_what_is_over_stands_in_the_history_with_its_filters(tmp_path: Path) -> None:
    await Practice(name="Harbor Lane", time_zone="America/New_York").save()
    await after(tmp_path, encounter(PAST, OVER), appointment("2021-02-01T09:00:00Z", "2021-02-01T10:00:00Z",
                status="noshow"))  # fmt: skip
    viewer, client_id = await a_viewer()
    page = await history.history(viewer, client_id, history.Filters())
    assert [one.state for one in page.visits] == ["no_show", "completed"]
    choices = await history.choices(viewer, client_id, "en")
    assert set(choices.types.values()) == {"Individual therapy", "Encounter for check up"}
    (kind,) = (key for key, name in choices.types.items() if name == "Individual therapy")
    assert (await history.history(viewer, client_id, history.Filters(type=kind))).total == 1
    assert (await history.history(viewer, client_id, history.Filters(state="completed"))).total == 1


async def test_encounters_may_overlap_once_they_are_over(tmp_path: Path) -> None:
    several = [encounter(f"2020-12-01T09:0{minute}:00Z", "2020-12-01T10:00:00Z") for minute in range(5)]
    assert len(await after(tmp_path, *several)) == 5
    report = await imported(write(tmp_path / "b.json", *PEOPLE, *reversed(several)))
    assert counts(report)["Encounter"] == (0, 0, 5, 0) and report.exit_code == 0


async def test_who_is_there_already_stays_and_the_rest_comes_in(tmp_path: Path) -> None:
    first = appointment(NINE, TEN)
    await after(tmp_path, first)
    other = appointment("2036-12-01T09:49:59-05:00", "2036-12-01T10:30:00-05:00")
    touching = appointment(TEN, "2036-12-01T10:30:00-05:00")
    report = await imported(write(tmp_path / "b.json", *PEOPLE, other, appointment(NOON, ONE), touching))
    assert counts(report)["Appointment"] == (2, 0, 0, 1) and report.is_done and report.exit_code == 1
    (finding,) = report.findings
    assert finding.sentence == "is at the same time as another visit of its clinician: left out"
    assert finding.place.entry == "entry 4 (Appointment)"


async def test_of_two_in_one_file_the_first_is_booked(tmp_path: Path) -> None:
    mia = patient("M-2", name=[{"family": "Other", "given": ["Mia"]}])
    clashing = appointment(NINE, ONE, participant=[
        {"actor": {"reference": "urn:uuid:p-M-2"}}, {"actor": {"reference": "urn:uuid:d-1245319599"}},
    ], id="other")  # fmt: skip
    doctor = practitioner("1013042304", name=[{"family": "Doc", "given": ["Dan"]}])
    for_one = appointment("2036-12-01T09:30:00-05:00", "2036-12-01T09:40:00-05:00", participant=[
        {"actor": {"reference": "urn:uuid:p-M-1"}}, {"actor": {"reference": "urn:uuid:d-1013042304"}},
    ])  # fmt: skip
    report = await imported(write(tmp_path / "a.json", *PEOPLE, mia, doctor, appointment(NINE, TEN), clashing, for_one))
    assert told(report, "problem") == [
        f"is at the same time as another visit of its {who}: left out" for who in ("clinician", "client")
    ]
    assert await Appointment.count() == 1


async def test_two_visits_change_places_over_there_and_here(tmp_path: Path) -> None:
    one, other = appointment(NINE, TEN, id="one"), appointment(NOON, ONE, id="other")
    rows = await after(tmp_path, one, other)
    moved = [{**one, "start": NOON, "end": ONE}, {**other, "start": NINE, "end": TEN}]
    swapped = await after(tmp_path, *moved)
    assert [row["id"] for row in swapped] == [row["id"] for row in reversed(rows)]
    assert {row["state"] for row in swapped} == {"booked"} and all(row["holds"] for row in swapped)
    report = await imported(write(tmp_path / "a.json", *PEOPLE, *moved))
    assert counts(report)["Appointment"] == (0, 0, 2, 0)


async def test_one_that_cannot_move_stays_and_keeps_its_time(tmp_path: Path) -> None:
    one = appointment(NINE, TEN, id="one")
    (row,) = await after(tmp_path, one)
    await Appointment.update({Appointment.id: Appointment.id}).where(Appointment.id == row["id"])
    taken = appointment(NOON, ONE, id="taken")
    await after(tmp_path, one, taken)
    third = appointment(NINE, TEN, id="third")
    report = await imported(write(tmp_path / "b.json", *PEOPLE, {**one, "start": NOON, "end": ONE}, third, taken))
    assert counts(report)["Appointment"] == (0, 0, 1, 2)
    assert [found["starts_at"] for found in await fetch("SELECT starts_at FROM appointment ORDER BY 1")] == [
        datetime.fromisoformat(NINE), datetime.fromisoformat(NOON),
    ]  # fmt: skip


async def test_what_was_changed_here_since_is_left_as_it_is(tmp_path: Path) -> None:
    (row,) = await after(tmp_path, appointment(NINE, TEN))
    viewer, client_id = await a_viewer()
    await keeping.confirm(viewer, client_id, row["id"])
    report = await imported(write(tmp_path / "a.json", *PEOPLE, appointment(NINE, TEN)))
    assert counts(report)["Appointment"] == (0, 0, 1, 0)
    assert told(report) == ["was changed here since it was imported: left as it is"]
    await keeping.cancel(viewer, client_id, row["id"], "")
    (row,) = await after(tmp_path, appointment(NINE, ONE))
    assert (row["state"], row["ends_at"]) == ("cancelled", datetime.fromisoformat(TEN))


async def test_what_was_changed_there_since_is_changed_here(tmp_path: Path) -> None:
    first = appointment(NINE, TEN, id="one")
    (row,) = await after(tmp_path, first)
    for change, column, value in (
        ({"end": ONE}, "ends_at", datetime.fromisoformat(ONE)),
        ({"serviceType": [{"text": "Telehealth visit"}]}, "contact_type", "telehealth"),
        ({"status": "cancelled"}, "state", "cancelled"),
        ({"status": "booked"}, "state", "booked"),
    ):
        (row,) = await after(tmp_path, {**first, **change})
        assert row[column] == value, change
    assert row["holds"] and row["version"] % stored.ROUND == 0
    changed = await fetch("SELECT detail FROM audit_row WHERE act = 'client.changed'")
    assert len(changed) == 4 and all('"appointment"' in one["detail"] for one in changed)


async def test_a_request_is_for_staff_to_answer_and_is_answered_once(tmp_path: Path) -> None:
    asked = appointment(NINE, TEN, status="pending", id="one")
    (row,) = await after(tmp_path, asked)
    await after(tmp_path, asked)
    (item,) = await fetch("SELECT kind, subject_id, url, settled_at FROM review_item")
    assert (item["kind"], item["subject_id"], item["settled_at"]) == ("appointment.requested", row["id"], None)
    assert row["held_until"] is not None
    await decision.approve(TEST, row["id"], row["version"])
    (row,) = await after(tmp_path, asked)
    assert row["state"] == "booked"


@pytest.mark.parametrize(("status", "outcome"), [("booked", "booked"), ("cancelled", "withdrawn")])
async def test_a_request_that_was_answered_there_is_not_on_the_desk_any_more(
    tmp_path: Path, status: str, outcome: str
) -> None:
    asked = appointment(NINE, TEN, status="pending", id="one")
    await after(tmp_path, asked)
    (row,) = await after(tmp_path, {**asked, "status": status})
    assert (row["state"], row["held_until"]) == (status, None)
    assert [one["outcome"] for one in await fetch("SELECT outcome FROM review_item")] == [outcome]


async def test_a_request_for_a_taken_time_comes_in_without_it(tmp_path: Path) -> None:
    asked = appointment("2036-12-01T09:10:00-05:00", TEN, status="proposed")
    rows = await after(tmp_path, asked, appointment(NINE, TEN))
    assert [(row["state"], row["holds"]) for row in rows] == [("booked", True), ("requested", False)]
    report = await imported(write(tmp_path / "a.json", *PEOPLE, asked, appointment(NINE, TEN)))
    assert counts(report)["Appointment"] == (0, 0, 2, 0)


async def test_a_request_whose_time_is_over_is_nobodys_to_answer(tmp_path: Path) -> None:
    (row,) = await after(tmp_path, appointment(PAST, OVER, status="pending"))
    assert (row["state"], row["holds"]) == ("expired", False)
    assert not await fetch("SELECT id FROM review_item")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"start": "2036-12-01"}, "start is not a moment with a time zone: left out"),
        ({"start": "2036-12-01T09:00:00"}, "start is not a moment with a time zone: left out"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "start is not a moment with a time zone: left out"),
        ({"end": ""}, "end is not a moment with a time zone: left out"),
        ({"end": NINE}, "end is not after start: left out"),
        ({"end": "2036-12-03T09:00:00Z"}, "it takes longer than a day: left out"),
        ({"status": "banana"}, "status is none that is known: left out"),
        ({"participant": []}, "names no patient: left out"),
        ({"participant": [{"actor": {"display": "Agustín"}}]}, "names no patient: left out"),
        ({"participant": [{"actor": {"reference": "urn:uuid:p-M-1"}}]}, "names no practitioner: left out"),
        (
            {"participant": [{"actor": {"reference": "Patient/9"}}]},
            "participant points to Patient/9, which is in none of these files: left out",
        ),
    ],
)
async def test_what_is_missing_is_told_with_its_place_and_the_rest_comes_in(
    tmp_path: Path, more: Json, words: str
) -> None:
    bad = {**appointment(NINE, TEN), "id": "bad", **more}
    report = await imported(write(tmp_path / "a.json", *PEOPLE, bad, appointment(NOON, ONE)))
    assert counts(report)["Appointment"] == (1, 0, 0, 1) and report.exit_code == 1 and report.is_done
    assert [(one.place.entry, one.sentence) for one in report.findings] == [("entry 4 (Appointment)", words)]


async def test_without_an_end_its_minutes_count(tmp_path: Path) -> None:
    (row,) = await after(tmp_path, appointment(NINE, minutesDuration=45))
    assert row["ends_at"] - row["starts_at"] == timedelta(minutes=45)


@pytest.mark.parametrize(
    ("more", "how"),
    [
        ({"serviceType": [{"text": "Telephone encounter"}]}, "phone"),
        ({"serviceType": [{"coding": [{"display": "Telemedicine consultation"}]}]}, "telehealth"),
        ({"appointmentType": {"coding": [{"code": "video"}]}}, "telehealth"),
        ({"virtualService": [{"addressUrl": "https://video.example.com"}]}, "telehealth"),
        ({"serviceType": [{"text": "House call"}]}, "in_person"),
        ({}, "in_person"),
    ],
)
async def test_how_one_meets_is_read_from_the_words(tmp_path: Path, more: Json, how: str) -> None:
    (row,) = await after(tmp_path, appointment(NINE, TEN, **more))
    assert row["contact_type"] == how
    assert "video.example.com" not in str(row)


async def test_a_type_is_found_by_one_of_its_names_and_else_nobodys_to_book(tmp_path: Path) -> None:
    await AppointmentType(name="Follow-up", name_es="Sesión", contact_types=["phone"], booked_by="everybody").save()
    rows = await after(
        tmp_path,
        appointment(NINE, TEN, appointmentType={"text": "something", "coding": [{"display": "FOLLOW-UP"}]}),
        appointment(NOON, ONE, appointmentType={}, serviceType=[{"text": "sesion"}]),
        appointment("2036-12-02T09:00:00Z", "2036-12-02T09:10:00Z", appointmentType={}),
        appointment("2036-12-03T09:00:00Z", "2036-12-03T09:10:00Z", appointmentType={"text": "x" * 200}),
    )
    assert [(row["called"], row["booked_by"]) for row in rows] == [
        ("Follow-up", "everybody"), ("Follow-up", "everybody"), ("Visit", "nobody"), ("x" * 80, "nobody"),
    ]  # fmt: skip


async def test_a_room_is_in_its_house_and_without_a_place_the_only_site_it_is(tmp_path: Path) -> None:
    room = location("room", physicalType={"coding": [{"code": "ro"}]}, partOf={"reference": "urn:uuid:loc-1"})
    rows = await after(tmp_path, room, appointment(NINE, TEN, place="room"), appointment(NOON, ONE, place=""))
    assert len(rows) == 2 and len({row["site"] for row in rows}) == 1
    await imported(write(tmp_path / "b.json", location("loc-2", name="Other House")))
    report = await imported(
        write(tmp_path / "c.json", *PEOPLE, appointment("2036-12-02T09:00:00Z", "2036-12-02T09:30:00Z", place=""))
    )
    assert told(report) == ["names no place: left out"] and counts(report)["Appointment"] == (0, 0, 0, 1)


async def test_the_zone_is_that_of_the_site(tmp_path: Path) -> None:
    await imported(write(tmp_path / "a.json", location()))
    await Site.update({Site.time_zone: "America/Denver"}).where(Site.name == "Harbor House")
    (row,) = await after(tmp_path, appointment("2036-11-02T01:30:00-07:00", "2036-11-02T02:30:00-07:00"))
    assert row["time_zone"] == "America/Denver"
    assert row["starts_at"] == datetime(2036, 11, 2, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("is_named", [True, False])
async def test_an_encounter_of_an_appointment_is_the_same_visit(tmp_path: Path, is_named: bool) -> None:
    booked = appointment(PAST, OVER, id="one")
    start = "2020-12-01T09:04:00-05:00" if is_named else PAST
    took_place = encounter(start, OVER, appointment=[{"reference": "urn:uuid:one"}] if is_named else [])
    (row,) = await after(tmp_path, booked, took_place)
    assert (row["state"], row["holds"], row["called"]) == ("completed", False, "Individual therapy")
    report = await imported(write(tmp_path / "a.json", *PEOPLE, booked, took_place))
    assert counts(report)["Appointment"] == (0, 0, 1, 0) and counts(report)["Encounter"] == (0, 0, 0, 1)


async def test_what_was_booked_here_comes_back_and_is_the_same(tmp_path: Path) -> None:
    (row,) = await after(tmp_path, appointment(NINE, TEN))
    await fetch("DELETE FROM external_identifier WHERE kind = 'appointment'")
    await fetch("UPDATE appointment SET version = 2, state = 'confirmed'")
    for _ in range(2):
        report = await imported(write(tmp_path / "b.json", *PEOPLE, appointment(NINE, TEN, id="theirs")))
        assert counts(report)["Appointment"] == (0, 0, 1, 0)
    (same,) = await fetch("SELECT id, state FROM appointment")
    assert same == {"id": row["id"], "state": "confirmed"}


async def test_the_visit_of_another_client_is_not_taken_over(tmp_path: Path) -> None:
    (row,) = await after(tmp_path, appointment(NINE, TEN, id="one"))
    mia = patient("M-2", name=[{"family": "Other", "given": ["Mia"]}])
    stolen = appointment(NINE, TEN, id="one", participant=[
        {"actor": {"reference": "urn:uuid:p-M-2"}}, {"actor": {"reference": "urn:uuid:d-1245319599"}},
    ])  # fmt: skip
    report = await imported(write(tmp_path / "b.json", *PEOPLE, mia, stolen))
    assert told(report, "problem") == ["has the identifier of another client's visit: left out"]
    assert (await fetch("SELECT client FROM appointment"))[0]["client"] == row["client"]


async def test_a_dry_run_books_nothing(tmp_path: Path) -> None:
    report = await imported(write(tmp_path / "a.json", *PEOPLE, appointment(NINE, TEN)), dry_run=True)
    assert counts(report)["Appointment"] == (1, 0, 0, 0)
    assert not await Appointment.exists() and not await AppointmentType.exists()


async def test_somebody_books_while_the_import_looks_and_the_rest_still_comes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the writing, another connection takes the time."""
    rows = await after(tmp_path, encounter(PAST, OVER))
    mia = patient("M-2", name=[{"family": "Other", "given": ["Mia"]}])
    await imported(write(tmp_path / "m.json", mia))
    other = await Client.objects().get(Client.family_name == "Other")
    assert other is not None
    look, told_to = stored.clashing, []

    async def slowly(*args: Any) -> dict[int, str]:
        found = await look(*args)
        if args[1] and not told_to:
            told_to.append(True)
            await asyncio.create_task(book(rows[0], other.id), context=Context())
        return found

    monkeypatch.setattr(stored, "clashing", slowly)
    report = await imported(write(tmp_path / "b.json", *PEOPLE[1:], patient(), appointment(NINE, TEN),
                                  appointment(NOON, ONE)))  # fmt: skip
    assert report.is_done and counts(report)["Appointment"] == (1, 0, 0, 1)
    assert told(report, "problem") == ["is at the same time as another visit of its clinician: left out"]


async def book(like: dict[str, Any], client: int) -> None:
    starts, ends = datetime.fromisoformat(NINE), datetime.fromisoformat(TEN)
    told_of = {name: like[name] for name in ("clinician", "site", "type", "time_zone")}
    await Appointment(
        **told_of, client=client, contact_type="phone", starts_at=starts, ends_at=ends, busy_from=starts,
        busy_until=ends, state="booked", made_at=clock.now(),
    ).save()  # fmt: skip


async def test_hundreds_come_in_with_few_questions(tmp_path: Path) -> None:
    from portal.database import ENGINE

    people = [patient(f"M-{number}", name=[{"family": f"F{number}", "given": ["G"]}]) for number in range(40)]
    first = datetime(2020, 1, 1, 9, tzinfo=UTC)
    several = [
        {**encounter(day.isoformat(), (day + timedelta(minutes=20)).isoformat()), "id": f"{number}-{place}",
         "subject": {"reference": f"urn:uuid:p-M-{number}"}}
        for number in range(40) for place in range(20) for day in (first + timedelta(days=place),)
    ]  # fmt: skip
    file = tmp_path / "a.json"
    file.write_text(json.dumps(bundle(*people, practitioner(), location(), *several)))
    before = ENGINE.queries
    assert counts(await imported(file))["Encounter"] == (800, 0, 0, 0)
    assert ENGINE.queries - before < 70
    before = ENGINE.queries
    assert counts(await imported(file))["Encounter"] == (0, 0, 800, 0)
    assert ENGINE.queries - before < 70
    assert await StaffMember.count() == 1


async def test_a_type_whose_name_was_cut_is_found_again(tmp_path: Path) -> None:
    """Of a visit that was cleared away by hand meanwhile too."""
    long = appointment(NINE, TEN, appointmentType={"text": "1" * 300})
    await after(tmp_path, long)
    await fetch("DELETE FROM appointment")
    assert [row["called"] for row in await after(tmp_path, long)] == ["1" * 80]
