"""Electronic records on their page: read, opened as a PDF, agreed to by its code, and taken back."""

import re

import pytest

from portal.database import fetch
from portal.signing.actions import consenting
from portal.signing.tables import ElectronicConsent
from tests.filling.steps import maya
from tests.signing.acts import a_consent, words_now
from tests.tasks.post import work_through

HERE = "/electronic-records"
FORM = re.compile(r"electronic-records$")


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
async def client(cast, request):
    return await cast.browser("client", htmx=request.param)


async def code() -> str:
    row = await ElectronicConsent.objects().order_by(ElectronicConsent.id, ascending=False).first()
    assert row is not None
    return str(row.code)


async def asked(cast) -> None:
    """As if the PDF had been opened: it is not made while a test waits."""
    await consenting.ask(maya(cast), await words_now())


async def test_the_words_stand_there_and_the_code_does_not(cast, client):
    page = await client.get(HERE)
    assert page.status == 200 and "You can sign documents of Harbor Lane Counseling" in page.words
    assert "call (443) 555-0142" in page.words and "First: open the PDF" in page.words
    await asked(cast)
    page = await client.get(HERE)
    assert await code() not in page.text and "Open the PDF again" in page.words


async def test_who_types_the_code_and_ticks_the_box_has_agreed_and_goes_back_to_sign(cast, client):
    back = f"/clients/{cast.client.id}/documents/7/signature"
    page = await client.get(f"{HERE}?back={back}")
    await asked(cast)
    answer = await client.post(HERE, code=(await code()).lower(), agree="yes", back=back, language="en", follow=False)
    assert answer.status == 303 and answer.headers["location"] == back
    page = await client.get(HERE)
    assert "You agreed to these words on" in page.words and "Take my agreement back" in page.words
    assert "Save the PDF" in page.words and page.soup.select_one("#code") is None


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, {"code": "Type the code that stands in the PDF", "agree": "Tick the box if you agree."}),
        ({"agree": "yes"}, {"code": "Type the code"}),
        ({"code": "ABC123"}, {"agree": "Tick the box"}),
        ({"code": "ABC123", "agree": "yes"}, {"code": "That is not the code"}),
    ],
)  # fmt: skip
async def test_what_is_missing_or_wrong_is_said_beside_it_and_what_was_typed_stays(cast, client, typed, wrong):
    await asked(cast)
    page = await client.post(HERE, **typed)
    assert page.status == 422 and page.errors.keys() == wrong.keys()
    assert all(page.errors[name].startswith(said) for name, said in wrong.items())
    assert page.value("code") == typed.get("code", "")
    assert not await fetch("SELECT 1 FROM electronic_consent WHERE given_at IS NOT NULL")


@pytest.mark.parametrize(
    "back", ["//evil.example", "javascript:alert(1)", "/account", "https://evil.example/clients/1"]
)
async def test_nobody_is_sent_elsewhere(cast, client, back):
    page = await client.get(f"{HERE}?back={back}")
    assert back not in page.links() or back == "/account"
    await asked(cast)
    page = await client.post(HERE, back=back)
    assert page.status == 422 and page.value("back") == "" and "evil" not in "".join(page.links())
    answer = await client.post(HERE, code=await code(), agree="yes", back=back, follow=False)
    assert answer.headers["location"] == HERE


async def test_it_is_taken_back_and_asked_for_again(cast, client):
    await a_consent(maya(cast))
    page = await client.press(await client.get(HERE), "/withdrawal")
    assert page.path == HERE and "First: open the PDF" in page.words
    assert await fetch("SELECT 1 FROM electronic_consent WHERE withdrawn_at IS NOT NULL")


async def test_the_pdf_is_made_with_the_words_and_the_code(cast):
    client = await cast.browser("client")
    page = await client.post(f"{HERE}/paper", language="es", follow=False)
    paper = page.headers["location"]
    await work_through("render")
    import pypdfium2

    answer = await client.get(paper if paper.endswith("/file") else f"{paper}/file")
    text = pypdfium2.PdfDocument(answer.response.content)
    said = " ".join(" ".join(sheet.get_textpage().get_text_bounded().split()) for sheet in text)
    assert await code() in said and "Puede firmar documentos de Harbor Lane Counseling" in said
    stranger = await cast.browser("stranger")
    assert (await stranger.get(paper)).status == 404


async def test_whoever_signs_for_nobody_is_told_so(cast):
    desk = await cast.browser("front_desk")
    page = await desk.get(HERE)
    assert page.status == 200 and "nothing waits for your signature" in page.words
    for rest in ("", "/paper"):
        assert (await desk.post(f"{HERE}{rest}", code="ABC123", agree="yes")).status == 422
    assert HERE not in (await desk.get("/account")).links()
    assert HERE in (await (await cast.browser("client")).get("/account")).links()


async def test_in_spanish_all_of_it_is_spanish(cast):
    await fetch("UPDATE account SET language = 'es'")
    client = await cast.browser("client")
    page = await client.get(HERE)
    assert (
        page.heading == "Registros electrónicos"
        and page.soup.select_one("main form.card [name=language]")["value"] == "es"
    )
    assert "Puede firmar documentos de Harbor Lane Counseling" in page.words
    page = await client.press(page, "/paper")
    await client.press(await client.get(HERE), HERE, code=await code(), agree="yes")
    (row,) = await fetch("SELECT language, wording FROM electronic_consent WHERE given_at IS NOT NULL")
    assert row["language"] == "es" and row["wording"].startswith("Puede firmar")
