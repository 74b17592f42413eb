"""A month's invoices for everybody, issued by the worker in portions: each is whole, and the next goes on from it."""

from datetime import date

from portal import audit, clock, outbox
from portal.access import Permission, Viewer
from portal.appointments.hours import midnight
from portal.database import fetch, refusing, savepoint, transaction
from portal.invoices.actions import issuing
from portal.invoices.queries.waiting import OF_EVERYBODY, following
from portal.invoices.tables import Invoice, RunRefusal, RunState, StatementRun
from portal.language import lazy, speaking
from portal.practice import numbers
from portal.practice import queries as practices
from portal.refusal import Refused

PORTION = 25
ACTOR = "bill"
NOTHING = Refused(month=lazy("Everything up to the end of this month has been invoiced."))
RUNNING = Refused({"": lazy("A statement run is under way. Wait until it has ended.")})
CLIENTS = f"SELECT DISTINCT l.client {OF_EVERYBODY} AND l.client > {{}} ORDER BY l.client"


async def must_be_over(viewer: Viewer, month: date) -> None:
    """Raises `Refused`."""
    if following(month) > clock.today((await practices.practice(viewer)).time_zone):
        raise Refused(month=lazy("This month is not over yet. Choose an earlier one."))


async def start(viewer: Viewer, month: date) -> int:
    """For all services up to the end of the month, which must be over. Returns the run. Raises `Refused`.

    Two who start the same month at once have started one.
    """
    viewer.must(Permission.INVOICE_ISSUE)
    viewer.must(Permission.CLIENT_READ_ALL)
    month = month.replace(day=1)
    await must_be_over(viewer, month)
    zone = (await practices.practice(viewer)).time_zone
    async with transaction():
        if under_way := await fetch("SELECT id FROM statement_run WHERE state = 'running' AND month = {}", month):
            return int(under_way[0]["id"])
        waiting = await fetch(f"SELECT count(*) AS n FROM ({CLIENTS}) AS c", midnight(zone, following(month)), 0)
        row = StatementRun(month=month, total=waiting[0]["n"], made_by=viewer.staff_id, made_at=clock.now())
        if not row.total:
            raise NOTHING
        with refusing(one_run_at_a_time=RUNNING):
            await row.save()
        await audit.record(viewer, "run.started", subject_id=row.id, month=month.isoformat())
        await outbox.send_on(ACTOR, row.id, f"{ACTOR}:{row.id}:0")
    return int(row.id)


async def go_on(viewer: Viewer, run_id: int) -> bool:
    """One portion, and the errand of the next; whether there is one. Who is refused is passed by, and counted."""
    async with transaction():
        row = await StatementRun.objects().where(StatementRun.id == run_id).first().lock_rows("UPDATE")
        if row is None or row.state != RunState.RUNNING:
            return False
        until = midnight((await practices.practice(viewer)).time_zone, following(row.month))
        clients = [one["client"] for one in await fetch(f"{CLIENTS} LIMIT {PORTION}", until, row.after_client)]
        made: list[Invoice] = []
        for client_id in clients:
            try:
                async with savepoint():
                    made.append(await issuing.draw_up(viewer, client_id, before=following(row.month), run=run_id))
            except Refused as refusal:
                row.refused += 1
                why = " ".join(_in_english(one) for one in refusal.sentences.values())
                await RunRefusal(run=run_id, client=client_id, why=why[:200]).save()
        row.done += len(clients)
        row.issued += len(made)
        row.amount += sum(one.total for one in made)
        row.after_client = clients[-1] if clients else row.after_client
        if len(clients) < PORTION:
            row.state, row.ended_at = str(RunState.DONE), clock.now()
            await audit.record(viewer, "run.ended", subject_id=run_id, issued=row.issued)
        else:
            await outbox.send_on(ACTOR, run_id, f"{ACTOR}:{run_id}:{row.after_client}")
        await row.save()
        await numbers.give(viewer, issuing.NUMBERS, Invoice, [one.id for one in made])
    return row.state == RunState.RUNNING


async def stop(viewer: Viewer, run_id: int) -> None:
    """What it has issued stays; what it has not, the next one does. One that has ended is left."""
    viewer.must(Permission.INVOICE_ISSUE)
    async with transaction():
        rows = await fetch(
            "UPDATE statement_run SET state = 'stopped', ended_at = {}"
            " WHERE id = {} AND state = 'running' RETURNING id",
            clock.now(),
            run_id,
        )
        if rows:
            await audit.record(viewer, "run.stopped", subject_id=run_id)


def _in_english(sentence: object) -> str:
    with speaking("en"):
        return str(sentence)
