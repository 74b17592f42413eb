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
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import dramatiq
from dramatiq.asyncio import get_event_loop_thread

from portal import outbox
from portal.audit import chain
from portal.database import ENGINE
from portal.log import to_stderr
from portal.outbox import Leased
from portal.payments import gateway as stripe
from portal.settings import settings
from tasks.actors import IN_HAND, in_thread
from tasks.actors.bill import bill
from tasks.actors.complete import complete
from tasks.actors.email import deliver
from tasks.actors.notify import announce
from tasks.actors.papers import issue, render
from tasks.actors.pay import autopay, charge, give_back, heed, mind_cards, put_on_file
from tasks.actors.press import AT_ONCE, press
from tasks.actors.scan import scan
from tasks.actors.spread import spread
from tasks.actors.tell import tell
from tasks.actors.texts import text
from tasks.actors.wait import offer
from tasks.broker import broker
from tasks.schedule import by_the_clock

log = logging.getLogger("portal.worker")

ACTORS = {
    "announce": announce,
    "autopay": autopay,
    "bill": bill,
    "charge": charge,
    "complete": complete,
    "deliver": deliver,
    "give_back": give_back,
    "heed": heed,
    "issue": issue,
    "mind_cards": mind_cards,
    "put_on_file": put_on_file,
    "offer": offer,
    "scan": scan,
    "spread": spread,
    "render": render,
    "tell": tell,
    "text": text,
}
# These wait for processors: no more of them are taken up at a time, so that letters do not wait behind a thousand.
SLOW = ("issue", "complete")
QUICK = [name for name in ACTORS if name not in SLOW]
HANDS = 8
MOST_WAITING = 32
SWEEP = 2.0
KNOCK = 15.0
DRAIN = 2.5


class Worker:
    """One per process; `me` is what its leases are signed with."""

    def __init__(self) -> None:
        self.me = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.woken = asyncio.Event()
        self.stopping = asyncio.Event()
        self.claiming = asyncio.create_task(self.begin())
        self.loops: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        """The database may be away at the start, too."""
        await self.again_and_again(self.open, until=lambda: ENGINE.pool is not None)
        for step in (self.listen, self.seal, self.tick):
            self.loops.append(asyncio.create_task(self.again_and_again(step)))
        log.info(json.dumps({"event": "worker ready", "worker": self.me}))
        await self.again_and_again(self.claim)

    async def stop(self) -> None:
        """Nothing new is claimed; what is begun is finished, what is not is handed back."""
        self.stopping.set()
        self.woken.set()
        try:
            async with asyncio.timeout(DRAIN):
                await self.claiming
                await outbox.release(self.me)
                await asyncio.sleep(0.1)  # a hand that had just taken a message begins it, or finds it handed back
                while IN_HAND:
                    await asyncio.wait(IN_HAND)
                await chain.seal()
        except Exception as error:
            _report("not everything was finished", error)
        left = {self.claiming, *self.loops, *IN_HAND}
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=DRAIN)
        await press().close()
        await stripe.close()
        await ENGINE.close_connection_pool()

    async def open(self) -> None:
        await ENGINE.start_connection_pool()

    async def claim(self) -> None:
        """One round: as many as there is room for, then to sleep until woken or swept."""
        self.woken.clear()
        room = MOST_WAITING - await outbox.waiting(self.me)
        lease = timedelta(seconds=settings().outbox_lease)
        claimed = await outbox.claim(self.me, lease, room, QUICK) if room > 0 else []
        is_slow = await outbox.in_hand(self.me, list(SLOW))
        if is_slow < AT_ONCE and room > 0:
            claimed += await outbox.claim(self.me, lease, AT_ONCE - is_slow, list(SLOW))
        if claimed:
            await self.hand_over(claimed)
        else:
            await _until(self.woken, SWEEP if room > 0 and not is_slow else 0.05)

    async def hand_over(self, claimed: list[Leased]) -> None:
        """A broker that is away keeps nothing of ours: what it did not take is handed back."""
        try:
            await in_thread(_send, claimed)
        except Exception:
            await outbox.release(self.me)
            raise

    async def listen(self) -> None:
        """NOTIFY is a hint: while the connection is gone, the sweeper does its work."""
        connection = await ENGINE.get_new_connection()
        gone = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: gone.set())
            await connection.add_listener("errands", lambda *_: self.woken.set())
            self.woken.set()
            while not gone.is_set():
                await connection.execute("SELECT 1", timeout=5)  # finds out a peer that vanished without a word
                await _until(gone, KNOCK)
        finally:
            connection.terminate()

    async def seal(self) -> None:
        while await chain.seal() == chain.BATCH:
            pass
        await _until(self.stopping, 1)

    async def tick(self) -> None:
        await by_the_clock()
        await _until(self.stopping, 60)

    async def again_and_again(
        self, step: Callable[[], Awaitable[None]], until: Callable[[], bool] = lambda: False
    ) -> None:
        """A step that fails is tried again: the database may be away for a while."""
        while not (self.stopping.is_set() or until()):
            try:
                await step()
            except Exception as error:
                _report(f"{getattr(step, '__name__', 'step')} failed", error)
                await _until(self.stopping, 1)


def run_worker() -> None:
    """Blocks until SIGTERM, SIGINT or SIGHUP, then drains."""
    to_stderr()
    leave = _asked_to_leave()
    hands = dramatiq.Worker(broker, worker_threads=HANDS, worker_timeout=50)
    hands.start()
    try:
        loop = get_event_loop_thread()
        assert loop is not None
        worker = loop.run_coroutine(_made())
        os.read(leave, 1)
        for hand in hands.workers:
            hand.pause()
        loop.run_coroutine(worker.stop())
    finally:
        hands.stop(timeout=500)
        broker.close()


def _asked_to_leave() -> int:
    """A pipe that becomes readable. The byte is written below Python: a handler of ours would only run between two of
    its instructions, and the one thread that may run it sleeps in `read`.
    """
    asked, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    return asked


async def _made() -> Worker:
    return Worker()


def _send(claimed: list[Leased]) -> None:
    for errand in claimed:
        ACTORS[errand.actor].send(errand.id, errand.lease_by, errand.attempts)


async def _until(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _report(event: str, error: BaseException) -> None:
    log.error(json.dumps({"event": event}), exc_info=error)
