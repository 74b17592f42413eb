"""Settings → Forms in a browser without scripts: upload, look over, publish, a new version, retire."""

import pytest

from portal.access import Role
from portal.database import fetch
from portal.library import queries
from portal.library.actions import keeping
from portal.library.actions.adding import Words
from tests.browser import Browser, Page
from tests.factories import TEST, a_member, a_practice
from tests.library.files import a_form as a_pdf_form
from tests.library.files import an_intake, line, signed
from tests.library.steps import FORMS, INTAKE, a_draft, a_form, a_sheet, published, the_fields, upload
from tests.test_queries import asked
from tests.uploads.files import a_pdf


@pytest.fixture
async def lead(db: str) -> Browser:
    await a_practice()
    _, account = await a_member(Role.SUPERVISOR)
    return await Browser().signed_in(account.id)


async def review(browser: Browser, path: str, act: str = "save", **typed: str | None) -> Page:
    """`label_0` is the label of the first field."""
    told = {name.replace("_", "-"): value for name, value in typed.items()}
    return await browser.press(await browser.get(path), path, {**told, "act": act})


async def test_a_form_is_uploaded_looked_over_and_published(lead):
    assert "No forms yet." in (await lead.get(FORMS)).words
    page = await upload(lead, an_intake(), title_es="Admisión", words="For your first visit")
    assert page.heading == "Intake" and "Uploaded. Look it over" in page.words and page.pills() == ["To look over"]
    assert page.path == f"{FORMS}/1/versions/1"
    assert [page.value(f"label-{place}") for place in range(3)] == ["Full name", "Date of birth", "I have insurance"]
    picture = await lead.get(str(page.soup.select_one("main img")["src"]))  # type: ignore[index]
    assert picture.headers["content-type"] == "image/jpeg" and picture.response.content.startswith(b"\xff\xd8")

    page = await review(lead, page.path, label_0="Your full name", help_0="As on your ID", required_0="yes",
                        by_2="practice")  # fmt: skip
    assert "Saved." in page.words and page.path == f"{FORMS}/1/versions/1"
    assert "Your full name As on your ID" in page.words and "The practice fills this in." in page.words
    page = await review(lead, page.path, "publish", label_1="Born on")
    assert page.path == f"{FORMS}/1" and "Published." in page.words and page.pills() == ["In use"]
    assert [(one.label, one.help, one.required, one.by) for one in await the_fields(1)] == [
        ("Your full name", "As on your ID", True, "client"), ("Born on", "", False, "client"),
        ("I have insurance", "", False, "practice"),
    ]  # fmt: skip
    page = await lead.get(FORMS)
    assert "Intake For your first visit To fill in · 1 page" in page.words and page.pills() == []
    page = await lead.get(f"{FORMS}/1/versions/1")
    assert page.pills() == ["In use"] and not page.soup.select("main form[method=post]") and "Born on" in page.words


async def test_a_sheet_is_only_read(lead):
    page = await upload(lead, a_pdf(pages=2), title="Our office")
    assert (
        "There is nothing to fill in on it: clients read it." in page.words and len(page.soup.select("main img")) == 2
    )
    await review(lead, page.path, "publish")
    assert "Our office To read · 2 pages" in (await lead.get(FORMS)).words


@pytest.mark.parametrize(
    ("content", "typed", "errors"),
    [
        (None, {}, {"file": "Choose a PDF"}),
        (None, {"title": " "}, {"title": "Enter a title: clients read it above the form", "file": "Choose a PDF"}),
        (an_intake(), {"title": ""}, {"title": "Enter a title: clients read it above the form"}),
        (an_intake(), {"words": "x" * 401}, {"words": "Use 400 characters or fewer"}),
        (b"words", {}, {"file": "Choose a PDF: anything else can be saved or printed as one"}),
        (an_intake(signed()), {}, {
            "file": "This PDF is signed already, and filling it in would break that: choose the blank form"}),
    ],
)  # fmt: skip
async def test_what_is_not_taken_is_said_beside_its_field_and_what_was_typed_stays(lead, content, typed, errors):
    page = await upload(lead, content, **{"title": "Intake", "title_es": "Sí", **typed})
    assert page.status == 422 and page.errors == errors and page.value("title_es") == "Sí"
    assert await queries.forms(TEST) == []


