"""kill -9 in the middle of payments: what was answered is true, and each key is one charge."""

import random
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from stripe import APIConnectionError, APIError, StripeClient

from tests.simulated import Simulator
from tests.stripesim.conftest import speaking
from tests.stripesim.test_contract import payment

PAYERS, KILLS, LONGEST_LIFE = 4, 5, 0.5


def test_killed_while_many_pay_every_key_is_one_charge_and_no_answer_was_a_lie(tmp_path):
    sim = Simulator(tmp_path / "sim.sqlite").start()
    over = threading.Event()
    answers: dict[str, set[str]] = {}

    def pay(payer: int, client: StripeClient) -> None:
        """As the portal does: the same key again until there is an answer."""
        n = 0
        while not over.is_set():
            key, n = f"{payer}-{n}", n + 1
            said = payment(1000, payment_method="pm_card_visa", metadata={"attempt": key})
            while True:
                try:
                    paid = client.v1.payment_intents.create(said, {"idempotency_key": key})
                except (APIConnectionError, APIError):
                    time.sleep(0.02)
                    continue
                assert paid.status == "succeeded"
                answers.setdefault(key, set()).add(paid.id)
                break

    with speaking(sim) as client, ThreadPoolExecutor(PAYERS) as pool:
        working = [pool.submit(pay, payer, client) for payer in range(PAYERS)]
        for _ in range(KILLS):
            time.sleep(random.uniform(0.1, LONGEST_LIFE))
            sim.kill()
            sim.start()
        over.set()
        for one in working:
            one.result()
    counted = sim.counters()
    sim.stop()
    assert len(answers) >= KILLS * PAYERS and all(len(ids) == 1 for ids in answers.values())
    assert (counted["charges"], counted["charged"]) == (len(answers), 1000 * len(answers))
    assert counted["payment_intents"] == {"succeeded": len(answers)}
    file = sqlite3.connect(tmp_path / "sim.sqlite")
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()
