"""Payments by card: what was tried last, and whether Stripe has the same."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from portal.access import Viewer
from portal.payments import gateway
from tasks.cli.running import quiet, say_refusals

COMMAND_LINE = Viewer.portal("command line")
USUAL = 35
WHAT = {
    "not_here": "charged at Stripe and not in the ledger",
    "not_there": "in the ledger and not at Stripe",
    "sum": "another sum at Stripe than in the ledger",
    "customer": "another customer at Stripe than this client",
}


@click.group()
def payments() -> None:
    """Payments by card."""


@payments.command("reconcile")
@click.option("--since", metavar="YYYY-MM-DD", help=f"From that day on (UTC); without it the last {USUAL} days.")
@click.option("--json", "as_json", is_flag=True)
def reconcile(since: str | None, as_json: bool) -> None:
    """Compare what Stripe has with the ledger, by number and by sum, each way. Exit code 1 if anything differs.

    Nothing is mended. A difference is an item for staff until it is so no more.
    """
    quiet()
    first = _day(since)
    row, found = say_refusals(lambda: _reconcile(first))
    if as_json:
        click.echo(json.dumps(_told(row)))
    else:
        for one in found:
            who = f", payment {one.payment} of client {one.client}" if one.payment else ""
            click.echo(f"{WHAT[one.what]}: {one.name}{who}, {_dollars(one.there)} there, {_dollars(one.here)} here")
        click.echo(
            f"Charges: Stripe {row.charges_there}, {_dollars(row.charged_there)};"
            f" ledger {row.charges_here}, {_dollars(row.charged_here)}"
        )
        click.echo(
            f"Refunds: Stripe {row.refunds_there}, {_dollars(row.refunded_there)};"
            f" ledger {row.refunds_here}, {_dollars(row.refunded_here)}"
        )
        said = f"{len(found)} difference{'' if len(found) == 1 else 's'}" if found else "They agree"
        click.echo(f"{said}, since {first:%Y-%m-%d}.")
    if found:
        raise SystemExit(1)


@payments.command("list")
@click.option("--state", help="Only those, such as submitting or declined.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def list_attempts(state: str | None, limit: int, as_json: bool) -> None:
    """The latest attempts to pay by card, by number of the client and not by name."""
    quiet()
    found = say_refusals(lambda: _attempts(state, limit))
    if as_json:
        click.echo(json.dumps([one.told for one in found]))
        return
    for one in found:
        card = f"{one.brand} {one.last4}".strip() or one.way or "no card yet"
        click.echo(
            f"{one.id}  {one.made_at:%Y-%m-%d %H:%M}  client {one.client}  {_dollars(one.amount)}  {one.state}"
            + (f" ({one.code})" if one.code else "") + f"  {card}" + (f"  payment {one.payment}" if one.payment else "")
        )  # fmt: skip
    if not found:
        click.echo("No payment by card yet.")


def _day(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC) - timedelta(days=USUAL)
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise click.BadParameter("write the day as 2026-10-31", param_hint="--since") from None


async def _reconcile(since: datetime) -> Any:
    from portal.payments.actions import alarming, reconciling
    from portal.settings import settings

    if not settings().takes_cards:
        raise click.ClickException("No card is taken here: set STRIPE_SECRET_KEY and its companions.")
    try:
        return await reconciling.reconcile(COMMAND_LINE, since)
    except gateway.Locked:
        await alarming.locked_out(COMMAND_LINE)
        raise click.ClickException("Stripe does not accept the key: look at STRIPE_SECRET_KEY.") from None
    except (gateway.Unknown, gateway.Refusal) as trouble:
        raise click.ClickException(f"Stripe does not answer ({trouble}). Nothing was compared.") from None


async def _attempts(state: str | None, limit: int) -> Any:
    from portal.payments.queries import latest

    return await latest.attempts(COMMAND_LINE, state, limit)


def _told(row: Any) -> dict[str, Any]:
    names = [f"{name}_{side}" for name in ("charges", "charged", "refunds", "refunded") for side in ("there", "here")]
    differences = json.loads(row.differences)
    return {
        "agrees": not differences,
        "since": row.since.isoformat(),
        **{name: getattr(row, name) for name in names},
        "differences": differences,
    }


def _dollars(cents: int) -> str:
    from portal import money

    return money.written(cents, "en_US")
