"""What waits too long stands in the queue: of whoever may read it, and of nobody else."""

import asyncio
from contextlib import suppress
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import clock
from portal.access import HOLDS, NotFoundException, Permission
from portal.accounts.tables import Account
from portal.database import fetch, transaction
from portal.letters.tables import Delivery
from portal.messages.actions import away, sending, unanswered, waiting
from portal.messages.actions.away import Days
from portal.messages.queries import conversation
from portal.messages.tables import Topic
from portal.notifications import actions as notifications
from portal.notifications.queries import told
from portal.notifications.tables import StaffNotice
from portal.practice import switches
from portal.practice.tables import StaffMember
from portal.review.queries.queue import how_many_wait
from portal.review.queries.queue import waiting as queue
from tests.cast import Cast
from tests.factories import TEST, a_grant, a_member
from tests.letters.test_letters import text_of
from tests.letters.test_staff_letters import sent
from tests.messages.steps import a_thread, as_, words
from tests.tasks.post import work_through

ZONE = "America/New_York"


async def items() -> list[dict]:
    return await fetch(
        "SELECT kind, subject_id, about, url, client, needs, only_for, outcome, settled_at IS NULL AS is_open"
        " FROM review_item ORDER BY id"
    )


async def later(hours: float = 24.1) -> None:
    with clock.shifted(hours=hours):
        await unanswered.open_due(TEST)


async def seers(cast: Cast) -> set[str]:
    """Whoever finds something in the queue; the number says the same as the list."""
    found = set()
    for part in cast.accounts:
        viewer = await as_(cast, part)
        if viewer.may(Permission.REVIEW_READ) and (total := (await queue(viewer)).total):
            assert await how_many_wait(viewer) == total
            found.add(str(part))
    return found


async def readers(cast: Cast, thread: int) -> set[str]:
    found = set()
    for part in cast.accounts:
        try:
            await conversation.of_staff(await as_(cast, part), thread)
            found.add(str(part))
        except NotFoundException:
            pass
    return found


async def stands_in(cast: Cast) -> int:
    """From today on for a week."""
    rows = await fetch("SELECT id FROM staff_member WHERE given_name = 'Elias'")
    today = await away.away.today(TEST)
    return await away.add(
        TEST, Days(int(cast.client.principal_clinician), today, today + timedelta(days=6), rows[0]["id"])
    )


async def test_after_so_many_hours_and_no_earlier_it_is_an_item_with_the_topic_as_its_line(cast):
    thread = await a_thread(cast)
    await later(23.9)
    assert await items() == []
    await later()
    (item,) = await items()
    assert (item["kind"], item["subject_id"], item["url"]) == (
        "message.unanswered",
        thread,
        f"/staff/messages/{thread}",
    )
    assert (item["client"], item["needs"], item["only_for"]) == (cast.client.id, "message:appointments", None)
    desk = await as_(cast, "front_desk")
    (one,) = (await queue(desk)).items
    assert (str(one.title), str(one.line)) == ("Message without an answer", "Appointments")


async def test_the_practice_chooses_after_how_many(cast):
    await switches.turn(TEST, "messages.unanswered_after", "4")
    await a_thread(cast)
    await later(4.1)
    assert len(await items()) == 1


async def test_what_the_client_adds_neither_opens_a_second_one_nor_starts_the_hours_anew(cast):
    thread = await a_thread(cast)
    with clock.shifted(hours=20):
        await sending.answer(await as_(cast, "client"), cast.client.id, thread, words("And?"))
    await later()
    await later(30)
    assert len(await items()) == 1


async def test_an_answer_settles_it_and_the_next_silence_opens_another(cast):
    thread = await a_thread(cast)
    await later()
    desk = await as_(cast, "front_desk")
    with clock.shifted(hours=25):
        await sending.answer_for_staff(desk, thread, words("Yes."))
        await sending.answer(await as_(cast, "client"), cast.client.id, thread, words("Thank you. And parking?"))
    await later(26)
    (item,) = await items()
    assert (item["outcome"], item["is_open"]) == ("answered", False)
    await later(50)
    assert [one["is_open"] for one in await items()] == [False, True]


