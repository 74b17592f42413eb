"""A message that waits is told by letter: once for a burst, not where it was read, and nothing of what it says."""

import asyncio
from contextlib import contextmanager

import pytest

from portal import clock
from portal.accounts.tables import Account, Grant
from portal.database import fetch
from portal.letters.tables import Delivery
from portal.messages.actions import reading, sending, telling
from portal.messages.actions.putting import Beginning
from portal.messages.tables import Topic
from tests.cast import Cast
from tests.factories import TEST, a_grant, an_account
from tests.letters.test_letters import HEALTH, page_of, sent, text_of
from tests.messages.steps import a_thread, as_, viewer_of, words
from tests.tasks.post import work_through


@contextmanager
def after(minutes: float):
    with clock.shifted(minutes=minutes):
        yield


async def answered(cast: Cast, thread: int, body: str = "Yes, come at ten.") -> None:
    await sending.answer_for_staff(await as_(cast, "front_desk"), thread, words(body))
    await work_through("announce")


async def told() -> list[tuple[str, str]]:
    """Does what is due by now; address and state of each letter about a message."""
    for _ in range(3):
        await work_through("announce", "tell")
    rows = await Delivery.objects().where(Delivery.kind == "message-waiting").order_by(Delivery.id)
    return [(row.address, row.state) for row in rows]


async def read(cast: Cast, thread: int) -> None:
    rows = await fetch("SELECT latest FROM thread WHERE id = {}", thread)
    await reading.mark_read(await as_(cast, "client"), cast.client.id, thread, rows[0]["latest"])


WRITTEN = [("maya@example.com", "queued")]


async def test_five_minutes_after_a_message_a_letter_is_written_and_no_earlier(cast):
    thread = await a_thread(cast)
    await answered(cast, thread)
    with after(4.9):
        assert await told() == []
    with after(5.1):
        assert await told() == WRITTEN


async def test_a_burst_is_one_letter_and_the_next_one_another(cast):
    thread = await a_thread(cast)
    for minutes in (0, 1, 4):
        with after(minutes):
            await answered(cast, thread)
    for minutes in (5.1, 6.1, 9.1):
        with after(minutes):
            assert await told() == WRITTEN
    with after(20):
        await answered(cast, thread)
    with after(26):
        assert await told() == WRITTEN * 2


async def test_of_what_was_read_meanwhile_nobody_is_told(cast):
    thread = await a_thread(cast)
    await answered(cast, thread)
    with after(3):
        await read(cast, thread)
    with after(6):
        assert await told() == []


async def test_a_letter_that_was_written_is_dropped_where_all_was_read_before_it_leaves(cast):
    thread = await a_thread(cast)
    await answered(cast, thread)
    with after(6):
        await told()
        await read(cast, thread)
        await work_through("deliver")
        assert await told() == [("maya@example.com", "dropped")]


async def test_of_a_burst_of_which_the_beginning_was_read_the_rest_is_told(cast):
    thread = await a_thread(cast)
    await answered(cast, thread)
    with after(2):
        await read(cast, thread)
        await answered(cast, thread, "And bring the form.")
    with after(6):
        assert await told() == []
    with after(8):
        assert await told() == WRITTEN


async def test_whoever_writes_is_not_told_and_everybody_else_who_takes_part_is_each_in_their_language(cast):
    mother = await an_account("mother@example.com", name="Ana Reyes", language="es")
    await a_grant(mother, cast.client, kind="guardian")
    desk = await as_(cast, "front_desk")
    both = frozenset({mother.id, cast.accounts["client"].id})
    thread = await sending.begin_for_staff(
        desk, cast.client.id, Beginning(Topic.APPOINTMENTS, "Monday", None, both), words("Can you come?")
    )
    await work_through("announce")
    with after(6):
        assert sorted(await told()) == [("maya@example.com", "queued"), ("mother@example.com", "queued")]
        assert {row.address: row.language for row in await Delivery.objects()}["mother@example.com"] == "es"
    with after(10):
        await sending.answer(await viewer_of(mother), cast.client.id, thread, words("She can."))
        await work_through("announce")
    with after(16):
        assert [address for address, _ in await told()].count("maya@example.com") == 2
        assert [address for address, _ in await told()].count("mother@example.com") == 1


@pytest.mark.parametrize("when", ["before it is written", "before it leaves"])
@pytest.mark.parametrize("why", ["grant ended", "area taken", "suspended"])
async def test_whoever_may_not_read_it_any_more_gets_no_letter(cast, when, why):
    thread = await a_thread(cast)
    await answered(cast, thread)
    with after(6):
        if when == "before it leaves":
            assert await told() == WRITTEN
        maya = cast.accounts["client"].id
        if why == "suspended":
            await Account.update({Account.is_suspended: True}).where(Account.id == maya)
        elif why == "area taken":
            await Grant.update({Grant.areas: ["billing"]}).where(Grant.account == maya)
        else:
            await Grant.update({Grant.ends_at: clock.now()}).where(Grant.account == maya)
        await told()
        await work_through("deliver")
        assert await told() == ([("maya@example.com", "dropped")] if when == "before it leaves" else [])


async def test_two_workers_at_once_write_one_letter(cast):
    thread = await a_thread(cast)
    await answered(cast, thread)
    rows = await fetch("SELECT id FROM thread_participant")
    with after(6):
        await fetch("UPDATE errand SET state = 'leased', lease_until = now() + interval '1 min' WHERE actor = 'tell'")
        await asyncio.gather(*(telling.tell(TEST, rows[0]["id"]) for _ in range(8)))
        assert await told() == WRITTEN


async def test_it_leads_to_the_thread_and_says_nothing_of_it(cast):
    thread = await a_thread(cast, subject="Zanzibar", body="Quillon")
    await answered(cast, thread, "Ophelia")
    with after(6):
        await told()
        letter = await Delivery.objects().get(Delivery.kind == "message-waiting")
        message = await sent(letter)
    text = text_of(message)
    assert f"http://portal.test/clients/{cast.client.id}/messages/{thread}\n" in text
    assert HEALTH.findall(text) == []
    for word in ("Zanzibar", "Quillon", "Ophelia", "Maya", "Reyes", "Okafor", "Harbor", "Appointments", "Thursday"):
        assert word not in text + str(page_of(message)) + message["Subject"]
