"""A conversation becomes a PDF: asked for once, made by the worker, fetched by whoever asked while they may read it."""

import asyncio
import re

import pikepdf
import pytest

from portal import clock, storage
from portal.accounts.tables import Account, Grant
from portal.database import fetch
from portal.messages.actions import sending
from portal.messages.tables import Topic
from portal.papers import actions as papers
from portal.papers import controllers
from tasks.actors import papers as printer
from tests.cast import Cast
from tests.messages.steps import a_thread, as_, words
from tests.papers.steps import facts_of, words_of
from tests.tasks.post import work_through


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    """No worker runs beside these tests."""
    monkeypatch.setattr(controllers, "PATIENCE", 0.0)


def of_client(cast: Cast, thread: int) -> str:
    return f"/clients/{cast.client.id}/messages/{thread}"


async def asked_for(browser, where: str, **typed: str) -> str:
    """The address to which one is sent."""
    answer = await browser.post(f"{where}/paper", follow=False, **typed)
    assert answer.status == 303, answer.words
    return answer.headers["location"]


async def the_pdf(browser, where: str, **typed: str) -> bytes:
    address = await asked_for(browser, where, **typed)
    await work_through("render")
    page = await browser.get(f"{address}/file")
    assert page.status == 200
    return page.response.content


async def states() -> list[str]:
    return [row["state"] for row in await fetch("SELECT state FROM paper ORDER BY id")]


# The page that is printed -------------------------------------------------------------------------------------------


async def test_the_page_says_who_wrote_what_and_when_and_its_title_nothing(cast):
    thread = await a_thread(cast, subject="Thursday", body="First line\nsecond line\n\nNew <b>paragraph</b>")
    await sending.answer_for_staff(await as_(cast, "front_desk"), thread, words("Yes, come at ten."))
    page = await (await cast.browser("client")).get(f"{of_client(cast, thread)}/print")
    said = page.soup.select_one("#print")
    assert page.soup.title.get_text().endswith("Messages - Harbor Lane Counseling")
    assert [one.get_text() for one in said.select("h2")] == ["Maya Reyes", "Front_Desk Staff"]
    assert "Thursday" in said.h1.get_text()
    assert [one.get_text() for one in said.select("p.kept")] == [
        "First line\nsecond line", "New <b>paragraph</b>", "Yes, come at ten.",
    ]  # fmt: skip
    assert len(said.select("time[datetime]")) == 2


async def test_one_message_stands_by_itself(cast):
    thread = await a_thread(cast, body="The first")
    await sending.answer_for_staff(await as_(cast, "front_desk"), thread, words("The second"))
    rows = await fetch("SELECT id FROM message ORDER BY id")
    browser = await cast.browser("client")
    page = await browser.get(f"{of_client(cast, thread)}/print?message={rows[1]['id']}")
    assert "The second" in page.words and "The first" not in page.words
    other = await a_thread(cast, subject="Another", body="Elsewhere")
    assert (await browser.get(f"{of_client(cast, other)}/print?message={rows[1]['id']}")).status == 404
    assert (await browser.get(f"{of_client(cast, thread)}/print?message=999")).status == 404
    pdf = await the_pdf(browser, of_client(cast, thread), message=str(rows[1]["id"]))
    assert b"%PDF" in pdf[:8]


async def test_staff_print_without_notes(cast, tmp_path):
    thread = await a_thread(cast)
    desk = await as_(cast, "front_desk")
    await fetch(
        "INSERT INTO thread_note (thread, staff, body, key, made_at) VALUES ({}, {}, 'Zanzibar', 'x', now())",
        thread, desk.staff_id,
    )  # fmt: skip
    browser = await cast.browser("front_desk")
    page = await browser.get(f"/staff/messages/{thread}/print")
    assert page.status == 200 and "Zanzibar" not in page.words and "half an hour later" in page.words
    assert "Zanzibar" not in words_of(await the_pdf(browser, f"/staff/messages/{thread}"), tmp_path)
    rows = await fetch("SELECT act, detail FROM audit_row WHERE client_id = {} ORDER BY id", cast.client.id)
    assert {"page.read", "paper.asked", "paper.fetched"} <= {row["act"] for row in rows}


