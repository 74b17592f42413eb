"""The practice's canned replies, in its order."""

from dataclasses import dataclass

from portal.access import NotFoundException, Permission, Viewer
from portal.database import Prepared

REPLIES = Prepared(
    "SELECT id, title, body_en, body_es, place, is_active FROM canned_reply WHERE is_active OR $1 ORDER BY place, id",
    "everything",
)


@dataclass(frozen=True)
class Reply:
    id: int
    title: str
    body_en: str
    body_es: str
    place: int
    is_active: bool

    def body(self, locale: str) -> str:
        return self.body_es if locale == "es" else self.body_en


async def replies(viewer: Viewer, *, everything: bool = False) -> list[Reply]:
    """Those in use; or those that are switched off as well."""
    viewer.must(Permission.MESSAGE_READ)
    return [Reply(**row) for row in await REPLIES(everything=everything)]


async def reply_of(viewer: Viewer, reply_id: int) -> Reply:
    found = [one for one in await replies(viewer, everything=True) if one.id == reply_id]
    if not found:
        raise NotFoundException
    return found[0]
