"""The practice's forms, their versions, and what is in each."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from portal import storage
from portal.access import NotFoundException, Permission, Viewer
from portal.database import fetch
from portal.language import in_language
from portal.library import fields
from portal.library.fields import Field
from portal.practice.queries import name_of

FORMS = """
SELECT f.id, f.kind, f.title, f.title_es, f.words, f.words_es, f.is_signed, f.is_active, f.version,
       used.number, used.pages, used.published_at, draft.number AS draft
  FROM practice_form AS f
  LEFT JOIN LATERAL (SELECT number, pages, published_at FROM form_version WHERE form = f.id
                        AND published_at IS NOT NULL ORDER BY number DESC LIMIT 1) AS used ON true
  LEFT JOIN form_version AS draft ON draft.form = f.id AND draft.published_at IS NULL
 WHERE %s ORDER BY f.is_active DESC, lower(f.title), f.id
"""
VERSIONS = f"""
SELECT v.id, v.number, v.name, v.size, v.pages, v.key, v.made_at, v.published_at, {name_of("m")} AS made_by,
       jsonb_array_length(v.fields) AS many, {{more}}
       (SELECT array_agg(p.number || ' ' || p.key ORDER BY p.number) FROM form_page AS p WHERE p.version = v.id)
         AS pictures
  FROM form_version AS v LEFT JOIN staff_member AS m ON m.id = v.made_by
 WHERE v.form = {{{{}}}} AND {{which}} ORDER BY v.number DESC
"""


@dataclass(frozen=True)
class Listed:
    """`number` is the version in use, `draft` the one that is still looked over."""

    id: int
    kind: str
    title: str
    title_es: str
    words: str
    words_es: str
    is_signed: bool
    is_active: bool
    version: int
    number: int | None
    pages: int | None
    published_at: datetime | None
    draft: int | None

    @property
    def called(self) -> str:
        return in_language(self.title, self.title_es)

    @property
    def said(self) -> str:
        return in_language(self.words, self.words_es)


@dataclass(frozen=True)
class Version:
    """`pictures`: page → the stored picture of it; `many` is how many fields there are."""

    id: int
    number: int
    name: str
    size: int
    pages: int
    key: str
    made_at: datetime
    made_by: str
    published_at: datetime | None
    many: int
    pictures: dict[int, str]

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


async def forms(viewer: Viewer) -> list[Listed]:
    """Those that are offered first, each by its title."""
    viewer.must(Permission.FORM_MANAGE)
    return [Listed(**row) for row in await fetch(FORMS % "TRUE")]


async def form(viewer: Viewer, form_id: int) -> Listed:
    viewer.must(Permission.FORM_MANAGE)
    rows = await fetch(FORMS % "f.id = {}", form_id)
    if not rows:
        raise NotFoundException
    return Listed(**rows[0])


async def versions(viewer: Viewer, form_id: int) -> list[Version]:
    """The newest first."""
    viewer.must(Permission.FORM_MANAGE)
    return [_version(row) for row in await fetch(VERSIONS.format(more="", which="TRUE"), form_id)]


async def version(viewer: Viewer, form_id: int, number: int) -> tuple[Version, list[Field]]:
    """With its fields as they were reviewed last."""
    viewer.must(Permission.FORM_MANAGE)
    rows = await fetch(VERSIONS.format(more="v.fields,", which="v.number = {}"), form_id, number)
    if not rows:
        raise NotFoundException
    found = fields.read(rows[0].pop("fields"))
    return _version(rows[0]), found


async def content(viewer: Viewer, key: str) -> AsyncIterator[bytes]:
    """Of a file whose row the viewer has read. Its first portion is there when this returns."""
    portions = storage.stream(key)
    try:
        first = await anext(portions, b"")
    except storage.NoSuchFile:
        raise NotFoundException from None
    return _from(first, portions)


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for portion in rest:
        yield portion


def _version(row: dict[str, object]) -> Version:
    told = [one.split(" ") for one in row.pop("pictures") or ()]  # type: ignore[attr-defined]
    return Version(**row, pictures={int(number): key for number, key in told})  # type: ignore[arg-type]
