"""Staff are told of a client's message: whoever answers it, at once or each morning, and nothing of what it says."""

import asyncio
import re

import pytest

from portal import clock
from portal.accounts.tables import Account
from portal.database import fetch
from portal.letters.tables import Delivery
from portal.messages.actions import away, reading, sending
from portal.messages.actions.away import Days
from portal.messages.tables import Topic
from portal.notifications import actions as notifications
from portal.notifications import rules
from portal.notifications.letters import CONTEXTS, PERSONAL
from portal.notifications.rules import Rule
from portal.practice.tables import Setting
from tasks.actors import email as post
from tests.cast import Cast
from tests.factories import TEST, a_grant
from tests.letters.test_letters import _is_discreet, _is_readable_without_and_with_html, page_of, sent, text_of
from tests.letters.test_staff_letters import at
from tests.messages.steps import a_thread, as_, words
from tests.tasks.post import work_through


@pytest.fixture
async def cast(cast: Cast) -> Cast:
    await Setting(name="messages.automatic_answer", value="no").save()
    return cast


async def told(timing: str, audience: str = rules.READERS) -> None:
    await notifications.choose_notices(TEST, {rules.NEW_MESSAGE.name: Rule(audience, timing)})


async def letters_of(kind: str) -> list[str]:
    rows = await Delivery.objects().where(Delivery.kind == kind).order_by(Delivery.id)
    return sorted(row.address.partition("@")[0] for row in rows)


async def written(cast: Cast, topic: Topic) -> list[str]:
    await a_thread(cast, topic)
    await work_through("announce")
    return await letters_of("message-received")


async def digests() -> list[str]:
    before = len(await letters_of("message-digest"))
    await notifications.write_digests(TEST)
    rows = await Delivery.objects().where(Delivery.kind == "message-digest").order_by(Delivery.id)
    return sorted(row.address.partition("@")[0] for row in rows[before:])


DESK = ["administrator.staff", "front_desk.staff", "supervisor.staff"]


@pytest.mark.parametrize(
    ("topic", "who"),
    [
        (Topic.APPOINTMENTS, DESK),
        (Topic.BILLING, ["administrator.staff", "biller.staff", "front_desk.staff", "supervisor.staff"]),
        (Topic.CARE, ["ngozi.okafor", "supervisor.staff"]),
        (Topic.PERSONAL, ["ngozi.okafor"]),
    ],
)
async def test_at_once_whoever_reads_the_topic_is_told(cast, topic, who):
    await told("at_once")
    assert await written(cast, topic) == who


async def test_where_nobody_is_told_nobody_is(cast):
    await told("at_once", "nobody")
    assert await written(cast, Topic.OTHER) == []
    with at(8, day=1):
        assert await digests() == []


async def test_where_nobody_has_chosen_they_are_told_each_morning(cast):
    with at(16):
        assert await written(cast, Topic.PERSONAL) == []
    with at(6, 59, day=1):
        assert await digests() == []
    with at(7, 1, day=1):
        assert await digests() == ["ngozi.okafor"]
        assert await digests() == []
    with at(7, 1, day=2):
        assert await digests() == [], "nothing is new"


async def test_whoever_is_told_at_once_gets_no_letter_in_the_morning(cast):
    await told("at_once")
    with at(16):
        await written(cast, Topic.PERSONAL)
    with at(8, day=1):
        assert await digests() == []


async def test_only_who_has_it_is_told_of_the_rest(cast):
    await told("at_once")
    with at(16):
        thread = await a_thread(cast, Topic.OTHER)
        await fetch("DELETE FROM errand")
        desk = await as_(cast, "front_desk")
        await fetch("UPDATE thread SET assigned_to = {}", desk.staff_id)
        await sending.answer(await as_(cast, "client"), cast.client.id, thread, words("And?"))
        await work_through("announce")
    assert await letters_of("message-received") == ["front_desk.staff"]


async def test_who_stands_in_is_told_instead_of_the_clinician(cast):
    await told("at_once")
    today = await away.away.today(TEST)
    rows = await fetch("SELECT id FROM staff_member WHERE given_name = 'Elias'")
    await away.add(TEST, Days(int(cast.client.principal_clinician), today, today, rows[0]["id"]))
    assert await written(cast, Topic.PERSONAL) == ["elias.brandt"]


async def test_a_burst_is_one_letter_and_what_is_read_and_added_to_is_another(cast):
    await told("at_once")
    thread = await a_thread(cast, Topic.PERSONAL)
    maya, okafor = await as_(cast, "client"), await as_(cast, "clinician")
    for minutes in (0, 1, 9):
        with clock.shifted(minutes=minutes):
            await sending.answer(maya, cast.client.id, thread, words(str(minutes)))
            await work_through("announce")
    assert await letters_of("message-received") == ["ngozi.okafor"]
    rows = await fetch("SELECT latest FROM thread")
    await reading.mark_read_for_staff(okafor, thread, rows[0]["latest"])
    with clock.shifted(minutes=20):
        await sending.answer(maya, cast.client.id, thread, words("One more"))
        await work_through("announce")
    assert await letters_of("message-received") == ["ngozi.okafor"] * 2


