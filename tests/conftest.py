"""Real PostgreSQL, one server per test process; the cast; and two browsers, one plain and one with htmx."""

import os
import tempfile
from pathlib import Path

DATA = Path(tempfile.mkdtemp(prefix="portal-test-"))
os.environ.update(
    PORTAL_MODE="test",
    DATA_DIR=str(DATA),
    SECRET_KEY="a secret for tests only, 40 characters..",
    BASE_URL="http://portal.test",
)
for name in (
    "DATABASE_URL",
    "SMTP_URL",
    "BROKER_URL",
    "STORAGE_URL",
    "CLAMD_URL",
    "TRUSTED_PROXIES",
    "KEYS_FILE",
    "DEBUG",
):
    os.environ.pop(name, None)

import atexit  # noqa: E402
import shutil  # noqa: E402
from collections.abc import AsyncIterator, Iterator  # noqa: E402
from datetime import UTC, datetime, timedelta  # noqa: E402
from inspect import iscoroutinefunction  # noqa: E402

import asyncpg  # noqa: E402
import pytest  # noqa: E402

from portal import clock, database, keys, language  # noqa: E402
from portal.database import ENGINE, embedded  # noqa: E402
from portal.database.migrations import migrate  # noqa: E402
from portal.practice import queries as practice_queries  # noqa: E402
from tests.browser import Browser  # noqa: E402
from tests.cast import Cast  # noqa: E402
from tests.scenes import Stage  # noqa: E402

atexit.register(shutil.rmtree, DATA, ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--torture", action="store_true", help="run the long loops too")


# These take longest for what they are, so they begin: at the end no process waits for another.
LONG = ("tests/promise/", "tests/tasks/", "tests/payments/test_killed.py", "tests/messages/test_killed.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    long = [item for item in items if item.get_closest_marker("torture")]
    if not config.getoption("--torture"):
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    for item in items:
        if iscoroutinefunction(getattr(item, "obj", None)):
            item.fixturenames.insert(0, "english_is_spoken_there")  # type: ignore[attr-defined]
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


# However slow the machine: what is asked in a test is the same each time. Each begins with nothing kept.
KEPT_FOR, practice_queries.KEPT_FOR = practice_queries.KEPT_FOR, 3600.0


@pytest.fixture
def kept_for(monkeypatch: pytest.MonkeyPatch) -> float:
    """As long as the portal keeps what it knows of the practice, also in this test; in seconds."""
    monkeypatch.setattr(practice_queries, "KEPT_FOR", KEPT_FOR)
    return KEPT_FOR


@pytest.fixture(autouse=True)
def english_is_spoken() -> None:
    """Whatever a test before has chosen."""
    language.choose("en")


@pytest.fixture
async def english_is_spoken_there() -> None:
    """Tests that wait are run in a task of their own, which goes on from one to the next."""
    language.choose("en")


@pytest.fixture(autouse=True)
def the_clock_is_put_back() -> Iterator[None]:
    """Whoever sets it in two tasks at once leaves it wrong for every test that follows."""
    yield
    left = clock.now() - datetime.now(UTC)
    assert abs(left) < timedelta(seconds=5), f"the clock was left {left} away"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def dsn() -> Iterator[str]:
    """A server of our own; durability is tested elsewhere, so here it need not wait for the disk."""
    with embedded.running(DATA) as address:
        yield address


@pytest.fixture(scope="session")
async def schema(dsn: str) -> str:
    database.connect_to(dsn)
    connection = await asyncpg.connect(dsn.replace("portal@", "postgres@", 1))
    await connection.execute("ALTER SYSTEM SET fsync = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()
    await migrate()
    return dsn


@pytest.fixture(scope="session")
def behind(schema: str) -> Iterator[Stage]:
    stage = Stage(schema)
    yield stage
    stage.close()


@pytest.fixture(scope="session")
async def stage(behind: Stage) -> Stage:
    """With its scenes made."""
    await ENGINE.start_connection_pool()
    await behind.clear()
    await behind.make("cast", Cast.gather)
    await ENGINE.close_connection_pool()
    return behind


@pytest.fixture
async def db(schema: str, stage: Stage) -> AsyncIterator[str]:
    """An empty portal, and the pool of this test's loop."""
    practice_queries.forget()
    keys.keyring.cache_clear()
    await ENGINE.start_connection_pool()
    try:
        await stage.clear()
        (DATA / "audit.anchor").unlink(missing_ok=True)
        yield schema
    finally:
        await ENGINE.close_connection_pool()


@pytest.fixture
async def cast(db: str, stage: Stage) -> Cast:
    """A practice with people in it: see tests/cast.py."""
    cast: Cast = await stage.set("cast")
    return cast


@pytest.fixture
async def nobody(db: str) -> AsyncIterator[Browser]:
    """Signed out, without JavaScript."""
    async with Browser() as browser:
        yield browser
