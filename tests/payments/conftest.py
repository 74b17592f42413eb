"""Payments against the stand-in for Stripe, over HTTP, with the practice's switch on."""

from collections.abc import AsyncIterator, Iterator

import pytest

from portal.payments import gateway
from portal.payments.settings import PAYING
from portal.practice import switches
from portal.settings import settings
from tests.cast import Cast
from tests.factories import TEST
from tests.payments.factories import Desk
from tests.simulated import Simulator, simulator


@pytest.fixture(scope="session")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with simulator(tmp_path_factory.mktemp("stripe")) as running:
        yield running


@pytest.fixture
def keys(stripe: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """The portal's keys are the stand-in's, which has nothing on its mind."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", stripe.secret_key)
    monkeypatch.setenv("STRIPE_PUBLISHABLE_KEY", stripe.publishable_key)
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", stripe.webhook_secret)
    monkeypatch.setenv("STRIPE_API", stripe.url)
    settings.cache_clear()
    stripe.forget_faults()
    stripe.webhooks()
    yield stripe
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
async def desk(cast: Cast, keys: Simulator) -> AsyncIterator[Desk]:
    """Maya owes $150.00, and her practice takes cards."""
    await switches.turn(TEST, PAYING.name, "yes")
    yield await Desk.opened(cast, keys)
    await gateway.close()
