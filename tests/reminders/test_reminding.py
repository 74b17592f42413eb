"""What is due is reminded of: once, anew where it was moved, late where no worker ran, and never of what is not."""

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import clock
from portal.appointments.actions import keeping
from portal.clients.tables import Client
from portal.database import fetch, transaction
from portal.letters.tables import Delivery
from portal.reminders.actions import reminding
from portal.reminders.tables import Reminder
from tests.appointments.steps import maya
from tests.cast import Cast
from tests.factories import TEST
from tests.reminders.steps import (
    a_practice_that_reminds,
    a_visit,
    at_nine,
    events,
    remind_at,
    reminded,
    turned,
    until,
)
from tests.tasks.post import work_through

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


async def test_each_rule_reminds_once_when_it_is_due_and_not_before(cast: Cast):
    visit = await a_visit(await a_practice_that_reminds(cast), cast.client.id, at_nine())
    await remind_at(at_nine() - 2 * DAY - MINUTE)
    assert await reminded() == []
    for _ in range(3):
        await remind_at(at_nine() - 2 * DAY + MINUTE)
    assert await reminded() == [(visit.id, 1)]
    await remind_at(at_nine() - 4 * HOUR - MINUTE)
    assert await reminded() == [(visit.id, 1)]
    for _ in range(3):
        await remind_at(at_nine() - 4 * HOUR)
    assert await reminded() == [(visit.id, 1), (visit.id, 2)] and await events() == 2
    rows = await fetch("SELECT client_id, subject_id FROM audit_row WHERE act = 'reminder.due'")
    assert rows == [{"client_id": cast.client.id, "subject_id": visit.id}] * 2


async def test_a_practice_that_has_chosen_nothing_reminds_nobody(cast: Cast):
    calendar = await a_practice_that_reminds(cast, first="off", second="off")
    await a_visit(calendar, cast.client.id, at_nine())
    await remind_at(at_nine() - 3 * HOUR)
    assert await reminded() == []


async def test_one_rule_may_be_off(cast: Cast):
    calendar = await a_practice_that_reminds(cast, first="off")
    visit = await a_visit(calendar, cast.client.id, at_nine())
    await remind_at(at_nine() - DAY)
    assert await reminded() == []
    await remind_at(at_nine() - 3 * HOUR)
    assert await reminded() == [(visit.id, 2)]


@pytest.mark.parametrize(
    "state",
    ["held", "requested", "declined", "withdrawn", "cancelled", "late_cancelled", "moved", "expired", "arrived",
     "no_show", "completed"],
)  # fmt: skip
async def test_only_what_is_booked_is_reminded_of(cast: Cast, state):
    calendar = await a_practice_that_reminds(cast)
    more = {"held_until": clock.now() + DAY} if state in ("held", "requested") else {}
    holds = state in ("held", "requested", "arrived", "completed")
    await a_visit(calendar, cast.client.id, at_nine(), state=state, holds=holds, **more)
    await remind_at(at_nine() - 3 * HOUR)
    assert await reminded() == []


async def test_what_is_confirmed_is_reminded_of_as_well(cast: Cast):
    calendar = await a_practice_that_reminds(cast)
    visit = await a_visit(calendar, cast.client.id, at_nine(), state="confirmed")
    await remind_at(at_nine() - DAY)
    assert await reminded() == [(visit.id, 1)]


async def test_a_visit_that_was_moved_is_reminded_of_anew(cast: Cast):
    visit = await a_visit(await a_practice_that_reminds(cast), cast.client.id, at_nine())
    await remind_at(at_nine() - DAY)
    later = at_nine(3)
    await fetch(
        "UPDATE appointment SET starts_at = {}, ends_at = {}, busy_from = {}, busy_until = {} WHERE id = {}",
        later,
        later + HOUR,
        later,
        later + HOUR,
        visit.id,
    )
    await remind_at(at_nine() - DAY)
    assert await reminded() == [(visit.id, 1)]
    await remind_at(later - DAY)
    assert await reminded() == [(visit.id, 1), (visit.id, 1)]
    assert [row.starts_at for row in await Reminder.objects().order_by(Reminder.id)] == [at_nine(), later]