async def test_several_messages_announced_at_the_same_moment_are_one_letter(cast):
    await told("at_once")
    thread = await a_thread(cast, Topic.PERSONAL)
    maya = await as_(cast, "client")
    for number in range(6):
        await sending.answer(maya, cast.client.id, thread, words(str(number)))
    await asyncio.gather(*(work_through("announce") for _ in range(4)))
    assert await letters_of("message-received") == ["ngozi.okafor"]


async def test_it_waits_five_minutes_and_what_was_read_or_answered_meanwhile_is_not_told(cast):
    await told("at_once")
    thread = await a_thread(cast, Topic.PERSONAL)
    await work_through("announce")
    await work_through("deliver")
    assert [row.state for row in await Delivery.objects()] == ["queued"]
    rows = await fetch("SELECT latest FROM thread")
    await reading.mark_read_for_staff(await as_(cast, "clinician"), thread, rows[0]["latest"])
    with clock.shifted(minutes=6):
        await work_through("deliver")
    assert [row.state for row in await Delivery.objects()] == ["dropped"]


async def test_who_has_it_no_more_when_the_letter_leaves_gets_none(cast):
    await told("at_once")
    await written(cast, Topic.OTHER)
    desk = await as_(cast, "front_desk")
    await fetch("UPDATE thread SET assigned_to = {}", desk.staff_id)
    with clock.shifted(minutes=6):
        await work_through("deliver")
    rows = await Delivery.objects().order_by(Delivery.id)
    assert {row.address.partition("@")[0] for row in rows if row.state == "sent"} == {"front_desk.staff"}
    assert {row.state for row in rows} == {"sent", "dropped"}


@pytest.mark.parametrize("timing", ["at_once", "daily"])
async def test_nobody_is_told_about_their_own_chart_nor_who_has_left(cast, timing):
    await told(timing)
    await a_grant(cast.accounts["front_desk"], cast.client)
    await Account.update({Account.is_suspended: True}).where(Account.id == cast.accounts["supervisor"].id)
    with at(16):
        found = await written(cast, Topic.OTHER)
    with at(8, day=1):
        found += await digests()
    assert found == ["administrator.staff"]


async def test_what_the_office_writes_is_told_to_nobody_of_it(cast):
    await told("at_once")
    with at(16):
        thread = await a_thread(cast, Topic.PERSONAL)
        await fetch("DELETE FROM errand")
        await sending.answer_for_staff(await as_(cast, "clinician"), thread, words("Yes."))
        await work_through("announce")
    with at(8, day=1):
        assert await digests() == []
    assert await letters_of("message-received") == []


async def test_the_morning_letter_counts_what_is_ones_own_to_answer(cast):
    with at(16):
        for topic in (Topic.OTHER, Topic.APPOINTMENTS, Topic.PERSONAL, Topic.CARE):
            await a_thread(cast, topic)
    with at(8, day=1):
        await digests()
        rows = {row.address.partition("@")[0]: row for row in await Delivery.objects()}
        assert "2 messages wait for an answer.\n" in text_of(await sent(rows["front_desk.staff"]))
        assert "3 messages wait for an answer.\n" in text_of(await sent(rows["supervisor.staff"]))
        await fetch("UPDATE thread SET waiting_since = NULL")
        assert await post.written(rows["front_desk.staff"]) is None


@pytest.mark.parametrize("kind", ["message-received", "message-digest"])
async def test_it_says_that_something_waits_and_nothing_more(cast, nobody, kind):
    await Account.update({Account.email: "anyone@example.com"}).where(Account.id == cast.accounts["clinician"].id)
    if kind == "message-received":
        await told("at_once")
    with at(16):
        await written(cast, Topic.PERSONAL)
    with at(8, day=1):
        await digests()
        message = await sent(await Delivery.objects().get(Delivery.kind == kind))
    _is_readable_without_and_with_html(message)
    _is_discreet(message)
    said = f"{message['Subject']} {text_of(message)} {page_of(message).get_text()}"
    assert not re.search("Maya|Reyes|Harbor|Okafor|Thursday|later|Personal", said)
    link = re.search(r"^http://portal\.test(/\S*)$", text_of(message), re.MULTILINE).group(1)
    assert link == ("/staff/messages/1" if kind == "message-received" else "/staff/messages")


async def test_the_administrator_chooses_who_and_when_beside_the_kinds_of_the_queue(cast):
    page = await (await cast.browser("administrator")).get("/staff/settings/notices")
    who = [one["value"] for one in page.soup.find(id="message.received.audience").select("option")]
    assert who == ["nobody", "readers"]
    assert [one["value"] for one in page.soup.find(id="message.unanswered.audience").select("option")] != who
    browser = await cast.browser("administrator")
    wrong = {"message.received.audience": "front_desk", "message.received.timing": "at_once"}
    assert (await browser.post("/staff/settings/notices", **wrong)).status == 422


@pytest.mark.parametrize("kind", [*CONTEXTS, *PERSONAL])
async def test_every_kind_of_letter_that_fails_has_a_name_for_staff(cast, kind):
    from portal import outbox

    event = await outbox.record("password.changed", cast.accounts["client"].id)
    await fetch(
        "INSERT INTO delivery (event, kind, subject_id, address, language, message_id, state, written_at, last_error)"
        " VALUES ({}, {}, 1, 'x@example.com', 'en', '<x>', 'failed', now(), '')", event, kind,
    )  # fmt: skip
    assert (await (await cast.browser("front_desk")).get("/staff/letters")).status == 200