async def test_what_the_portal_said_by_itself_has_its_name_and_the_crisis_lines(cast, tmp_path):
    thread = await a_thread(cast)
    await fetch(
        "INSERT INTO message (thread, client, kind, body, key, sent_at)"
        " SELECT thread, client, 'automatic', 'We sleep.', 'closed', now() FROM message"
    )
    await fetch("UPDATE thread SET latest = (SELECT max(id) FROM message)")
    browser = await cast.browser("client")
    page = await browser.get(f"{of_client(cast, thread)}/print")
    assert page.soup.select("#print h2")[1].get_text() == "Automatic answer"
    assert {one["href"] for one in page.soup.select("#print a[href^=tel]")} == {"tel:988", "tel:911"}
    assert re.search("Automatic answer.*We sleep.*988.*911", words_of(await the_pdf(browser, of_client(cast, thread)),
                     tmp_path), re.DOTALL)  # fmt: skip


async def test_what_came_along_stands_there_by_its_name(cast):
    thread = await a_thread(cast)
    await fetch(
        "INSERT INTO attachment (client, message, name, kind, media_type, size, sha256, key, state, added_by, added_at)"
        " SELECT client, id, 'form <1>.pdf', 'pdf', 'application/pdf', 1, '', 'x', 'clean', author, now() FROM message"
    )
    page = await (await cast.browser("client")).get(f"{of_client(cast, thread)}/print")
    assert "Attached: form <1>.pdf" in page.words


@pytest.mark.parametrize("part", ["stranger", "ended", "guardian", "clinician", "front_desk", "auditor"])
async def test_nobody_else_prints_it(cast, part):
    personal = await a_thread(cast, Topic.PERSONAL)
    browser = await cast.browser(part)
    for where in (of_client(cast, personal), f"/staff/messages/{personal}"):
        is_theirs = part == "clinician" and where.startswith("/staff")
        assert ((await browser.get(f"{where}/print")).status == 200) == is_theirs
        assert ((await browser.post(f"{where}/paper", follow=False)).status == 303) == is_theirs


# The PDF ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tongue", ["en", "es"])
async def test_it_says_the_same_with_a_language_a_title_pages_and_our_letters(cast, tmp_path, tongue):
    await Account.update({Account.language: tongue}).where(Account.id == cast.accounts["client"].id)
    thread = await a_thread(cast, body="¿Puedo llegar más tarde?\n\nGracias — señora Núñez")
    browser = await cast.browser("client")
    address = await asked_for(browser, of_client(cast, thread))
    await work_through("render")
    answer = await browser.get(f"{address}/file")
    assert answer.headers["content-type"] == "application/pdf"
    assert re.fullmatch(r'attachment; filename="[a-z]+-\d{4}-\d\d-\d\d\.pdf"', answer.headers["content-disposition"])
    assert "sandbox" in answer.headers["content-security-policy"]
    assert int(answer.headers["content-length"]) == len(answer.response.content)
    said = words_of(answer.response.content, tmp_path)
    assert "¿Puedo llegar más tarde?" in said and "Gracias — señora Núñez" in said and "Maya Reyes" in said
    assert "1 / 1" in said and "Harbor Lane Counseling" in said
    facts = facts_of(answer.response.content, tmp_path)
    assert facts["Tagged"] == "yes" and facts["Page size"].endswith("(letter)")
    assert facts["Title"] and "Thursday" not in facts["Title"] and "Maya" not in facts["Title"]
    with pikepdf.open(tmp_path / "paper.pdf") as pdf:
        assert str(pdf.Root.Lang) == tongue
        assert pdf.open_metadata().get("pdfuaid:part") == "1"
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
    assert fonts and all("Figtree" in one for one in fonts), fonts


async def test_the_same_content_is_one_paper_and_what_was_added_another(cast):
    thread, browser = await a_thread(cast), await cast.browser("client")
    first = await asked_for(browser, of_client(cast, thread))
    found = await asyncio.gather(*(asked_for(browser, of_client(cast, thread)) for _ in range(6)))
    assert set(found) == {first}
    await work_through("render")
    assert await asked_for(browser, of_client(cast, thread)) in (first, f"{first}/file")
    await sending.answer(await as_(cast, "client"), cast.client.id, thread, words("And?"))
    assert await asked_for(browser, of_client(cast, thread)) != first
    rows = await fetch("SELECT count(*) FROM errand WHERE actor = 'render'")
    assert rows[0]["count"] == 2


