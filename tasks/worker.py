"""The worker: wakes on NOTIFY, claims due errands, hands their ids to actors; a sweeper behind it.

Claim loop, actors and pool share one event loop, the one of Dramatiq's own thread.
"""

import asyncio
import json
import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import FrameType

import dramatiq
from dramatiq.asyncio import get_event_loop_thread

from portal import outbox
from portal.audit import chain
from portal.database import ENGINE
from portal.settings import settings
from tasks.actors.email import deliver
from tasks.actors.notify import announce
from tasks.broker import broker
from tasks.schedule import by_the_clock

log = logging.getLogger("portal.worker")

ACTORS = {"announce": announce, "deliver": deliver}
THREADS = 8
MOST_IN_HAND = 32
SWEEP = 2.0
DRAIN = 3.0


class Worker:
    """One per process; `me` is what its leases are signed with."""

    def __init__(self) -> None:
        self.me = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.woken = asyncio.Event()
        self.stopping = asyncio.Event()
        self.loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await ENGINE.start_connection_pool()
        for step, pause in ((self.claim, 0.0), (self.seal, 1.0), (by_the_clock, 60.0)):
            self.loops.append(asyncio.create_task(self.again_and_again(step, pause)))
        self.loops.append(asyncio.create_task(self.listen()))

    async def stop(self) -> None:
        """Nothing new is claimed; what is in hand is finished or handed back."""
        self.stopping.set()
        self.woken.set()
        for _ in range(int(DRAIN * 20)):
            if not await outbox.in_hand(self.me):
                break
            await asyncio.sleep(0.05)
        for loop in self.loops:
            loop.cancel()
        await asyncio.gather(*self.loops, return_exceptions=True)
        await outbox.release(self.me)
        await chain.seal()

    async def close(self) -> None:
        await ENGINE.close_connection_pool()

    async def claim(self) -> None:
        """One round: as many as there is room for, then to sleep until woken or swept."""
        self.woken.clear()
        room = MOST_IN_HAND - await outbox.in_hand(self.me)
        lease = timedelta(seconds=settings().outbox_lease)
        leased = await outbox.claim(self.me, lease, room) if room > 0 else []
        for errand in leased:
            ACTORS[errand.actor].send(errand.id, errand.lease_by, errand.attempts)
        if not leased:
            await self.doze(SWEEP if room > 0 else 0.05)

    async def seal(self) -> None:
        while await chain.seal() == chain.BATCH:
            pass

    async def listen(self) -> None:
        """NOTIFY is a hint: while the connection is gone, the sweeper does its work."""
        while not self.stopping.is_set():
            try:
                connection = await ENGINE.get_new_connection()
                try:
                    await connection.add_listener("errands", lambda *_: self.woken.set())
                    while not self.stopping.is_set() and not connection.is_closed():
                        await asyncio.sleep(1)
                finally:
                    await connection.close(timeout=1)
            except (TimeoutError, OSError, ConnectionError) as error:
                _report("listener lost", error)
                await asyncio.sleep(1)

    async def doze(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.woken.wait(), timeout=seconds)
        except TimeoutError:
            pass

    async def again_and_again(self, step: Callable[[], Awaitable[None]], pause: float) -> None:
        """A step that fails is tried again: the database may be away for a while."""
        while not self.stopping.is_set():
            try:
                await step()
                await asyncio.sleep(pause)
            except Exception as error:
                _report(f"{getattr(step, '__name__', 'step')} failed", error)
                await asyncio.sleep(1)


def run_worker() -> None:
    """Blocks until SIGTERM or SIGINT, then drains."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    hands = dramatiq.Worker(broker, worker_threads=THREADS, worker_timeout=50)
    hands.start()
    loop = get_event_loop_thread()
    assert loop is not None
    worker = loop.run_coroutine(_made())
    loop.run_coroutine(worker.start())
    log.info(json.dumps({"event": "worker ready", "worker": worker.me}))
    while not stop.wait(timeout=1):
        pass
    loop.run_coroutine(worker.stop())
    loop.run_coroutine(worker.close())
    hands.stop(timeout=1000)
    broker.close()


async def _made() -> Worker:
    return Worker()


def _report(event: str, error: BaseException) -> None:
    log.error(json.dumps({"event": event, "kind": type(error).__name__, "said": str(error)[:200]}))
