"""A PDF comes into the library: as a form of its own, or as the next version of one."""

from dataclasses import dataclass
from datetime import timedelta

from portal import audit, clock, storage
from portal.access import Permission, Viewer
from portal.database import fetch, transaction
from portal.language import lazy
from portal.library import fields
from portal.library.actions import rows
from portal.library.fields import Field
from portal.library.tables import FormKind, FormPage, FormVersion, PracticeForm
from portal.refusal import Refused
from portal.uploads import Paper, Unfit, form, scanner

JUST_NOW = timedelta(minutes=5)
SENT_TWICE = """
SELECT f.id, v.number FROM practice_form AS f JOIN form_version AS v ON v.form = f.id AND v.published_at IS NULL
 WHERE f.title = {} AND v.sha256 = {} AND v.made_at > {} AND v.made_by IS NOT DISTINCT FROM {}
"""
LATEST = "SELECT number, fields FROM form_version WHERE form = {} ORDER BY number DESC LIMIT 1"
ANOTHER = Refused(file=lazy("A newer version is being looked over already: publish or delete that one first"))


@dataclass(frozen=True)
class Words:
    """What a form is called and what it is for."""

    title: str
    title_es: str = ""
    words: str = ""
    words_es: str = ""
    is_signed: bool = False


@dataclass(frozen=True)
class Stored:
    """A paper of which everything lies in the store already, so that a row may name it."""

    paper: Paper
    fields: list[Field]
    key: str
    sha256: bytes
    thumbnail: str
    pictures: list[str]


async def add(viewer: Viewer, words: Words, filename: str, content: bytes) -> tuple[int, int]:
    """(form, version); the same that is sent twice is one. Raises `Refused` for `file`.

    Not inside a transaction: it takes its time.
    """
    viewer.must(Permission.FORM_MANAGE)
    stored = await _stored(filename, content)
    async with transaction():
        await fetch("LOCK TABLE practice_form IN SHARE ROW EXCLUSIVE MODE")
        again = await fetch(SENT_TWICE, words.title, stored.sha256, clock.now() - JUST_NOW, viewer.staff_id)
        if not again:
            row = PracticeForm(
                kind=kind_of(stored.fields), title=words.title, title_es=words.title_es, words=words.words,
                words_es=words.words_es, is_signed=words.is_signed, made_by=viewer.staff_id, made_at=clock.now(),
            )  # fmt: skip
            await row.save()
            await audit.record(viewer, "form.added", subject_id=row.id)
            await _add_version(viewer, int(row.id), 1, stored, stored.fields)
    if again:
        await _let_go(stored)
        return int(again[0]["id"]), int(again[0]["number"])
    return int(row.id), 1


async def add_version(viewer: Viewer, form_id: int, filename: str, content: bytes) -> int:
    """Beside the one that is in use, which stays until this one is published. What was reviewed of a field stays with
    its name. Returns its number. Raises `Refused` for `file`.
    """
    viewer.must(Permission.FORM_MANAGE)
    stored = await _stored(filename, content)
    try:
        async with transaction():
            row = await rows.locked(viewer, form_id)
            if await FormVersion.exists().where(FormVersion.form == form_id, FormVersion.published_at.is_null()):
                raise ANOTHER
            latest = (await fetch(LATEST, form_id))[0]
            number, kept = latest["number"] + 1, fields.carried(fields.read(latest["fields"]), stored.fields)
            await _add_version(viewer, form_id, number, stored, kept)
            await row.save()
    except Exception:
        await _let_go(stored)
        raise
    return int(number)


def kind_of(found: list[Field]) -> FormKind:
    """Where nothing is for the client to fill in, it is a sheet to read."""
    return FormKind.PDF if any(one.is_clients for one in found) else FormKind.SHEET


async def _stored(filename: str, content: bytes) -> Stored:
    try:
        made = await form(filename, content)
        found = fields.read(made.fields)
        await scanner.must_be_clean(made.content)
    except Unfit as unfit:
        raise Refused(file=unfit.sentence) from unfit
    except fields.Unreadable as unreadable:
        raise Refused(file=lazy("The fields of this form cannot be read: save it as a new PDF, and choose that")) from (
            unreadable
        )
    file = await storage.put(made.content)
    thumbnail = (await storage.put(made.thumbnail)).key if made.thumbnail else ""
    pictures = [(await storage.put(one)).key for one in made.pictures]
    return Stored(made, found, file.key, file.sha256, thumbnail, pictures)


async def _let_go(stored: Stored) -> None:
    """No row has ever named it."""
    for key in filter(None, (stored.key, stored.thumbnail, *stored.pictures)):
        await storage.delete(key)


async def _add_version(viewer: Viewer, form_id: int, number: int, stored: Stored, found: list[Field]) -> None:
    row = FormVersion(
        form=form_id, number=number, name=stored.paper.name, size=len(stored.paper.content), sha256=stored.sha256,
        pages=stored.paper.pages, key=stored.key, thumbnail_key=stored.thumbnail,
        preview_key=next(iter(stored.pictures), ""), fields=fields.written(found), made_by=viewer.staff_id,
        made_at=clock.now(),
    )  # fmt: skip
    await row.save()
    for page, key in enumerate(stored.pictures, 1):
        await FormPage(version=row.id, number=page, key=key).save()
    await audit.record(viewer, "form.version_added", subject_id=form_id, number=number, fields=len(found))
