"""Importing FHIR resources: everything in one transaction, or nothing."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from portal import audit, clock
from portal.access import Permission, Viewer
from portal.database import fetch, savepoint
from portal.exchange.actions import belongings, benefits, bills, charts, practice, slots, visits
from portal.exchange.drafting import draft_all
from portal.exchange.drafts import Drafts
from portal.exchange.reading import read
from portal.exchange.report import Report
from portal.exchange.upserts import Known

LOCK = 0x66686972  # "fhir"
NEEDED = (
    Permission.CLIENT_ADD, Permission.CLIENT_EDIT, Permission.STAFF_MANAGE, Permission.HOURS_MANAGE_ALL,
    Permission.SCHEDULE_KEEP_ALL, Permission.ENCOUNTER_RECORD, Permission.LEDGER_ADJUST,
)  # fmt: skip


class _Undone(Exception):
    """Takes the whole import back."""


async def import_resources(
    viewer: Viewer, sources: Sequence[Path], *, dry_run: bool = False, progress: Callable[[str], None] = lambda _: None
) -> Report:
    """Creates and changes sites, clinicians, charts, visits and special hours, and adds to ledgers. Deletes no record,
    invites nobody and touches no account.
    """
    for permission in NEEDED:
        viewer.must(permission)
    report = Report(is_dry_run=dry_run)
    with _uncollected():
        await _import(viewer, sources, report, progress)
    if report.has_errors:
        report.tallies.clear()
    return report


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing here refers in a circle, and to look for that in a million objects takes as long as the import."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


async def _import(viewer: Viewer, sources: Sequence[Path], report: Report, progress: Callable[[str], None]) -> None:
    found = read(sources, report, progress)
    progress(f"sorting {len(found)} resources")
    drafts = draft_all(found, clock.now(), report)
    if not report.has_errors:
        try:
            async with savepoint():
                await _store(viewer, drafts, report, progress)
                await audit.record(
                    viewer,
                    "import.done",
                    files=len(sources),
                    types={name: asdict(one) for name, one in report.tallies.items()},
                )
                if report.is_dry_run or report.has_errors:
                    raise _Undone
            report.is_done = True
        except _Undone:
            pass


async def _store(viewer: Viewer, drafts: Drafts, report: Report, progress: Callable[[str], None]) -> None:
    """One import at a time; in this order, because each refers to those before it."""
    await fetch("SELECT pg_advisory_xact_lock({}::bigint)", LOCK)
    known = Known()
    progress(
        f"storing {len(drafts.organizations) + len(drafts.locations)} sites, {len(drafts.practitioners)} clinicians"
    )
    await practice.put_sites(viewer, drafts, known, report)
    await practice.put_clinicians(viewer, drafts.practitioners, known, report)
    progress(f"storing {len(drafts.patients)} charts")
    touched = await charts.put_charts(viewer, drafts.patients, known, report)
    progress(f"storing {len(drafts.related)} related people, {len(drafts.coverages)} coverages")
    for client_id in await belongings.put_related(viewer, drafts.related, known, report):
        touched.note(client_id, "related_person")
    for client_id in await belongings.put_coverages(viewer, drafts.coverages, known, report):
        touched.note(client_id, "coverage")
    progress(f"storing {len(drafts.appointments)} appointments, {len(drafts.encounters)} encounters")
    for resource_type, some in (("Appointment", drafts.appointments), ("Encounter", drafts.encounters)):
        for client_id in await visits.put_visits(viewer, resource_type, some, known, report):
            touched.note(client_id, "appointment")
    await slots.put_slots(viewer, drafts.slots, known, report)
    progress(f"storing {len(drafts.bills)} bills, {len(drafts.benefits)} explanations of benefits")
    posted = await bills.put_bills(viewer, drafts.bills, known, report)
    posted |= await benefits.put_benefits(viewer, drafts.benefits, known, report)
    await audit.record_many(viewer, "ledger.imported", sorted(posted), by="import")
    await charts.finish(viewer, touched, report)
