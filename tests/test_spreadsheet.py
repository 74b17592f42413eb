"""Money in tables is decimals from the ledger to the file; no float comes near it."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from portal import money, spreadsheet
from portal.spreadsheet import Column
from tests.balance.test_account import figures_in

COLUMNS = [Column("Amount", 12)]


async def pieces(amounts: list[Decimal]):
    yield amounts


async def test_every_amount_comes_out_to_the_cent():
    cents = [0, 1, -1, 10, 29, 57, 101, 15025, -123450, money.MOST, -money.MOST, 2**53 // 100 + 1]
    amounts = [money.amount(one) for one in cents]
    lines = [
        piece.decode("utf-8-sig") async for piece in spreadsheet.as_csv(COLUMNS, pieces(amounts), lambda one: [one])
    ]
    assert lines[1].split() == [f"{one:.2f}" for one in amounts]
    file = await spreadsheet.as_excel("Money", COLUMNS, pieces(amounts), lambda one: [one])
    with file:
        rows, forms = figures_in(file.read())
    assert [Decimal(cell) for (cell,) in rows] == amounts and len(forms) == 1


@given(some.integers(-(10**11), 10**11))
def test_dollars_are_cents_exactly(cents):
    assert money.amount(cents) * 100 == cents and isinstance(money.amount(cents), Decimal)
