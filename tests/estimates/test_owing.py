"""What is owed to a client who pays stands in the queue until it is given, or is owed no more."""

from datetime import timedelta

import pytest

from portal import clock
from portal.clients.tables import Coverage
from portal.database import fetch
from portal.estimates import kinds, rules
from portal.estimates.actions import minding
from portal.language import speaking
from portal.practice import switches
from portal.review.queries import queue
from portal.schedule.actions import calling_off, placing
from tests.appointments.steps import a_monday
from tests.estimates.steps import (
    a_practice_that_estimates,
    an_estimate,
    an_item,
    ended,
    follow,
    today,
    waiting,
)
from tests.factories import TEST
from tests.messages.steps import as_
from tests.schedule.steps import booked, desk, row, where


async def due_of(visit: int):
    """By the clock, from today to the day of the visit."""
    starts_at = (await row(visit)).starts_at
    return rules.due_when_scheduled(today(), starts_at.date())


async def test_a_visit_of_a_client_who_pays_opens_an_item_with_its_day(cast):
    calendar = await a_practice_that_estimates(cast)
    visit = await booked(cast, calendar, a_monday(3), 10)
    await follow()
    items = await waiting()
    due = await due_of(visit)
    assert items == [
        {
            "subject_id": visit, "client": cast.client.id, "about": f"{due.isoformat()} America/New_York",
            "url": f"/staff/clients/{cast.client.id}/account/estimates/new?appointment={visit}",
            "needs": "estimate:give",
        }
    ]  # fmt: skip
    assert due == rules.after(today(), 3)


async def test_the_queue_says_until_when_and_that_it_is_overdue(cast):
    calendar = await a_practice_that_estimates(cast)
    await booked(cast, calendar, a_monday(3), 10)
    await follow()
    due = rules.after(today(), 3)
    line = [str(one.line) for one in (await queue.waiting(desk(cast))).items]
    assert len(line) == 1 and line[0].startswith("Due by ") and str(due.year) in line[0]
    with clock.shifted(days=(due - today()).days):
        assert [str(one.line) for one in (await queue.waiting(desk(cast))).items] == ["Due today"]
    with clock.shifted(days=(due - today()).days + 1):
        assert str((await queue.waiting(desk(cast))).items[0].line).startswith("Overdue: it was due by ")
        with speaking("es"):
            assert "vencid" in str((await queue.waiting(desk(cast))).items[0].line).lower()


async def test_what_is_booked_for_tomorrow_is_owed_only_to_who_asks(cast):
    calendar = await a_practice_that_estimates(cast)
    await booked(cast, calendar, today() + timedelta(days=1), 10)
    await follow()
    assert await waiting() == []


async def test_only_who_gives_estimates_sees_it(cast):
    calendar = await a_practice_that_estimates(cast)
    await booked(cast, calendar, a_monday(3), 10)
    await follow()
    assert (await queue.waiting(await as_(cast, "clinician"))).total == 1
    assert (await queue.waiting(await as_(cast, "other clinician"))).total == 0


async def test_a_client_whose_insurance_covers_the_day_is_owed_none(cast):
    calendar = await a_practice_that_estimates(cast)
    await Coverage(client=cast.client.id, payer="Aetna", ends_on=a_monday(3)).save()
    await booked(cast, calendar, a_monday(3), 10)
    await follow()
    assert await waiting() == []
    later = await booked(cast, calendar, a_monday(4), 10)
    await follow()
    assert [one["subject_id"] for one in await waiting()] == [later]


async def test_giving_it_settles_it(cast):
    calendar = await a_practice_that_estimates(cast)
    visit = await booked(cast, calendar, a_monday(3), 10)
    await follow()
    await an_estimate(cast, calendar, appointment_id=visit)
    assert await waiting() == [] and await ended() == ["given"]
    await follow()
    assert await waiting() == []


