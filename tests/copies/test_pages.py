"""The completed copy: prepared, fetched, and only by whom it concerns; and the page on which anybody asks."""

import re

import pytest

from portal.accounts import throttle
from portal.copies import workbench
from portal.copies.controllers import files
from portal.database import fetch
from tests.cast import Cast
from tests.copies.steps import completed
from tests.documents.pages import of_client, of_staff
from tests.filling.steps import a_shared_form, drafted, submitted
from tests.library.files import a_form, line
from tests.tasks.post import work_through
from tests.uploads.files import a_pdf

INTAKE = a_form(line("full_name", TU="Full name"))


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    """No worker runs beside these tests."""
    monkeypatch.setattr(files, "PATIENCE", 0.0)


@pytest.fixture
async def sent(cast: Cast):
    document_id = await a_shared_form(cast, INTAKE)
    await drafted(cast, document_id, {"full_name": ["Maya Reyes"]})
    return await submitted(cast, document_id)


async def test_until_it_is_made_a_page_says_so_and_looks_again(cast, sent):
    where = of_client(cast, f"{sent.document}/copy")
    page = await (await cast.browser("client")).get(where)
    assert page.status == 200 and "Preparing your copy" in page.words and page.soup.select_one(f'a[href="{where}"]')
    assert page.soup.select_one(f'#copy[hx-get="{where}"]')["hx-trigger"].startswith("every")
    part = await (await cast.browser("client", htmx=True)).get(where)
    assert "Preparing your copy" in part.words and not part.soup.select("html")


async def test_then_the_same_address_is_the_file(cast, sent):
    pdf = await completed(sent.id)
    browser = await cast.browser("client")
    document = await browser.get(of_client(cast, sent.document))
    where = of_client(cast, f"{sent.document}/copy")
    assert document.soup.select_one(f'a[href="{where}"]')
    page = await browser.get(where)
    assert page.response.content == pdf and page.headers["content-type"] == "application/pdf"
    assert "intake, completed.pdf" in page.headers["content-disposition"]
    assert page.headers["content-security-policy"].startswith("sandbox")
    part = await (await cast.browser("client", htmx=True)).get(where)
    assert "The copy is ready" in part.words and part.soup.select_one(f'a[href="{where}"][download]')
    acts = [row["act"] for row in await fetch("SELECT act FROM audit_row ORDER BY id")]
    assert acts.count("copy.fetched") == 1


async def test_staff_have_it_too(cast, sent):
    browser = await cast.browser("front_desk")
    where = of_staff(int(sent.document), "copy")
    assert "Preparing your copy" in (await browser.get(where)).words
    pdf = await completed(sent.id)
    assert (await browser.get(where)).response.content == pdf
    assert (await browser.get(of_staff(int(sent.document)))).soup.select_one(f'a[href="{where}"]')


async def test_a_stranger_and_whoever_reads_no_documents_find_nothing(cast, sent):
    await completed(sent.id)
    for part in ("stranger", "guardian", "ended"):
        assert (await (await cast.browser(part)).get(of_client(cast, f"{sent.document}/copy"))).status == 404
    assert (await (await cast.browser("biller")).get(of_staff(int(sent.document), "copy"))).status == 404


async def test_of_what_was_never_sent_there_is_none(cast):
    document_id = await a_shared_form(cast, INTAKE)
    browser = await cast.browser("client")
    assert (await browser.get(of_client(cast, f"{document_id}/copy"))).status == 404
    assert "/copy" not in (await browser.get(of_client(cast, document_id))).text


async def test_what_cannot_be_made_is_said(cast, sent):
    await fetch("UPDATE errand SET state = 'dead' WHERE actor = 'complete'")
    page = await (await cast.browser("client")).get(of_client(cast, f"{sent.document}/copy"))
    assert "could not be made" in page.words and not page.soup.select("[hx-trigger]#copy")


# Checking -------------------------------------------------------------------------------------------------------------


