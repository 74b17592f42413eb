"""Transactions never lose a connection and say what became of them. The pool is the app's own, with two places."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from portal import database
from portal.database import ENGINE, Away, Doomed, fetch, refusing, savepoint, transaction
from portal.database import engine as engine_module
from portal.refusal import Refused

PLACES = 2
fails = pytest.raises  # around whole blocks: where an exception leaves them is what is tested


@pytest.fixture
async def probe(db) -> AsyncIterator[None]:
    """A table of the test's own: its numbers are unique, its colours too, but these only at COMMIT."""
    await ENGINE.close_connection_pool()
    async with database.pool(max_size=PLACES):
        await fetch(
            "CREATE TABLE probe (n int CONSTRAINT probe_once UNIQUE CONSTRAINT probe_positive CHECK (n > 0),"
            " colour text CONSTRAINT probe_colour UNIQUE DEFERRABLE INITIALLY DEFERRED)"
        )
        try:
            yield
        finally:
            await fetch("DROP TABLE probe")
    await ENGINE.start_connection_pool()


async def put(number: int, colour: str | None = None) -> None:
    await fetch("INSERT INTO probe VALUES ({}, {})", number, colour)


async def numbers() -> list[int]:
    return [row["n"] for row in await fetch("SELECT n FROM probe ORDER BY n")]


async def is_whole() -> bool:
    """Every place of the pool can be taken at once and is in no transaction."""
    assert ENGINE.pool is not None and ENGINE.current_transaction.get() is None
    held = [await ENGINE.pool.acquire(timeout=1) for _ in range(PLACES)]
    try:
        said = [await connection.fetchval("SELECT 1") for connection in held]
        return said == [1] * PLACES and not any(connection.is_in_transaction() for connection in held)
    finally:
        for connection in held:
            await ENGINE.pool.release(connection)


async def test_what_is_done_in_a_transaction_is_done_or_not_at_all(probe):
    async with transaction():
        await put(1)
        await put(2)
    with fails(ZeroDivisionError):
        async with transaction():
            await put(3)
            raise ZeroDivisionError
    assert await numbers() == [1, 2] and await is_whole()


async def test_eight_commits_that_fail_leave_the_pool_whole(probe):
    """The engine's own lost a connection at each; the third would have waited for ever."""
    for turn in range(8):
        with fails(asyncpg.UniqueViolationError):
            async with transaction():
                await put(2 * turn + 1, "red")
                await put(2 * turn + 2, "red")
        assert ENGINE.current_transaction.get() is None
    assert await numbers() == [] and await is_whole()


async def test_after_a_commit_that_failed_the_next_transaction_is_one(probe):
    with fails(asyncpg.UniqueViolationError):
        async with transaction():
            await put(1, "red")
            await put(2, "red")
    with fails(ZeroDivisionError):
        async with transaction():
            await put(3)
            raise ZeroDivisionError
    assert await numbers() == []


async def test_a_failed_commit_is_translated_like_any_violation(probe):
    with fails(Refused) as refused:
        with refusing(probe_colour=Refused(colour="taken")):
            async with transaction():
                await put(1, "red")
                await put(2, "red")
    assert refused.value.sentences == {"colour": "taken"} and await is_whole()


# Nesting --------------------------------------------------------------------------------------------------------------


async def test_an_inner_block_joins_the_outer_one(probe):
    async with transaction() as outer:
        await put(1)
        async with transaction() as inner:
            assert inner is outer
            await put(2)
        assert await numbers() == [1, 2]
    assert await numbers() == [1, 2]


async def test_an_inner_success_is_undone_with_the_outer_failure(probe):
    with fails(ZeroDivisionError):
        async with transaction():
            async with transaction():
                await put(1)
            raise ZeroDivisionError
    assert await numbers() == [] and await is_whole()


async def test_an_inner_failure_that_was_caught_dooms_the_outer_block(probe):
    with fails(Doomed):
        async with transaction():
            await put(1)
            with fails(ZeroDivisionError):
                async with transaction():
                    await put(2)
                    raise ZeroDivisionError
            await put(3)
    assert await numbers() == [] and await is_whole()


async def test_however_deep_it_was(probe):
    with fails(Doomed):
        async with transaction():
            async with transaction():
                with fails(ZeroDivisionError):
                    async with transaction():
                        await put(1)
                        raise ZeroDivisionError
            await put(2)
    assert await numbers() == [] and await is_whole()


