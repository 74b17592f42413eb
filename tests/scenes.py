"""A scene is what many tests begin with: made once by the portal's own acts, and from then on put back by the database.

Its times move along, so that what was "a moment ago" when it was made still is. Clearing and putting back go over one
connection that stays: a new one must first learn what a hundred tables look like, which takes longer than most tests.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from copy import deepcopy
from datetime import datetime
from threading import Thread
from typing import Any

import asyncpg

from portal import clock

LARGE = 4 * 1024 * 1024
TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'migration'
"""
COLUMNS = """
SELECT column_name, data_type = 'timestamp with time zone' AS is_time FROM information_schema.columns
 WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position
"""
USED = (
    "SELECT sequencename AS name, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)
# As a replica the server asks no trigger, and no key of another table: rows go and come in any order.
PROCEDURE = """
CREATE OR REPLACE FUNCTION {name}(moved interval DEFAULT '0') RETURNS void LANGUAGE plpgsql
SET search_path = public SET session_replication_role = replica AS $$ DECLARE one record; BEGIN {body}; END $$
"""
# What is large is cut off at once, which takes with it whatever refers to it.
CUT_OFF = f"""
FOR one IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
              AND relname <> 'migration' AND pg_relation_size(oid) > {LARGE} LOOP
  EXECUTE format('TRUNCATE %I CASCADE', one.relname);
END LOOP
"""
START_ANEW = f"FOR one IN {USED} LOOP EXECUTE format('ALTER SEQUENCE %I RESTART', one.name); END LOOP"


class Stage:
    """Behind the portal's back: a superuser's connection on a loop of its own, for as long as the tests last."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn.replace("portal@", "postgres@", 1)
        self.loop = asyncio.new_event_loop()
        self.thread = Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.made: dict[str, tuple[datetime, Any]] = {}
        self.connection: asyncpg.Connection = asyncio.run_coroutine_threadsafe(self._opened(), self.loop).result()

    async def clear(self) -> None:
        await self._there(self.connection.execute("SELECT stage.clear()"))

    async def make(self, name: str, scene: Callable[[], Awaitable[Any]]) -> None:
        """In an empty portal, which is left with the scene in it."""
        began, found = clock.now(), await scene()
        await self._there(self._keep(name))
        self.made[name] = (began, found)

    async def set(self, name: str) -> Any:
        """Beside whatever is there. Returns a copy of what was returned when it was made."""
        began, found = self.made[name]
        await self._there(self.connection.execute(f'SELECT stage."{name}"($1)', clock.now() - began))
        return deepcopy(found)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.connection.close(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def _there(self, work: Coroutine[Any, Any, Any]) -> Any:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    async def _opened(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(self.dsn)
        await connection.execute("CREATE SCHEMA IF NOT EXISTS stage")
        empty = [f'DELETE FROM "{row["relname"]}"' for row in await connection.fetch(TABLES)]
        body = ";".join([CUT_OFF, *empty, START_ANEW])
        await connection.execute(PROCEDURE.format(name="stage.clear", body=body))
        return connection

    async def _keep(self, name: str) -> None:
        """The rows as tables of their own, and the function that puts them back."""
        steps = []
        for (table,) in await self.connection.fetch(TABLES):
            if not await self.connection.fetchval(f'SELECT EXISTS (SELECT FROM "{table}")'):
                continue
            kept, columns = f'stage."{name} {table}"', await self.connection.fetch(COLUMNS, table)
            await self.connection.execute(f'CREATE TABLE {kept} AS TABLE "{table}"')
            names = ", ".join(f'"{row["column_name"]}"' for row in columns)
            values = ", ".join(f'"{row["column_name"]}"' + " + moved" * row["is_time"] for row in columns)
            steps.append(f'INSERT INTO "{table}" ({names}) SELECT {values} FROM {kept}')
        steps += [f"PERFORM setval('{row['name']}', {row['last_value']})" for row in await self.connection.fetch(USED)]
        await self.connection.execute(PROCEDURE.format(name=f'stage."{name}"', body=";".join(steps)))