async def test_an_estimate_that_was_given_before_keeps_it_out_of_the_queue(cast):
    calendar = await a_practice_that_estimates(cast)
    await an_estimate(cast, calendar, await an_item(calendar, 2), visits=2)
    for week in (3, 4):
        await booked(cast, calendar, a_monday(week), 10)
    await follow()
    assert await waiting() == []
    third = await booked(cast, calendar, a_monday(5), 10)
    await follow()
    assert [one["subject_id"] for one in await waiting()] == [third]


async def test_one_for_somebody_else_does_not_settle_it(cast):
    calendar = await a_practice_that_estimates(cast)
    await booked(cast, calendar, a_monday(3), 10)
    await follow()
    await an_estimate(cast, calendar, await an_item(calendar, clinician_id=calendar.brandt))
    assert len(await waiting()) == 1


async def test_a_series_is_one_item_and_one_estimate_settles_it(cast):
    calendar = await a_practice_that_estimates(cast)
    days = [a_monday(week) for week in (3, 4, 5, 6)]
    first = await booked(cast, calendar, days[0], 10, many=days)
    await follow()
    assert [one["subject_id"] for one in await waiting()] == [first]
    await an_estimate(cast, calendar, await an_item(calendar, 3), appointment_id=first, visits=3)
    assert [one["subject_id"] for one in await waiting()] == [first]
    await an_estimate(cast, calendar, await an_item(calendar, 4), appointment_id=first, visits=4)
    assert await waiting() == []


async def test_cancelling_the_visit_settles_it(cast):
    calendar = await a_practice_that_estimates(cast)
    visit = await booked(cast, calendar, a_monday(3), 10)
    await follow()
    await calling_off.call_off(desk(cast), visit, 1, "ill", "")
    await follow()
    assert await waiting() == [] and await ended() == ["needless"]


async def test_insurance_on_the_chart_settles_it_by_the_clock(cast):
    calendar = await a_practice_that_estimates(cast)
    await booked(cast, calendar, a_monday(3), 10)
    await follow()
    await Coverage(client=cast.client.id, payer="Aetna").save()
    await minding.mind_all(TEST)
    assert await waiting() == [] and await ended() == ["needless"]


async def test_a_visit_that_came_before_its_estimate_is_said_to_have(cast):
    calendar = await a_practice_that_estimates(cast)
    await booked(cast, calendar, a_monday(3), 10)
    await follow()
    with clock.shifted(days=(a_monday(3) - today()).days + 1):
        await minding.mind_all(TEST)
    assert await waiting() == [] and await ended() == ["missed"]
    assert str(kinds.DUE.ended("missed")) == "The visit came before it"


async def test_moved_to_another_clinician_it_is_owed_anew(cast):
    calendar = await a_practice_that_estimates(cast)
    visit = await booked(cast, calendar, a_monday(3), 10)
    await an_estimate(cast, calendar, appointment_id=visit, first_day=a_monday(3), last_day=a_monday(3))
    await placing.move(desk(cast), visit, 1, where(calendar, a_monday(4), 10))
    await follow()
    assert await waiting() == []
    await placing.move(desk(cast), visit, 2, where(calendar, a_monday(4), 10, clinician=calendar.brandt))
    await follow()
    assert [one["subject_id"] for one in await waiting()] == [visit]


async def test_a_practice_that_needs_no_reminders_turns_them_off(cast):
    calendar = await a_practice_that_estimates(cast)
    await booked(cast, calendar, a_monday(3), 10)
    await follow()
    await switches.turn(TEST, "billing.estimates", "no")
    await minding.mind_all(TEST)
    assert await waiting() == []
    await booked(cast, calendar, a_monday(4), 10)
    await follow()
    assert await waiting() == []
    await switches.turn(TEST, "billing.estimates", "yes")


@pytest.mark.parametrize("times", [1, 3])
async def test_asked_again_and_again_it_stands_there_once(cast, times):
    calendar = await a_practice_that_estimates(cast)
    await booked(cast, calendar, a_monday(3), 10)
    for _ in range(times):
        await minding.mind(TEST, cast.client.id)
    assert len(await fetch("SELECT id FROM review_item WHERE kind = 'estimate.due'")) == 1
