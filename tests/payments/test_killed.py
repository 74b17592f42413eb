"""Whoever takes payments dies by kill -9, at each named place and at random: payments = charges = ledger."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from portal.database import fetch
from portal.payments.actions import attempts
from portal.settings import ROOT
from tests.billing.factories import an_encounter
from tests.cast import Cast
from tests.factories import a_client, a_grant, an_account
from tests.payments.agreeing import agreed
from tests.payments.factories import CONSENT
from tests.payments.post import Post
from tests.payments.test_refunding import Till
from tests.simulated import Simulator
from tests.tasks.post import READY, WorkerProcess, eventually, free_port, work_through

SOON = """
UPDATE errand SET due_at = least(due_at, now()),
       lease_until = CASE WHEN state = 'leased' THEN now() - interval '1 second' END
 WHERE state IN ('queued', 'leased')
"""
HURRY = "UPDATE errand SET due_at = now() WHERE state = 'queued' AND due_at > now() AND actor = ANY({}::text[])"
HURRIED = ["charge", "give_back", "heed"]
ACTORS = ("charge", "give_back", "heed", "mind_cards")
LEFT = """
SELECT (SELECT count(*) FROM payment_attempt WHERE state::text IN ('submitting', 'action', 'processing'))
     + (SELECT count(*) FROM card_refund WHERE state::text IN ('submitting', 'pending'))
     + (SELECT count(*) FROM stripe_event WHERE handled_at IS NULL) AS many
"""


@pytest.fixture
def door() -> int:
    return free_port()


@pytest.fixture
def stripe(tmp_path, door):
    """A stand-in of this test's own, whose events go to the web process."""
    simulator = Simulator(tmp_path / "stripesim.sqlite", f"http://127.0.0.1:{door}/hooks/stripe").start()
    yield simulator
    simulator.stop()


@pytest.fixture
def surroundings(keys, db):
    """What a process of the portal is told; the keys are in the environment."""
    return {"DATABASE_URL": db, "OUTBOX_LEASE": "2"}


class Presser:
    def __init__(self, surroundings: dict[str, str], *words: object, fault: str = "") -> None:
        told = {**surroundings, **({"PORTAL_FAULT": fault} if fault else {})}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.payments.presser", *map(str, words)], cwd=ROOT, env=os.environ | told,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if words[0] == "stream" else subprocess.PIPE,
        )  # fmt: skip

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    async def died(self) -> int:
        _, said = await asyncio.to_thread(self.process.communicate, timeout=60)
        assert self.process.returncode in (0, -signal.SIGKILL), said.decode()[-2000:]
        return self.process.returncode


async def finished() -> None:
    """What workers do after that, in this process: everything that is due, and what its lease has left."""
    for _ in range(6):
        await fetch(SOON)
        await work_through(*ACTORS)
    assert (await fetch(LEFT))[0]["many"] == 0


# Each named place, once ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["submitted", "customer-made", "charged", "posting", "posted"])
async def test_who_dies_while_paying_charges_once(desk, surroundings, fault):
    public = await desk.reviewed(amount=9000, saves=True)
    words = ("submit", desk.viewer.account_id, desk.client, public)
    assert await Presser(surroundings, *words, fault=fault).died() == -signal.SIGKILL
    await finished()
    assert (await desk.row(public)).state == "succeeded" and desk.charged(public) == (1, 9000)
    assert len(await desk.cards()) == 1
    await agreed(desk.stripe)


async def test_who_dies_while_stripes_page_is_opened_opens_it_once(desk, surroundings):
    public = await attempts.begin(desk.viewer, desk.client, 9000)
    await attempts.choose_hosted(desk.viewer, desk.client, public, saves=False, makes_default=False, consent=CONSENT)
    words = ("submit", desk.viewer.account_id, desk.client, public)
    assert await Presser(surroundings, *words, fault="page-opened").died() == -signal.SIGKILL
    await fetch(SOON)
    await work_through("charge")
    row = await desk.row(public)
    assert row.state == "action" and row.session
    desk.stripe.check_out(row.session)
    await finished()
    assert (await desk.row(public)).state == "succeeded" and desk.charged(public) == (1, 9000)
    await agreed(desk.stripe)


