"""What lies in the store and no row names: an upload that was cut off between the file and its row.

A day old, so that nothing is taken away that is being written.
"""

from datetime import timedelta

from portal import clock, storage
from portal.database import fetch

DAY = timedelta(days=1)
BATCH = 1000
# Every column that names a stored object; tests/tasks/test_leftovers.py knows when one is missing.
NAMED = {"client_image": ("key",), "attachment": ("key", "thumbnail_key", "preview_key"), "paper": ("key",)}
KNOWN = " UNION ALL ".join(
    f"SELECT {column} AS key FROM {table} WHERE {column} = ANY({{}}::text[])"
    for table, columns in NAMED.items()
    for column in columns
)
COLUMNS = sum(map(len, NAMED.values()))


async def sweep() -> int:
    """How many there were."""
    found, batch = 0, list[str]()
    async for key in storage.keys_from_before(clock.now() - DAY):
        batch.append(key)
        if len(batch) == BATCH:
            found += await _without_a_row(batch)
            batch = []
    return found + await _without_a_row(batch) + await storage.clear_halves(clock.now() - DAY)


async def _without_a_row(keys: list[str]) -> int:
    known = {row["key"] for row in await fetch(KNOWN, *[keys] * COLUMNS)}
    for key in set(keys) - known:
        await storage.delete(key)
    return len(set(keys) - known)
