"""A statement run: what it will do is said first, it goes on by itself, it stops when it is told to."""

import asyncio
import os
import subprocess
import sys
from datetime import date

import pytest

from portal import clock
from portal.access import Viewer
from portal.database import fetch
from portal.invoices.actions import issuing, running
from portal.invoices.queries import runs
from portal.invoices.queries.waiting import following
from portal.refusal import Refused
from portal.settings import ROOT
from tests.billing.desk import invoices
from tests.billing.factories import an_encounter
from tests.billing.test_ledger import adds_up
from tests.cast import Cast
from tests.factories import TEST, a_client
from tests.tasks.post import work_through

RUNS = "/staff/billing/runs"
PORTAL = Viewer.portal("statement run")


def last_month() -> date:
    today = clock.today("America/New_York")
    return date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)


async def visited(cast: Cast, count: int) -> None:
    """So many clients, each with a visit long ago."""
    for number in range(count):
        client = await a_client("Crowd", f"Member {number:03}")
        await an_encounter(client, days_ago=70, clinician_id=cast.client.principal_clinician)


async def work() -> None:
    while await fetch("SELECT id FROM errand WHERE actor = 'bill' AND state = 'queued'"):
        await work_through("bill")


@pytest.mark.parametrize("htmx", [False, True])
async def test_it_says_what_it_will_do_does_it_and_says_how_far_it_is(cast: Cast, htmx: bool):
    await visited(cast, running.PORTION + 3)
    browser = await cast.browser("biller", htmx=htmx)
    page = await browser.get(RUNS)
    assert page.value("month") and "No statement run yet" in page.words
    page = await browser.press(page, RUNS, {"month": f"{last_month():%Y-%m}", "act": "check"})
    assert page.status == 200 and "28 clients get an invoice each" in page.words and "$4,200.00" in page.words
    assert await invoices() == []
    twice = [await browser.press(page, RUNS, {"act": "start"}) for _ in range(2)]
    assert {answer.status for answer in twice} == {200}
    page = await browser.get(f"{RUNS}/1")
    assert "0 of 28 clients" in page.words and "Under way" in page.pills()
    await work_through("bill")
    page = await browser.get(f"{RUNS}/1")
    assert f"{running.PORTION} of 28 clients" in page.words and "every 2s" in page.text
    await work()
    page = await browser.get(f"{RUNS}/1")
    assert page.pills() == ["Done"] and "$4,200.00" in page.words and "every 2s" not in page.text
    assert [one.number for one in await invoices()] == list(range(1, 29))
    assert "28 invoices" in (await browser.get(RUNS)).words
    page = await browser.press(await browser.get(RUNS), RUNS, {"act": "check"})
    assert page.status == 422 and "has been invoiced" in page.errors["month"]
    await adds_up()


async def test_a_poll_keeps_nobody_signed_in(cast: Cast):
    await visited(cast, 1)
    await running.start(TEST, last_month())
    browser = await cast.browser("biller", htmx=True)
    with clock.shifted(minutes=10):
        assert "Under way" in (await browser.get(f"{RUNS}/1")).pills()
    with clock.shifted(minutes=16):
        assert "Under way" not in (await browser.get(f"{RUNS}/1")).pills()


async def test_it_stops_and_what_it_has_issued_stays(cast: Cast):
    await visited(cast, running.PORTION + 3)
    run = await running.start(TEST, last_month())
    await work_through("bill")
    browser = await cast.browser("biller")
    page = await browser.get(f"{RUNS}/{run}")
    twice = [await browser.press(page, f"{RUNS}/{run}/end") for _ in range(2)]
    assert all(answer.pills() == ["Stopped"] for answer in twice)
    await work()
    assert len(await invoices()) == running.PORTION
    again = await running.start(TEST, last_month())
    await work()
    assert (await runs.run(TEST, again)).issued == 3
    await adds_up()


