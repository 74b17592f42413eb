"""The least that Litestar can do: recorded answers as constants, one handler each."""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler

BY_SERVER = {"content-length", "date", "server", "set-cookie", "content-type"}


def recorded(name: str, headers: list[tuple[str, str]], body: bytes) -> dict[str, Any]:
    kind = next(value for one, value in headers if one == "content-type")
    kept = {one: value for one, value in headers if one not in BY_SERVER}
    return {"name": name, "kind": kind, "headers": kept, "body": base64.b64encode(body).decode()}


def handler(page: dict[str, Any]) -> HTTPRouteHandler:
    body, headers, kind = base64.b64decode(page["body"]), page["headers"], page["kind"]

    async def answer() -> Response[bytes]:
        return Response(body, headers=headers, media_type=kind)

    return get(f"/{page['name']}")(answer)


@get("/health")
async def health() -> str:
    return "ok"


if __name__ == "__main__":
    pages = json.loads(Path(sys.argv[2]).read_text())
    app = Litestar([health, *(handler(page) for page in pages)], openapi_config=None)
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", ws="none", lifespan="on",
        log_level="warning", access_log=False, server_header=False, proxy_headers=False,
    )  # fmt: skip