@pytest.mark.parametrize("fault", ["refund-noted", "refund-made", "refund-posting", "refund-posted"])
async def test_who_dies_while_giving_back_gives_back_once(desk, surroundings, fault):
    till = Till(desk, await desk.paid(amount=9000))
    words = ("refund", till.biller.staff_id, till.row.payment, 4000, "the-same-form")
    assert await Presser(surroundings, *words, fault=fault).died() == -signal.SIGKILL
    assert await Presser(surroundings, *words).died() == 0
    await finished()
    assert till.gone() == (1, 4000)
    await agreed(desk.stripe)


@pytest.mark.parametrize("fault", ["minded", "posting", "charged"])
async def test_a_worker_that_dies_over_it_leaves_it_to_the_next(desk, surroundings, tmp_path, fault):
    desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    row = await desk.paid(amount=9000)
    assert row.state == "submitting"
    await fetch(SOON)
    await lost(WorkerProcess(tmp_path / "worker", **surroundings, PORTAL_FAULT=fault))
    await finished()
    assert (await desk.row(row.public)).state == "succeeded" and desk.charged(row.public) == (1, 9000)
    await agreed(desk.stripe)


async def test_a_worker_that_dies_over_an_event_leaves_it_to_the_next(desk, surroundings, tmp_path):
    post = Post(desk)
    desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    row = await desk.paid(amount=9000)
    await post.bring(works=False)
    await lost(WorkerProcess(tmp_path / "worker", **surroundings, PORTAL_FAULT="heeded"))
    await finished()
    assert (await desk.row(row.public)).state == "succeeded" and desk.charged(row.public) == (1, 9000)
    await agreed(desk.stripe)


async def test_a_web_process_that_dies_before_its_answer_has_kept_the_event(desk, surroundings, tmp_path, door):
    """And hears it a second time."""
    web = WorkerProcess(tmp_path / "web", "web", "--port", str(door), **surroundings, PORTAL_FAULT="heard")
    desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    row = await desk.paid(amount=9000)
    await lost(web)
    assert (await fetch("SELECT count(*) AS many FROM stripe_event"))[0]["many"] == 1
    web = WorkerProcess(tmp_path / "web", "web", "--port", str(door), **surroundings)
    try:
        desk.stripe.deliver()
        desk.stripe.settle(60)
    finally:
        web.kill()
    await finished()
    assert (await desk.row(row.public)).state == "succeeded" and desk.charged(row.public) == (1, 9000)
    await agreed(desk.stripe)


async def lost(process: WorkerProcess) -> None:
    try:
        await eventually(lambda: process.process.poll() is not None, within=90)
        assert process.process.returncode == -signal.SIGKILL, process.said[-2000:]
    finally:
        process.kill()


def test_outside_of_tests_nobody_can_ask_for_that(tmp_path: Path):
    told = {"PATH": "", "DATA_DIR": str(tmp_path), "PORTAL_MODE": "demo", "PORTAL_FAULT": "posted"}
    words = [sys.executable, "-c", "from portal.settings import settings; settings()"]
    done = subprocess.run(words, cwd=ROOT, env=told, capture_output=True, text=True)
    assert done.returncode == 1 and "PORTAL_FAULT makes the portal die on purpose" in done.stderr


# At random -----------------------------------------------------------------------------------------------------------


