"""The queue of record: nothing is lost, nobody has what another has, nothing is begun twice."""

import asyncio
from contextlib import suppress
from contextvars import Context
from datetime import timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from portal import clock, consequences, outbox
from portal.access import Role
from portal.accounts.tables import Invitation
from portal.database import Doomed, fetch, transaction
from portal.letters import actions as letters
from portal.letters.tables import Delivery
from portal.outbox import MOST_ATTEMPTS, Errand, ErrandState, Event, Leased, LeaseLost
from portal.review.tables import ReviewItem
from tasks import actors
from tests.factories import TEST, a_client, a_member, a_practice, an_account, an_invitation
from tests.tasks.post import eventually, work_through

MINUTE = timedelta(minutes=1)
KNOWN = ["announce", "deliver"]


async def claimed(
    by: str = "one", limit: int = 100, lease: timedelta = MINUTE, known: list[str] = KNOWN
) -> list[Leased]:
    return await outbox.claim(by, lease, limit, known)


async def begun(errand: Leased, lease: timedelta = MINUTE) -> Leased | None:
    return await outbox.begin(errand.id, errand.lease_by, errand.attempts, lease)


async def one_begun(by: str = "one") -> Leased:
    errand = await begun((await claimed(by, 1))[0])
    assert errand is not None
    return errand


async def some(count: int, actor: str = "deliver") -> None:
    for number in range(count):
        await outbox.send_on(actor, number, f"{actor}:{number}")


async def the_errand(errand_id: int) -> Errand:
    errand = await Errand.objects().get(Errand.id == errand_id)
    assert errand is not None
    return errand


async def let_lapse() -> None:
    await fetch("UPDATE errand SET lease_until = now() - interval '1 second' WHERE state = 'leased'")


# In the transaction of the change -----------------------------------------------------------------------------------


async def test_a_change_its_event_and_its_errand_are_there_together(db):
    invitation = await an_invitation(await a_client())
    event = await Event.objects().get(Event.subject_id == invitation.id)
    errand = await Errand.objects().first()
    assert (event.kind, event.client_id) == ("invitation.sent", invitation.client)
    assert (errand.actor, errand.subject_id, errand.state) == ("announce", event.id, ErrandState.QUEUED)


async def test_a_change_that_is_undone_undoes_its_event_and_its_errand(db):
    client = await a_client()

    async def invite_and_stumble() -> None:
        async with transaction():
            await an_invitation(client)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await invite_and_stumble()
    assert await Invitation.count() == await Event.count() == await Errand.count() == 0


async def test_a_change_that_fails_inside_another_takes_all_of_it_along(db):
    client = await a_client()

    async def invite_and_stumble_inside() -> None:
        async with transaction():
            await an_invitation(client)
            with suppress(RuntimeError):
                async with transaction():
                    await outbox.record("account.registered", 1)
                    raise RuntimeError

    with pytest.raises(Doomed):
        await invite_and_stumble_inside()
    assert await Invitation.count() == await Event.count() == await Errand.count() == 0


async def test_the_same_errand_is_noted_once_however_often_it_is_asked_for(db):
    await asyncio.gather(*(outbox.send_on("deliver", 7, "deliver:7") for _ in range(8)))
    assert await Errand.count() == 1


async def test_an_errand_that_was_done_is_not_noted_again(db):
    await some(1)
    await outbox.settle(await one_begun())
    await some(1)
    assert await claimed() == []


async def test_an_insert_wakes_whoever_listens_when_it_is_committed(db):
    listener = await asyncpg.connect(db)
    heard: list[Any] = []
    await listener.add_listener("errands", lambda *told: heard.append(told))
    async with transaction():
        await some(3)
        await listener.execute("SELECT 1")
        assert not heard
    await eventually(lambda: heard, within=2)
    await listener.close()


# Claiming -----------------------------------------------------------------------------------------------------------


async def test_nothing_is_claimed_before_it_is_due(db):
    await outbox.send_on("deliver", 1, "later", clock.now() + timedelta(hours=1))
    await outbox.send_on("deliver", 2, "now")
    assert [errand.subject_id for errand in await claimed()] == [2]
    with clock.shifted(minutes=61):
        assert [errand.subject_id for errand in await claimed()] == [1]


