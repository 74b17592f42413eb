"""What the tests of the front door share."""

import os
from collections.abc import Callable, Iterator

import pytest

from portal import keys
from portal.settings import settings


def _forget() -> None:
    settings.cache_clear()
    keys._signing.cache_clear()
    keys.keyring.cache_clear()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """`environment(BASE_URL="https://…")`: as if the portal had been started with it."""

    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        _forget()

    yield change
    monkeypatch.undo()
    _forget()


@pytest.fixture
def secret_keys(environment: Callable[..., None]) -> Callable[..., str]:
    """`secret_keys(new, old)` sets SECRET_KEY; without arguments it tells what it is."""

    def change(*found: str) -> str:
        if found:
            environment(SECRET_KEY=",".join(found))
        return os.environ["SECRET_KEY"].split(",")[0]

    return change
