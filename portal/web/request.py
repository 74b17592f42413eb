"""Our request: who asks, whether htmx asks, what was typed and what was sent along."""

import re
from dataclasses import dataclass
from typing import Any

from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException, InternalServerException
from litestar.plugins.htmx import HTMXRequest

from portal.access import Viewer
from portal.web.form import UNSEEN, Form
from portal.web.visit import Visit

UNTYPED = {"_csrf_token"}
MOST_UPLOADED = 25 * 1024 * 1024  # for routes that take files: @post(…, request_max_body_size=MOST_UPLOADED)
LONGEST_NAME = 120


@dataclass(frozen=True)
class Upload:
    """A file as it was sent, until the request ends. What it is called is the sender's word, and only that."""

    filename: str
    file: UploadFile

    async def read(self, most: int = MOST_UPLOADED) -> bytes:
        """No more than so many bytes of it."""
        await self.file.seek(0)
        return await self.file.read(most)


class Request(HTMXRequest):
    @property
    def visit(self) -> Visit:
        """A path that no route knows has passed no middleware: then nobody visits."""
        return self.scope.setdefault("visit", Visit())  # type: ignore[typeddict-item]

    @property
    def viewer(self) -> Viewer:
        return self.visit.viewer

    @property
    def wants_fragment(self) -> bool:
        return bool(self.htmx) and not self.htmx.boosted and not self.htmx.history_restore_request

    @property
    def asked(self) -> Form:
        """The query string, in the shape of a form."""
        return Form({name: [_clean(value) for value in self.query_params.getall(name)] for name in self.query_params})

    async def typed(self) -> Form:
        """Strings only, read once. A body that is no form is 400, said as a page."""
        fields: dict[str, list[str]] = {}
        for name, value in (await self._read()).items():
            if name not in UNTYPED and isinstance(value, str):
                fields.setdefault(_clean(name), []).append(_clean(value))
        return Form(fields)

    async def uploads(self) -> dict[str, Upload]:
        """Of several files under one name the last. Where none was chosen there is none."""
        return {
            _clean(name): Upload(_filename(value.filename), value)
            for name, value in (await self._read()).items()
            if isinstance(value, UploadFile)
        }

    async def files(self, name: str) -> list[Upload]:
        """All that were chosen under one name. An empty one is told from none by its name."""
        return [
            Upload(_filename(value.filename), value)
            for sent, value in (await self._read()).items()
            if isinstance(value, UploadFile) and sent == name and value.filename
        ]

    async def csrf_token(self) -> str:
        token = self.headers.get("x-csrf-token") or (await self._read()).get("_csrf_token", "")
        return token if isinstance(token, str) else ""

    async def _read(self) -> Any:
        try:
            return await self.form()
        except InternalServerException as error:  # whoever was sending has gone, and nobody reads the answer
            raise HTTPException(status_code=400) from error
        except HTTPException:
            raise
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise HTTPException(status_code=400) from error


def _clean(text: str) -> str:
    """PostgreSQL keeps no NUL and UTF-8 no half of a pair; line ends become one kind."""
    text = text.replace("\0", "").replace("\r\n", "\n")
    return text.encode("utf-8", "replace").decode("utf-8")


def _filename(sent: str) -> str:
    """The last part of a path, and what can be seen of it; its end tells more than its beginning."""
    name = re.split(r"[\\/]", UNSEEN.sub("", _clean(sent)))[-1]
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())[-LONGEST_NAME:]