async def test_an_answer_that_does_not_come_about_settles_nothing(cast):
    thread = await a_thread(cast)
    await later()
    desk = await as_(cast, "front_desk")
    with suppress(RuntimeError):
        async with transaction():
            await sending.answer_for_staff(desk, thread, words("Yes."))
            raise RuntimeError
    assert [one["is_open"] for one in await items()] == [True]


async def test_whoever_closes_the_thread_settles_it(cast):
    thread = await a_thread(cast)
    await later()
    await fetch("UPDATE thread SET closed_at = now()")
    await waiting.settle(await as_(cast, "front_desk"), thread, "closed")
    await later(48)
    assert [one["outcome"] for one in await items()] == ["closed"]


async def test_an_answer_and_the_clock_at_once_leave_nothing_open(cast):
    threads = [await a_thread(cast, subject=str(number)) for number in range(12)]
    desk = await as_(cast, "front_desk")
    with clock.shifted(hours=25):
        await asyncio.gather(
            unanswered.open_due(TEST),
            *(sending.answer_for_staff(desk, one, words()) for one in threads),
            unanswered.open_due(TEST),
        )
    assert not any(one["is_open"] for one in await items())


# Who finds it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", list(Topic))
@pytest.mark.parametrize("meanwhile", ["as ever", "away", "left"])
async def test_nobody_finds_in_the_queue_what_they_may_not_read(cast, topic, meanwhile):
    thread = await a_thread(cast, topic)
    if meanwhile == "away":
        await stands_in(cast)
    if meanwhile == "left":
        await StaffMember.update({StaffMember.is_active: False}).where(StaffMember.given_name == "Ngozi")
    await unanswered_now()
    found, may = await seers(cast), await readers(cast, thread)
    assert found <= may
    wanted = {
        Topic.APPOINTMENTS: {"front_desk", "supervisor", "administrator"},
        Topic.OTHER: {"front_desk", "supervisor", "administrator"},
        Topic.BILLING: {"front_desk", "biller", "supervisor", "administrator"},
        Topic.CARE: {"supervisor"} | {
            "as ever": {"clinician"}, "away": {"clinician", "other clinician"}, "left": set(),
        }[meanwhile],
        Topic.PERSONAL: {
            "as ever": {"clinician"}, "away": {"other clinician"}, "left": {"supervisor", "administrator"},
        }[meanwhile],
    }[topic]  # fmt: skip
    assert found == wanted


async def unanswered_now() -> None:
    await fetch("UPDATE thread SET waiting_since = waiting_since - interval '3 days'")
    await unanswered.open_due(TEST)


async def test_whom_a_personal_one_is_for_changes_with_who_stands_in(cast):
    thread = await a_thread(cast, Topic.PERSONAL)
    await unanswered_now()
    assert await seers(cast) == {"clinician"}
    absence = await stands_in(cast)
    await unanswered.open_due(TEST)
    assert await seers(cast) == {"other clinician"} <= await readers(cast, thread)
    await away.end(TEST, absence)
    await unanswered.open_due(TEST)
    assert await seers(cast) == {"clinician"}
    assert len(await items()) == 1


async def test_whoever_stands_in_finds_the_care_that_waits_while_they_stand_in(cast):
    thread = await a_thread(cast, Topic.CARE)
    await unanswered_now()
    assert await seers(cast) == {"clinician", "supervisor"}
    absence = await stands_in(cast)
    await unanswered.open_due(TEST)
    assert await seers(cast) == {"clinician", "supervisor", "other clinician"} <= await readers(cast, thread)
    await away.end(TEST, absence)
    await unanswered.open_due(TEST)
    assert await seers(cast) == {"clinician", "supervisor"} and len(await items()) == 1


async def test_a_clinician_who_stands_in_reads_care_as_well_and_only_in_these_days(cast):
    thread = await a_thread(cast, Topic.CARE)
    personal = await a_thread(cast, Topic.PERSONAL)
    assert "other clinician" not in await readers(cast, thread)
    await stands_in(cast)
    for one in (thread, personal):
        assert {"clinician", "other clinician"} <= await readers(cast, one)
    brandt = await as_(cast, "other clinician")
    await sending.answer_for_staff(brandt, personal, words("I stand in for Dr. Okafor."))
    with clock.shifted(days=8):
        for one in (thread, personal):
            assert "other clinician" not in await readers(cast, one)