async def test_what_is_doomed_begins_nothing_new(probe):
    with fails(Doomed):
        async with transaction():
            with fails(ZeroDivisionError):
                async with transaction():
                    raise ZeroDivisionError
            async with transaction():
                raise AssertionError("not reached")
    assert await is_whole()


async def test_an_exception_of_the_outer_block_is_not_hidden_by_the_doom(probe):
    with fails(KeyError):
        async with transaction():
            with fails(ZeroDivisionError):
                async with transaction():
                    raise ZeroDivisionError
            raise KeyError
    assert await is_whole()


async def test_after_a_doomed_one_the_next_is_free(probe):
    with fails(Doomed):
        async with transaction():
            with fails(ZeroDivisionError):
                async with transaction():
                    raise ZeroDivisionError
    async with transaction():
        await put(1)
    assert await numbers() == [1]


# Savepoints -----------------------------------------------------------------------------------------------------------


async def test_a_savepoint_may_fail_alone(probe):
    async with transaction():
        await put(1)
        with fails(asyncpg.UniqueViolationError):
            async with savepoint():
                await put(2)
                await put(1)
        await put(3)
    assert await numbers() == [1, 3]


async def test_an_action_inside_a_savepoint_fails_with_it_and_dooms_nobody(probe):
    async with transaction():
        await put(1)
        with fails(Refused):
            async with savepoint():
                async with transaction():
                    await put(2)
                    raise Refused(x="no")
        async with transaction():
            await put(3)
    assert await numbers() == [1, 3] and await is_whole()


async def test_a_savepoint_that_succeeds_is_undone_with_the_block_around_it(probe):
    with fails(ZeroDivisionError):
        async with transaction():
            async with savepoint():
                await put(1)
            raise ZeroDivisionError
    assert await numbers() == []


async def test_a_savepoint_saves_nothing_that_was_doomed_before(probe):
    with fails(Doomed):
        async with transaction():
            with fails(ZeroDivisionError):
                async with transaction():
                    raise ZeroDivisionError
            async with savepoint():
                await put(1)
    assert await numbers() == []


async def test_savepoints_in_savepoints(probe):
    async with transaction():
        async with savepoint():
            await put(1)
            with fails(ZeroDivisionError):
                async with savepoint():
                    await put(2)
                    raise ZeroDivisionError
            await put(3)
    assert await numbers() == [1, 3]


async def test_a_savepoint_without_a_transaction_is_one(probe):
    async with savepoint():
        await put(1)
    with fails(ZeroDivisionError):
        async with savepoint():
            await put(2)
            raise ZeroDivisionError
    assert await numbers() == [1] and await is_whole()


# Tasks and cancellation -----------------------------------------------------------------------------------------------


async def test_tasks_side_by_side_have_transactions_of_their_own(probe):
    seen: list[object] = []

    async def work(number: int) -> None:
        async with transaction() as mine:
            seen.append(mine)
            await put(number)
            await asyncio.sleep(0)
            assert ENGINE.current_transaction.get() is mine
            if number % 3 == 0:
                raise ZeroDivisionError

    told = await asyncio.gather(*(work(number) for number in range(1, 31)), return_exceptions=True)
    assert sum(isinstance(one, ZeroDivisionError) for one in told) == 10 and len({id(one) for one in seen}) == 30
    assert await numbers() == [number for number in range(1, 31) if number % 3]
    assert await is_whole()


async def test_a_query_outside_does_not_see_what_is_not_committed(probe):
    inside, look = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with transaction():
            await put(1)
            inside.set()
            await look.wait()

    working = asyncio.create_task(work())
    await inside.wait()
    assert await numbers() == []
    look.set()
    await working
    assert await numbers() == [1]


async def test_a_cancelled_transaction_is_rolled_back_and_lets_go(probe):
    for turn in range(6):
        inside = asyncio.Event()

        async def work(number: int, inside: asyncio.Event) -> None:
            async with transaction():
                await put(number)
                inside.set()
                await fetch("SELECT pg_sleep(30)")

        working = asyncio.create_task(work(turn + 1, inside))
        await inside.wait()
        await asyncio.sleep(0.01)
        working.cancel()
        with fails(asyncio.CancelledError):
            await working
    assert await numbers() == [] and await is_whole()
    await put(1)


