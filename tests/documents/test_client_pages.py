"""My Documents: the tile, what is to be done, the list with its tabs, and the page of one."""

from datetime import timedelta

import pytest

from portal import clock
from portal.database import fetch
from portal.documents.actions import adding, opening, sharing
from portal.documents.queries import kept
from portal.documents.terms import Terms
from portal.library.tables import FormKind
from tests.documents.pages import of_client, rows
from tests.documents.steps import a_form, shared
from tests.documents.test_sharing import happened, maya, state_of
from tests.factories import TEST, a_grant, an_account
from tests.test_queries import _nothing_by_the_clock, asked  # noqa: F401
from tests.uploads.files import a_pdf
from tests.web.everything import changed, digest

ZONE = "America/New_York"


async def a_file(cast, name="plan.pdf", content=None, *, title="Our plan", once="file", **terms) -> int:
    """In the chart and shared."""
    content = a_pdf(pages=3) if content is None else content
    document_id = await adding.add_file(TEST, cast.client.id, name, content, title=title, once=once)
    await sharing.share(TEST, document_id, 1, Terms(**terms))
    return document_id


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
async def client(cast, request):
    return await cast.browser("client", htmx=request.param)


async def test_the_dashboard_says_in_words_and_by_a_badge_what_waits_the_oldest_first(cast):
    browser, today = await cast.browser("client"), clock.today(ZONE)
    page = await browser.get(f"/clients/{cast.client.id}")
    tile = page.soup.find("a", href=of_client(cast))
    assert tile.get_text(" ", strip=True) == "My Documents Forms and papers to read, sign and keep"
    with clock.shifted(days=-2):
        await shared(cast.client.id, await a_form(FormKind.PDF, "Intake"), once="one", due_on=today)
    await shared(cast.client.id, await a_form(title="Our office"), once="two")
    await shared(cast.client.id, await a_form(FormKind.PDF, "Consent", is_signed=True), once="three")
    page = await browser.get(f"/clients/{cast.client.id}")
    tile = page.soup.find("a", href=of_client(cast))
    assert tile.get_text(" ", strip=True) == "My Documents 3 documents wait for you 3"
    said = [one.get_text(" ", strip=True) for one in page.soup.select("#todo li")]
    day = f"{today:%B} {today.day}"
    assert said == [
        f"Fill in: Intake by {day} Pending Review",
        "Read: Our office Pending Review",
        "Sign: Consent Pending Review",
    ]


async def test_of_very_many_the_rest_is_one_entry(cast):
    form_id = await a_form()
    for number in range(10):
        await shared(cast.client.id, form_id, once=str(number))
    page = await (await cast.browser("client")).get(f"/clients/{cast.client.id}")
    said = [one.get_text(" ", strip=True) for one in page.soup.select("#todo li")]
    assert len(said) == 9 and said[-1] == "2 more documents All of them stand in My Documents."


async def test_five_tabs_count_in_words_and_empty_ones_say_what_will_appear(cast, client):
    page = await client.get(of_client(cast))
    assert "No documents yet." in page.words and "A letter tells you each time." in page.words
    await shared(cast.client.id, await a_form(FormKind.PDF, "Intake"), once="one")
    await shared(cast.client.id, await a_form(FormKind.PDF, "Consent", is_signed=True), once="two")
    sheet = await shared(cast.client.id, await a_form(title="Our office"), once="three")
    await opening.opened(maya(cast), cast.client.id, sheet)
    page = await client.get(of_client(cast))
    tabs = [" ".join(one.get_text(" ", strip=True).split()) for one in page.soup.select("nav .more a")]
    assert tabs == [
        "All Documents (3) , 3 documents", "Forms (2) , 2 documents", "Documents (1) , 1 document",
        "To Be Signed (1) , 1 document", "Action Required (2) , 2 documents",
    ]  # fmt: skip
    assert page.soup.select_one("nav .more [aria-current=page]").get_text(" ").startswith("All Documents")
    found = {
        tab: rows(await client.get(f"{of_client(cast)}?tab={tab}"))
        for tab in ("forms", "documents", "to-sign", "to-do", "nonsense")
    }
    assert found == {
        "forms": ["Consent", "Intake"], "documents": ["Our office"], "to-sign": ["Consent"],
        "to-do": ["Consent", "Intake"], "nonsense": ["Our office", "Consent", "Intake"],
    }  # fmt: skip
    assert page.pills() == ["Opened", "Pending Review", "Pending Review"]


@pytest.mark.parametrize(
    ("state", "pill"),
    [
        ("in_progress", "In progress"), ("with_practice", "With the practice"), ("returned", "Returned"),
        ("accepted", "Accepted"), ("declined", "Declined"), ("expired", "Expired"),
    ],
)  # fmt: skip
async def test_every_state_has_its_pill(cast, client, state, pill):
    document_id = await shared(cast.client.id)
    await fetch("UPDATE document SET state = {}", state)
    assert (await client.get(of_client(cast))).pills() == [pill]
    page = await client.get(of_client(cast, document_id))
    assert page.status == 200 and page.pills() == [pill]


