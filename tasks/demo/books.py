"""What became of the demo's charges: insurers decided, clients paid, invoices were sent, and two things went wrong."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from portal import clock
from portal.access import Viewer
from portal.billing.actions import deciding, paying, returning
from portal.billing.actions.deciding import Part, Remittance
from portal.billing.actions.paying import Taken
from portal.billing.actions.returning import Back
from portal.billing.queries import owed
from portal.clients.tables import Client
from portal.database import fetch, savepoint
from portal.invoices.actions import issuing, running
from portal.refusal import Refused

MONTHS = 3


@dataclass(frozen=True)
class Deed:
    """Something that somebody did at a moment of the demo's past."""

    at: datetime
    do: Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Habit:
    """How a client's charges end: what the insurer pays and takes off, in hundredths, and how the client pays."""

    payer: str = ""
    paid: int = 0
    adjusted: int = 0
    method: str = ""
    pays_after: int = 0
    unpaid: int = 0


HABITS = {
    "Maya": Habit(method="card_terminal", unpaid=2),
    "Rosa": Habit("Medicare", 72, 16, "check", 30, unpaid=3),
    "Aisha": Habit("Cigna", 60, 22, "card_terminal", 21, unpaid=2),
    "Sami": Habit("Cigna", 60, 22, "card_terminal", 21, unpaid=2),
}


async def run(deeds: Sequence[Deed]) -> None:
    """In the order in which they happened; what would still be to come has not happened."""
    now = clock.now()
    for deed in sorted(deeds, key=lambda one: one.at):
        if deed.at < now:
            with clock.shifted(seconds=(deed.at - now).total_seconds()):
                await deed.do()


def became(biller: Viewer, chart: Client, name: str, visits: Sequence[datetime]) -> list[Deed]:
    """After these visits, the oldest first."""
    habit = HABITS[name]
    found = []
    for place, begins in enumerate(visits):
        if habit.payer:
            found.append(Deed(begins + timedelta(days=18), _decided(biller, chart, habit, begins)))
        if habit.method and place < len(visits) - habit.unpaid:
            days = 18 + habit.pays_after if habit.payer else 2
            found.append(Deed(begins + timedelta(days=days, hours=1), _paid(biller, chart, habit, begins, place)))
    if name == "Sami":
        ahead = Taken("cash", 6000, (visits[0] + timedelta(days=3)).date(), key="demo-ahead")
        found.append(Deed(visits[0] + timedelta(days=3), lambda: paying.take(biller, chart.id, ahead)))
    return found


def month_began() -> datetime:
    """When the invoices of the last month were issued."""
    return clock.now().replace(day=1, hour=14, minute=0, second=0, microsecond=0)


def invoiced(biller: Viewer) -> list[Deed]:
    """A statement run at the beginning of each month, for what was done before."""
    first = month_began()
    found = []
    for _ in range(MONTHS):
        last = first - timedelta(days=1)
        found.append(Deed(first, partial(_issued, biller, last.date())))
        first = last.replace(day=1)
    return found


def went_wrong(biller: Viewer, maya: Client, visits: Sequence[datetime]) -> list[Deed]:
    """A check that bounced, and an amount that was entered twice and given back."""
    if len(visits) < 2:
        return []
    at = visits[0] + timedelta(days=40)

    async def bounced() -> None:
        payment = await paying.take(biller, maya.id, Taken("check", 5000, at.date(), "2207", key="demo-bounced"))
        await returning.reverse(biller, payment, "The check came back unpaid")

    async def twice() -> None:
        payment = await paying.take(biller, maya.id, Taken("card_terminal", 4000, at.date(), "4242", key="demo-twice"))
        await returning.refund(biller, payment, Back("card_terminal", "Entered twice", reference="4242"))

    return [Deed(at, bounced), Deed(at + timedelta(days=1), twice)]


def corrected(biller: Viewer, chart: Client) -> list[Deed]:
    """The newest invoice but one went out with a mistake: another takes its place two days later."""
    newest = clock.now().replace(day=1, hour=15, minute=0, second=0, microsecond=0)
    at = (newest - timedelta(days=1)).replace(day=3)

    async def replace() -> None:
        live = await fetch("SELECT max(id) AS id FROM invoice WHERE client = {} AND voided_at IS NULL", chart.id)
        if live[0]["id"]:
            with suppress(Refused):
                async with savepoint():
                    await issuing.replace(biller, live[0]["id"], "It was addressed to the wrong parent")

    return [Deed(at, replace)]


def _decided(biller: Viewer, chart: Client, habit: Habit, begins: datetime) -> Callable[[], Awaitable[object]]:
    async def decide() -> None:
        parts = []
        for line in await owed.of_insurers(biller, chart.id):
            if line.starts_at == begins:
                paid, adjusted = (line.insurance_due * share // 100 for share in (habit.paid, habit.adjusted))
                parts.append(Part(line.id, paid, adjusted, line.insurance_due - paid - adjusted))
        if parts:
            key = f"demo-decided-{chart.id}-{begins:%Y%m%d}"
            day = (begins + timedelta(days=18)).date()
            told = Remittance(habit.payer, "transfer", day, parts, f"ERA {begins:%y%m%d}", key=key)
            await deciding.post_remittance(biller, chart.id, told)

    return decide


def _paid(biller: Viewer, chart: Client, habit: Habit, begins: datetime, place: int) -> Callable[[], Awaitable[object]]:
    async def pay() -> None:
        due = {line.id: line.client_due for line in await owed.of_client(biller, chart.id) if line.starts_at == begins}
        if cents := sum(due.values()):
            reference = {"check": str(1041 + place), "card_terminal": "4242"}.get(habit.method, "")
            told = Taken(habit.method, cents, clock.now().date(), reference, key=f"demo-paid-{chart.id}-{place}")
            await paying.take(biller, chart.id, told, due)

    return pay


async def _issued(biller: Viewer, month: date) -> None:
    with suppress(Refused):
        run = await running.start(biller, month)
        while await running.go_on(biller, run):
            pass