async def test_nobody_finds_their_own_chart_even_where_an_item_is_for_them_alone(cast):
    await a_thread(cast, Topic.PERSONAL)
    await a_grant(cast.accounts["clinician"], cast.client, kind="guardian")
    await unanswered_now()
    assert await seers(cast) == set()


@pytest.mark.parametrize("topic", [Topic.PERSONAL, Topic.CARE, Topic.BILLING])
@pytest.mark.parametrize("timing", ["at_once", "daily"])
@pytest.mark.parametrize("audience", ["front_desk", "biller", "supervisor", "administrator", "principal_clinician"])
async def test_letters_about_the_queue_go_to_nobody_who_may_not_read_it(cast, topic, timing, audience):
    await StaffNotice(kind="message.unanswered", audience=audience, timing=timing).save()
    thread = await a_thread(cast, topic)
    await work_through()
    await unanswered_now()
    noon = datetime.combine(clock.today(ZONE) + timedelta(days=2), time(12), ZoneInfo(ZONE))
    with clock.shifted(seconds=(noon - clock.now()).total_seconds()):
        await work_through("announce")
        await notifications.write_digests(TEST)
        rows = await Delivery.objects().where(Delivery.kind.is_in(["review-waiting", "review-digest"]))
        who = {row.address for row in rows}
        may = {cast.accounts[part].email for part in await readers(cast, thread) if part in cast.accounts}
        assert who <= may
        is_told = {
            "front_desk": topic == Topic.BILLING,
            "biller": topic == Topic.BILLING,
            "supervisor": topic != Topic.PERSONAL,
            "administrator": topic == Topic.BILLING,
            "principal_clinician": topic != Topic.BILLING,
        }[audience]
        assert bool(who) == is_told
        for row in rows:
            if row.kind == "review-digest":
                assert "1 thing waits for review." in text_of(await sent(row))


async def test_a_role_without_a_queue_gets_no_letter_about_it(cast):
    assert Permission.REVIEW_READ not in HOLDS["auditor"]
    told_of = {one.viewer.email for one in await told.colleagues(TEST)}
    assert cast.accounts["biller"].email in told_of and cast.accounts["auditor"].email not in told_of


# The clock asks each minute -----------------------------------------------------------------------------------------

MANY = """
INSERT INTO thread (client, topic, subject, started_at, latest_at, may_reply, latest, office_read_to, version,
                    waiting_since)
SELECT {}, 'other', 'x', now(), now(), true, 0, 0, 1, CASE WHEN n % 400 = 0 THEN now() - n * interval '1 min' END
  FROM generate_series(1, 20000) AS n
"""


async def test_it_is_found_by_its_index_among_many_threads(cast):
    await fetch(MANY, cast.client.id)
    await fetch("ANALYZE thread")
    before = clock.now() - timedelta(hours=24)
    plan = await fetch(f"EXPLAIN {unanswered.DUE}", before, "message.unanswered")
    said = "\n".join(row["QUERY PLAN"] for row in plan)
    assert "thread_waits" in said and "Seq Scan on thread" not in said, said


async def test_the_clock_opens_them_by_hundreds_and_each_once(cast):
    await fetch(MANY, cast.client.id)
    await later(1)
    with clock.shifted(hours=1):
        await asyncio.gather(*(unanswered.open_due(TEST) for _ in range(3)))
    rows = await fetch("SELECT count(*) AS waits FROM thread WHERE waiting_since < now() - interval '23 hours'")
    assert len(await items()) == rows[0]["waits"] > 30


async def test_a_new_member_sees_what_waits_for_their_role(cast):
    await a_thread(cast)
    await unanswered_now()
    _, account = await a_member("front_desk", "New", "Desk")
    cast.accounts["new desk"] = account
    assert "new desk" in await seers(cast)
    await Account.update({Account.is_suspended: True}).where(Account.id == account.id)
