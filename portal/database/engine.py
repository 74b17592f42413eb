"""A Piccolo engine whose transactions never leak a connection and nest honestly."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Literal

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

from portal.settings import settings

POOL_SIZE = 10
ACQUIRE_TIMEOUT = 10.0
COMMAND_TIMEOUT = 60.0


# What asyncpg and the system say when a server is stopping, starting, gone or full.
GONE: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
)


class Away(Exception):
    """The database does not answer; nothing of the transaction was kept, unless it was lost in its very commit."""


@contextmanager
def answering() -> Iterator[None]:
    """Whatever a lost server is called, above this door it is `Away`."""
    try:
        yield
    except asyncpg.DataError:
        raise
    except GONE as error:
        raise Away(type(error).__name__) from error


class Doomed(Exception):
    """An inner block failed and was caught: the outer block has been rolled back all the same."""


class PortalTransaction(PostgresTransaction):
    """Resets and releases whatever happens; an exception leaving an inner block dooms the outer one.

    Piccolo's own leaks its connection when COMMIT fails, and commits what a failed inner block left behind.
    """

    __slots__ = ("doomed",)
    doomed: bool

    async def __aenter__(self) -> "PortalTransaction":
        if isinstance(self._parent, PortalTransaction):
            if self._parent.doomed:
                raise Doomed
            return self._parent
        self.doomed = False
        with answering():
            self.connection = await self.get_connection()
        try:
            self.transaction = self.connection.transaction()
            with answering():
                await self.begin()
        except BaseException:
            await self._free()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def get_connection(self) -> Any:
        if self.engine.pool:
            return await self.engine.pool.acquire(timeout=ACQUIRE_TIMEOUT)
        return await self.engine.get_new_connection()

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        if isinstance(self._parent, PortalTransaction):
            if exception is not None:
                self._parent.doomed = True
            return False
        try:
            with answering():
                await (self.rollback() if exception is not None or self.doomed else self.commit())
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._free()
        if self.doomed and exception is None:
            raise Doomed
        return False

    async def _free(self) -> None:
        with answering():
            if self.engine.pool:
                await asyncio.shield(self.engine.pool.release(self.connection))
            else:
                await asyncio.shield(self.connection.close())


class PortalEngine(PostgresEngine):
    """Connects when first asked, never at import; counts its queries so that tests can.

    `known_as` is what the server calls these connections in pg_stat_activity.
    """

    def __init__(self) -> None:
        self.queries, self.known_as = 0, "portal"
        super().__init__(config={})
        self.current_transaction = ContextVar("transaction", default=None)

    async def check_version(self) -> None: ...

    async def prep_database(self) -> None: ...

    def transaction(self, allow_nested: bool = True) -> PortalTransaction:
        return PortalTransaction(engine=self, allow_nested=allow_nested)

    def connect_to(self, dsn: str) -> None:
        self.config["dsn"] = dsn

    def _address(self) -> dict[str, Any]:
        if "dsn" not in self.config:
            url = settings().database_url
            if url is None:
                raise RuntimeError("no database: set DATABASE_URL or start the embedded server first")
            self.connect_to(url)
        return {**self.config, "server_settings": {"application_name": self.known_as}}

    async def get_new_connection(self) -> asyncpg.Connection:
        return await asyncpg.connect(**self._address(), command_timeout=COMMAND_TIMEOUT)

    async def start_connection_pool(self, **kwargs: Any) -> None:
        """The pool belongs to the loop that opens it."""
        options = {"min_size": 1, "max_size": POOL_SIZE, "command_timeout": COMMAND_TIMEOUT, **kwargs}
        self.pool = await asyncpg.create_pool(**self._address(), **options)

    async def close_connection_pool(self) -> None:
        if self.pool:
            pool, self.pool = self.pool, None
            try:
                await asyncio.wait_for(pool.close(), timeout=3)
            except TimeoutError:
                pool.terminate()

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        self.queries += 1
        with answering():
            return await super().run_querystring(querystring, in_pool)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        self.queries += 1
        with answering():
            return await super().run_ddl(ddl, in_pool)

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        if not self.pool:
            raise RuntimeError("the pool is not started")
        async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            return await connection.fetch(query, *(args or ()))


ENGINE = PortalEngine()
