"""Clients press the button in their browsers, over HTTP, while web processes and the worker die by kill -9:
payments = charges = ledger.
"""

import asyncio
import random
import sys
import time
from collections import Counter
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from portal.access import Viewer
from portal.accounts import sessions
from portal.database import fetch
from portal.payments.actions import attempts, charging
from portal.payments.queries import attempts as asked
from portal.payments.tables import PaymentAttempt
from portal.settings import settings
from portal.web.visit import Visit
from tests.billing.factories import an_encounter
from tests.factories import a_client, a_grant, an_account
from tests.payments.agreeing import agreed
from tests.payments.factories import CONSENT, Desk
from tests.payments.test_killed import HURRY, LEFT, client_of
from tests.simulated import Simulator
from tests.tasks.post import READY, WorkerProcess, eventually, free_port

CARDS = ("visa", "visa", "mastercard", "visa", "chargeDeclined")
DOORS, CLIENTS, HURRIED = 3, 4, ["charge", "heed"]


@pytest.fixture
def doors() -> list[int]:
    return [free_port() for _ in range(DOORS)]


@pytest.fixture
def stripe(tmp_path, doors):
    """A stand-in of this test's own, whose events go to one of the web processes, alive or not."""
    simulator = Simulator(tmp_path / "stripesim.sqlite", f"http://127.0.0.1:{doors[0]}/hooks/stripe").start()
    yield simulator
    simulator.stop()


class Web:
    """`portal web` behind one door, started again as soon as it is killed. `pressed` is set while it is asked."""

    def __init__(self, folder: Path, door: int, surroundings: dict[str, str]) -> None:
        self.folder, self.door, self.surroundings = folder, door, surroundings
        self.url, self.pressed = f"http://127.0.0.1:{door}", asyncio.Event()
        self.process = self.begun()

    def begun(self) -> WorkerProcess:
        return WorkerProcess(self.folder, "web", "--port", str(self.door), **self.surroundings)

    async def is_up(self) -> bool:
        try:
            async with httpx.AsyncClient() as http:
                return (await http.get(f"{self.url}/health")).is_success
        except httpx.HTTPError:
            return False

    async def is_down_soon(self, kills: Counter[str]) -> None:
        """In the middle of a press: nobody waits for one that comes to nothing."""
        await eventually(self.is_up, within=60)
        await asyncio.wait_for(self.pressed.wait(), 30)
        await asyncio.sleep(random.uniform(0, 0.12))
        self.process.kill()
        kills["web"] += 1
        self.process = self.begun()


class Worker:
    def __init__(self, folder: Path, surroundings: dict[str, str]) -> None:
        self.folder, self.surroundings = folder, surroundings
        self.process = self.begun()

    def begun(self) -> WorkerProcess:
        return WorkerProcess(self.folder, **self.surroundings)

    async def is_down_soon(self, kills: Counter[str]) -> None:
        await eventually(lambda: READY in self.process.said, within=60)
        await asyncio.sleep(random.uniform(0.1, 0.6))
        self.process.kill()
        kills["worker"] += 1
        self.process = self.begun()


