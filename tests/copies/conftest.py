"""Each test has a loop of its own, and with it a press."""

from collections.abc import AsyncIterator

import pytest

from tasks.actors.press import press


@pytest.fixture(autouse=True)
async def the_press_is_closed() -> AsyncIterator[None]:
    yield
    await press().close()