async def test_the_oldest_is_claimed_first(db):
    for hours in (1, 3, 2):
        await outbox.send_on("deliver", hours, f"due:{hours}", clock.now() - timedelta(hours=hours))
    assert [(await claimed(limit=1))[0].subject_id for _ in range(3)] == [3, 2, 1]


async def test_many_claimers_at_once_never_have_the_same_errand(db):
    await some(400)

    async def claim_all(by: str) -> list[int]:
        mine: list[int] = []
        while got := await claimed(by, limit=7):
            mine += [errand.id for errand in got]
        return mine

    hauls = await asyncio.gather(*(claim_all(f"worker {number}") for number in range(16)))
    assert len({errand for haul in hauls for errand in haul}) == sum(map(len, hauls)) == 400
    assert sum(bool(haul) for haul in hauls) > 1


async def test_a_claimer_does_not_wait_for_what_another_is_claiming(db):
    await some(10)
    async with transaction():
        first = await claimed("one", 4)
        second = await asyncio.wait_for(apart(claimed("two", 100)), timeout=2)
    assert len(first) == 4
    assert len(second) == 6


async def test_a_claim_takes_no_more_than_there_is_room_for(db):
    await some(10)
    await claimed("dead", 5)
    await let_lapse()
    assert len(await claimed("one", 7)) == 7
    assert len(await claimed("one", 7)) == 3


async def test_an_errand_for_an_actor_that_this_version_does_not_know_is_left_to_one_that_does(db):
    await some(2, "render")
    await some(1, "deliver")
    assert [errand.actor for errand in await claimed()] == ["deliver"]
    assert len(await claimed("newer", known=["render"])) == 2


async def test_ten_thousand_that_are_due_do_not_slow_a_claim_down(db):
    await fetch(
        "INSERT INTO errand (actor, subject_id, dedupe_key, state, attempts, due_at, lease_by, last_error, created_at)"
        " SELECT 'deliver', n, 'many:' || n, 'queued', 0, now() - interval '1 hour', '', '', now()"
        " FROM generate_series(1, 10000) AS n"
    )
    await fetch("ANALYZE errand")
    plan = await fetch(
        "EXPLAIN SELECT id FROM errand WHERE state = 'queued' AND due_at <= now() ORDER BY due_at LIMIT 32"
    )
    assert "Index Scan using errand_due" in str(plan)
    assert len(await claimed(limit=32)) == 32


# Beginning and leases -----------------------------------------------------------------------------------------------


async def test_a_message_that_comes_twice_begins_once(db):
    await some(1)
    errand = (await claimed())[0]
    beginnings = await asyncio.gather(*(begun(errand) for _ in range(6)))
    assert sum(one is not None for one in beginnings) == 1
    assert (await the_errand(errand.id)).attempts == 1


async def test_a_lease_that_has_lapsed_goes_to_another_and_the_slow_one_cannot_settle(db):
    await some(1)
    slow = await one_begun("slow")
    assert await claimed("quick") == []
    await let_lapse()
    quick = await one_begun("quick")
    assert quick.id == slow.id and quick.attempts == 2

    async def finish_too_late() -> None:
        async with transaction():
            await a_client("Done", "Twice")
            await outbox.settle(slow)

    with pytest.raises(LeaseLost):
        await finish_too_late()
    assert await fetch("SELECT id FROM client") == []
    with pytest.raises(LeaseLost):
        await outbox.fail(slow, "late")
    await outbox.settle(quick)
    assert (await the_errand(quick.id)).state == ErrandState.DONE


async def test_a_letter_whose_lease_is_lost_is_not_noted_as_sent(db):
    await outbox.record("password.changed", (await an_account()).id)
    await work_through("announce")
    letter = await Delivery.objects().first()
    slow = await one_begun("slow")
    await let_lapse()
    await one_begun("quick")
    with pytest.raises(LeaseLost):
        await letters.settle_sent(TEST, letter, slow)
    assert (await Delivery.objects().first()).state == "queued"


async def test_who_is_slow_but_unrivalled_may_still_settle(db):
    await some(1)
    slow = await one_begun()
    await let_lapse()
    await outbox.settle(slow)
    assert (await the_errand(slow.id)).state == ErrandState.DONE