async def test_what_is_wrong_with_a_field_is_said_in_its_place_which_is_open(lead):
    path = f"{FORMS}/{await a_draft()}/versions/1"
    page = await review(lead, path, label_1=" ", help_2="x" * 301, by_0="somebody")
    assert page.status == 422 and page.errors == {
        "by-0": "Choose who fills this in",
        "label-1": "Say what is to be filled in here",
        "help-2": "Use 300 characters or fewer",
    }
    assert len(page.soup.select("details[open]")) == 3 and page.value("help-2") == "x" * 301
    assert (await the_fields(1))[1].label == "Date of birth"


async def test_a_line_may_ask_for_words_a_date_or_a_signature(lead):
    path = f"{FORMS}/{await a_draft()}/versions/1"
    await review(lead, path, kind_0="signature", kind_1="text", kind_2="text")
    assert [one.kind for one in await the_fields(1)] == ["signature", "text", "check"]
    page = await review(lead, path, "publish")
    assert page.status == 422 and "say that clients sign it" in page.errors[""]
    assert await fetch("SELECT FROM form_version WHERE published_at IS NULL")


async def test_fields_move_within_their_page_and_what_was_typed_is_saved_with_it(lead):
    path = f"{FORMS}/{await a_draft()}/versions/1"
    page = await review(lead, path, "down-0", label_2="Insured")
    assert page.path == f"{path}?at=1#field-1".partition("#")[0]
    assert [one.label for one in await the_fields(1)] == ["Date of birth", "Full name", "Insured"]
    await review(lead, path, "up-2")
    await review(lead, path, "up-0")
    assert [one.label for one in await the_fields(1)] == ["Date of birth", "Insured", "Full name"]


async def test_who_was_slower_is_told_and_keeps_what_was_typed(lead):
    form_id = await a_draft()
    path = f"{FORMS}/{form_id}/versions/1"
    shown = await lead.get(path)
    await review(lead, path, "down-0", label_2="Insured")
    page = await lead.press(shown, path, {"label-0": "Name in full", "act": "save"})
    assert page.status == 409 and "Somebody changed this meanwhile" in page.words
    assert [page.value(f"label-{place}") for place in range(3)] == ["Date of birth", "Name in full", "I have insurance"]
    page = await lead.press(page, path, {"act": "save"})
    assert page.status == 200 and (await the_fields(form_id))[1].label == "Name in full"

    shown = await lead.get(f"{FORMS}/{form_id}")
    await keeping.describe(TEST, form_id, (await queries.form(TEST, form_id)).version, Words("Other"))
    page = await lead.press(shown, f"{FORMS}/{form_id}", title="Mine")
    assert page.status == 409 and page.value("title") == "Mine"
    assert (await queries.form(TEST, form_id)).title == "Other"


async def test_what_is_in_use_is_not_changed_any_more(lead):
    form_id = await a_draft()
    path = f"{FORMS}/{form_id}/versions/1"
    shown = await lead.get(path)
    await published(form_id)
    one = await queries.form(TEST, form_id)
    page = await lead.press(shown, path, {"act": "save", "version": str(one.version)})
    assert page.status == 422 and "cannot be changed any more" in page.errors[""]
    page = await lead.post(f"{path}/removal", version=str(one.version))
    assert page.status == 422 and "cannot be changed any more" in page.errors[""]


async def test_a_new_version_stands_beside_the_old_and_keeps_what_was_reviewed(lead):
    form_id = await a_form()
    path = f"{FORMS}/{form_id}"
    more = an_intake(line("f4", low=500), text="\n1 0 0 1 72 504 Tm (Telephone:) Tj")
    page = await lead.press(await lead.get(f"{path}/versions/new"), f"{path}/versions", files={"file": ("b.pdf", more)})
    assert page.path == f"{path}/versions/2" and page.value("label-3") == "Telephone"
    assert page.value("label-0") == "Full name"
    page = await lead.get(path)
    assert page.pills() == ["To look over", "In use"] and "Upload a new version" not in page.words
    page = await lead.press(await lead.get(f"{path}/versions/new"), f"{path}/versions", files={"file": ("c.pdf", more)})
    assert "publish or delete that one first" in page.errors["file"]
    await review(lead, f"{path}/versions/2", "publish")
    assert (await lead.get(path)).pills() == ["In use", "Earlier"]
    assert (await lead.get(f"{path}/versions/1")).pills() == ["Earlier"]


