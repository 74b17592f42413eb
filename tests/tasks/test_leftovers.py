"""What was cut off leaves nothing behind: the sweeper finds it a day later, and nothing that a row names."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from piccolo.columns import Varchar

from portal import clock, storage
from portal.access import Viewer
from portal.accounts import sessions
from portal.clients import images
from portal.database import fetch, transaction
from portal.messages.actions import attaching, loose
from portal.piccolo_app import APP_CONFIG
from portal.settings import ROOT
from portal.storage import place
from portal.web.visit import Visit
from tasks import leftovers
from tests.cast import Cast
from tests.messages.files import a_draft, a_file, row_of, sent_with
from tests.messages.steps import as_
from tests.uploads.files import a_pdf
from tests.uploads.pictures import a_photo

SWEEPER = Viewer.portal("schedule")
OF_A_KEY = 60  # so long are the columns for the name of a stored object
OF_A_FORM = {"posting.key", "estimate.key", "estimate_request.key", "card_refund.key"}  # as long, and no name of a file


@pytest.fixture
async def cast(db) -> Cast:
    async for key in storage.keys_in_store():
        await storage.delete(key)
    return await Cast.gather()


async def stored() -> set[str]:
    return {key async for key in storage.keys_in_store()}


def files() -> list[Path]:
    return [one for one in place.folder().rglob("*") if one.is_file()]


def test_every_column_that_names_a_file_is_known_to_the_sweeper():
    named = {f"{table}.{column}" for table, columns in leftovers.NAMED.items() for column in columns}
    found = {
        f"{table._meta.tablename}.{column._meta.name}"
        for table in APP_CONFIG.table_classes
        for column in table._meta.columns
        if isinstance(column, Varchar) and column._meta.name.endswith("key") and column.length == OF_A_KEY
    }
    assert found - OF_A_FORM == named


async def test_what_a_row_names_stays_and_what_none_names_goes_after_a_day(cast):
    maya = await as_(cast, "client")
    photo = await images.keep(maya, cast.client.id, a_photo())
    _, (file,) = await sent_with(cast, ("p.pdf", a_pdf()))
    row = await row_of(file)
    named = {photo.key, row["key"], row["thumbnail_key"], row["preview_key"]}
    await fetch(
        "INSERT INTO paper (kind, subject_id, up_to, account, client, is_staff, language, name, state, key, size,"
        " asked_at) VALUES ('thread', 1, 0, {}, {}, false, 'en', '', 'ready', {}, 1, {})",
        cast.accounts["client"].id,
        cast.client.id,
        (paper := (await storage.put(b"a paper")).key),
        clock.now(),
    )
    left = (await storage.put(b"nobody's")).key
    assert await leftovers.sweep() == 0 and await stored() == named | {left, paper}
    with clock.shifted(hours=25):
        assert await leftovers.sweep() == 1
        assert await stored() == named | {paper}


async def test_a_store_is_never_emptied(cast, monkeypatch):
    monkeypatch.setattr(leftovers, "MOST_LOOSE", 3)
    left = {(await storage.put(b"x")).key for _ in range(4)}
    with clock.shifted(days=2), pytest.raises(leftovers.TooMany, match="4 files"):
        await leftovers.sweep()
    assert await stored() == left


async def test_files_in_thousands_are_looked_through_in_batches(cast, monkeypatch):
    monkeypatch.setattr(leftovers, "BATCH", 2)
    _, ids = await sent_with(cast, ("a.txt", b"1"), ("b.txt", b"2"), ("c.txt", b"3"))
    kept = {(await row_of(one))["key"] for one in ids}
    for _ in range(3):
        await storage.put(b"x")
    with clock.shifted(days=2):
        assert await leftovers.sweep() == 3 and await stored() == kept


# Rows ----------------------------------------------------------------------------------------------------------------


async def test_a_file_of_no_draft_and_no_message_is_gone_two_days_later(cast):
    maya = await as_(cast, "client")
    draft = await a_draft(maya, cast.client.id)
    file = await a_file(maya, cast.client.id, draft, a_pdf(), "p.pdf")
    await attaching.discard(maya, cast.client.id, draft, file)
    for shift, is_there in (
        ({"hours": 23}, True),
        ({"hours": 25}, True),
        ({"hours": 48}, True),
        ({"hours": 50}, False),
    ):
        with clock.shifted(**shift):
            await loose.forget_files(SWEEPER)
        assert len(await stored()) == (3 if is_there else 0)
        assert len(await fetch("SELECT FROM attachment")) == is_there


async def test_a_file_that_was_sent_and_one_of_a_live_draft_stay(cast):
    maya = await as_(cast, "client")
    await sent_with(cast, ("a.txt", b"x"))
    draft = await a_draft(maya, cast.client.id)
    await a_file(maya, cast.client.id, draft)
    for days in (2, 15, 29):
        with clock.shifted(days=days):
            await loose.forget_files(SWEEPER)
    assert len(await stored()) == 2
    for days in (31, 32, 33):
        with clock.shifted(days=days):
            await loose.forget_files(SWEEPER)
    assert len(await stored()) == 1 and len(await fetch("SELECT FROM message_draft")) == 1


async def test_a_file_that_was_let_go_of_and_is_wanted_again_stays(cast):
    maya = await as_(cast, "client")
    draft = await a_draft(maya, cast.client.id)
    file = await a_file(maya, cast.client.id, draft)
    with clock.shifted(days=31):
        await loose.forget_files(SWEEPER)
        assert (await row_of(file))["let_go_at"] is not None
        await fetch("UPDATE message_draft SET saved_at = {} WHERE id = {}", clock.now(), draft)
    with clock.shifted(days=33):
        await loose.forget_files(SWEEPER)
    assert (await row_of(file))["let_go_at"] is None and len(await stored()) == 1


# Kills ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def web(db: str) -> AsyncIterator["Web"]:
    process = Web(db)
    await process.is_up()
    yield process
    process.kill()


class Web:
    """`portal web`, with the store and the database of this test."""

    def __init__(self, dsn: str) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tasks.cli", "web"],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=os.environ | {"DATABASE_URL": dsn, "PORT": str(self.port), "BASE_URL": self.base},
        )  # fmt: skip

    async def is_up(self) -> None:
        async with asyncio.timeout(60):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.1)
                else:
                    writer.close()
                    return

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    async def asked(self, path: str, secret: str, body: bytes, sent: int) -> asyncio.StreamWriter:
        """A form with files, or the beginning of one."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = [
            f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Origin: {self.base}",
            f"Cookie: portal-session={secret}", f"X-CSRF-Token: {Visit(secret=secret).csrf_token()}",
            "Content-Type: multipart/form-data; boundary=b", f"Content-Length: {len(body)}",
        ]  # fmt: skip
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body[:sent])
        await writer.drain()
        return writer


