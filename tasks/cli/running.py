"""How a command reaches the database: the embedded server if there is no DATABASE_URL, one pool, one loop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

import click

from portal import database
from portal.settings import Misconfigured, settings

T = TypeVar("T")


def run(work: Callable[[], Awaitable[T]], *, migrated: bool = True) -> T:
    """Runs the coroutine function with the database open; migrates first, unless told otherwise."""
    try:
        where = settings()
    except Misconfigured as error:
        raise click.ClickException(str(error)) from None
    door: AbstractContextManager[str]
    if where.database_url is None:
        from portal.database import embedded

        door = embedded.running(where.data_dir)
    else:
        door = nullcontext(where.database_url)
    with door as dsn:
        database.connect_to(dsn)
        return asyncio.run(_with_pool(work, migrated))


async def _with_pool(work: Callable[[], Awaitable[T]], migrated: bool) -> T:
    from portal.database.migrations import migrate

    async with database.pool(max_size=4):
        if migrated:
            await migrate()
        return await work()


def quiet() -> None:
    """A command speaks for itself: libraries log only what is wrong."""
    logging.basicConfig(level=logging.WARNING)
