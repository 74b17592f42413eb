"""`portal doctor`: what is wrong with this installation, and what to do about it."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import asdict

import click

from portal.settings import Misconfigured, settings
from tasks.cli.doctor.findings import Finding, State, in_short, problem, warning


@click.command()
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> None:
    """Check settings, database, worker, storage, mail, broker, keys, fonts, clock, outbox, audit and disk.

    Exit code 1 on a problem. It sends no letter, changes no record and may be called at any time.
    """
    found = []
    for finding in findings():
        found.append(finding)
        if not as_json:
            click.echo(f"{finding.state:<8} {finding.check:<10} {finding.said}")
            if finding.do:
                click.echo(f"{'':<19} {finding.do}")
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], indent=1))
    if any(finding.state == State.PROBLEM for finding in found):
        raise SystemExit(1)


def findings() -> Iterator[Finding]:
    try:
        settings()
    except Misconfigured as error:
        yield problem("settings", str(error), "Nothing else was checked.")
        return
    yield from in_database()
    from tasks.cli.doctor.machine import CHECKS

    for check in CHECKS:
        try:
            yield from check()
        except Exception as error:  # a check that fails must not hide the next
            yield problem(check.__name__.strip("_"), in_short(error), "This check failed itself: report it.")


def in_database() -> list[Finding]:
    from tasks.cli.running import quiet, run

    config = settings()
    if config.database_url is None and not (config.data_dir / "postgres").exists():
        return [warning("database", f"There is none yet in {config.data_dir}.", "`portal serve` makes one.")]
    quiet()
    try:
        return run(_asked, migrated=False)
    except Misconfigured as error:
        return [problem("database", str(error), "See above.")]
    except Exception as error:  # whatever keeps it from answering
        return [problem("database", f"It does not answer: {in_short(error)}.", "Check DATABASE_URL and the server.")]


async def _asked() -> list[Finding]:
    from tasks.cli.doctor import database

    found = await _each(database.FIRST)
    if any(finding.check == "schema" and finding.state == State.PROBLEM for finding in found):
        return found
    return found + await _each(database.THEN)


async def _each(checks: Iterable[Callable[[], AsyncIterator[Finding]]]) -> list[Finding]:
    found = []
    for check in checks:
        try:
            found += [finding async for finding in check()]
        except Exception as error:  # a check that fails must not hide the next
            found.append(problem(check.__name__, in_short(error), "This check failed itself: report it."))
    return found
