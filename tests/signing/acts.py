"""Consents to electronic records, and signatures, as clients give them."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO

from PIL import Image, ImageDraw

from portal.access import Role, Viewer
from portal.database import fetch
from portal.documents.actions import opening
from portal.documents.tables import Purpose
from portal.library import queries
from portal.library.actions import keeping
from portal.library.fields import By
from portal.practice import queries as practices
from portal.signing.actions import consenting, signing
from portal.signing.marks import Mark
from portal.signing.queries import asked
from portal.signing.tables import ElectronicConsent
from portal.signing.wording import wording
from portal.signing.words import meant
from tests.cast import Cast
from tests.documents.steps import shared
from tests.factories import TEST
from tests.filling.steps import drafted, maya
from tests.library import steps as library
from tests.library.files import a_form, line

AGREEMENT = a_form(line("full_name", TU="Full name", Ff=2), line("signature", low=600, TU="Signature"))
NOBODY_ELSE: dict[str, By] = {}
FULL = {"full_name": ["Maya Reyes"]}


async def words_now(spoken: str = "en") -> str:
    return wording(await practices.practice(TEST), "(443) 555-0142", spoken)


async def a_consent(viewer: Viewer) -> ElectronicConsent:
    """Asked for, opened and agreed to."""
    said = await words_now()
    row = await consenting.ask(viewer, said)
    await consenting.agree(viewer, said, row.code)
    return row


async def to_be_signed(
    cast: Cast, content: bytes = AGREEMENT, *, once: str = "sign", by: Mapping[str, By] = NOBODY_ELSE
) -> int:
    """A form, filled in and not yet signed; `by` names the fields that are not the client's."""
    form_id = await library.a_draft(content, replace(library.INTAKE, is_signed=True))
    _, found = await queries.version(TEST, form_id, 1)
    reviewed = [replace(one, by=by.get(one.name, one.by)) for one in found]
    await keeping.review(TEST, form_id, 1, (await queries.form(TEST, form_id)).version, reviewed, is_final=True)
    document_id = await shared(cast.client.id, form_id, once=once, purpose=Purpose.SIGN)
    await opening.opened(maya(cast), cast.client.id, document_id)
    await drafted(cast, document_id, FULL)
    return document_id


async def a_mark(viewer: Viewer, client_id: int, document_id: int, name: str = "Maya Reyes", **more: object) -> Mark:
    """As the page would send it."""
    one = await asked.asked(viewer, client_id, document_id)
    return Mark(name, **{"seen": one.seen, "meant": meant(one.intent), **more})  # type: ignore[arg-type]


async def signed(cast: Cast, *, once: str = "sign") -> int:
    """A form that Maya has signed and sent; returns the number of what was sent."""
    document_id = await to_be_signed(cast, once=once)
    viewer = maya(cast)
    if not await fetch("SELECT 1 FROM electronic_consent WHERE given_at IS NOT NULL AND withdrawn_at IS NULL"):
        await a_consent(viewer)
    await signing.sign(viewer, cast.client.id, document_id, await a_mark(viewer, cast.client.id, document_id))
    return int((await fetch("SELECT max(id) AS id FROM form_submission"))[0]["id"])


def drawing(color: str = "black", ground: str = "", size: tuple[int, int] = (900, 300)) -> bytes:
    """A PNG as a browser makes it of a canvas."""
    sheet = Image.new("RGBA", size, ground or (0, 0, 0, 0))
    ImageDraw.Draw(sheet).line([(100, 200), (300, 80), (420, 220), (700, 120)], fill=color, width=6)
    file = BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def told(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


async def of_staff(cast: Cast, role: str = "front_desk") -> Viewer:
    """A member of the staff with their own number."""
    account = cast.accounts[role]
    return Viewer(
        account_id=account.id, staff_id=account.staff_member, role=Role(role), name=account.name, agent="Firefox"
    )  # fmt: skip


def initials(name: str = "init", low: float = 400, **more: object) -> object:
    return line(name, low=low, width=60, TU="Initials", **more)
