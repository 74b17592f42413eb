"""A file comes along with a draft, is sent with its message, and is there for whoever reads the thread."""

import asyncio
from io import BytesIO

import pytest
from PIL import Image

from portal import storage
from portal.access import NotFoundException
from portal.database import fetch
from portal.messages.actions import attaching, sending
from portal.messages.actions.putting import Words
from portal.messages.queries import conversation
from portal.messages.tables import Topic
from portal.refusal import Refused
from tests.cast import Cast
from tests.messages.files import a_draft, a_file, row_of, sent_with
from tests.messages.steps import a_thread, as_
from tests.uploads.files import a_docx, a_pdf, script
from tests.uploads.files import in_root as with_root
from tests.uploads.pictures import a_photo, exif


@pytest.fixture
async def cast(db) -> Cast:
    return await Cast.gather()


async def stored() -> set[str]:
    return {key async for key in storage.keys_in_store()}


async def test_what_is_kept_is_what_was_cleaned(cast):
    maya = await as_(cast, "client")
    draft = await a_draft(maya, cast.client.id)
    paper = await row_of(
        await a_file(maya, cast.client.id, draft, a_pdf(with_root(OpenAction=script()), pages=3), "../p.pdf")
    )
    photo = await row_of(await a_file(maya, cast.client.id, draft, a_photo(exif=exif(6)), "p.JPEG"))
    assert (paper["name"], paper["kind"], paper["pages"], paper["state"]) == ("p.pdf", "pdf", 3, "clean")
    assert (photo["name"], photo["width"], photo["height"]) == ("p.jpg", 300, 400)
    content = await storage.get(paper["key"])
    assert b"/JavaScript" not in content and len(content) == paper["size"]
    assert Image.open(BytesIO(await storage.get(paper["preview_key"]))).height == 1600
    assert max(Image.open(BytesIO(await storage.get(photo["thumbnail_key"]))).size) == 320
    rows = await fetch("SELECT act, client_id FROM audit_row WHERE act = 'attachment.added'")
    assert [row["client_id"] for row in rows] == [cast.client.id] * 2


async def test_a_refused_file_has_a_sentence_with_its_name_and_leaves_nothing(cast):
    maya, before = await as_(cast, "client"), await stored()
    draft = await a_draft(maya, cast.client.id)
    with pytest.raises(Refused) as refused:
        await a_file(maya, cast.client.id, draft, b"MZ", "a-very-long-name-of-a-program-that-somebody-sends.exe")
    said = str(refused.value.sentences["files"])
    assert said.startswith("a-very-long-name-of-…") and "Choose a PDF" in said
    assert await stored() == before and await fetch("SELECT FROM attachment") == []


async def test_five_go_with_a_message_and_no_sixth(cast):
    maya = await as_(cast, "client")
    draft = await a_draft(maya, cast.client.id)
    for number in range(5):
        await a_file(maya, cast.client.id, draft, b"Letter %d" % number)
    before = await stored()
    with pytest.raises(Refused, match="files"):
        await a_file(maya, cast.client.id, draft, b"One more")
    assert await stored() == before


