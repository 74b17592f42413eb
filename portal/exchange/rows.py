"""Many rows in one statement, whatever their table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import json
from piccolo.table import Table

from portal.database import fetch

BATCH = 2000
T = TypeVar("T")


def in_batches(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), BATCH):
        yield things[start : start + BATCH]


async def locked(table: type[Table], column: str, values: Sequence[int]) -> list[dict[str, Any]]:
    """The rows whose `column` is one of `values`, held until the transaction ends; others may still refer to them."""
    rows: list[dict[str, Any]] = []
    name, names = table._meta.tablename, ", ".join(f'"{column}"' for column in _columns(table))
    for batch in in_batches(values):
        rows += await fetch(
            f'SELECT {names} FROM "{name}" WHERE "{column}" = ANY({{}}::bigint[]) ORDER BY id FOR NO KEY UPDATE',
            list(batch),
        )
    return rows


async def insert(table: type[Table], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """The new ids, in the order of the rows; what a row does not say is the column's default."""
    name = table._meta.tablename
    defaults = {column._meta.name: column.get_default_value() for column in table._meta.columns}
    columns = ", ".join(f'"{column}"' for column in _columns(table))
    ids: list[int] = []
    for batch in in_batches(rows):
        fresh = await fetch(
            f"SELECT nextval(pg_get_serial_sequence('\"{name}\"', 'id')) AS id FROM generate_series(1, {{}}::int)",
            len(batch),
        )
        told = [{**defaults, **row, "id": new["id"]} for row, new in zip(batch, fresh, strict=True)]
        await fetch(
            f'INSERT INTO "{name}" ({columns})'
            f' SELECT {columns} FROM jsonb_populate_recordset(NULL::"{name}", {{}}::text::jsonb)',
            json.encode(told).decode(),
        )
        ids += [new["id"] for new in fresh]
    return ids


async def update(table: type[Table], changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Only the named columns of each row; rows that change the same columns go together."""
    name = table._meta.tablename
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row_id, fields in changes.items():
        alike.setdefault(tuple(sorted(fields)), []).append({**fields, "id": row_id})
    for columns, rows in alike.items():
        setting = ", ".join(f'"{column}" = new."{column}"' for column in columns)
        for batch in in_batches(rows):
            await fetch(
                f'UPDATE "{name}" AS old SET {setting}'
                f' FROM jsonb_populate_recordset(NULL::"{name}", {{}}::text::jsonb) AS new WHERE old.id = new.id',
                json.encode(batch).decode(),
            )


def _columns(table: type[Table]) -> list[str]:
    return [column._meta.db_column_name for column in table._meta.columns]