class Payer:
    """Pays again and again in a browser. Where nothing comes back, some press once more, at whichever door."""

    def __init__(self, desk: Desk, viewer: Viewer, client: int, secret: str, webs: list[Web], said: Counter) -> None:
        self.desk, self.viewer, self.client, self.secret = desk, viewer, client, secret
        self.webs, self.said, self.card = webs, said, 0

    async def keeps_a_card(self) -> None:
        public, token = await attempts.begin(self.viewer, self.client, 100), self.desk.token()
        await attempts.choose_new(
            self.viewer, self.client, public, token, saves=True, makes_default=True, consent=CONSENT
        )
        row = await PaymentAttempt.objects().get(PaymentAttempt.public == public)
        assert (await charging.submit(self.viewer, self.client, public, charging.as_seen(row))).state == "succeeded"
        (card,) = await fetch("SELECT id FROM payment_card WHERE client = {}", self.client)
        self.card = card["id"]

    async def pays(self, until: asyncio.Event) -> None:
        async with httpx.AsyncClient(cookies={"portal-session": self.secret}, timeout=30) as http:
            while not until.is_set():
                if await asked.under_way(self.viewer, self.client):
                    await asyncio.sleep(0.05)
                    continue
                public = await self.reviewed()
                for _ in range(random.choice((1, 3))):
                    if await self.press(http, public) == 303:
                        break

    async def reviewed(self) -> UUID:
        """By a new card, which Stripe takes once, or by the one on file, which it would charge as often as asked."""
        public = await attempts.begin(self.viewer, self.client, random.randint(60, 120))
        if random.random() < 0.6:
            await attempts.choose_saved(self.viewer, self.client, public, self.card)
            return public
        token = await asyncio.to_thread(self.desk.token, random.choice(CARDS))
        await attempts.choose_new(
            self.viewer, self.client, public, token, saves=False, makes_default=False, consent=CONSENT
        )
        return public

    async def press(self, http: httpx.AsyncClient, public: UUID) -> int:
        row = await PaymentAttempt.objects().get(PaymentAttempt.public == public)
        web, path = random.choice(self.webs), f"/clients/{self.client}/account/payments/{public}/review"
        typed = {"seen": charging.as_seen(row), "_csrf_token": Visit(secret=self.secret).csrf_token()}
        web.pressed.set()
        try:
            answer = await http.post(web.url + path, data=typed, headers={"Origin": settings().origin})
        except httpx.ConnectError:
            self.said["at no door"] += 1
            await asyncio.sleep(0.1)
        except httpx.HTTPError:
            self.said["none"] += 1
        else:
            self.said[str(answer.status_code)] += 1
            return answer.status_code
        finally:
            web.pressed.clear()
        return 0


async def payers(desk: Desk, webs: list[Web], said: Counter) -> list[Payer]:
    found = []
    for number in range(CLIENTS):
        client, account = await a_client(f"Payer{number}", "Member"), await an_account(f"payer{number}@example.com")
        await a_grant(account, client)
        client = await client_of(desk.cast, client)
        for _ in range(3):
            await an_encounter(client)
        secret = await sessions.begin(account.id, "203.0.113.9", "test")
        viewer = await sessions.viewer_of(account.id)
        assert viewer is not None
        found.append(Payer(desk, viewer, client.id, secret, webs, said))
        await found[-1].keeps_a_card()
    return found


async def is_over() -> bool:
    await fetch(HURRY, HURRIED)
    return (await fetch(LEFT))[0]["many"] == 0


async def hurried(until: asyncio.Event) -> None:
    """What would be asked after in a minute is asked after now."""
    while not until.is_set():
        await fetch(HURRY, HURRIED)
        await asyncio.sleep(0.3)


@pytest.mark.parametrize("kills", [8, pytest.param(100, marks=pytest.mark.torture)])
async def test_presses_over_http_are_charged_once_whoever_dies(desk, keys, db, tmp_path, doors, capsys, kills):
    began, over, said, killed = time.monotonic(), asyncio.Event(), Counter[str](), Counter[str]()
    surroundings = {"DATABASE_URL": db, "OUTBOX_LEASE": "2"}
    webs = [Web(tmp_path / f"web{door}", door, surroundings) for door in doors]
    worker = Worker(tmp_path / "worker", surroundings)
    try:
        await asyncio.gather(*(eventually(web.is_up, within=60) for web in webs))
        busy = [asyncio.create_task(one.pays(over)) for one in await payers(desk, webs, said)]
        busy.append(asyncio.create_task(hurried(over)))
        while sum(killed.values()) < kills:
            await random.choice([*webs, worker]).is_down_soon(killed)
            assert not [one for one in busy if one.done()], [one.exception() for one in busy if one.done()]
        over.set()
        await asyncio.gather(*busy)
        await eventually(lambda: READY in worker.process.said, within=60)
        await eventually(webs[0].is_up, within=60)
        desk.stripe.deliver()
        await eventually(is_over, within=60)
        desk.stripe.settle(60)
        await eventually(is_over, within=60)
    finally:
        over.set()
        for one in (*webs, worker):
            one.process.kill()
    found = await agreed(desk.stripe)
    with capsys.disabled():
        sys.stdout.write(f"\n{dict(killed)}, {time.monotonic() - began:.0f} s: {found}, presses {dict(said)}\n")
    assert found.payments > kills / 2 and {"web", "worker"} == set(killed)
    assert said["none"] >= killed["web"] / 4, "presses that died in the middle"
    assert set(said) <= {"none", "at no door", "303"}, said