async def test_a_draft_goes_and_its_form_with_it_where_it_had_no_other(lead):
    form_id = await a_draft()
    path = f"{FORMS}/{form_id}/versions/1"
    page = await lead.press(await lead.get(path), f"{path}/removal")
    assert page.path == FORMS and "No forms yet." in page.words
    form_id = await a_form()
    path = f"{FORMS}/{form_id}"
    await lead.press(await lead.get(f"{path}/versions/new"), f"{path}/versions", files={"file": ("b.pdf", an_intake())})
    page = await lead.press(await lead.get(f"{path}/versions/2"), f"{path}/versions/2/removal")
    assert page.path == path and page.pills() == ["In use"]


async def test_a_form_is_called_otherwise_retired_and_brought_back(lead):
    form_id = await a_form()
    path = f"{FORMS}/{form_id}"
    page = await lead.press(await lead.get(path), path, title="New intake", is_signed="yes")
    assert page.heading == "New intake" and "Saved." in page.words
    assert "New intake For your first visit To fill in, to sign" in (await lead.get(FORMS)).words
    page = await lead.press(await lead.get(path), f"{path}/retirement")
    assert page.pills() == ["Retired", "In use"] and (await lead.get(FORMS)).pills() == ["Retired"]
    assert (await lead.press(await lead.get(path), f"{path}/retirement")).pills() == ["In use"]


async def test_in_spanish_it_is_called_in_spanish(lead):
    await a_form()
    await a_sheet()
    await lead.post("/language", language="es", next="/")
    lead.http.cookies.set("portal-language", "es", domain="portal.test")
    page = await lead.get(FORMS)
    assert "Admisión" in page.words and "Para su primera visita" in page.words and "Our office" in page.words


async def test_the_file_is_saved_and_shown_nowhere(lead):
    form_id = await a_draft(words=INTAKE)
    file = await lead.get(f"{FORMS}/{form_id}/versions/1/file")
    assert file.response.content.startswith(b"%PDF-") and "attachment" in file.headers["content-disposition"]
    assert "sandbox" in file.headers["content-security-policy"]
    for path in ("1/versions/2", "1/versions/1/pages/2/picture", "1/versions/1/pages/0/picture", "9", "9/versions/1"):
        assert (await lead.get(f"{FORMS}/{path}")).status == 404


async def test_with_htmx_it_is_the_same_page_in_parts(lead, db):
    form_id = await a_draft()
    path = f"{FORMS}/{form_id}/versions/1"
    lead.headers = {"HX-Request": "true"}
    page = await review(lead, path, "down-0")
    assert page.status == 200 and page.soup.find("html") is None
    (moved,) = page.soup.select("[data-focus-here]")
    assert moved["id"] == "field-1"
    page = await lead.press(await lead.get(path), path, {"act": "publish"})
    assert page.headers["hx-redirect"] == f"{FORMS}/{form_id}"


@pytest.mark.parametrize("part", ["client", "guardian", "clinician", "front_desk", "biller", "auditor"])
async def test_it_is_nobody_elses(cast, part):
    form_id = await a_draft()
    browser = await cast.browser(part)
    for path in ("", "/new", f"/{form_id}", f"/{form_id}/versions/1", f"/{form_id}/versions/1/file",
                 f"/{form_id}/versions/1/pages/1/picture"):  # fmt: skip
        assert (await browser.get(FORMS + path)).status == 404
    for path in ("", f"/{form_id}", f"/{form_id}/retirement", f"/{form_id}/versions", f"/{form_id}/versions/1",
                 f"/{form_id}/versions/1/removal"):  # fmt: skip
        assert (await browser.post(FORMS + path, title="Mine", act="publish")).status == 404
    assert (await queries.form(TEST, form_id)).title == "Intake"


async def test_pages_ask_as_often_for_thirty_as_for_one(lead):
    form_id = await a_form(a_pdf_form(line("f0")))
    paths = (FORMS, f"{FORMS}/{form_id}", f"{FORMS}/{form_id}/versions/1")
    before = [await asked(lead, path) for path in paths]
    await fetch(
        "INSERT INTO practice_form (kind, title, made_at) SELECT 'pdf', 'Form ' || n, now()"
        "  FROM generate_series(1, 29) AS n"
    )
    await fetch(
        "INSERT INTO form_version (form, number, name, size, sha256, pages, key, made_at, published_at)"
        " SELECT f.id, n, 'a.pdf', 1, '', 1, '', now(), now() FROM practice_form AS f, generate_series(2, 30) AS n"
    )
    many = await a_form(a_pdf_form(*(line(f"f{place}") for place in range(30)), pages=5), Words("Long"))
    assert [await asked(lead, path) for path in (*paths[:2], f"{FORMS}/{many}/versions/1")] == before
    assert len((await lead.get(FORMS)).soup.select(".rows li")) == 31