async def test_a_client_whom_somebody_invoices_meanwhile_is_passed_by_and_named(cast: Cast, monkeypatch):
    """Between the choice of a portion and its client, a colleague is quicker: as if it were that very moment."""
    await visited(cast, 2)
    draw_up, first = issuing.draw_up, []

    async def slower(viewer, client_id, *args, **more):
        if not first:
            first.append(client_id)
            await draw_up(viewer, client_id)
        return await draw_up(viewer, client_id, *args, **more)

    run = await running.start(TEST, last_month())
    monkeypatch.setattr(issuing, "draw_up", slower)
    await running.go_on(PORTAL, run)
    one = await runs.run(TEST, run)
    assert (one.issued, one.refused) == (1, 1)
    page = await (await cast.browser("biller")).get(f"{RUNS}/{run}")
    assert "Crowd Member 000" in page.words and "There is nothing to invoice." in page.words


async def test_a_month_that_is_not_over_and_a_second_run_beside_another_are_refused(cast: Cast):
    await visited(cast, 1)
    with pytest.raises(Refused):
        await running.start(TEST, following(last_month()))
    await running.start(TEST, last_month())
    with pytest.raises(Refused):
        await running.start(TEST, date(last_month().year - 1, 12, 1))
    browser = await cast.browser("biller")
    for month in ("", "2099-01", "x", f"{following(last_month()):%Y-%m}"):
        page = await browser.post(RUNS, month=month, act="start")
        assert page.status == 422 and "month" in page.errors


async def test_what_came_after_the_month_is_left_to_the_next_run(cast: Cast):
    await visited(cast, 1)
    await an_encounter(cast.client, days_ago=0.1)
    run = await running.start(TEST, last_month())
    await work()
    assert (await runs.run(TEST, run)).issued == 1


async def test_a_worker_and_the_command_line_go_on_with_the_same_run_and_each_client_gets_one(cast: Cast):
    await visited(cast, 60)
    run = await running.start(TEST, last_month())

    async def beside() -> None:
        while await running.go_on(PORTAL, run):
            pass

    await asyncio.gather(beside(), beside(), work())
    await work()
    assert (await runs.run(TEST, run)).issued == 60
    assert [one.number for one in await invoices()] == list(range(1, 61))
    await adds_up()


def portal(db: str, *words: str, said: str = "") -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "tasks.cli", *words], cwd=ROOT, env={**os.environ, "DATABASE_URL": db},
        input=said, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


async def test_the_command_line_runs_a_month_and_checks_the_ledger(cast: Cast, db: str):
    await visited(cast, 30)
    month = f"{last_month():%Y-%m}"
    done = portal(db, "statements", "run", "--month", month, said="n\n")
    assert done.returncode == 1 and "30 clients, 30 services, $4,500.00" in done.stdout and await invoices() == []
    done = portal(db, "statements", "run", "--month", month, "--yes")
    assert done.returncode == 0 and "30 issued, $4,500.00; 0 passed by; done." in done.stdout, done.stderr
    again = portal(db, "statements", "run", "--month", month, "--yes")
    assert again.returncode == 1 and "has been invoiced" in again.stderr
    assert portal(db, "statements", "run", "--month", "October").returncode == 2
    early = portal(db, "statements", "run", "--month", f"{following(last_month()):%Y-%m}", said="y\n")
    assert early.returncode == 1 and "not over yet" in early.stderr and "Issue these" not in early.stdout
    assert "30 of 30 clients" in portal(db, "statements", "list").stdout
    assert '"issued": 30' in portal(db, "statements", "list", "--json").stdout
    checked = portal(db, "ledger", "check")
    assert checked.returncode == 0 and "The ledger adds up: 30 entries of 30 clients." in checked.stdout
    await fetch("UPDATE ledger_account SET client_due = client_due + 1 WHERE client = (SELECT max(client) FROM entry)")
    checked = portal(db, "ledger", "check")
    assert checked.returncode == 1 and "account 30, client" in checked.stdout and "NOT" in checked.stdout
    assert '"adds_up": false' in portal(db, "ledger", "check", "--json").stdout