async def test_a_message_whose_lease_has_lapsed_begins_nothing(db):
    await some(1)
    errand = (await claimed())[0]
    await let_lapse()
    assert await begun(errand) is None


async def test_the_lease_starts_afresh_when_the_errand_is_begun(db):
    await some(1)
    errand = (await claimed(lease=timedelta(seconds=5)))[0]
    await begun(errand, MINUTE)
    assert (await the_errand(errand.id)).lease_until > clock.now() + timedelta(seconds=50)


async def test_leases_go_by_the_clock_of_the_database(db):
    """Of two machines whose clocks disagree, neither takes what the other is at."""
    await some(1)
    errand = await one_begun()
    with clock.shifted(minutes=10):
        assert await claimed("a machine that is ahead") == []
    with clock.shifted(minutes=-10):
        await some(2)
        assert len(await claimed("a machine that is behind")) == 1
    await outbox.settle(errand)


# Failing ------------------------------------------------------------------------------------------------------------


async def test_the_pause_grows_with_each_attempt_up_to_an_hour(db):
    await some(1)
    pauses = []
    for _ in range(MOST_ATTEMPTS - 1):
        errand = await one_begun()
        assert not await outbox.fail(errand, "TimeoutError")
        pauses.append((await the_errand(errand.id)).due_at - clock.now())
        await fetch("UPDATE errand SET due_at = now()")
    assert timedelta(seconds=3) < pauses[0] < timedelta(seconds=7)
    assert all(later > sooner * 1.1 for sooner, later in pairwise(pauses[:9]))
    assert max(pauses) < timedelta(minutes=76)
    assert sum(pauses, timedelta()) > timedelta(hours=10), "a mail server may be away for a night"


async def test_a_failure_is_not_claimed_again_before_its_pause_is_over(db):
    await some(1)
    await outbox.fail(await one_begun(), "TimeoutError")
    assert await claimed() == []


async def test_after_the_last_attempt_it_is_dead_and_stays_so(db):
    await some(1)
    await fetch("UPDATE errand SET attempts = {}", MOST_ATTEMPTS - 1)
    errand = await one_begun()
    assert await outbox.fail(errand, "TimeoutError")
    dead = await the_errand(errand.id)
    assert (dead.state, dead.last_error) == (ErrandState.DEAD, "TimeoutError")
    assert dead.ended_at is not None
    assert await claimed() == []


async def test_one_that_is_hopeless_is_dead_at_once(db):
    await some(1)
    errand = await one_begun()
    assert await outbox.fail(errand, "hopeless", for_good=True)
    assert (await the_errand(errand.id)).state == ErrandState.DEAD


async def test_work_that_was_given_up_waits_for_staff_and_can_be_revived(cast):
    await outbox.record("nothing.knows_this", 1)
    await fetch("UPDATE errand SET attempts = {}", MOST_ATTEMPTS - 1)
    await work_through()
    dead = await Errand.objects().get(Errand.state == ErrandState.DEAD)
    assert dead.last_error == "KeyError"
    desk = await cast.browser(Role.FRONT_DESK)
    assert "Background work was given up" in (await desk.get("/staff/review")).words
    await work_through("announce")
    await outbox.revive(dead.id)
    assert [errand.attempts for errand in await claimed()] == [0]


async def test_a_letter_that_was_given_up_is_failed_and_waits_for_staff(db):
    invitation = await an_invitation(await a_client())
    await work_through("announce")
    await fetch("UPDATE errand SET attempts = {} WHERE actor = 'deliver'", MOST_ATTEMPTS - 1)
    errand = await one_begun()
    async with transaction():
        assert await outbox.fail(errand, "TimeoutError")
        await consequences.alarm_about_errand(errand)
    letter = await Delivery.objects().first()
    item = await ReviewItem.objects().first()
    assert letter.state == "failed"
    assert (item.kind, item.subject_id) == ("letter.failed_invitation", invitation.client)


async def test_an_alarm_that_cannot_be_raised_leaves_the_errand_alive(db, monkeypatch):
    async def broken(errand: Leased) -> None:
        raise RuntimeError

    monkeypatch.setattr(consequences, "alarm_about_errand", broken)
    await outbox.record("nothing.knows_this", 1)
    await fetch("UPDATE errand SET attempts = {}", MOST_ATTEMPTS - 1)
    await work_through()
    assert (await Errand.objects().first()).state == ErrandState.LEASED


