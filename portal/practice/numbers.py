"""Numbers that no other has and none is missing from: of invoices and of receipts."""

from collections.abc import Sequence

from piccolo.table import Table

from portal.access import Viewer
from portal.database import fetch

GIVE = """
WITH given AS (
  INSERT INTO counter (name, last) VALUES ({{}}, {{}}) ON CONFLICT (name)
  DO UPDATE SET last = counter.last + excluded.last RETURNING last
), placed AS (SELECT id, row_number() OVER (ORDER BY id) AS place FROM {table} WHERE id = ANY({{}}::bigint[]))
UPDATE {table} SET number = given.last - {{}} + placed.place FROM given, placed
 WHERE {table}.id = placed.id AND {table}.number IS NULL RETURNING {table}.number
"""


async def give(viewer: Viewer, name: str, table: type[Table], ids: Sequence[int]) -> list[int]:
    """The last statement of a transaction: whoever else wants a number of this name waits until that ends, and where
    it is rolled back the numbers are given to others. Returns them, in the order of the ids.
    """
    if not ids:
        return []
    sql = GIVE.format(table=table._meta.tablename)
    rows = await fetch(sql, name, len(ids), list(ids), len(ids))
    if len(rows) != len(ids):
        raise LookupError(f"of {len(ids)} rows {len(rows)} could be given a number")
    return sorted(int(row["number"]) for row in rows)
