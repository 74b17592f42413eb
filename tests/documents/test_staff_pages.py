"""The documents of a chart as staff keep them: put there, shared, kept back, shown, taken back, shared again."""

import asyncio
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from portal import clock
from portal.access import NotFoundException
from portal.database import fetch
from portal.documents.actions import opening, sharing
from portal.documents.queries import kept
from portal.documents.terms import Terms
from portal.library.tables import FormKind
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.web.typed import inputs_of
from tests.documents.pages import landed, of_chart, of_client, of_staff
from tests.documents.steps import a_document, a_form, shared
from tests.documents.test_sharing import happened, maya, state_of
from tests.factories import TEST, a_client
from tests.messages.steps import as_
from tests.test_queries import _nothing_by_the_clock, asked  # noqa: F401
from tests.uploads.files import a_docx, a_pdf

ZONE = "America/New_York"
TXT = b"Three things to try"


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
async def desk(cast, request):
    return await cast.browser("front_desk", htmx=request.param)


def picture(kind: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (80, 60), (28, 84, 132)).save(out, kind)
    return out.getvalue()


async def documents() -> list[dict]:
    return [dict(row) for row in await fetch("SELECT * FROM document ORDER BY id")]


async def put(cast, desk, name="plan.pdf", content=None, title="Our plan"):
    page = await desk.get(of_chart(cast))
    file = {"file": (name, a_pdf(pages=2) if content is None else content)}
    return await landed(desk, await desk.press(page, of_chart(cast), title=title, files=file))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("plan.pdf", a_pdf(pages=2), "PDF, 2 pages"), ("card.jpg", picture("JPEG"), "Photo"),
        ("card.png", picture("PNG"), "Picture"), ("list.txt", TXT, "Text"), ("letter.docx", a_docx(), "Word document"),
    ],
)  # fmt: skip
async def test_a_file_is_put_into_the_chart_where_nobody_else_sees_it(cast, desk, name, content, kind):
    page = await desk.get(of_chart(cast))
    form = page.soup.find("form", enctype="multipart/form-data")
    assert form["hx-encoding"] == "multipart/form-data" and form.select_one("[data-upload-progress]") is not None
    page = await put(cast, desk, name, content)
    assert page.heading == "Our plan" and page.pills() == ["Not shared"] and kind in page.words
    assert "The client does not see it until you share it." in page.words
    (row,) = await documents()
    assert (row["state"], row["kind"], row["name"]) == ("not_shared", "document", name)
    assert (await (await cast.browser("client")).get(of_client(cast, row["id"]))).status == 404
    saved = await desk.get(of_staff(row["id"], "file"))
    assert (
        saved.headers["content-disposition"].startswith("attachment;")
        and "sandbox" in saved.headers["content-security-policy"]
    )
    assert (await desk.get(of_staff(row["id"], "picture"))).status == (404 if name.endswith(("txt", "docx")) else 200)


@pytest.mark.parametrize(
    ("sent", "title", "errors"),
    [
        (None, "Our plan", {"file": "Choose a file"}),
        (("plan.pdf", a_pdf()), " ", {"title": "Say what it is", "file": "Choose the file once more"}),
        (("plan.exe", b"MZ\x90 nothing"), "Our plan", {"file": "Choose a PDF"}),
        (("plan.pdf", b"%PDF-1.4 broken"), "Our plan", {"file": "This file is damaged"}),
        (("plan.pdf", b""), "Our plan", {"file": "This file is empty"}),
        (("plan.pdf", a_pdf()), "x" * 121, {"title": "Use 120 characters", "file": "Choose the file once more"}),
        (("plan.txt", b"x" * (10 * 1024 * 1024 + 1)), "Our plan", {"file": "Choose a file of 10 MB or less"}),
    ],
)
async def test_a_refused_file_leaves_the_title_where_it_was(cast, desk, sent, title, errors):
    page = await desk.get(of_chart(cast))
    page = await desk.press(page, of_chart(cast), title=title, files={"file": sent} if sent else {"none": ("", b"")})
    assert page.status == 422 and set(page.errors) == set(errors)
    assert all(page.errors[name].startswith(words) for name, words in errors.items()), page.errors
    assert page.value("title") == title and await documents() == []


