"""Actors are shells: fetch by id, call an action, tell the outbox. Which errand is whose stands in `tasks.worker`."""

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from portal import consequences, outbox
from portal.database import transaction
from portal.outbox import Leased
from portal.settings import settings

T = TypeVar("T")
log = logging.getLogger("portal.worker")

IN_HAND: set[asyncio.Task[None]] = set()
THREADS: list[threading.Thread] = []
MOST_THREADS = 16
WAITING: SimpleQueue[Callable[[], None]] = SimpleQueue()
MARGIN = 0.9  # of the lease: whoever overruns it still has time to say so


class WornOut(Exception):
    """Begun as often as may be and never ended: it takes its worker down with it."""


async def carry_out(errand_id: int, lease_by: str, attempts: int, work: Callable[[Leased], Awaitable[None]]) -> None:
    """Does nothing for a message whose lease is gone: a broker may repeat and delay what it likes.

    No exception leaves: what went wrong stands in the table. Where even that fails, the lease lapses.
    """
    task = asyncio.current_task()
    assert task is not None
    IN_HAND.add(task)
    try:
        lease = timedelta(seconds=settings().outbox_lease)
        errand = await outbox.begin(errand_id, lease_by, attempts, lease)
        if errand is not None:
            await _tried(errand, work, lease * MARGIN)
    except outbox.LeaseLost:
        log.warning(json.dumps({"event": "lease lost", "errand": errand_id}))
    except asyncio.CancelledError:
        log.warning(json.dumps({"event": "errand left unfinished", "errand": errand_id}))
    except Exception:
        log.exception(json.dumps({"event": "errand left to its lease", "errand": errand_id}))
    finally:
        IN_HAND.discard(task)


async def _tried(errand: Leased, work: Callable[[Leased], Awaitable[None]], limit: timedelta) -> None:
    try:
        if errand.attempts > outbox.MOST_ATTEMPTS:
            raise WornOut
        async with asyncio.timeout(limit.total_seconds()):
            await work(errand)
    except outbox.LeaseLost:
        raise
    except Exception as error:
        log.exception(json.dumps({"event": "errand failed", "errand": errand.id, "actor": errand.actor}))
        async with transaction():
            if await outbox.fail(errand, type(error).__name__):
                await consequences.alarm_about_errand(errand)


async def in_thread(work: Callable[..., T], *args: object) -> T:
    """As `asyncio.to_thread`, but a process that ends does not wait for what hangs there."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(settle: Callable[[], None]) -> None:
        if not done.done():
            settle()

    def run() -> None:
        try:
            settle = partial(done.set_result, work(*args))
        except Exception as error:
            settle = partial(done.set_exception, error)
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(tell, settle)

    if len(THREADS) < MOST_THREADS:
        THREADS.append(threading.Thread(target=_serve, daemon=True))
        THREADS[-1].start()
    WAITING.put(run)
    return await done


def _serve() -> None:
    while True:
        WAITING.get()()
