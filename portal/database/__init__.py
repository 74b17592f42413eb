"""The only way to the database: one engine, honest transactions, constraints that speak."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from asyncpg import CheckViolationError, ExclusionViolationError, ForeignKeyViolationError, UniqueViolationError
from piccolo.query.base import Query
from piccolo.querystring import QueryString

from portal.database.engine import ENGINE, Away, Doomed, PortalTransaction
from portal.refusal import Refused

__all__ = [
    "ENGINE",
    "Away",
    "Doomed",
    "Prepared",
    "connect_to",
    "fetch",
    "known_as",
    "notify",
    "pool",
    "refusing",
    "savepoint",
    "transaction",
]


def connect_to(dsn: str) -> None:
    ENGINE.connect_to(dsn)


def known_as(name: str) -> None:
    """What the server calls the connections that this process opens from now on."""
    ENGINE.known_as = name


def transaction() -> PortalTransaction:
    """Actions compose: an inner block joins the outer one, and its failure dooms it."""
    return ENGINE.transaction()


@asynccontextmanager
async def savepoint() -> AsyncIterator[None]:
    """A block that may fail alone: what it did is undone, the transaction around it goes on."""
    failure: BaseException | None = None
    async with transaction() as outer:
        doomed = outer.doomed
        point = await outer.savepoint()
        try:
            yield
        except BaseException as error:
            await point.rollback_to()
            outer.doomed, failure = doomed, error
        else:
            await point.release()
    if failure is not None:
        raise failure


@contextmanager
def refusing(**constraints: Refused) -> Iterator[None]:
    """`with refusing(one_key=Refused(email="…"))`: a violated constraint becomes the sentence that belongs to it."""
    try:
        yield
    except (UniqueViolationError, ExclusionViolationError, CheckViolationError, ForeignKeyViolationError) as violation:
        refusal = constraints.get(str(violation.constraint_name))  # type: ignore[attr-defined]
        if refusal is None:
            raise
        raise refusal from violation


@asynccontextmanager
async def pool(**options: Any) -> AsyncIterator[None]:
    """Open for the running loop; web, worker and each command hold exactly one."""
    await ENGINE.start_connection_pool(reset=_as_it_is, **options)
    try:
        yield
    finally:
        await ENGINE.close_connection_pool()


async def _as_it_is(connection: Any) -> None:
    """A connection comes back without the question that asyncpg resets it by, which costs as much as another query.

    So nothing may change a session for good: locks and settings end with their transaction, and who listens has a
    connection of his own. A transaction left open is still rolled back.
    """


async def fetch(sql: str, *args: Any) -> list[dict[str, Any]]:
    """Plain SQL with `{}` for each argument, where Piccolo has no words for it."""
    rows = await ENGINE.run_querystring(QueryString(sql, *args))
    return [dict(row) for row in rows or ()]


async def notify(channel: str) -> None:
    """Wakes who listens, when the surrounding transaction commits."""
    await fetch("SELECT pg_notify({}, '')", channel)


class _Ready(QueryString):
    """A compiled query in the shape that the engine runs."""

    def __init__(self, sql: str, args: list[Any]) -> None:
        super().__init__("", query_type="generic")
        self.sql, self.ready_args = sql, args

    def compile_string(self, engine_type: str = "postgres") -> tuple[str, list[Any]]:
        return self.sql, self.ready_args


class Prepared:
    """A query built once and run many times: `Prepared(query, client="@client")`, then `await it(client=7)`.

    The placeholder stands where the argument will; the shape of the query must not depend on it.
    Building a Piccolo query costs more than running it (docs/performance.md).
    """

    def __init__(self, query: Query[Any, Any] | str, *placeholders: str) -> None:
        if isinstance(query, str):
            self.sql, self._slots = query, list(placeholders)
            return
        sql, args = query.querystrings[0].compile_string(engine_type="postgres")
        names = {f"@{name}": name for name in placeholders}
        strange = [arg for arg in args if not (isinstance(arg, str) and arg in names)]
        if strange or len(args) != len(placeholders):
            raise ValueError(f"every argument of a prepared query is a placeholder, not {strange}")
        self.sql, self._slots = sql, [names[arg] for arg in args]

    async def __call__(self, **values: Any) -> list[dict[str, Any]]:
        rows = await ENGINE.run_querystring(_Ready(self.sql, [values[name] for name in self._slots]))
        return [dict(row) for row in rows]