async def test_a_file_that_is_far_too_large_is_said_so(cast):
    desk = await cast.browser("front_desk")
    page = await desk.press(
        await desk.get(of_chart(cast)), of_chart(cast), title="Large",
        files={"file": ("plan.txt", b"x" * (26 * 1024 * 1024))},
    )  # fmt: skip
    assert page.status == 413 and await documents() == []


async def test_pressed_twice_it_is_there_once(cast, desk):
    page = await desk.get(of_chart(cast))
    told = {"title": "Our plan", "key": page.value("key")}
    await asyncio.gather(*(desk.post(of_chart(cast), files={"file": ("a.pdf", a_pdf())}, **told) for _ in range(3)))
    assert len(await documents()) == 1


async def test_forms_are_shared_several_at_once_as_each_is_meant(cast, desk):
    ids = [
        await a_form(FormKind.PDF, "Intake", words="Before the first visit"),
        await a_form(FormKind.PDF, "Consent", is_signed=True),
        await a_form(title="Our office"),
    ]
    await a_form(title="Old sheet", is_active=False)
    page = await desk.get(of_chart(cast, "sharings/new"))
    assert [box["value"] for box in page.soup.select("[name=forms]")] == [str(ids[1]), str(ids[0]), str(ids[2])]
    assert "Before the first visit" in page.words and "Old sheet" not in page.words
    due = clock.today(ZONE) + timedelta(days=5)
    told = {"forms": [str(one) for one in ids], "note": "Before Thursday, please.", "due_on": due.isoformat()}
    for _ in range(2):  # pressed twice, shared once
        done = await landed(desk, await desk.press(page, of_chart(cast, "sharings"), told, ends="yes"))
    assert "Shared. A letter says that something waits in the portal." in done.words
    found = await documents()
    assert [(one["title"], one["purpose"], one["state"]) for one in found] == [
        ("Intake", "fill", "pending"), ("Consent", "sign", "pending"), ("Our office", "read", "pending"),
    ]  # fmt: skip
    assert {(one["note"], one["due_on"], one["ends_when_due"]) for one in found} == {
        ("Before Thursday, please.", due, True)
    }
    rows_of = [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in done.soup.select("tbody tr")
    ]
    assert rows_of[0][:3] == ["Our office", "Document, PDF", "Pending Review"]
    assert rows_of[0][3] == f"by {due:%B} {due.day}" and rows_of[0][4].startswith("Front_Desk Staff")
    assert rows_of[1][:3] == ["Consent", "Form, PDF", "Pending Review"]


async def test_files_of_the_chart_go_along(cast, desk):
    await put(cast, desk)
    form_id = await a_form()
    page = await desk.get(of_chart(cast, "sharings/new"))
    boxes = [box["value"] for box in page.soup.select("[name=files]")]
    assert len(boxes) == 1 and "Our plan" in page.words
    for _ in range(2):
        await desk.press(page, of_chart(cast, "sharings"), {"forms": [str(form_id)], "files": boxes})
    assert [(one["title"], one["state"]) for one in await documents()] == [
        ("Our plan", "pending"), ("Our office", "pending"),
    ]  # fmt: skip
    assert (await desk.get(of_chart(cast, "sharings/new"))).soup.select("[name=files]") == []


async def test_a_file_of_another_chart_does_not(cast, desk):
    theirs = await a_document(cast.other.id)
    form_id = await a_form()
    page = await desk.get(of_chart(cast, "sharings/new"))
    told = {"forms": [str(form_id)], "files": [str(theirs)]}
    assert (await desk.press(page, of_chart(cast, "sharings"), told)).status == 404
    assert [(one["id"], one["state"]) for one in await documents()] == [(theirs, "not_shared")]


