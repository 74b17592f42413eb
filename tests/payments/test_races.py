"""Thirty presses at once, in several tabs and on several devices: one charge for each round."""

import asyncio

import pytest

from portal.payments.actions import charging
from portal.payments.tables import PaymentAttempt
from portal.refusal import Refused
from tests.payments.agreeing import agreed
from tests.simulated import simulator

AT_ONCE = 30


@pytest.fixture
def stripe(tmp_path):
    with simulator(tmp_path) as running:
        yield running


async def rounds(desk, many: int) -> int:
    """Each with an attempt of its own, pressed everywhere at the same moment."""
    for _ in range(many):
        public = await desk.reviewed(amount=100)
        seen = await desk.seen(public)
        told = await asyncio.gather(
            *(charging.submit(desk.viewer, desk.client, public, seen) for _ in range(AT_ONCE)), return_exceptions=True
        )
        assert len([one for one in told if isinstance(one, PaymentAttempt)]) == 1
        assert len([one for one in told if isinstance(one, Refused)]) == AT_ONCE - 1
        assert desk.charged(public) == (1, 100)
    return (await agreed(desk.stripe)).payments


async def test_three_rounds_are_three_charges(desk):
    assert await rounds(desk, 3) == 3


@pytest.mark.torture
async def test_twenty_rounds_are_twenty_charges(desk):
    assert await rounds(desk, 20) == 20