async def test_whoever_is_cancelled_while_waiting_for_a_place_takes_none(probe):
    assert ENGINE.pool is not None
    held = [await ENGINE.pool.acquire() for _ in range(PLACES)]
    waiting = [asyncio.create_task(put_in_transaction(number)) for number in range(1, 6)]
    await asyncio.sleep(0.05)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for connection in held:
        await ENGINE.pool.release(connection)
    assert await numbers() == [] and await is_whole()


async def put_in_transaction(number: int) -> None:
    async with transaction():
        await put(number)


async def test_a_full_pool_says_so_after_a_while_instead_of_waiting_for_ever(probe, monkeypatch):
    monkeypatch.setattr(engine_module, "ACQUIRE_TIMEOUT", 0.1)
    assert ENGINE.pool is not None
    held = [await ENGINE.pool.acquire() for _ in range(PLACES)]
    for work in (put_in_transaction(1), put(1)):
        with fails(Away):
            await work
    for connection in held:
        await ENGINE.pool.release(connection)
    assert await is_whole()


async def test_a_connection_that_is_cut_in_the_middle_costs_its_transaction_and_nothing_else(probe):
    for turn in range(4):
        with fails(Away):
            async with transaction() as mine:
                await put(turn + 1)
                await cut(mine.connection.get_server_pid())
                await put(turn + 100)
        assert ENGINE.current_transaction.get() is None
    assert await numbers() == [] and await is_whole()


async def cut(pid: int) -> None:
    other = await ENGINE.get_new_connection()
    await other.execute("SELECT pg_terminate_backend($1)", pid)
    await other.close()
    await asyncio.sleep(0.05)


async def test_a_transaction_left_open_by_hand_is_not_handed_on(probe):
    for _ in range(PLACES * 2):
        await fetch("BEGIN")
        await fetch("INSERT INTO probe VALUES (1)")
        await fetch("DELETE FROM probe")
    assert await is_whole()


# Constraints as sentences ---------------------------------------------------------------------------------------------


async def test_a_violated_constraint_becomes_the_sentence_that_belongs_to_it(probe):
    await put(1)
    for number, name in ((1, "probe_once"), (-1, "probe_positive")):
        with fails(Refused) as refused:
            with refusing(probe_once=Refused(n="probe_once"), probe_positive=Refused(n="probe_positive")):
                await put(number)
        assert refused.value.sentences == {"n": name}


async def test_a_violation_that_nobody_expected_stays_what_it_is(probe):
    await put(1)
    with fails(asyncpg.UniqueViolationError):
        with refusing(probe_positive=Refused(n="x")):
            await put(1)
    with fails(ZeroDivisionError):
        with refusing(probe_once=Refused(n="x")):
            raise ZeroDivisionError


async def test_a_foreign_key_and_an_exclusion_are_constraints_too(probe):
    await fetch("CREATE TABLE child (of int CONSTRAINT child_of REFERENCES probe (n))")
    await fetch("CREATE TABLE span (r int4range, CONSTRAINT span_apart EXCLUDE USING gist (r WITH &&))")
    try:
        with fails(Refused):
            with refusing(child_of=Refused(x="x")):
                await fetch("INSERT INTO child VALUES (99)")
        with fails(Refused):
            with refusing(span_apart=Refused(x="x")):
                await fetch("INSERT INTO span VALUES ('[1,5)'), ('[4,9)')")
    finally:
        await fetch("DROP TABLE child, span")


async def test_a_refusal_inside_a_transaction_undoes_it(probe):
    await put(1)
    with fails(Refused):
        async with transaction():
            await put(2)
            with refusing(probe_once=Refused(n="taken")):
                await put(1)
    assert await numbers() == [1] and await is_whole()


def test_nothing_connects_by_being_imported():
    import subprocess
    import sys

    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import piccolo_conf; print(piccolo_conf.DB.pool)"],
        env={"DATABASE_URL": "postgresql://nobody@nowhere.invalid/none", "PORTAL_MODE": "test", "PATH": ""},
        capture_output=True, text=True, cwd=database.__file__.rpartition("/portal/")[0],
    )  # fmt: skip
    assert (told.stdout.strip(), told.stderr) == ("None", "")
