"""A month's invoices, and whether the ledger adds up."""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import click

from portal.access import Viewer
from tasks.cli.running import quiet, say_refusals

COMMAND_LINE = Viewer.portal("command line")


@click.group()
def statements() -> None:
    """Invoices for everybody, a month at a time."""


@statements.command("run")
@click.option("--month", required=True, metavar="YYYY-MM", help="One that is over: everything up to its end.")
@click.option("--yes", is_flag=True, help="Start it without asking.")
def run(month: str, yes: bool) -> None:
    """Issue an invoice to every client with services that no invoice names.

    Says first what it will do. A run that was begun, here or in the browser, is gone on with.
    """
    quiet()
    first = _month(month)
    coming = say_refusals(lambda: _coming(first))
    click.echo(
        f"{coming.clients} client{'' if coming.clients == 1 else 's'}, {coming.services} service"
        f"{'' if coming.services == 1 else 's'}, {_dollars(coming.cents)} up to the end of {month}."
    )
    if coming.clients and not yes:
        click.confirm("Issue these invoices?", abort=True)
    with click.progressbar(length=coming.clients or 1, label="Issuing", show_pos=True) as bar:
        done = say_refusals(lambda: _issue(first, bar.update))
    click.echo(f"Run {done.id}: {done.issued} issued, {_dollars(done.amount)}; {done.refused} passed by; {done.state}.")


@statements.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_runs(as_json: bool) -> None:
    """The latest runs."""
    quiet()
    found = say_refusals(_runs)
    if as_json:
        click.echo(json.dumps([_told(one) for one in found]))
        return
    for one in found:
        click.echo(
            f"{one.id}  {one.month:%Y-%m}  {one.state:8}  {one.done} of {one.total} clients,"
            f" {one.issued} issued, {_dollars(one.amount)}, {one.refused} passed by"
        )
    if not found:
        click.echo("No statement run yet.")


@click.group()
def ledger() -> None:
    """What is owed and what was paid."""


@ledger.command("check")
@click.option("--json", "as_json", is_flag=True)
def check(as_json: bool) -> None:
    """Compare every sum with its entries, and look for numbers that are missing. Exit code 1 if anything is wrong."""
    quiet()
    checked = say_refusals(_check)
    if as_json:
        faults = [{"what": one.what, "id": one.id, "client": one.client} for one in checked.faults]
        told = {"adds_up": not faults, "clients": checked.clients, "entries": checked.entries, "faults": faults}
        click.echo(json.dumps(told))
    else:
        for one in checked.faults:
            click.echo(f"{one.what} {one.id}" + (f", client {one.client}" if one.client else ""))
        said = "The ledger does NOT add up" if checked.faults else "The ledger adds up"
        click.echo(f"{said}: {checked.entries} entries of {checked.clients} clients.")
    if checked.faults:
        raise SystemExit(1)


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        raise click.BadParameter("write the month as 2026-10", param_hint="--month") from None


async def _coming(month: date) -> Any:
    from portal.invoices.actions import running
    from portal.invoices.queries import runs

    await running.must_be_over(COMMAND_LINE, month)
    return await runs.coming(COMMAND_LINE, month)


async def _issue(month: date, tell: Callable[[int], None]) -> Any:
    """Beside a worker both go on with it, a portion at a time; without one it is done here alone."""
    from portal.invoices.actions import running
    from portal.invoices.queries import runs

    run_id = await running.start(COMMAND_LINE, month)
    shown = 0
    while True:
        await running.go_on(COMMAND_LINE, run_id)
        one = await runs.run(COMMAND_LINE, run_id)
        tell(one.done - shown)
        shown = one.done
        if not one.is_running:
            return one


async def _runs() -> Any:
    from portal.billing.queries.pages import Edge
    from portal.invoices.queries import runs

    return (await runs.runs(COMMAND_LINE, Edge())).rows


async def _check() -> Any:
    """Reads, and raises no alarm: the nightly one does."""
    from portal.billing.queries import checking

    return await checking.check(COMMAND_LINE)


def _told(one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "month": f"{one.month:%Y-%m}",
        "state": one.state,
        "total": one.total,
        "done": one.done,
        "issued": one.issued,
        "refused": one.refused,
        "cents": one.amount,
    }


def _dollars(cents: int) -> str:
    from portal import money

    return money.written(cents, "en_US")
