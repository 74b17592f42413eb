"""The audit, from outside."""

import json

import click

from tasks.cli.running import quiet, run


@click.group()
def audit() -> None:
    """Who did what."""


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True)
def verify(as_json: bool) -> None:
    """Read the whole chain: finds a row that was changed, removed or moved. Exit code 1 if it is not whole."""
    quiet()

    async def work():  # type: ignore[no-untyped-def]
        from portal.audit import chain

        return await chain.verify()

    verdict = run(work)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "whole": verdict.is_whole,
                    "sealed": verdict.sealed,
                    "unsealed": verdict.unsealed,
                    "faults": verdict.faults,
                }
            )
        )
    else:
        for fault in verdict.faults[:50]:
            click.echo(fault)
        tail = f"; {verdict.unsealed} not sealed yet" if verdict.unsealed else ""
        said = "The audit is whole" if verdict.is_whole else "The audit is NOT whole"
        click.echo(f"{said}: {verdict.sealed} rows sealed{tail}.")
    if not verdict.is_whole:
        raise SystemExit(1)
