"""`portal import-fhir`: charts, visits, money, clinicians and sites from another system."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.access import Viewer
from tasks.cli.running import quiet, run

if TYPE_CHECKING:
    from portal.exchange.report import Finding, Report

MOST_LINES = 100


@click.command("import-fhir")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--dry-run", is_flag=True, help="Do everything, then take it back.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def import_fhir(files: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Import FHIR R4: bundles (collection, transaction, searchset, batch), NDJSON, or single resources.

    Locations and care-giving organizations become sites, practitioners become clinicians without an account,
    patients become charts with their contacts and coverages. Appointments and encounters become visits, what is
    proposed or pending a request for staff to answer; slots become hours of single days. Claims and charge items
    become encounters with what they cost, explanations of benefits what insurers paid, took off and left to the
    client; invoices price charge items, or bring a balance along under the number that they have there. A bill comes
    in whole or not at all, and what was posted once is never changed by an import: what differs later is reported.
    What staff or clients changed here since stays, and encounters in hospitals and emergency rooms are left out. A
    chart is found again by its record number (MR), never by a social security, licence or passport number, which are
    not kept. A second import of the same files changes nothing. No record is deleted and nobody is invited. Files
    given together may refer to each other.

    \b
    error    invalid JSON, a file over 64 MiB that is not NDJSON, a partial birth date, one
             identifier for two people: nothing at all is imported. Exit code 1.
    problem  a reference that leads nowhere, a text that was cut, a booking whose time is
             taken, a bill that does not add up, is not in US dollars or has changed since:
             the rest is imported. Exit code 1.
    notice   an NPI or a phone number that is none: for reading. Exit code 0.
    """
    quiet()

    async def work() -> "Report":
        from portal.exchange.actions.imports import import_resources

        return await import_resources(Viewer.portal("command line"), files, dry_run=dry_run, progress=_progress)

    report = run(work)
    if as_json:
        click.echo(json.dumps(report.as_dict(), indent=2))
    else:
        for line in _lines(report):
            click.echo(line)
    raise SystemExit(report.exit_code)


def _progress(words: str) -> None:
    click.echo(f"{words} …", err=True)


def _lines(report: "Report") -> Iterator[str]:
    """The counts, then what is wrong, the worst first, then what became of it."""
    if report.counted:
        counts = [(name, one.created, one.updated, one.unchanged, one.skipped) for name, one in report.counted]
        yield from _table(("", "created", "updated", "unchanged", "skipped"), counts)
        yield ""
    if report.passed_over and not report.has_errors:
        yield (
            "Not imported: " + ", ".join(f"{count} {name}" for name, count in sorted(report.passed_over.items())) + "."
        )
        yield ""
    if report.findings:
        grouped = _grouped(report.findings)
        yield from _table(("", "where", "what"), grouped[:MOST_LINES])
        if len(grouped) > MOST_LINES:
            yield f"… and {len(grouped) - MOST_LINES} more: --json has them all."
        yield ""
    yield report.outcome


def _grouped(findings: "Sequence[Finding]") -> list[tuple[str, str, str]]:
    """The same sentence about the same file is said once."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for one in sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)):
        alike.setdefault((one.severity, one.place.file, one.sentence), []).append(one.place.entry)
    rows = []
    for (severity, file, sentence), entries in alike.items():
        others = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
        rows.append((str(severity), ", ".join(filter(None, (file, entries[0]))) + others, sentence))
    return rows


SEVERITIES = ("error", "problem", "notice")


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Numbers to the right; the last column as long as it is."""
    widths = [max(len(str(row[at])) for row in (heads, *rows)) for at in range(len(heads))]
    for row in (heads, *rows):
        cells = [
            str(cell).rjust(width) if rows and isinstance(rows[0][at], int) else str(cell).ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
