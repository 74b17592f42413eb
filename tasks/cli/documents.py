"""Completed documents, from outside."""

import json
from dataclasses import asdict
from typing import Any

import click

from portal.access import Viewer
from tasks.cli.running import quiet, run

COMMAND_LINE = Viewer.portal("command line")


@click.group()
def documents() -> None:
    """What clients have filled in and signed."""


@documents.command("verify")
@click.argument("ids", nargs=-1, type=click.IntRange(1), metavar="[ID…]")
@click.option("--json", "as_json", is_flag=True)
def verify(ids: tuple[int, ...], as_json: bool) -> None:
    """Compute again what is kept of the documents ID…, or of all: answers, files, signatures, seals, and the audit.

    Exit code 1 if anything is not as it was sent, signed or sealed. Nothing is mended.
    """
    quiet()

    async def work() -> tuple[list[Any], Any]:
        from portal.audit import chain
        from portal.copies.actions import checking

        return [one async for one in checking.check(COMMAND_LINE, ids)], await chain.verify()

    found, audit = run(work)
    faulty = [one for one in found if one.faults]
    if as_json:
        told = {"whole": not faulty and audit.is_whole, "submissions": [asdict(one) for one in found],
                "audit": audit.faults}  # fmt: skip
        click.echo(json.dumps(told))
    else:
        for one in faulty:
            for fault in one.faults:
                click.echo(f"document {one.document_id}, submission {one.submission_id}: {fault}")
        for fault in audit.faults[:50]:
            click.echo(f"audit: {fault}")
        copies = sum(one.copies for one in found)
        said = f"{len(faulty)} of them not as they were" if faulty else "all as they were"
        chain = "whole" if audit.is_whole else "NOT whole"
        click.echo(f"{len(found)} submissions with {copies} copies: {said}. The audit is {chain}.")
    if faulty or not audit.is_whole:
        raise SystemExit(1)
