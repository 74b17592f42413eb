"""How a command reaches the database: the embedded server if there is no DATABASE_URL, one pool, one loop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

import click

from portal import database
from portal.access import NotFoundException
from portal.refusal import Refused
from portal.settings import Misconfigured, Settings, settings

T = TypeVar("T")


def run(work: Callable[[], Awaitable[T]], *, migrated: bool = True) -> T:
    """Runs the coroutine function with the database open; migrates first, unless told otherwise."""
    try:
        where = settings()
        with _door(where) as dsn:
            database.connect_to(dsn)
            return asyncio.run(_with_pool(work, migrated))
    except Misconfigured as error:
        raise click.ClickException(str(error)) from None
    except (OSError, database.Away) as error:
        raise click.ClickException(f"The database does not answer: {error}.") from None


def say_refusals(work: Callable[[], Awaitable[T]]) -> T:
    """As `run`; what an action refuses is said in its own words."""
    try:
        return run(work)
    except Refused as refusal:
        raise click.ClickException("; ".join(str(one) for one in refusal.sentences.values())) from None
    except NotFoundException:
        raise click.ClickException("There is no such chart.") from None


def _door(where: Settings) -> AbstractContextManager[str]:
    if where.database_url is not None:
        return nullcontext(where.database_url)
    from portal.database import embedded

    return embedded.running(where.data_dir)


async def _with_pool(work: Callable[[], Awaitable[T]], migrated: bool) -> T:
    from portal.database.migrations import migrate

    async with database.pool(max_size=4):
        if migrated:
            await migrate()
        return await work()


def quiet() -> None:
    """A command speaks for itself: libraries log only what is wrong."""
    logging.basicConfig(level=logging.WARNING)
