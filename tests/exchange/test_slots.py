"""Slots of another system become hours of single days, and go on following it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portal.appointments.actions import availability
from portal.appointments.tables import SpecialHours
from portal.database import fetch
from portal.exchange.mapping.days import shown_span
from portal.practice.tables import Practice, StaffMember
from tests.exchange.samples import Json, counts, imported, location, practitioner, schedule, slot, told, write
from tests.factories import TEST

pytestmark = pytest.mark.usefixtures("db")
ZONE = "America/New_York"
DAY = "2036-12-02"
PEOPLE = (practitioner(), location(), schedule())
ALL = ["in_person", "phone", "telehealth"]


def at(hour: int, minute: int = 0, day: str = DAY) -> str:
    return f"{day}T{hour:02}:{minute:02}:00-05:00"


def slots_of(*hours: tuple[int, int], status: str = "free") -> list[Json]:
    return [slot(at(begins), at(ends), status) for begins, ends in hours]


async def after(path: Path, *more: Json) -> list[dict[str, Any]]:
    await Practice(name="Harbor Lane", time_zone=ZONE).save()
    await imported(write(path / "a.json", *PEOPLE, *more))
    return await rows()


async def rows() -> list[dict[str, Any]]:
    return await fetch(
        "SELECT id, first_day, last_day, begins, ends, is_open, contact_types, site FROM special_hours"
        " ORDER BY first_day, begins, ends"
    )


def hours(found: list[dict[str, Any]]) -> list[tuple[int, int, bool]]:
    return [(one["begins"] // 60, one["ends"] // 60, one["is_open"]) for one in found]


async def test_free_slots_are_open_hours_joined_where_they_touch(tmp_path: Path) -> None:
    found = await after(tmp_path, *slots_of((9, 10), (10, 11), (13, 14)), *slots_of((11, 12), status="busy"))
    assert hours(found) == [(9, 11, True), (13, 14, True)]
    assert {(one["first_day"], one["last_day"]) for one in found} == {(date(2036, 12, 2), date(2036, 12, 2))}
    assert found[0]["contact_types"] == ALL and found[0]["site"] is not None


async def test_unavailable_slots_are_closed_hours(tmp_path: Path) -> None:
    found = await after(tmp_path, *slots_of((9, 10), (10, 12), status="busy-unavailable"))
    assert hours(found) == [(9, 12, False)] and found[0]["site"] is None


async def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    some = [
        *slots_of((9, 10), (10, 11)),
        *slots_of((11, 12), status="busy-unavailable"),
        *slots_of((14, 15), status="busy"),
    ]
    first = await after(tmp_path, *some)
    report = await imported(write(tmp_path / "b.json", *PEOPLE, *reversed(some)))
    assert counts(report)["Slot"] == (0, 0, 3, 1) and await rows() == first
    assert len(await fetch("SELECT id FROM audit_row WHERE act = 'special_hours.imported'")) == 1


async def test_what_becomes_busy_is_open_no_more_and_what_becomes_free_is_again(tmp_path: Path) -> None:
    nine, ten, eleven = slots_of((9, 10), (10, 11), (11, 12))
    await after(tmp_path, nine, ten, eleven)
    busy = {**ten, "status": "busy"}
    report = await imported(write(tmp_path / "b.json", *PEOPLE, nine, busy, eleven))
    assert hours(await rows()) == [(9, 10, True), (11, 12, True)] and report.exit_code == 0
    assert counts(await imported(write(tmp_path / "b.json", *PEOPLE, nine, busy, eleven)))["Slot"] == (0, 0, 2, 1)
    await imported(write(tmp_path / "c.json", *PEOPLE, nine, ten, eleven))
    assert hours(await rows()) == [(9, 12, True)]
    await imported(write(tmp_path / "d.json", *PEOPLE, *({**one, "status": "busy"} for one in (nine, ten, eleven))))
    assert await rows() == [] and not await fetch("SELECT id FROM external_identifier WHERE kind = 'slot'")
    await imported(write(tmp_path / "e.json", *PEOPLE, nine))
    assert hours(await rows()) == [(9, 10, True)]


async def test_a_part_of_the_slots_speaks_for_itself_only(tmp_path: Path) -> None:
    nine, ten, eleven = slots_of((9, 10), (10, 11), (11, 12))
    await after(tmp_path, nine, ten, eleven)
    await imported(write(tmp_path / "b.json", *PEOPLE, {**ten, "status": "busy"}))
    assert hours(await rows()) == [(9, 10, True), (11, 12, True)]
    await imported(write(tmp_path / "c.json", *PEOPLE, ten, *slots_of((12, 13))))
    assert hours(await rows()) == [(9, 13, True)]
    await imported(write(tmp_path / "d.json", *PEOPLE, {**eleven, "status": "busy"}))
    await imported(write(tmp_path / "e.json", *PEOPLE, {**nine, "status": "busy-unavailable"}))
    assert hours(await rows()) == [(9, 10, False), (10, 11, True), (12, 13, True)]


async def test_what_staff_removed_stays_away(tmp_path: Path) -> None:
    some = slots_of((9, 10), (13, 14))
    found = await after(tmp_path, *some)
    clinician = await StaffMember.objects().first()
    assert clinician is not None
    await availability.remove_special(TEST, clinician.id, found[0]["id"])
    report = await imported(write(tmp_path / "b.json", *PEOPLE, *some))
    assert hours(await rows()) == [(13, 14, True)]
    assert counts(report)["Slot"] == (0, 0, 1, 1)
    assert told(report) == ["was removed here since it was imported: left out"]


async def test_what_staff_added_by_hand_is_not_touched_and_not_doubled(tmp_path: Path) -> None:
    await after(tmp_path)
    clinician, site = await StaffMember.objects().first(), (await fetch("SELECT id FROM site"))[0]["id"]
    assert clinician is not None
    for begins, ends in ((540, 600), (1020, 1080)):
        await SpecialHours(
            clinician=clinician.id, site=site, first_day=date(2036, 12, 2), last_day=date(2036, 12, 2), begins=begins,
            ends=ends, is_open=True, contact_types=ALL, note="By hand",
        ).save()  # fmt: skip
    report = await imported(write(tmp_path / "b.json", *PEOPLE, *slots_of((9, 10))))
    assert counts(report)["Slot"] == (0, 0, 1, 0)
    assert [row["note"] for row in await fetch("SELECT note FROM special_hours")] == ["By hand"] * 2


async def test_words_of_the_service_say_how_one_meets(tmp_path: Path) -> None:
    by_video = slot(at(9), at(10), serviceType=[{"text": "Video visit"}])
    found = await after(tmp_path, by_video, *slots_of((10, 11)))
    assert [one["contact_types"] for one in found] == [["telehealth"], ALL]


async def test_what_is_over_or_a_mistake_is_passed_over(tmp_path: Path) -> None:
    over = slot("2013-12-25T09:15:00Z", "2013-12-25T09:30:00Z", schedule={"reference": "Schedule/gone"})
    some = [over, *slots_of((9, 10), status="entered-in-error")]
    report = await imported(write(tmp_path / "a.json", *PEOPLE, *some))
    assert counts(report)["Slot"] == (0, 0, 0, 2) and report.exit_code == 0 and await rows() == []
    told = ["slots that are over open nothing: 1", "slots that were entered in error open nothing: 1"]
    assert [one.sentence for one in report.findings] == told


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"schedule": {"reference": "Schedule/gone"}}, "points to Schedule/gone, which is in none of these files"),
        ({"schedule": None}, "schedule is missing"),
        ({"end": at(8)}, "start and end are not two moments with a time zone, one after the other"),
        ({"start": "nonsense"}, "start and end are not two moments with a time zone, one after the other"),
        ({"end": "2039-01-01T00:00:00Z"}, "start and end are not two moments with a time zone, one after the other"),
    ],
)  # fmt: skip
async def test_what_is_missing_is_told_and_the_rest_comes_in(tmp_path: Path, more: Json, words: str) -> None:
    bad = {name: value for name, value in {**slot(at(9), at(10)), "id": "bad", **more}.items() if value}
    report = await imported(write(tmp_path / "a.json", *PEOPLE, bad, *slots_of((13, 14))))
    assert counts(report)["Slot"] == (1, 0, 0, 1) and report.exit_code == 1
    (said,) = told(report)
    assert said.endswith(f"{words}: left out")


async def test_a_schedule_of_nobody_opens_nothing(tmp_path: Path) -> None:
    nobodys = schedule(actor=[{"reference": "urn:uuid:loc-1"}])
    report = await imported(write(tmp_path / "a.json", practitioner(), location(), nobodys, *slots_of((9, 10))))
    assert told(report) == ["the schedule names no practitioner: left out"] and await rows() == []


async def test_a_slot_over_midnight_is_two_days(tmp_path: Path) -> None:
    found = await after(tmp_path, slot(at(22), "2036-12-03T02:00:00-05:00"))
    assert [(one["first_day"].day, one["begins"], one["ends"]) for one in found] == [(2, 1320, 1440), (3, 0, 120)]


async def test_on_the_night_the_clock_falls_back_the_right_hours_are_open(tmp_path: Path) -> None:
    """November 2, 2036: from midnight to three by the wall are four hours."""
    night = [slot(f"2036-11-02T0{hour}:00:00Z", f"2036-11-02T0{hour + 1}:00:00Z") for hour in range(4, 8)]
    (found,) = await after(tmp_path, *night)
    assert (found["begins"], found["ends"]) == (0, 180)
    assert (
        shown_span(ZONE, found["first_day"], 0, 180).ends - shown_span(ZONE, found["first_day"], 0, 180).begins == 14400
    )


async def test_on_the_night_the_clock_springs_forward_there_is_no_hour_too_many(tmp_path: Path) -> None:
    """March 9, 2036: after 2 AM comes 3 AM."""
    (found,) = await after(tmp_path, slot("2036-03-09T06:00:00Z", "2036-03-09T08:00:00Z"))
    assert (found["begins"], found["ends"]) == (60, 240)
