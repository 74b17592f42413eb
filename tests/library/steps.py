"""Forms of the practice, uploaded as staff would."""

from dataclasses import replace

from portal.access import Viewer
from portal.library import queries
from portal.library.actions import adding, keeping
from portal.library.actions.adding import Words
from portal.library.fields import Field
from tests.browser import Browser, Page
from tests.factories import TEST
from tests.library.files import an_intake
from tests.uploads.files import a_pdf

FORMS = "/staff/settings/forms"
INTAKE = Words("Intake", "Admisión", "For your first visit", "Para su primera visita")


async def a_draft(content: bytes = b"", words: Words = INTAKE, viewer: Viewer = TEST) -> int:
    form_id, _ = await adding.add(viewer, words, "intake.pdf", content or an_intake())
    return form_id


async def published(form_id: int, number: int = 1, **changes: object) -> None:
    """With each of its fields changed like this."""
    _, found = await queries.version(TEST, form_id, number)
    one = await queries.form(TEST, form_id)
    reviewed = [replace(field, **changes) for field in found]  # type: ignore[arg-type]
    await keeping.review(TEST, form_id, number, one.version, reviewed, is_final=True)


async def a_form(content: bytes = b"", words: Words = INTAKE) -> int:
    """In use."""
    form_id = await a_draft(content, words)
    await published(form_id)
    return form_id


async def a_sheet(title: str = "Our office") -> int:
    return await a_form(a_pdf(), Words(title))


async def the_fields(form_id: int, number: int = 1) -> list[Field]:
    return (await queries.version(TEST, form_id, number))[1]


async def upload(browser: Browser, content: bytes | None, name: str = "intake.pdf", **typed: str) -> Page:
    """By the form of the page, without scripts."""
    files = {"file": (name, content)} if content is not None else {"file": ("", b"")}
    told = {"title": "Intake", "title_es": "", "words": "", "words_es": "", **typed}
    return await browser.press(await browser.get(f"{FORMS}/new"), FORMS, told, files=files)
