"""Sent is sent once, whoever presses how often; and in the order in which the database took it."""

import asyncio

import pytest

from portal import clock
from portal.access import NotFoundException
from portal.database import fetch
from portal.messages.actions import drafting, sending
from portal.messages.actions.drafting import Drafted
from portal.messages.actions.putting import Beginning
from portal.messages.queries import conversation
from portal.messages.tables import Topic
from portal.refusal import Refused
from tests.cast import Cast
from tests.messages.steps import a_thread, as_, words


@pytest.fixture
async def cast(db) -> Cast:
    return await Cast.gather()


async def said(cast: Cast, thread: int) -> list[tuple[str, str]]:
    maya = await as_(cast, "client")
    head = await conversation.of_client(maya, cast.client.id, thread)
    return [(one.kind, one.body) for one in (await conversation.said(maya, head))[0]]


async def test_a_client_writes_and_the_front_desk_answers(cast):
    thread = await a_thread(cast)
    desk = await as_(cast, "front_desk")
    assert (await conversation.of_staff(desk, thread)).waiting_since is not None
    await sending.answer_for_staff(desk, thread, words("Yes, come at ten."))
    assert await said(cast, thread) == [("client", "May I come half an hour later?"), ("office", "Yes, come at ten.")]
    assert (await conversation.of_staff(desk, thread)).waiting_since is None


async def test_what_is_sent_ten_times_at_once_is_sent_once(cast):
    maya = await as_(cast, "client")
    twice, begin = words("Once"), Beginning(Topic.OTHER, "Parking")
    threads = await asyncio.gather(*(sending.begin(maya, cast.client.id, begin, twice) for _ in range(10)))
    assert len(set(threads)) == 1
    again = words("And once more")
    await asyncio.gather(*(sending.answer(maya, cast.client.id, threads[0], again) for _ in range(10)))
    assert await said(cast, threads[0]) == [("client", "Once"), ("client", "And once more")]
    assert (await fetch("SELECT count(*) FROM event WHERE kind = 'message.sent'"))[0]["count"] == 2


async def test_two_answers_at_once_both_land_and_the_last_is_the_threads_latest(cast):
    thread = await a_thread(cast)
    desk, maya = await as_(cast, "front_desk"), await as_(cast, "client")
    await asyncio.gather(
        *(sending.answer_for_staff(desk, thread, words(f"Desk {n}")) for n in range(5)),
        *(sending.answer(maya, cast.client.id, thread, words(f"Maya {n}")) for n in range(5)),
    )
    told = await said(cast, thread)
    assert len(told) == 11 and len(set(told)) == 11
    rows = await fetch("SELECT max(id) = (SELECT latest FROM thread) AS right FROM message")
    assert rows[0]["right"]


@pytest.mark.parametrize(
    ("topic", "readers"),
    [
        (Topic.APPOINTMENTS, {"front_desk", "supervisor", "administrator"}),
        (Topic.BILLING, {"front_desk", "biller", "supervisor", "administrator"}),
        (Topic.CARE, {"clinician", "supervisor"}),
        (Topic.OTHER, {"front_desk", "supervisor", "administrator"}),
        (Topic.PERSONAL, {"clinician"}),
    ],
)
async def test_the_topic_decides_who_of_the_staff_reads(cast, topic, readers):
    thread = await a_thread(cast, topic)
    reads = set()
    for part in cast.accounts:
        try:
            await conversation.of_staff(await as_(cast, part), thread)
            reads.add(part)
        except NotFoundException:
            pass
    assert reads == readers


async def test_nobody_but_who_takes_part_reads_it_on_the_clients_side(cast):
    thread = await a_thread(cast)
    for part in cast.accounts.keys() - {"client"}:
        with pytest.raises(NotFoundException):
            await conversation.of_client(await as_(cast, part), cast.client.id, thread)


async def test_a_message_too_many_in_an_hour_is_refused_and_says_what_to_do(cast):
    thread, maya = await a_thread(cast), await as_(cast, "client")
    for number in range(29):
        await sending.answer(maya, cast.client.id, thread, words(str(number)))
    with pytest.raises(Refused):
        await sending.answer(maya, cast.client.id, thread, words("One too many"))


async def test_what_is_personal_is_begun_by_a_clinician_alone(cast):
    people = frozenset({int(cast.accounts["client"].id)})
    for part, may in (("clinician", True), ("front_desk", False), ("supervisor", False)):
        viewer = await as_(cast, part)
        begin = Beginning(Topic.PERSONAL, "Between us", viewer.staff_id, people)
        if may:
            assert await sending.begin_for_staff(viewer, cast.client.id, begin, words())
        else:
            with pytest.raises(Refused):
                await sending.begin_for_staff(viewer, cast.client.id, begin, words())


async def test_other_words_under_the_same_key_are_another_message_and_sent_once_too(cast):
    """A form that is open in two windows has one key."""
    maya = await as_(cast, "client")
    begin = Beginning(Topic.OTHER, "Parking")
    thread = await sending.begin(maya, cast.client.id, begin, words("Where?", "k" * 32))
    other = await sending.begin(maya, cast.client.id, begin, words("Where? And when?", "k" * 32))
    assert other != thread
    assert await sending.begin(maya, cast.client.id, begin, words("Where? And when?", "k" * 32)) == other
    for _ in range(2):
        await sending.answer(maya, cast.client.id, thread, words("Where?", "k" * 32))
        await sending.answer(maya, cast.client.id, other, words("Found it", "k" * 32))
    assert await said(cast, thread) == [("client", "Where?")]
    assert await said(cast, other) == [("client", "Where? And when?"), ("client", "Found it")]


async def test_what_is_typed_on_in_another_window_after_sending_is_kept_as_a_draft(cast):
    maya = await as_(cast, "client")
    await sending.begin(maya, cast.client.id, Beginning(Topic.OTHER, "Parking"), words("Where is it?", "k" * 32))
    for typed, is_kept in (("Where is", False), ("Where is it?", False), ("Where is it? Urgent.", True)):
        kept = await drafting.save(maya, cast.client.id, None, Drafted("k" * 32, typed), is_staff=False)
        assert (kept is not None) == is_kept, typed


async def test_the_same_words_from_a_fresh_form_right_after_are_not_said_twice(cast):
    """Back, and Send once more. Later, or after other words, they are meant."""
    thread, maya = await a_thread(cast, body="Hello?"), await as_(cast, "client")
    for body in ("Hello?", "Anybody?", "Anybody?", "Hello?"):
        await sending.answer(maya, cast.client.id, thread, words(body))
    with clock.shifted(minutes=5):
        await sending.answer(maya, cast.client.id, thread, words("Hello?"))
    assert [body for _, body in await said(cast, thread)] == ["Hello?", "Anybody?", "Hello?", "Hello?"]