async def asked(browser, content: bytes | None, name: str = "copy.pdf"):
    files = {"file": (name, content)} if content is not None else {"file": ("", b"")}
    return await browser.press(await browser.get("/verify"), "/verify", {}, files=files)


async def test_anybody_hears_that_a_copy_is_ours_and_since_when(sent, nobody):
    page = await asked(nobody, await completed(sent.id))
    assert page.status == 200 and "It is ours, and unchanged" in page.words
    assert re.search(r"made it on \w+ \d+, 20\d\d, \d+:\d\d", page.words)
    assert "Maya" not in page.words and "intake" not in page.words.lower()


async def test_one_flipped_byte_an_appended_revision_and_a_changed_answer_are_heard_of(sent, nobody):
    pdf = await completed(sent.id)
    middle = len(pdf) // 2
    padding = pdf.index(b"/Contents <") + 2300
    for changed in (
        pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :],
        pdf[:padding] + bytes([pdf[padding] ^ 1]) + pdf[padding + 1 :],
        pdf + b"\n%more\n%%EOF\n",
    ):
        await fetch("DELETE FROM attempt")
        page = await asked(nobody, changed)
        assert "changed" in page.soup.select_one(".notice.bad h2").get_text(), page.words
        assert "unchanged" not in page.soup.select_one(".notice h2").get_text()


async def test_a_copy_whose_row_was_lost_is_known_by_its_seal(sent, nobody):
    pdf = await completed(sent.id)
    await fetch("ALTER TABLE completed_copy DISABLE TRIGGER USER")
    try:
        await fetch("DELETE FROM completed_copy")
    finally:
        await fetch("ALTER TABLE completed_copy ENABLE TRIGGER USER")
    assert "It is ours, and unchanged" in (await asked(nobody, pdf)).words


async def test_what_is_not_ours_is_not(nobody, cast, monkeypatch):
    """And nobody takes it apart for that: strangers keep no bench busy."""
    monkeypatch.setattr(workbench, "checked", None)
    for content, name in ((a_pdf(), "a.pdf"), (b"text", "a.txt"), (b"\x89PNG\r\n\x1a\n", "a.png")):
        page = await asked(nobody, content, name)
        assert page.status == 200 and "not one of ours" in page.words


async def test_nothing_chosen_and_too_much_are_refused_in_words(nobody, cast):
    page = await asked(nobody, None)
    assert page.status == 422 and "Choose the PDF" in page.words
    page = await asked(nobody, b"%PDF-" + b"x" * (20 * 1024 * 1024))
    assert page.status == 422 and "20 MB or less" in page.words


async def test_nothing_is_kept_of_it(nobody, cast):
    tables = [f"SELECT count(*) AS n FROM {one}" for one in ("audit_row", "event", "document")]
    before = [(await fetch(one))[0]["n"] for one in tables]
    await asked(nobody, a_pdf())
    assert [(await fetch(one))[0]["n"] for one in tables] == before


async def test_whoever_asks_on_and_on_has_to_wait_but_for_our_own(sent, nobody):
    pdf = await completed(sent.id)
    for _ in range(throttle.FREE_TRIES):
        assert (await asked(nobody, b"no")).status == 200
    page = await asked(nobody, b"no")
    assert page.status == 429 and int(page.headers["retry-after"]) > 0
    await fetch("DELETE FROM attempt")
    for _ in range(12):
        assert "unchanged" in (await asked(nobody, pdf)).words


async def test_a_returned_form_sent_again_has_the_newer_copy(cast, sent):
    first = await completed(sent.id)
    await fetch("UPDATE document SET state = 'returned'")
    again = await submitted(cast, int(sent.document))
    await work_through("complete")
    page = await (await cast.browser("client")).get(of_client(cast, f"{sent.document}/copy"))
    assert again.number == 2 and page.response.content != first and page.response.content.startswith(b"%PDF-")
