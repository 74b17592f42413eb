"""The mailbox page: letters of a portal without SMTP, shown in the demo only."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from portal.access import NotFoundException, Rule
from portal.settings import settings
from portal.web.replies import reply
from portal.web.request import Request

NEWEST = 100


@dataclass(frozen=True)
class Letter:
    name: str
    to: str
    subject: str
    text: str
    at: datetime


class MailboxController(Controller):
    path = "/demo/mailbox"
    opt = {"access": Rule("public, demo only", is_public=True)}

    @get(name="mailbox")
    async def list(self, request: Request) -> Response[Any]:
        files = sorted(_folder().glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return await reply(request, "demo/mailbox", letters=[_letter(path) for path in files[:NEWEST]])

    @get("/{letter:str}", name="mailbox-letter")
    async def show(self, request: Request, letter: FromPath[str]) -> Response[Any]:
        path = _folder() / f"{letter}.eml"
        if len(letter) > 64 or not letter.isalnum() or not path.exists():
            raise NotFoundException
        return await reply(request, "demo/letter", letter=_letter(path))


def _folder() -> Path:
    return settings().data_dir / "mail"


def _letter(path: Path) -> Letter:
    message = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)
    body = message.get_body(("plain",))
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Letter(path.stem, str(message["To"]), str(message["Subject"]), body.get_content() if body else "", at)