def a_form(content: bytes) -> bytes:
    named = b'--b\r\nContent-Disposition: form-data; name="coverages-new1-front_image'
    head = named + b'"\r\n\r\n\r\n' + named + b'_file"; filename="card.jpg"\r\n'
    return head + b"Content-Type: image/jpeg\r\n\r\n" + content + b"\r\n--b--\r\n"


async def until(question) -> None:
    async with asyncio.timeout(60):
        while not await question():
            await asyncio.sleep(0.05)


async def test_a_web_process_killed_in_the_middle_of_an_upload_leaves_nothing(cast, web):
    secret = await sessions.begin(cast.accounts["client"].id, "127.0.0.1", "test")
    body = a_form(a_photo(3000, 2000, kind="PNG") + b"\0" * 9_000_000)
    writer = await web.asked(f"/clients/{cast.client.id}/information/insurance", secret, body, len(body) * 2 // 3)
    await asyncio.sleep(0.5)
    web.kill()
    writer.close()
    with clock.shifted(days=2):
        await leftovers.sweep()
    assert files() == [] and await fetch("SELECT FROM client_image") == []


async def test_a_web_process_killed_between_the_file_and_its_row_leaves_nothing(cast, web):
    secret = await sessions.begin(cast.accounts["client"].id, "127.0.0.1", "test")
    body = a_form(a_photo())
    async with transaction():
        await fetch("SELECT id FROM client WHERE id = {} FOR UPDATE", cast.client.id)  # so that the row must wait
        writer = await web.asked(f"/clients/{cast.client.id}/information/insurance", secret, body, len(body))
        await until(stored)
        web.kill()
    writer.close()
    assert len(files()) == 1 and await fetch("SELECT FROM client_image") == []
    assert await leftovers.sweep() == 0
    with clock.shifted(days=2):
        assert await leftovers.sweep() == 1
    assert files() == []


async def killed(process: subprocess.Popen[bytes], moment: float) -> None:
    """So long after it said that it begins."""
    with process:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        await asyncio.sleep(moment)
        process.kill()


KEEPS = """
import asyncio, sys
from portal import database
from portal.access import Viewer
from portal.database import ENGINE
from portal.messages.actions import attaching
from tests.messages.steps import viewer_of
from tests.uploads.files import a_pdf
from portal.accounts.tables import Account

async def main():
    await ENGINE.start_connection_pool()
    maya = await viewer_of(await Account.objects().get(Account.id == {account}))
    print("ready", flush=True)
    while True:
        await asyncio.gather(*(attaching.keep(maya, {client}, {draft}, "p.pdf", {content!r}) for _ in range(3)))
        print("kept", flush=True)
        await database.fetch("UPDATE attachment SET draft = NULL")

asyncio.run(main())
"""


async def test_killed_at_any_moment_no_file_is_without_a_row_after_the_sweeper_and_no_row_without_a_file(cast, db):
    maya = await as_(cast, "client")
    draft = await a_draft(maya, cast.client.id)
    program = KEEPS.format(account=cast.accounts["client"].id, client=cast.client.id, draft=draft, content=a_pdf())
    for moment in (0.05, 0.2, 0.35, 0.5, 0.65):
        process = subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE,
            env=os.environ | {"DATABASE_URL": db},
        )  # fmt: skip
        await killed(process, moment)
    with clock.shifted(days=2):
        await leftovers.sweep()
    rows = await fetch("SELECT key, thumbnail_key, preview_key FROM attachment")
    named = {key for row in rows for key in row.values() if key}
    assert named == await stored() and len(files()) == len(named)


async def test_half_a_file_of_a_process_that_was_killed_while_it_wrote_is_cleared(cast):
    program = (
        "import asyncio, os\nfrom portal import storage\n"
        "async def slowly():\n    yield os.urandom(30_000_000)\n"
        "    print('x', flush=True)\n    await asyncio.sleep(60)\n"
        "asyncio.run(storage.put(slowly()))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, env=os.environ)
    await killed(process, 0.3)
    assert len(files()) == 1 and await stored() == set()
    await leftovers.sweep()
    assert len(files()) == 1
    with clock.shifted(days=2):
        await leftovers.sweep()
    assert files() == []