async def test_while_it_is_made_a_page_says_so_and_then_that_it_is_ready(cast):
    thread, browser = await a_thread(cast), await cast.browser("client")
    address = await asked_for(browser, of_client(cast, thread))
    page = await browser.get(address)
    assert page.heading == "Your PDF is being made"
    assert page.soup.select_one("#paper")["hx-trigger"] == "every 2s"
    assert page.soup.select_one("#paper a")["href"] == address
    assert (await browser.get(f"{address}/file")).status == 404
    await work_through("render")
    page = await browser.get(address)
    assert page.heading == "Your PDF is ready" and not page.soup.select_one("#paper").get("hx-get")
    assert page.soup.select_one("#paper a.btn")["href"] == f"{address}/file"
    assert await asked_for(browser, of_client(cast, thread)) in (address, f"{address}/file")


async def test_looking_again_by_itself_keeps_nobody_signed_in(cast):
    thread, browser = await a_thread(cast), await cast.browser("client", htmx=True)
    address = (await browser.post(f"{of_client(cast, thread)}/paper", follow=False)).headers["location"]
    with clock.shifted(minutes=10):
        assert (await browser.get(address)).status == 200
    with clock.shifted(minutes=16):
        assert (await browser.get(address, follow=False)).status != 200


async def test_whoever_waits_three_seconds_gets_the_file_at_once(cast, monkeypatch):
    monkeypatch.setattr(controllers, "PATIENCE", 20.0)
    thread, browser = await a_thread(cast), await cast.browser("client")
    asking = asyncio.create_task(asked_for(browser, of_client(cast, thread)))
    while not await states():
        await asyncio.sleep(0.02)
    await work_through("render")
    assert (await asking).endswith("/file")


@pytest.mark.parametrize("why", ["grant", "suspended"])
async def test_whoever_may_not_read_it_any_more_fetches_nothing(cast, why):
    thread, browser = await a_thread(cast), await cast.browser("client")
    address = await asked_for(browser, of_client(cast, thread))
    await work_through("render")
    maya = cast.accounts["client"].id
    if why == "grant":
        await Grant.update({Grant.areas: ["billing"]}).where(Grant.account == maya)
    else:
        await Account.update({Account.is_suspended: True}).where(Account.id == maya)
    for path in (address, f"{address}/file"):
        assert (await browser.get(path, follow=False)).status == (404 if why == "grant" else 303)


async def test_whoever_lost_it_before_it_was_made_gets_none_and_nobody_is_alarmed(cast):
    thread, browser = await a_thread(cast), await cast.browser("client")
    await asked_for(browser, of_client(cast, thread))
    await Grant.update({Grant.ends_at: clock.now()}).where(Grant.account == cast.accounts["client"].id)
    await work_through("render")
    assert await states() == ["failed"]
    assert await fetch("SELECT id FROM review_item") == []
    rows = await fetch("SELECT state FROM errand WHERE actor = 'render'")
    assert [row["state"] for row in rows] == ["done"]


async def test_nobody_fetches_anothers(cast):
    thread = await a_thread(cast)
    address = await asked_for(await cast.browser("client"), of_client(cast, thread))
    await work_through("render")
    for part in ("stranger", "front_desk", "clinician", "administrator"):
        for path in (address, f"{address}/file"):
            assert (await (await cast.browser(part)).get(path)).status == 404


async def test_somebody_who_is_client_and_staff_reaches_each_paper_as_what_they_asked_for_it(cast):
    thread = await a_thread(cast)
    desk = await cast.browser("front_desk")
    address = await asked_for(desk, f"/staff/messages/{thread}")
    await work_through("render")
    await Account.update({Account.staff_member: None}).where(Account.id == cast.accounts["front_desk"].id)
    assert (await desk.get(f"{address}/file")).status == 404


async def test_a_day_later_it_is_let_go_of_and_another_day_later_gone(cast):
    thread, browser = await a_thread(cast), await cast.browser("client")
    address = await asked_for(browser, of_client(cast, thread))
    await work_through("render")
    (key,) = [row["key"] for row in await fetch("SELECT key FROM paper")]
    await papers.prune()
    assert (await browser.get(f"{address}/file")).status == 200
    with clock.shifted(days=1, hours=1):
        await papers.prune()
        again = await cast.browser("client")
        assert (await again.get(f"{address}/file")).status == 404
        assert await storage.exists(key), "for the backup that has read the row"
        assert await asked_for(again, of_client(cast, thread)) != address
    with clock.shifted(days=2, hours=2):
        await papers.prune()
    assert not await storage.exists(key)
    assert len(await states()) == 1


