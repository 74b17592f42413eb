"""Workers die by kill -9 while copies are made, at each named place and at random: every signature has one copy."""

import asyncio
import hashlib
import random
import signal
import sys
import time

import pytest
from pikepdf import Name

from portal import outbox, storage
from portal.access import Viewer
from portal.copies.actions import checking
from portal.database import fetch
from portal.documents.actions import opening
from portal.settings import settings
from tests.cast import Cast
from tests.documents.steps import shared
from tests.filling.steps import drafted, maya
from tests.library import files
from tests.library.steps import a_form
from tests.signing.steps import TO_SIGN, accepted, signed
from tests.tasks.post import READY, WorkerProcess, eventually

CONSENT = files.a_form(files.line("full_name", TU="Full name"), files.widget("sign", Name.Sig, 72, 300, 200, 40))
SOON = """
UPDATE errand SET due_at = least(due_at, now()),
       lease_until = CASE WHEN state = 'leased' THEN now() - interval '1 second' ELSE lease_until END
 WHERE state IN ('queued', 'leased') AND actor = 'complete'
"""
UNDONE = "SELECT count(*) AS n FROM errand WHERE actor = 'complete' AND state <> 'done'"
TWICE = "SELECT submission FROM completed_copy GROUP BY submission, kind HAVING count(*) > 1"
WITHOUT = "SELECT id FROM form_submission AS s WHERE NOT EXISTS (SELECT FROM completed_copy WHERE submission = s.id)"


@pytest.fixture
def surroundings(db) -> dict[str, str]:
    """The same store and keys as here."""
    return {"DATABASE_URL": db, "OUTBOX_LEASE": "30", "DATA_DIR": str(settings().data_dir)}


async def some_signatures(cast: Cast, many: int) -> list[int]:
    form_id, sent = await a_form(CONSENT, TO_SIGN), []
    for number in range(many):
        document_id = await shared(cast.client.id, form_id, once=f"n{number}", purpose="sign")
        await opening.opened(maya(cast), cast.client.id, document_id)
        await drafted(cast, document_id, {"full_name": [f"Maya Reyes {number}"]})
        sent.append(int((await signed(cast, document_id)).id))
    return sent


async def is_done() -> bool:
    await fetch("UPDATE errand SET due_at = now() WHERE state = 'queued' AND due_at > now() AND actor = 'complete'")
    return (await fetch(UNDONE))[0]["n"] == 0


async def agreed() -> int:
    """One copy of each and no more, each a file that holds, and one step for each."""
    assert not await fetch(TWICE) and not await fetch(WITHOUT)
    rows = await fetch("SELECT key, sha256 FROM completed_copy")
    for row in rows:
        assert hashlib.sha256(await storage.get(row["key"])).digest() == row["sha256"]
    steps = (await fetch("SELECT count(*) AS n FROM document_step WHERE step = 'completed'"))[0]["n"]
    events = (await fetch("SELECT count(*) AS n FROM event WHERE kind = 'document.completed'"))[0]["n"]
    assert steps == events == len(rows)
    return len(rows)


@pytest.mark.parametrize("fault", ["copy-stored", "copy-noted", "copy-kept"])
async def test_who_dies_over_a_copy_leaves_it_to_the_next(cast, surroundings, tmp_path, fault):
    await some_signatures(cast, 1)
    worker = WorkerProcess(tmp_path, **surroundings, PORTAL_FAULT=fault)
    try:
        await eventually(lambda: worker.process.poll() is not None, within=90)
        assert worker.process.returncode == -signal.SIGKILL, worker.said[-2000:]
    finally:
        worker.kill()
    assert len(await fetch("SELECT id FROM completed_copy")) == (1 if fault == "copy-kept" else 0)
    await fetch(SOON)
    other = WorkerProcess(tmp_path, **surroundings)
    try:
        await eventually(is_done, within=90)
    finally:
        other.kill()
    assert await agreed() == 1
    assert [one.faults async for one in checking.check(Viewer.portal("test"), [])] == [[]]


async def test_killed_at_random_every_signature_has_one_copy(cast, surroundings, tmp_path, capsys):
    began, kills = time.monotonic(), 0
    sent = await some_signatures(cast, 8)
    for submission_id in sent[:3]:
        await accepted(cast, submission_id, {}, "Ngozi Okafor")
        await outbox.send_on("complete", submission_id, f"complete:{submission_id}:accepted")
    worker = WorkerProcess(tmp_path, **surroundings)
    try:
        while not await is_done():
            await eventually(lambda: READY in worker.said, within=60)  # noqa: B023
            if kills < 4:
                await asyncio.sleep(random.uniform(0.5, 3))
                worker.kill()
                kills += 1
                await fetch(SOON)
                worker = WorkerProcess(tmp_path, **surroundings)
            else:
                await eventually(is_done, within=120)
    finally:
        worker.kill()
    with capsys.disabled():
        sys.stdout.write(f"\n{kills} kills, {time.monotonic() - began:.0f} s: {len(sent)} signatures\n")
    assert kills >= 2 and await agreed() == 11