async def test_share_to_sign_is_for_all_of_them(cast, desk):
    ids = [await a_form(FormKind.PDF, "Intake"), await a_form(title="Our office")]
    page = await desk.get(of_chart(cast, "sharings/new"))
    await desk.press(page, of_chart(cast, "sharings"), forms=[str(one) for one in ids], purpose="sign")
    assert {one["purpose"] for one in await documents()} == {"sign"}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"forms": None}, "forms"), ({"forms": ["999"]}, "forms"), ({"forms": ["one"]}, "forms"),
        ({"purpose": "eat"}, "purpose"), ({"purpose": None}, "purpose"), ({"note": "x" * 501}, "note"),
        ({"due_on": "soon"}, "due_on"), ({"due_on": "2020-01-01"}, "due_on"), ({"ends": "yes"}, "due_on"),
        ({"hidden_for": "whim"}, "hidden_for"), ({"hidden_for": None}, "hidden_for"),
    ],
)  # fmt: skip
async def test_a_refusal_keeps_everything_that_was_typed_and_shares_nothing(cast, desk, typed, field):
    form_id = await a_form()
    page = await desk.get(of_chart(cast, "sharings/new"))
    told = {"forms": [str(form_id)], "note": "A note of mine", **typed}
    page = await desk.press(page, of_chart(cast, "sharings"), told)
    assert page.status == 422 and list(page.errors) == [field], page.errors
    assert page.value("note").strip() == told["note"] and page.value("due_on") == typed.get("due_on", "")
    ticked = page.soup.select("[name=forms][checked]")
    assert len(ticked) == (0 if field == "forms" else 1) and await documents() == []


async def test_a_practice_without_forms_says_where_they_come_from(cast, desk):
    assert "The practice has no forms yet." in (await desk.get(of_chart(cast, "sharings/new"))).words


async def test_a_file_is_shared_and_the_client_sees_it_at_once(cast, desk):
    page = await put(cast, desk)
    (row,) = await documents()
    page = await landed(desk, await desk.press(page, "/sharing", note="Please read it.", purpose="share"))
    assert page.pills() == ["Pending Review"] and "To read" in page.words and "Please read it." in page.words
    client = await cast.browser("client")
    assert (await client.get(of_client(cast, row["id"]))).pills() == ["Pending Review"]
    await opening.opened(maya(cast), cast.client.id, row["id"])
    assert (await desk.get(of_staff(row["id"]))).pills() == ["Opened"]


async def test_what_is_shared_with_nobody_to_hear_says_so(cast, desk):
    alone = await a_client("Tove", "Lindqvist")
    page = await desk.get(f"/staff/clients/{alone.id}/documents")
    assert "Nobody reads this client's documents in the portal yet." in page.words
    document_id = await a_document(alone.id)
    page = await desk.get(of_staff(document_id))
    assert "Nobody reads" in page.words
    page = await landed(desk, await desk.press(page, "/sharing"))
    assert "Shared. Nobody reads this client's documents in the portal yet." in page.words
    assert "Nobody reads" not in (await desk.get(of_chart(cast))).words


async def test_what_is_kept_back_says_why_and_is_shown(cast, desk):
    document_id = await a_document(cast.client.id)
    page = await desk.get(of_staff(document_id))
    page = await landed(desk, await desk.press(page, "/sharing", hidden_for="harm"))
    assert page.pills() == ["Kept back"] and "Reading it could put somebody in danger" in page.words
    client = await cast.browser("client")
    assert (await client.get(of_client(cast, document_id))).status == 404
    page = await landed(desk, await desk.press(page, "/showing"))
    assert page.pills() == ["Pending Review"]
    assert (await client.get(of_client(cast, document_id))).status == 200
    assert await happened(document_id) == ["added", "shared", "shown"]
    assert "Kept back: Reading it could put somebody in danger" in (await desk.get(of_staff(document_id))).words


async def test_what_is_shown_later_is_new_then(cast):
    with clock.shifted(days=-20):
        late = await shared(cast.client.id, hidden_for="unfinished", once="late")
    first = await shared(cast.client.id, once="first")
    await sharing.show(TEST, late, 2)
    browser = await cast.browser("client")
    page = await browser.get(of_client(cast))
    assert [one["href"] for one in page.soup.select(".rows a")] == [of_client(cast, one) for one in (late, first)]


