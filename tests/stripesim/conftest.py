"""The stand-in as a process, and Stripe's own library."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from stripe import HTTPXClient, StripeClient

from tests.simulated import Simulator, simulator
from tests.stripesim.conformance import faults
from tests.stripesim.shop import Shop
from tests.stripesim.shop import shop as opened_shop

KEY = os.environ.get("STRIPE_TEST_KEY", "")


class Connection(HTTPXClient):
    """The library hands its text to httpx as `data`, which httpx warns of, and warnings are errors here."""

    def _get_request_args_kwargs(self, *said: Any) -> Any:
        words, options = super()._get_request_args_kwargs(*said)
        return words, options | {"data": None, "content": options["data"] or None}

    def request(self, method: str, url: str, *said: Any) -> Any:
        """Whatever any test asks the stand-in for, its answer is what the library expects of Stripe."""
        answer = super().request(method, url, *said)
        if "127.0.0.1" in url:
            assert faults(json.loads(answer[0])) == [], f"{method} {url}"
        return answer


@contextmanager
def speaking(sim: Simulator, *, retries: int = 0, seconds: float = 20) -> Iterator[StripeClient]:
    connection = Connection(timeout=seconds, allow_sync_methods=True)
    yield StripeClient(
        sim.secret_key, base_addresses={"api": sim.url}, max_network_retries=retries, http_client=connection
    )
    connection.close()


@pytest.fixture(scope="session")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with simulator(tmp_path_factory.mktemp("stripesim")) as running:
        yield running


@pytest.fixture(scope="session")
def ours(sim: Simulator) -> Iterator[StripeClient]:
    with speaking(sim) as client:
        yield client


@pytest.fixture(scope="session")
def stripe(request: pytest.FixtureRequest) -> Iterator[StripeClient]:
    """Stripe itself, in its test mode, where there is a key for it."""
    if not KEY:
        yield request.getfixturevalue("ours")
        return
    assert KEY.startswith(("sk_test_", "rk_test_")), "a key of the test mode, or none"
    connection = Connection(timeout=80, allow_sync_methods=True)
    yield StripeClient(KEY, http_client=connection)
    connection.close()


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    with opened_shop() as one:
        yield one
