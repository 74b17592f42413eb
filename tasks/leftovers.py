"""What lies in the store and no row names: an upload that was cut off between the file and its row.

A day old, so that nothing is taken away that is being written.
"""

from datetime import timedelta

from portal import clock, storage
from portal.database import fetch

DAY = timedelta(days=1)
BATCH, MOST_LOOSE = 1000, 500
# Every column that names a stored object; tests/tasks/test_leftovers.py knows when one is missing.
NAMED = {
    "client_image": ("key",),
    "attachment": ("key", "thumbnail_key", "preview_key"),
    "document": ("key", "thumbnail_key", "preview_key"),
    "form_version": ("key", "thumbnail_key", "preview_key"),
    "form_page": ("key",),
    "form_signature": ("image_key",),
    "completed_copy": ("key",),
    "paper": ("key",),
    "issued_paper": ("key",),
}
KNOWN = " UNION ALL ".join(
    f"SELECT {column} AS key FROM {table} WHERE {column} = ANY({{}}::text[])"
    for table, columns in NAMED.items()
    for column in columns
)
COLUMNS = sum(map(len, NAMED.values()))


class TooMany(Exception):
    """More lies there than is named: this is another portal's store, or a database that has lost its rows."""


async def sweep() -> int:
    """How many there were. Raises `TooMany` rather than empty a store."""
    loose, named, batch = list[str](), 0, list[str]()
    async for key in storage.keys_from_before(clock.now() - DAY):
        batch.append(key)
        if len(batch) == BATCH:
            loose += await _without_a_row(batch)
            named += BATCH
            batch = []
    loose += await _without_a_row(batch)
    named += len(batch) - len(loose)
    if len(loose) > max(MOST_LOOSE, named):
        raise TooMany(f"{len(loose)} files of the store stand in no row, {named} do")
    for key in loose:
        await storage.delete(key)
    return len(loose) + await storage.clear_halves(clock.now() - DAY)


async def _without_a_row(keys: list[str]) -> list[str]:
    known = {row["key"] for row in await fetch(KNOWN, *[keys] * COLUMNS)}
    return [key for key in keys if key not in known]