async def test_it_is_taken_back_with_a_reason_after_one_was_asked_and_shared_again(cast, desk):
    document_id = await shared(cast.client.id)
    await opening.opened(maya(cast), cast.client.id, document_id)
    page = await desk.get(of_staff(document_id))
    assert of_staff(document_id, "withdrawal") in page.links()
    page = await desk.get(of_staff(document_id, "withdrawal"))
    assert "what was read or saved cannot be taken back" in page.words
    refused = await desk.press(page, "/withdrawal", reason=" ")
    assert refused.status == 422 and list(refused.errors) == ["reason"] and await state_of(document_id) == "opened"
    for _ in range(2):
        done = await landed(desk, await desk.press(page, "/withdrawal", reason="It belongs to another chart."))
    assert done.pills() == ["Withdrawn"] and "It belongs to another chart." in done.words
    assert (await (await cast.browser("client")).get(of_client(cast, document_id))).status == 404
    again = await desk.get(of_staff(document_id))
    again = await landed(desk, await desk.press(again, "/sharing"))
    assert again.pills() == ["Pending Review"] and "It belongs to another chart." in again.words
    assert await happened(document_id) == ["added", "shared", "opened", "withdrawn", "shared"]


async def test_whoever_was_slower_reads_it_and_keeps_what_was_typed(cast, desk):
    document_id = await a_document(cast.client.id)
    page, sure = await desk.get(of_staff(document_id)), of_staff(document_id, "withdrawal")
    await sharing.share(TEST, document_id, 1, Terms())
    told = await desk.press(page, "/sharing", note="My own words")
    assert told.status == 422 and "Somebody else was quicker" in told.errors[""] and "My own words" in told.words
    form = await desk.get(sure)
    await opening.opened(maya(cast), cast.client.id, document_id)
    told = await desk.press(form, "/withdrawal", reason="The wrong one")
    assert told.status == 422 and "Somebody else was quicker" in told.errors[""]
    assert told.value("reason").strip() == "The wrong one" and await state_of(document_id) == "opened"
    await desk.press(told, "/withdrawal")  # sent once more it is meant
    assert await state_of(document_id) == "withdrawn"
    late = await desk.press(form, "/withdrawal", reason="Too late")
    assert "cannot be taken back as it stands now" in late.words and "Too late" in late.words


async def test_two_who_share_at_once_share_once(cast):
    document_id = await a_document(cast.client.id)
    priya, ngozi = await as_(cast, "front_desk"), await as_(cast, "clinician")
    told = await asyncio.gather(
        *(sharing.share(who, document_id, 1, Terms(note=f"By {who.name}")) for who in (priya, ngozi)),
        return_exceptions=True,
    )
    assert sorted(type(one) for one in told if one) == [Stale]
    assert await happened(document_id) == ["added", "shared"]
    assert len(await fetch("SELECT id FROM event WHERE kind = 'document.shared'")) == 1


@pytest.mark.parametrize("attempt", range(4))
async def test_taken_back_while_the_client_opens_it_either_came_first(cast, attempt):
    document_id = await shared(cast.client.id)
    acts = [opening.opened(maya(cast), cast.client.id, document_id), sharing.withdraw(TEST, document_id, 2, "Wrong")]
    told = await asyncio.gather(*(acts if attempt % 2 else acts[::-1]), return_exceptions=True)
    steps, state = await happened(document_id), await state_of(document_id)
    wrong = [type(one) for one in told if one]
    assert (steps[2:], state, wrong) in (
        (["opened"], "opened", [Stale]),
        (["withdrawn"], "withdrawn", [NotFoundException]),
    )


async def test_opened_by_two_at_once_it_was_opened_once(cast):
    document_id = await shared(cast.client.id)
    await asyncio.gather(*(opening.opened(maya(cast), cast.client.id, document_id) for _ in range(4)))
    assert await happened(document_id) == ["added", "shared", "opened"]


async def test_several_forms_are_shared_all_or_none(cast):
    form_id = await a_form()
    with pytest.raises(NotFoundException):
        await sharing.share_several(TEST, cast.client.id, [form_id, 999], [], Terms(), once="x")
    assert await documents() == []
    with pytest.raises(Refused):
        await sharing.share_several(TEST, cast.client.id, [form_id], [], Terms(hidden_for="whim"), once="x")
    assert await documents() == []


