"""Who of the staff is away."""

import json
from dataclasses import asdict
from typing import Any

import click

from portal.access import Viewer
from tasks.cli.running import quiet, say_refusals

COMMAND_LINE = Viewer.portal("command line")
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def away() -> None:
    """Who of the staff is away, and who reads and answers their messages meanwhile."""


@away.command("add")
@click.argument("email")
@click.argument("first", type=DAY)
@click.argument("last", type=DAY, required=False)
@click.option("--cover", default="", help="The e-mail of who stands in.")
def add(email: str, first: object, last: object | None, cover: str) -> None:
    """The member of staff who signs in with EMAIL is away from FIRST to LAST (2026-12-21), both days included."""
    quiet()

    async def work() -> int:
        from portal.messages.actions.away import Days, add
        from portal.messages.queries import away as absences

        who, instead = await absences.by_email(COMMAND_LINE, email), None
        if cover:
            instead = await absences.by_email(COMMAND_LINE, cover)
        begins = first.date()  # type: ignore[attr-defined]
        ends = last.date() if last else begins  # type: ignore[attr-defined]
        return await add(COMMAND_LINE, Days(who, begins, ends, instead))

    click.echo(f"Absence {say_refusals(work)}: noted. `portal away end` takes it back.")


@away.command("list")
@click.option("--json", "as_json", is_flag=True)
def listed(as_json: bool) -> None:
    """Who is away, from today on."""
    quiet()

    async def work() -> list[dict[str, Any]]:
        from portal.messages.queries import away as absences

        return [asdict(one) for one in await absences.coming(COMMAND_LINE)]

    found = say_refusals(work)
    if as_json:
        click.echo(json.dumps(found, default=str, ensure_ascii=False))
    elif not found:
        click.echo("Nobody is away.")
    for one in [] if as_json else found:
        instead = one["cover"] or "nobody"
        click.echo(f"{one['id']}  {one['first_day']} – {one['last_day']}  {one['name']}, {instead} stands in")


@away.command("end")
@click.argument("absence", type=int)
def end(absence: int) -> None:
    """They are back: the ABSENCE of this number, as `portal away list` shows it, ends yesterday or never begins."""
    quiet()

    async def work() -> None:
        from portal.messages.actions.away import end
        from portal.messages.queries import away as absences

        if absence not in {one.id for one in await absences.coming(COMMAND_LINE)}:
            raise click.ClickException("There is no such absence: look it up with `portal away list`.")
        await end(COMMAND_LINE, absence)

    say_refusals(work)
    click.echo("Ended.")