async def test_one_that_takes_its_worker_down_each_time_is_given_up_in_the_end(db):
    """It never fails, for nobody is left to say so: its lease lapses again and again."""
    await outbox.record("nothing.knows_this", 1)
    for _ in range(MOST_ATTEMPTS):
        await one_begun()
        await let_lapse()
    await work_through()
    assert (await Errand.objects().first()).last_error == "WornOut"
    assert (await ReviewItem.objects().first()).kind == "errand.dead"


async def test_work_that_overruns_its_lease_is_cut_off_and_tried_again(db, monkeypatch):
    monkeypatch.setattr(actors, "MARGIN", 0.001)
    await some(1)

    async def endless(errand: Leased) -> None:
        await asyncio.sleep(60)

    errand = (await claimed())[0]
    await actors.carry_out(errand.id, errand.lease_by, errand.attempts, endless)
    row = await the_errand(errand.id)
    assert (row.state, row.last_error) == (ErrandState.QUEUED, "TimeoutError")


# Handing back -------------------------------------------------------------------------------------------------------


async def test_what_was_claimed_and_not_begun_is_handed_back_and_has_cost_no_attempt(db):
    await some(5)
    at_work = await one_begun("leaving")
    await claimed("leaving", 3)
    await claimed("staying", 1)
    assert await outbox.waiting("leaving") == 3
    await outbox.release("leaving")
    assert await outbox.waiting("leaving") == 0
    assert [errand.attempts for errand in await claimed("another")] == [0, 0, 0]
    row = await the_errand(at_work.id)
    assert (row.state, row.attempts) == (ErrandState.LEASED, 1), "it may yet be finished"
    await outbox.settle(at_work)


async def test_a_message_of_what_was_handed_back_begins_nothing(db):
    await some(1)
    errand = (await claimed("leaving"))[0]
    await outbox.release("leaving")
    assert await begun(errand) is None
    await claimed("another")
    assert await begun(errand) is None


async def test_handing_back_wakes_the_others(db):
    listener = await asyncpg.connect(db)
    heard: list[Any] = []
    await some(1)
    await claimed("leaving")
    await listener.add_listener("errands", lambda *told: heard.append(told))
    await outbox.release("leaving")
    await eventually(lambda: heard, within=2)
    await listener.close()


async def test_what_a_broker_has_lost_does_not_count_as_waiting_for_ever(db):
    await some(40)
    await claimed("one", 32)
    assert await outbox.waiting("one") == 32
    await let_lapse()
    assert await outbox.waiting("one") == 0


# Forgetting ---------------------------------------------------------------------------------------------------------


async def test_the_table_stays_small(db):
    await some(30)
    for errand in await claimed(limit=20):
        at_work = await begun(errand)
        assert at_work is not None
        await (outbox.fail(at_work, "no", for_good=True) if errand.subject_id < 5 else outbox.settle(at_work))
    with clock.shifted(days=89):
        await outbox.prune()
    assert await Errand.count() == 30
    with clock.shifted(days=91):
        await outbox.prune()
    states = [row["state"] for row in await fetch("SELECT state FROM errand ORDER BY id")]
    assert states == ["dead"] * 5 + ["queued"] * 10


async def test_an_account_that_hears_of_it_twice_gets_one_letter(db):
    """Every consequence is safe to repeat: the event is announced again after its letter was written."""
    await a_practice()
    account = await an_account()
    event_id = await outbox.record("password.changed", account.id)
    event = await Event.objects().get(Event.id == event_id)
    await asyncio.gather(*(consequences.follow(event) for _ in range(4)))
    assert await Delivery.count() == 1
    assert await Errand.count().where(Errand.actor == "deliver") == 1


async def test_who_records_is_asked_for_nothing_but_ids(db):
    await a_member(Role.CLINICIAN, "Canary", "Name")
    await an_invitation(await a_client("Canary", "Name"), "canary@example.com")
    rows = [*await fetch("SELECT * FROM event"), *await fetch("SELECT * FROM errand")]
    assert "canary" not in str(rows).casefold()


async def apart(work: Any) -> Any:
    """In a task of its own that knows nothing of the transaction around it."""
    return await asyncio.create_task(work, context=Context())