async def test_the_chart_has_a_panel_of_the_newest(cast, desk):
    page = await desk.get(f"/staff/clients/{cast.client.id}")
    assert "Nothing was put here or shared yet." in page.soup.select_one("#documents").get_text(" ")
    form_id = await a_form()
    for number in range(7):
        await shared(cast.client.id, form_id, once=str(number))
    panel = (await desk.get(f"/staff/clients/{cast.client.id}")).soup.select_one("#documents")
    assert len(panel.select(".todo li")) == 5
    links = [one["href"] for one in panel.select("a")]
    assert of_chart(cast) in links and of_chart(cast, "sharings/new") in links


async def test_pages_of_the_chart_there_and_back_and_as_few_questions_for_thirty(cast, desk):
    form_id = await a_form()
    await shared(cast.client.id, form_id)
    chart = f"/staff/clients/{cast.client.id}"
    counts = [await asked(desk, path) for path in (of_chart(cast), chart)]
    for number in range(30):
        await shared(cast.client.id, form_id, once=str(number))
    assert [await asked(desk, path) for path in (of_chart(cast), chart)] == counts
    first = await desk.get(of_chart(cast))
    second = await desk.get(first.soup.select_one("a[rel=next]")["href"])
    titles = [len(page.soup.select("tbody tr")) for page in (first, second)]
    assert titles == [25, 6]
    back = await desk.get(second.soup.select_one("a[rel=prev]")["href"])
    assert [one["href"] for one in back.soup.select("tbody a")] == [one["href"] for one in first.soup.select("tbody a")]


async def test_every_act_is_in_the_audit_and_says_nothing_of_it(cast, desk):
    page = await put(cast, desk, title="Secretly")
    (row,) = await documents()
    page = await landed(desk, await desk.press(page, "/sharing", hidden_for="harm", note="Quietly"))
    await desk.press(page, "/showing")
    await desk.get(of_staff(row["id"], "file"))
    await desk.press(await desk.get(of_staff(row["id"], "withdrawal")), "/withdrawal", reason="Sadly")
    told = await fetch("SELECT act, subject_id, client_id, detail::text AS detail FROM audit_row ORDER BY id")
    acts = [one["act"] for one in told if one["act"].startswith("document.")]
    assert acts == ["document.added", "document.shared", "document.shown", "document.withdrawn"]
    assert any('"documents/download"' in one["detail"] for one in told)
    assert not any(word in one["detail"] for one in told for word in ("Secretly", "Quietly", "Sadly", "harm"))


async def test_in_spanish_nothing_is_left_in_english(cast):
    await shared(cast.client.id, hidden_for="harm")
    await fetch("UPDATE account SET language = 'es'")
    desk, (row,) = await cast.browser("front_desk"), await documents()
    page = await desk.get(of_staff(row["id"]))
    for words in (
        "Retenido",
        "Leerlo podría poner a alguien en peligro",
        "Mostrarlo ahora al cliente",
        "Qué ha pasado",
    ):
        assert words in page.words, words
    for state, words in (("in_progress", "En curso"), ("not_shared", "No compartido"), ("withdrawn", "Retirado")):
        await fetch("UPDATE document SET state = {}, hidden_for = ''", state)
        assert (await desk.get(of_staff(row["id"]))).pills() == [words]
    for words in ("Cómo", "Compartir para firmar", "Todavía no. Son notas de psicoterapia"):
        assert words in (await desk.get(of_staff(row["id"]))).words
    told = await desk.press(await desk.get(of_staff(row["id"])), "/sharing", due_on="2020-01-01")
    assert told.errors == {"due_on": "Elija un día a partir de hoy, dentro de un año"}
    assert kept.PAGE == 25


async def test_what_is_given_back_apart_from_its_page_has_the_words_of_its_fields(cast):
    document_id, _ = await a_document(cast.client.id), await shared(cast.client.id, once="shared")
    desk = await cast.browser("front_desk")
    pages = [
        of_chart(cast),
        of_chart(cast, "sharings/new"),
        of_staff(document_id),
        of_staff(document_id + 1, "withdrawal"),
    ]
    for path in pages:
        page = await desk.get(path)
        form = next(one for one in page.soup.select("main form") if one.select_one(".field"))
        names = {str(one["name"]) for one in form.select("[name]")} - {"_csrf_token"}
        known = inputs_of(str(form["action"]), [(name, "1") for name in names])
        assert names <= set(known), path
        labels = {name: str(known[name].label) for name in names if str(known[name].label)}
        assert labels and all(labels.values())