async def test_whoever_books_after_a_reminder_was_due_is_not_reminded_of_what_they_just_did(cast: Cast):
    calendar = await a_practice_that_reminds(cast)
    days = until(at_nine()) / 86400
    visit = await a_visit(calendar, cast.client.id, at_nine(), days=-(days - 1))
    await remind_at(at_nine() - DAY + MINUTE)
    assert await reminded() == []
    await remind_at(at_nine() - 3 * HOUR)
    assert await reminded() == [(visit.id, 2)], "the rule that came due since"


async def test_what_was_asked_for_long_ago_and_booked_just_now_counts_as_booked_now(cast: Cast):
    calendar = await a_practice_that_reminds(cast)
    await a_visit(calendar, cast.client.id, at_nine(), decided_at=at_nine() - DAY)
    await remind_at(at_nine() - DAY + MINUTE)
    assert await reminded() == []


async def test_where_no_worker_ran_it_goes_late_until_an_hour_before(cast: Cast):
    calendar = await a_practice_that_reminds(cast)
    visit = await a_visit(calendar, cast.client.id, at_nine())
    late = await a_visit(calendar, cast.other.id, at_nine() - HOUR)
    await remind_at(at_nine() - HOUR - MINUTE)
    assert await reminded() == [(visit.id, 1), (visit.id, 2)]
    assert await events() == 1, "two rules that come due together are told as one"
    assert late.id not in {one for one, _ in await reminded()}


async def test_in_quiet_hours_nothing_goes_and_what_falls_into_them_goes_before(cast: Cast):
    calendar = await a_practice_that_reminds(cast, quiet_from="21", quiet_until="8")
    visit = await a_visit(calendar, cast.client.id, at_nine())
    await remind_at(at_nine() - DAY)
    await remind_at(at_nine() - 12 * HOUR - 2 * MINUTE)
    assert await reminded() == [(visit.id, 1)]
    await remind_at(at_nine() - 12 * HOUR - MINUTE)
    assert await reminded() == [(visit.id, 1), (visit.id, 2)], "a minute to nine in the evening"


async def test_what_is_late_waits_for_the_morning(cast: Cast):
    calendar = await a_practice_that_reminds(cast, quiet_from="21", quiet_until="8")
    visit = await a_visit(calendar, cast.client.id, at_nine() + HOUR)
    await remind_at(at_nine() - 6 * HOUR)
    assert await reminded() == []
    await remind_at(at_nine() - HOUR)
    assert await reminded() == [(visit.id, 1), (visit.id, 2)]


async def test_nobody_is_reminded_of_the_visits_of_somebody_who_has_died(cast: Cast):
    await a_visit(await a_practice_that_reminds(cast), cast.client.id, at_nine())
    await Client.update({Client.deceased_on: clock.now().date()}).where(Client.id == cast.client.id)
    await remind_at(at_nine() - DAY)
    assert await reminded() == []


async def test_quiet_hours_go_by_the_clock_of_the_place(cast: Cast):
    """Before nine in the evening in Honolulu it is the middle of the night in Annapolis."""
    calendar = await a_practice_that_reminds(cast, quiet_from="21", quiet_until="8")
    starts_at = at_nine().replace(tzinfo=ZoneInfo("Pacific/Honolulu"))
    visit = await a_visit(calendar, cast.client.id, starts_at)
    await fetch("UPDATE appointment SET time_zone = 'Pacific/Honolulu' WHERE id = {}", visit.id)
    await remind_at(starts_at - 12 * HOUR - 2 * MINUTE)
    assert await reminded() == [(visit.id, 1)]
    await remind_at(starts_at - 12 * HOUR - MINUTE)
    assert await reminded() == [(visit.id, 1), (visit.id, 2)]