async def test_a_day_is_said_and_so_is_that_it_is_over(cast, client):
    today = clock.today(ZONE)
    document_id = await shared(cast.client.id, due_on=today + timedelta(days=1))
    day = today + timedelta(days=1)
    assert f"by {day:%B} {day.day}" in (await client.get(of_client(cast))).words
    with clock.shifted(days=3):
        for path in (of_client(cast), of_client(cast, document_id)):
            browser = await cast.browser("client", htmx=bool(client.headers))
            assert f"overdue since {day:%B} {day.day}" in (await browser.get(path)).words
        await opening.opened(maya(cast), cast.client.id, document_id)
        assert "overdue" not in (await browser.get(of_client(cast))).words


async def test_pages_of_the_list_there_and_back(cast, client):
    form_id = await a_form()
    for number in range(30):
        await shared(cast.client.id, form_id, once=str(number))
    here = f"{of_client(cast)}?tab=documents"
    first = await client.get(here)
    older = first.soup.select_one("a[rel=next]")["href"]
    second = await client.get(older)
    assert (len(rows(first)), len(rows(second))) == (25, 5) and second.soup.select_one("a[rel=next]") is None
    back = await client.get(second.soup.select_one("a[rel=prev]")["href"])
    shown = [one["href"] for one in first.soup.select(".rows a")]
    assert [one["href"] for one in back.soup.select(".rows a")] == shown


async def test_one_says_what_it_is_who_shared_it_and_what_for(cast, client):
    desk = await cast.browser("front_desk")
    document_id = await adding.add_file(TEST, cast.client.id, "plan.pdf", a_pdf(pages=3), title="Our plan", once="x")
    await desk.press(
        await desk.get(f"/staff/documents/{document_id}"), "/sharing", note="Please read it.\nBring it along."
    )
    await fetch("UPDATE document SET title_es = 'Nuestro plan'")
    page = await client.get(of_client(cast, document_id))
    for words in ("Our plan", "Please read it. Bring it along.", "Front_Desk Staff", "PDF, 3 pages, 1 KB"):
        assert words in page.words, words
    assert page.pills() == ["Pending Review"] and await state_of(document_id) == "pending"
    client.http.cookies.set("portal-language", "es", domain="portal.test")
    await fetch("UPDATE account SET language = 'es'")
    spanish = await client.get(of_client(cast, document_id))
    assert "Nuestro plan" in spanish.words and spanish.pills() == ["Pendiente de revisar"]
    assert [one.get_text(strip=True) for one in spanish.soup.select("form[action$=opening]")] == ["Abrir", "Descargar"]


async def test_a_form_says_what_is_to_be_done_and_how_it_is_done_on_paper(cast, client):
    asks = (
        '[{"name": "a", "kind": "text", "label": "Name", "by": "client", "places": [{"page": 1, "box": [0, 0, 9, 9]}]}]'
    )
    fill = await shared(cast.client.id, await a_form(FormKind.PDF, "Intake", asks), once="one")
    sign = await shared(cast.client.id, await a_form(FormKind.PDF, "Consent", asks, is_signed=True), once="two")
    paper = await shared(cast.client.id, await a_form(title="Agreement", is_signed=True), once="three")
    read = await shared(cast.client.id, once="four")
    said = {one: (await client.get(of_client(cast, one))).words for one in (fill, sign, paper, read)}
    assert "Please fill it in" in said[fill] and "(443) 555-0142" in said[fill]
    assert "fill it in on paper and bring it along" in said[fill]
    assert "Please fill it in and sign it" in said[sign] and "sign it on paper and bring it along" in said[sign]
    assert "Please sign it" in said[paper] and "part by part" not in said[paper]
    assert "on paper" not in said[read]


@pytest.mark.parametrize("act", ["open", "save"])
async def test_opening_counts_once_and_a_get_never(cast, client, act):
    document_id = await a_file(cast)
    before = await digest()
    for rest in ("", "/preview", "/picture", "/file", "/picture?page=2"):
        assert (await client.get(of_client(cast, f"{document_id}{rest}"))).status == 200
    assert changed(before, await digest()) <= {"session"}
    page = await client.get(of_client(cast, document_id))
    for _ in range(2):
        answer = await client.press(page, "/opening", act=act)
        assert answer.status == 200
        assert answer.path == of_client(cast, f"{document_id}/{'file' if act == 'save' else 'preview'}")
    assert await happened(document_id) == ["added", "shared", "opened"]
    assert len(await fetch("SELECT id FROM event WHERE kind = 'document.opened'")) == 1
    page = await client.get(of_client(cast, document_id))
    assert page.pills() == ["Opened"] and "Opened by Maya Reyes" in page.words
    assert (
        of_client(cast, f"{document_id}/file") in page.links() and page.soup.select_one("form[action$=opening]") is None
    )


