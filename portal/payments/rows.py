"""A row by its number, as it is or locked until the transaction ends: of an attempt, of a setup, of a refund."""

from typing import TypeVar

from piccolo.table import Table

T = TypeVar("T", bound=Table)


async def row_of(table: type[T], id: int) -> T:
    row = await table.objects().get(table._meta.primary_key == id)
    assert row is not None
    return row


async def locked(table: type[T], id: int) -> T:
    row = await table.objects().where(table._meta.primary_key == id).first().lock_rows("UPDATE")
    assert row is not None
    return row