class Shop:
    """Some clients who pay all the time, one web process, two that press, one worker; whoever is killed is replaced."""

    def __init__(self, surroundings, folder: Path, door: int, stripe: Simulator, words: tuple[object, ...]) -> None:
        self.surroundings, self.folder, self.door, self.stripe, self.words = surroundings, folder, door, stripe, words
        self.kills: Counter[str] = Counter()
        self.running = {name: self.begun(name) for name in ("web", "worker", "press", "press too")}

    def begun(self, name: str) -> WorkerProcess | Presser:
        if name.startswith("press"):
            return Presser(self.surroundings, *self.words)
        more = ("web", "--port", str(self.door)) if name == "web" else ()
        return WorkerProcess(self.folder / name, *more, **self.surroundings)

    async def lose(self, name: str) -> None:
        """One that has had time to begin, at some moment of its work."""
        before = self.running[name]
        if name == "worker":
            await eventually(lambda: READY in before.said, within=60)
        charges = self.stripe.counters()["charges"]

        async def is_charging() -> bool:
            """What would be asked after in some minutes is asked after now, or everybody may come to wait for that."""
            await fetch(HURRY, HURRIED)
            return self.stripe.counters()["charges"] > charges

        await eventually(is_charging, within=60)
        await asyncio.sleep(random.uniform(0, 0.3))
        self.running[name].kill()
        self.kills[name.split()[0]] += 1
        self.running[name] = self.begun(name)

    def closed(self, *names: str) -> None:
        for name in names:
            self.running[name].kill()

    async def authenticate(self) -> None:
        """The owners of cards answer at their bank, sooner or later, some with a no."""
        rows = await fetch("SELECT intent FROM payment_attempt WHERE state::text = 'action' AND intent IS NOT NULL")
        for row in rows:
            with suppress(AssertionError):
                self.stripe.authenticate(row["intent"], completes=random.random() < 0.8)


async def opened(desk, surroundings, folder: Path, door: int) -> Shop:
    payers = [f"{desk.viewer.account_id}:{desk.client}"]
    for number in range(5):
        client, account = await a_client(f"Payer{number}", "Member"), await an_account(f"payer{number}@example.com")
        await a_grant(account, client)
        client = await client_of(desk.cast, client)
        for _ in range(6):
            await an_encounter(client)
        payers.append(f"{account.id}:{client.id}")
    biller = desk.cast.accounts["biller"].staff_member
    return Shop(surroundings, folder, door, desk.stripe, ("stream", ",".join(payers), biller))


async def client_of(cast: Cast, client):
    client.principal_clinician = cast.client.principal_clinician
    await client.save()
    return client


async def kill_loop(shop: Shop, kills: int, say) -> None:
    began = time.monotonic()
    try:
        while sum(shop.kills.values()) < kills:
            await shop.lose(random.choice(list(shop.running)))
            await shop.authenticate()
        shop.closed("press", "press too")
        shop.stripe.deliver()

        async def is_over() -> bool:
            await shop.authenticate()
            await fetch(HURRY, HURRIED)
            return (await fetch(LEFT))[0]["many"] == 0

        await eventually(is_over, within=120)
        shop.stripe.deliver()  # what waits longer each time, since nobody was at the door
        shop.stripe.settle(60)
        await eventually(is_over, within=60)
    finally:
        shop.closed(*shop.running)
    found = await agreed(shop.stripe)
    states = {row["state"]: row["many"] for row in await fetch(
        "SELECT state, count(*) AS many FROM payment_attempt GROUP BY state ORDER BY state"
    )}  # fmt: skip
    say(f"{sum(shop.kills.values())} kills ({dict(shop.kills)}), {time.monotonic() - began:.0f} s: {found}, {states}")
    assert found.payments > kills / 2 and states.keys() >= {"succeeded", "declined"}


@pytest.fixture
def say(capsys):
    def aloud(words: object) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{words}\n")

    return aloud


async def test_a_few_kills_at_random(desk, surroundings, tmp_path, door, say):
    await kill_loop(await opened(desk, surroundings, tmp_path, door), 6, say)


@pytest.mark.torture
async def test_eighty_kills_at_random(desk, surroundings, tmp_path, door, say):
    """With events that come late, twice, backwards, or are lost on the way."""
    shop = await opened(desk, surroundings, tmp_path, door)
    desk.stripe.webhooks(delay=0.3, duplicate=1, reorder=True, drop=0.3, back_off=0.5)
    await kill_loop(shop, 80, say)
