"""Where clamd is, a file waits until it has found nothing; what has a virus is not passed on."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from portal import storage
from portal.access import Viewer
from portal.database import fetch
from portal.messages.actions import attaching
from portal.messages.queries import conversation
from portal.outbox import Errand
from portal.settings import settings
from portal.uploads import scanner
from portal.web.templates import environment
from tests.cast import Cast
from tests.messages.files import a_draft, a_file, row_of, sent_with
from tests.messages.steps import as_
from tests.tasks.post import work_through
from tests.uploads.clamd import clamd, free_port
from tests.uploads.files import EICAR, a_docx, a_pdf

SCANNER = Viewer.portal("virus scan")
INFECTED = a_docx({"word/media/image2.png": EICAR})


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with clamd(tmp_path_factory.mktemp("clamd"), EICAR) as at:
        yield at


@pytest.fixture
async def cast(db, url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cast]:
    monkeypatch.setenv("CLAMD_URL", url)
    settings.cache_clear()
    yield await Cast.gather()
    monkeypatch.undo()
    settings.cache_clear()


async def test_a_file_waits_is_looked_into_and_is_clean(cast):
    thread, (file,) = await sent_with(cast, ("p.pdf", a_pdf()))
    maya = await cast.browser("client")
    address = f"/clients/{cast.client.id}/messages/{thread}/files/{file}"
    assert (await row_of(file))["state"] == "waiting"
    for what in ("", "/thumbnail", "/picture", "/preview"):
        assert (await maya.get(address + what)).status == 404
    await work_through("scan")
    assert (await row_of(file))["state"] == "clean"
    for what in ("", "/thumbnail", "/picture", "/preview"):
        assert (await maya.get(address + what)).status == 200


async def test_a_virus_is_not_passed_on_and_nothing_of_it_is_kept(cast):
    before = {key async for key in storage.keys_in_store()}
    thread, (bad, good) = await sent_with(cast, ("Plan.docx", INFECTED), ("a.txt", b"x"))
    await work_through("scan")
    row = await row_of(bad)
    assert (row["state"], row["finding"]) == ("infected", "Portal.Test.EICAR.UNOFFICIAL")
    assert (await row_of(good))["state"] == "clean"
    assert {key async for key in storage.keys_in_store()} - before == {(await row_of(good))["key"]}
    for part, address in (("client", f"/clients/{cast.client.id}/messages"), ("front_desk", "/staff/messages")):
        browser = await cast.browser(part)
        assert (await browser.get(f"{address}/{thread}/files/{bad}")).status == 404
        assert (await browser.get(f"{address}/{thread}/files/{good}")).status == 200
    assert len(await fetch("SELECT FROM audit_row WHERE act = 'attachment.infected'")) == 1


async def test_a_clamd_that_is_away_is_asked_again_and_nothing_is_called_clean(cast, monkeypatch):
    monkeypatch.setenv("CLAMD_URL", f"tcp://127.0.0.1:{free_port()}")
    settings.cache_clear()
    _, (file,) = await sent_with(cast, ("a.txt", b"x"))
    with pytest.raises(scanner.Away):
        await attaching.look_into(SCANNER, file)
    assert (await row_of(file))["state"] == "waiting"
    errand = await Errand.objects().where(Errand.actor == "scan").first()
    await work_through("scan")
    await errand.refresh()
    assert errand.state == "queued" and errand.last_error == "Away" and (await row_of(file))["state"] == "waiting"


async def test_a_file_of_a_draft_is_looked_into_before_it_is_sent(cast):
    maya = await as_(cast, "client")
    draft = await a_draft(maya, cast.client.id)
    file = await a_file(maya, cast.client.id, draft)
    page = await (await cast.browser("client")).get(f"/message-drafts/files/{file}")
    await work_through("scan")
    assert page.status == 404
    assert (await (await cast.browser("client")).get(f"/message-drafts/files/{file}")).status == 200


async def test_looked_into_twice_at_once_it_is_found_once(cast):
    _, (file,) = await sent_with(cast, ("Plan.docx", INFECTED))
    await asyncio.gather(*(attaching.look_into(SCANNER, file) for _ in range(3)))
    await attaching.look_into(SCANNER, file)
    assert (await row_of(file))["state"] == "infected"


async def test_a_file_that_was_let_go_of_meanwhile_is_no_trouble(cast):
    _, (file,) = await sent_with(cast, ("a.txt", b"x"))
    await storage.delete((await row_of(file))["key"])
    await attaching.look_into(SCANNER, file)
    await attaching.look_into(SCANNER, 999_999)


async def test_what_waited_when_clamd_was_taken_away_does_not_wait_for_ever(cast, monkeypatch):
    _, (file,) = await sent_with(cast, ("a.txt", b"x"))
    monkeypatch.setenv("CLAMD_URL", "")
    settings.cache_clear()
    await attaching.look_into(SCANNER, file)
    assert (await row_of(file))["state"] == "clean"


async def test_the_thread_says_what_became_of_each_file(cast):
    thread, ids = await sent_with(cast, ("Plan.docx", INFECTED), ("p.pdf", a_pdf()), ("wait.txt", b"x"))
    for file in ids[:2]:
        await attaching.look_into(SCANNER, file)
    maya = await as_(cast, "client")
    said, _ = await conversation.said(maya, await conversation.of_client(maya, cast.client.id, thread))
    base = f"/clients/{cast.client.id}/messages/{thread}"
    html = environment().from_string(
        '{% from "messages/files.html" import files_of with context %}{{ files_of(said, base) }}'
    ).render(said=said[0], base=base, url_for=lambda *_, **__: "/")  # fmt: skip
    infected, clean, waiting = html.split("<li ")[1:]
    assert "A virus was found in this file, so it was not passed on." in infected and "<a " not in infected
    assert "Portal.Test" not in html
    assert f'href="{base}/files/{ids[1]}/preview"' in clean and f'href="{base}/files/{ids[1]}"' in clean
    assert f'src="{base}/files/{ids[1]}/thumbnail"' in clean and "PDF, 1 KB, 1 page" in clean
    assert "Being checked for viruses" in waiting and "<a " not in waiting and "<img" not in waiting