async def test_a_file_is_saved_and_shown_as_nothing_else(cast, client):
    document_id = await a_file(cast, "Ihr Plan ñ.pdf")
    page = await client.get(of_client(cast, f"{document_id}/file"))
    assert page.headers["content-type"] == "application/pdf" and page.response.content.startswith(b"%PDF-")
    assert page.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert int(page.headers["content-length"]) == len(page.response.content)


async def test_whoever_has_no_program_for_it_turns_its_pages(cast, client):
    document_id = await a_file(cast)
    page = await client.get(of_client(cast, f"{document_id}/preview"))
    assert "Page 1 of 3" in page.words and page.soup.select_one("#preview img")["alt"] == "Page 1 of 3"
    page = await client.get(page.soup.select_one("a[rel=next]")["href"])
    picture = page.soup.select_one("#preview img")["src"]
    assert "Page 2 of 3" in page.words and picture == of_client(cast, f"{document_id}/picture?page=2")
    pictures = [await client.get(of_client(cast, f"{document_id}/picture?page={number}")) for number in (1, 2, 3)]
    assert {one.headers["content-type"] for one in pictures} == {"image/jpeg"}
    assert len({one.response.content for one in pictures}) == 3
    assert all("sandbox" in one.headers["content-security-policy"] for one in pictures)
    for number in (0, 4, 999):
        answer = await client.get(of_client(cast, f"{document_id}/picture?page={number}"))
        assert answer.status == (200 if number == 0 else 404)
    assert "Page 1 of 3" in (await client.get(of_client(cast, f"{document_id}/preview?page=9"))).words


async def test_what_no_picture_shows_is_saved(cast, client):
    document_id = await a_file(cast, "list.txt", b"Three things")
    page = await client.get(of_client(cast, document_id))
    assert [one["value"] for one in page.soup.select("form[action$=opening] button")] == ["save"]
    for rest in ("preview", "picture"):
        assert (await client.get(of_client(cast, f"{document_id}/{rest}"))).status == 404
    assert (await client.get(of_client(cast, f"{document_id}/file"))).response.content == b"Three things"


@pytest.mark.parametrize("how", ["withdrawn", "kept back", "not shared", "another client's"])
async def test_what_is_not_theirs_to_see_is_not_there_by_any_address(cast, client, how):
    document_id = await a_file(cast, hidden_for="harm" if how == "kept back" else "")
    if how == "withdrawn":
        await sharing.withdraw(TEST, document_id, 2, "The wrong one")
    elif how == "not shared":
        await fetch("UPDATE document SET state = 'not_shared'")
    elif how == "another client's":
        await fetch("UPDATE document SET client = {}", cast.other.id)
    before = await state_of(document_id)
    for rest in ("", "/file", "/picture", "/picture?page=2", "/preview", "/preview?page=2"):
        assert (await client.get(of_client(cast, f"{document_id}{rest}"))).status == 404, rest
    assert (await client.post(of_client(cast, f"{document_id}/opening"), act="open")).status == 404
    assert rows(await client.get(of_client(cast))) == [] and await state_of(document_id) == before
    assert "Our plan" not in (await client.get(f"/clients/{cast.client.id}")).words


async def test_a_guardian_sees_whose_it_is_and_is_named_as_who_opened_it(cast):
    account = await an_account("parent@example.com", name="Ana Reyes")
    await a_grant(account, cast.client, kind="guardian")
    cast.accounts["parent"] = account
    document_id = await a_file(cast)
    parent, child = await cast.browser("parent"), await cast.browser("client")
    for path in (of_client(cast), of_client(cast, document_id), of_client(cast, f"{document_id}/preview")):
        assert "For Maya Reyes" in (await parent.get(path)).words
        assert "For Maya Reyes" not in (await child.get(path)).words
    await parent.press(await parent.get(of_client(cast, document_id)), "/opening", act="save")
    assert "Opened by Ana Reyes" in (await child.get(of_client(cast, document_id))).words
    acts = {row["act"] for row in await fetch("SELECT act FROM audit_row WHERE account_id = {}", account.id)}
    assert {"page.read", "document.opened"} <= acts
    assert [one.actor for one in await kept.steps(TEST, document_id)][-1] == "Ana Reyes"


async def test_the_list_asks_as_often_for_thirty_as_for_one(cast):
    browser, form_id = await cast.browser("client"), await a_form()
    await shared(cast.client.id, form_id)
    counts = [await asked(browser, path) for path in (of_client(cast), f"/clients/{cast.client.id}")]
    for number in range(30):
        await shared(cast.client.id, form_id, once=str(number))
    assert [await asked(browser, path) for path in (of_client(cast), f"/clients/{cast.client.id}")] == counts