async def test_too_many_in_an_hour_are_refused_on_the_page(cast, monkeypatch):
    monkeypatch.setattr(papers, "MOST_AN_HOUR", 2)
    thread, browser = await a_thread(cast), await cast.browser("client")
    maya = await as_(cast, "client")
    for number in range(2):
        await asked_for(browser, of_client(cast, thread))
        await sending.answer(maya, cast.client.id, thread, words(str(number)))
    page = await browser.post(f"{of_client(cast, thread)}/paper")
    assert page.status == 422 and "wait a little, or print the page itself" in page.words


async def test_what_cannot_be_rendered_is_given_up_and_says_so(cast, monkeypatch):
    async def unprintable(html: str) -> bytes:
        raise printer.Unprintable("too much")

    monkeypatch.setattr(printer, "printed", unprintable)
    thread, browser = await a_thread(cast), await cast.browser("client")
    address = await asked_for(browser, of_client(cast, thread))
    for _ in range(3):
        await fetch("UPDATE errand SET due_at = now() - interval '1 s' WHERE state = 'queued'")
        await work_through("render")
    assert await states() == ["failed"]
    assert (await browser.get(address)).heading == "The PDF could not be made"
    assert [row["kind"] for row in await fetch("SELECT kind FROM review_item")] == ["errand.dead"]


async def test_a_page_that_asks_for_something_outside_is_refused_in_its_own_process():
    with pytest.raises(printer.Unprintable, match="may not fetch"):
        await printer.printed('<img src="file:///etc/passwd">')


async def test_a_lease_that_is_lost_leaves_no_file_behind(cast, monkeypatch):
    from portal.outbox import LeaseLost

    async def lost(errand):
        raise LeaseLost

    before = {key async for key in storage.keys_in_store()}
    thread, browser = await a_thread(cast), await cast.browser("client")
    await asked_for(browser, of_client(cast, thread))
    monkeypatch.setattr(printer.outbox, "settle", lost)
    await work_through("render")
    assert {key async for key in storage.keys_in_store()} == before
    assert await states() == ["waiting"]


# Long ones ----------------------------------------------------------------------------------------------------------

MANY = """
INSERT INTO message (thread, client, kind, author, body, key, sent_at)
SELECT thread, client, 'client', author, repeat({}, {}) || ' number ' || n || '.', 'many' || n, now()
  FROM message, generate_series(1, {}) AS n WHERE key = {}
"""


async def a_long_thread(cast: Cast, many: int, signs: int) -> int:
    thread = await a_thread(cast)
    (row,) = await fetch("SELECT key FROM message")
    await fetch(MANY, "word and ", signs // 9, many, row["key"])
    await fetch("UPDATE thread SET latest = (SELECT max(id) FROM message)")
    return thread


async def test_of_a_thousand_messages_none_is_missing(cast, tmp_path):
    thread = await a_long_thread(cast, 999, 200)
    browser = await cast.browser("client")
    page = await browser.get(f"{of_client(cast, thread)}/print")
    assert len(page.soup.select("#print .msg")) == 1000 and "earlier messages" not in page.words
    said = words_of(await the_pdf(browser, of_client(cast, thread)), tmp_path)
    assert {int(number) for number in re.findall(r"number\s+(\d+)\.", said)} == set(range(1, 1000))


async def test_what_is_too_much_for_one_paper_comes_in_parts_that_say_so(cast, tmp_path):
    thread = await a_long_thread(cast, 160, 9900)
    browser = await cast.browser("client")
    address, seen = f"{of_client(cast, thread)}/print", []
    while address:
        page = await browser.get(address)
        seen.append(len(page.soup.select("#print .msg")))
        link = page.soup.select_one("#print .noprint a")
        address = link["href"] if link else ""
    assert sum(seen) == 161 and len(seen) == 3 and max(seen) < 80


async def test_the_print_page_asks_as_often_for_a_thousand_as_for_one(cast):
    from tests.test_queries import asked

    browser = await cast.browser("client")
    few, many = await a_thread(cast, subject="Short"), await a_long_thread_beside(cast)
    address = f"{of_client(cast, few)}/print"
    assert await asked(browser, address) == await asked(browser, f"{of_client(cast, many)}/print")


async def a_long_thread_beside(cast: Cast) -> int:
    thread = await a_thread(cast, subject="Long")
    rows = await fetch("SELECT key FROM message WHERE thread = {}", thread)
    await fetch(MANY, "word and ", 3, 300, rows[0]["key"])
    await fetch(
        "UPDATE thread SET latest = (SELECT max(id) FROM message WHERE thread = {}) WHERE id = {}", thread, thread
    )
    return thread