async def test_of_eight_at_once_five_are_kept_and_nothing_else_lies_in_the_store(cast):
    maya, before = await as_(cast, "client"), await stored()
    draft = await a_draft(maya, cast.client.id)
    done = await asyncio.gather(
        *(a_file(maya, cast.client.id, draft, b"Letter %d" % number) for number in range(8)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["Refused"] * 3 + ["int"] * 5
    assert len(await stored() - before) == 5


async def test_a_client_has_room_for_200_megabytes(cast):
    maya = await as_(cast, "client")
    thread, (first,) = await sent_with(cast, ("a.txt", b"x"))
    await fetch("UPDATE attachment SET size = {} WHERE id = {}", 200 * 1024 * 1024 - 10, first)
    draft = await a_draft(maya, cast.client.id, thread)
    await a_file(maya, cast.client.id, draft, b"x" * 10)
    with pytest.raises(Refused) as refused:
        await a_file(maya, cast.client.id, draft, b"x")
    assert "no room" in str(refused.value.sentences["files"])


@pytest.mark.parametrize("part", ["stranger", "ended", "guardian", "front_desk", "clinician", "auditor"])
async def test_nobody_puts_a_file_to_the_draft_of_another(cast, part):
    maya, other, before = await as_(cast, "client"), await as_(cast, part), await stored()
    draft = await a_draft(maya, cast.client.id)
    file = await a_file(maya, cast.client.id, draft)
    for act in (a_file(other, cast.client.id, draft), attaching.discard(other, cast.client.id, draft, file)):
        with pytest.raises(NotFoundException):
            await act
    assert len(await stored() - before) == 1


async def test_a_grant_that_ended_meanwhile_ends_the_draft_too(cast):
    maya = await as_(cast, "client")
    draft = await a_draft(maya, cast.client.id)
    with pytest.raises(NotFoundException):
        await a_file(maya.on(grants=()), cast.client.id, draft)


async def test_a_file_goes_with_the_message_and_one_that_was_discarded_does_not(cast):
    maya = await as_(cast, "client")
    thread = await a_thread(cast)
    draft = await a_draft(maya, cast.client.id, thread)
    ids = [await a_file(maya, cast.client.id, draft, name=f"{n}.txt") for n in range(3)]
    await attaching.discard(maya, cast.client.id, draft, ids[0])
    await sending.answer(maya, cast.client.id, thread, Words("Two files", "k" * 32, draft, frozenset({ids[1]})))
    head = await conversation.of_client(maya, cast.client.id, thread)
    said, _ = await conversation.said(maya, head)
    assert [file.name for file in said[-1].files] == ["2.txt"]


# Who may have it -----------------------------------------------------------------------------------------------------


def of_client(cast: Cast, thread: int, file: int, what: str = "") -> str:
    return f"/clients/{cast.client.id}/messages/{thread}/files/{file}{what}"


def of_staff(thread: int, file: int, what: str = "") -> str:
    return f"/staff/messages/{thread}/files/{file}{what}"


@pytest.mark.parametrize("topic", [Topic.APPOINTMENTS, Topic.BILLING, Topic.CARE, Topic.OTHER, Topic.PERSONAL])
async def test_a_file_is_there_for_whoever_reads_its_thread_and_for_nobody_else(cast, topic):
    thread, (file,) = await sent_with(cast, ("p.pdf", a_pdf()), topic=topic)
    for part in cast.parts:
        browser = await cast.browser(part)
        reads = part != "signed out" and await reads_as_staff(cast, part, thread)
        for what in ("", "/thumbnail", "/picture", "/preview"):
            page = await browser.get(of_client(cast, thread, file, what), follow=False)
            assert page.status == (200 if part == "client" else 303 if part == "signed out" else 404), (part, what)
            page = await browser.get(of_staff(thread, file, what), follow=False)
            assert page.status == (200 if reads else 303 if part == "signed out" else 404), (part, what)


async def reads_as_staff(cast: Cast, part: str, thread: int) -> bool:
    try:
        await conversation.of_staff(await as_(cast, part), thread)
    except NotFoundException:
        return False
    return True


async def test_a_private_thread_of_a_clinician_is_not_the_front_desks(cast):
    thread, (file,) = await sent_with(cast, ("p.pdf", a_pdf()), topic=Topic.PERSONAL)
    assert (await (await cast.browser("front_desk")).get(of_staff(thread, file))).status == 404
    assert (await (await cast.browser("clinician")).get(of_staff(thread, file))).status == 200


async def test_a_file_is_found_in_its_own_thread_only(cast):
    thread, (file,) = await sent_with(cast, ("p.pdf", a_pdf()))
    other = await a_thread(cast)
    for part, address in (("client", of_client(cast, other, file)), ("front_desk", of_staff(other, file))):
        assert (await (await cast.browser(part)).get(address)).status == 404
    maya = await cast.browser("client")
    assert (await maya.get(of_client(cast, thread, file + 99))).status == 404


async def test_a_file_of_a_draft_is_its_writers_alone(cast):
    maya = await as_(cast, "client")
    draft = await a_draft(maya, cast.client.id)
    file = await a_file(maya, cast.client.id, draft, b"Not sent yet")
    for part in cast.parts:
        page = await (await cast.browser(part)).get(f"/message-drafts/files/{file}", follow=False)
        assert page.status == (200 if part == "client" else 303 if part == "signed out" else 404), part


async def test_it_is_saved_under_its_name_and_nothing_in_it_may_run(cast):
    text, plan = ("Año 手紙; x.txt", "Grüße".encode()), ("Plan.docx", a_docx())
    thread, ids = await sent_with(cast, text, plan, ("p.pdf", a_pdf()), ("p.png", a_photo(kind="PNG")))
    maya, kinds = await cast.browser("client"), []
    for file in ids:
        page = await maya.get(of_client(cast, thread, file))
        row = await row_of(file)
        assert page.response.content == await storage.get(row["key"])
        assert page.headers["content-length"] == str(row["size"]) and "content-encoding" not in page.headers
        assert page.headers["content-security-policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
        assert page.headers["x-content-type-options"] == "nosniff" and page.headers["cache-control"] == "no-store"
        assert page.headers["content-disposition"].startswith("attachment; ")
        kinds.append(page.headers["content-type"])
        if row["kind"] == "txt":
            assert page.headers["content-disposition"] == (
                "attachment; filename=\"A_o __; x.txt\"; filename*=UTF-8''A%C3%B1o%20%E6%89%8B%E7%B4%99%3B%20x.txt"
            )
    assert kinds[0] == "text/plain; charset=utf-8" and kinds[2:] == ["application/pdf", "image/png"]


async def test_a_picture_shown_within_the_page_is_a_picture_and_nothing_else(cast):
    thread, ids = await sent_with(cast, ("p.pdf", a_pdf()), ("p.png", a_photo(kind="PNG")), ("a.txt", b"x"))
    maya = await cast.browser("client")
    for file, kind in zip(ids[:2], ("image/jpeg", "image/png"), strict=True):
        page = await maya.get(of_client(cast, thread, file, "/picture"))
        assert page.headers["content-type"] == kind and "sandbox" in page.headers["content-security-policy"]
        assert Image.open(BytesIO(page.response.content)).width > 300
    for what in ("/picture", "/thumbnail", "/preview"):
        assert (await maya.get(of_client(cast, thread, ids[2], what))).status == 404


@pytest.mark.parametrize("part", ["client", "front_desk"])
async def test_the_first_page_is_shown_with_a_way_to_save_it_and_a_way_back(cast, part):
    thread, (file,) = await sent_with(cast, ("Sleep log.pdf", a_pdf(pages=4)))
    browser = await cast.browser(part)
    address = of_client(cast, thread, file) if part == "client" else of_staff(thread, file)
    page = await browser.get(f"{address}/preview")
    assert page.heading == "Sleep log.pdf" and "Page 1 of 4." in page.words
    links = [link["href"] for link in page.soup.select("main a[href], .crumbs a")]
    assert address in links and address.rpartition("/files")[0] in links
    assert page.soup.select_one("#file img")["src"] == f"{address}/picture"


async def test_staff_who_save_a_file_stand_in_the_audit_and_the_client_does_not(cast):
    thread, (file,) = await sent_with(cast, ("a.txt", b"x"))
    query = "SELECT account_id FROM audit_row WHERE act = 'page.read' AND detail::text LIKE '%messages/download%'"
    await (await cast.browser("client")).get(of_client(cast, thread, file))
    assert await fetch(query) == []
    desk = await cast.browser("front_desk")
    await desk.get(of_staff(thread, file))
    await desk.get(of_staff(thread, file))
    assert [row["account_id"] for row in await fetch(query)] == [cast.accounts["front_desk"].id] * 2


async def test_a_file_that_the_store_has_lost_is_not_found(cast):
    thread, (file,) = await sent_with(cast, ("a.txt", b"x"))
    await storage.delete((await row_of(file))["key"])
    assert (await (await cast.browser("client")).get(of_client(cast, thread, file))).status == 404
