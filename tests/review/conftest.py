"""The front desk before its queue, in a portal that knows one kind more."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from tests.browser import Browser
from tests.cast import Cast
from tests.review.a_kind import portal_with_wishes
from tests.web.everything import Elsewhere

Seated = Callable[..., Awaitable[Browser]]


@pytest.fixture(scope="package")
def wishing() -> Iterator[Any]:
    with portal_with_wishes() as portal:
        yield portal


@pytest.fixture
def seat(cast: Cast, wishing: Any) -> Seated:
    """`await seat("front_desk")`: a browser of one of the cast."""

    async def seated(part: str = "front_desk", *, htmx: bool = False) -> Browser:
        browser = Elsewhere(wishing)
        browser.headers = {"HX-Request": "true"} if htmx else {}
        return await browser.signed_in(cast.accounts[part].id)

    return seated


@pytest.fixture
async def desk(seat: Seated) -> Browser:
    return await seat()