# Two at once --------------------------------------------------------------------------------------------------------


async def test_two_workers_at_once_write_one(cast: Cast):
    calendar = await a_practice_that_reminds(cast)
    for hour in range(6):
        await a_visit(calendar, cast.client.id, at_nine() + hour * HOUR)
    with clock.shifted(seconds=until(at_nine() - DAY)):
        await asyncio.gather(*(reminding.remind(TEST) for _ in range(6)))
    assert len(await reminded()) == len(set(await reminded())) == 6 == await events()


async def test_what_is_cancelled_while_the_worker_looks_is_not_reminded_of(cast: Cast):
    visit = await a_visit(await a_practice_that_reminds(cast), cast.client.id, at_nine())
    with clock.shifted(seconds=until(at_nine() - DAY)):
        async with transaction():
            await keeping.cancel(maya(cast), cast.client.id, visit.id, "")
            looking = asyncio.create_task(_in_its_own_transaction())
            await asyncio.sleep(0.3)
            assert not looking.done()
        await looking
    assert await reminded() == [] and await events() == 0


async def _in_its_own_transaction() -> None:
    from portal.database import ENGINE

    ENGINE.current_transaction.set(None)
    await reminding.remind(TEST)


async def test_what_is_moved_or_cancelled_before_the_letter_leaves_is_not_written_of(cast: Cast):
    calendar = await a_practice_that_reminds(cast)
    first = await a_visit(calendar, cast.client.id, at_nine())
    await a_visit(calendar, cast.client.id, at_nine() + HOUR)
    with clock.shifted(seconds=until(at_nine() - DAY)):
        await reminding.remind(TEST)
        await work_through("announce")
        await keeping.cancel(maya(cast), cast.client.id, first.id, "")
        await work_through("deliver")
        await work_through("announce")
    assert {row.state for row in await Delivery.objects()} == {"dropped", "sent"}


# The query ----------------------------------------------------------------------------------------------------------


async def test_a_minute_in_which_nothing_is_due_asks_once(cast: Cast, monkeypatch):
    calendar = await a_practice_that_reminds(cast)
    for hour in range(5):
        await a_visit(calendar, cast.client.id, at_nine() + hour * HOUR)
    asked: list[str] = []
    from portal.reminders import queries

    async def counting(sql: str, *values: object) -> list[dict[str, object]]:
        asked.append(sql)
        return await fetch(sql, *values)

    monkeypatch.setattr(queries, "fetch", counting)
    monkeypatch.setattr(reminding, "fetch", counting)
    await remind_at(at_nine() - 5 * DAY)
    assert len(asked) == 1


async def test_the_minutely_query_goes_by_its_index(cast: Cast):
    """Among many that are over, some far away and a few that are near."""
    from portal.reminders.queries import COMING

    calendar = await a_practice_that_reminds(cast)
    await turned(first="168")
    await fetch(
        """
        INSERT INTO appointment (client, clinician, site, type, contact_type, starts_at, ends_at, busy_from, busy_until,
               time_zone, state, holds, version, wish, made_at, reason, common_reason, note, link)
        SELECT {}, {}, {}, {}, 'phone', s, s + interval '20 minutes', s, s + interval '20 minutes', 'America/New_York',
               CASE WHEN s < now() THEN 'completed' ELSE 'booked' END, true, 1, '', s - interval '60 days', '', '', '',
               ''
          FROM generate_series(now() - interval '500 days', now() + interval '90 days', interval '1 hour') AS s
        """,
        cast.client.id,
        calendar.okafor,
        calendar.site,
        calendar.session,
    )
    await fetch("ANALYZE appointment")
    now = clock.now()
    rows = await fetch("EXPLAIN " + COMING, [1, 2], [168, 4], now + HOUR, now)
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "appointment_to_come" in plan and "Seq Scan on appointment" not in plan, plan
