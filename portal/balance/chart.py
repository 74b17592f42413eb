"""Where the bars of a chart stand: whole units of a picture that is 480 wide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.balance.queries.months import Month

LEFT, TOP, HIGH = 8, 24, 120
STEP, WIDE = 39, 14
ROUND = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    x: int
    y: int
    high: int


@dataclass(frozen=True)
class Group:
    """The two bars of a month; a month that gave more back than it took has none for what was paid."""

    month: date
    middle: int
    charged: Bar
    paid: Bar


@dataclass(frozen=True)
class Chart:
    """`top` is the amount at the line above, in cents."""

    groups: list[Group]
    top: int

    @property
    def ground(self) -> int:
        return TOP + HIGH


def chart(months: Sequence[Month]) -> Chart | None:
    """None where nothing was charged or paid."""
    most = max((max(one.charged, one.paid) for one in months), default=0)
    if most <= 0:
        return None
    top = _above(most)
    groups = []
    for place, one in enumerate(months):
        x = LEFT + place * STEP + 4
        groups.append(Group(one.first, x + WIDE, _bar(x, one.charged, top), _bar(x + WIDE + 1, one.paid, top)))
    return Chart(groups, top)


def _bar(x: int, cents: int, top: int) -> Bar:
    high = -(-max(cents, 0) * HIGH // top)
    return Bar(x, TOP + HIGH - high, high)


def _above(cents: int) -> int:
    """A round amount that is not smaller: 1, 2 or 5 and noughts, in dollars."""
    unit = 100
    while True:
        for one in ROUND:
            if one * unit >= cents:
                return one * unit
        unit *= 10
