"""The static files as the browser gets them: flat, small, named by what is in them, never stale.

htmx-2.0.11.min.js is the published file, SHA-256 d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, Self

from litestar import HttpMethod, Request, Response, route
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from portal.access import PUBLIC

STATIC = Path(__file__).resolve().parent.parent.parent / "static"
KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class Asset:
    name: str
    kind: str
    plain: bytes
    packed: bytes | None

    @classmethod
    def of(cls, path: PurePosixPath, content: bytes) -> Self:
        name = f"{path.stem}.{sha256(content).hexdigest()[:10]}{path.suffix}"
        packed = None if path.suffix == ".woff2" else gzip.compress(content, 9, mtime=0)
        return cls(name, KINDS[path.suffix], content, packed)

    @property
    def weight(self) -> int:
        """Bytes on the line."""
        return len(self.plain if self.packed is None else self.packed)


def static_url(name: str) -> str:
    """`static_url("portal.css")` is `/static/portal.3f2a91c04b.css`."""
    return f"/static/{shelf()[name].name}"


@cache
def shelf() -> dict[str, Asset]:
    """Every file under static/ that browsers ask for, by its name there."""
    return read(STATIC)


def read(folder: Path) -> dict[str, Asset]:
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.suffix in KINDS}
    assets: dict[str, Asset] = {}
    for name in sorted(found, key=lambda name: name.endswith(".css")):  # a style sheet names the others
        content = found[name].read_bytes()
        if name.endswith(".css"):
            content = _with_hashed_urls(small_css(flat(content.decode())), assets).encode()
        elif name.endswith(".js") and not name.endswith(".min.js"):
            content = small_js(content.decode()).encode()
        assets[name] = Asset.of(PurePosixPath(name), content)
    return assets


@route(
    "/static/{name:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    name="static",
    opt={**PUBLIC, "stateless": True},
)
async def static_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    if (asset := _by_hashed_name().get(name)) is None:
        raise NotFoundException
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if asset.packed is not None and _takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(asset.packed, media_type=asset.kind, headers=headers | {"Content-Encoding": "gzip"})
    return Response(asset.plain, media_type=asset.kind, headers=headers)


def flat(css: str) -> str:
    """The same rules without their layers: a browser from before 2022 drops a layer with all that is in it."""
    flattened: list[str] = []
    wrappers: list[bool] = []
    prelude: list[str] = []
    for token in _tokens(css):
        if token == "{":
            wrappers.append("".join(prelude).lstrip().startswith("@layer"))
            flattened += [] if wrappers[-1] else [*prelude, token]
        elif token == "}":
            flattened += prelude if wrappers.pop() else [*prelude, token]
        elif token == ";":
            flattened += [] if "".join(prelude).lstrip().startswith("@layer") else [*prelude, token]
        else:
            prelude.append(token)
            continue
        prelude = []
    return "".join([*flattened, *prelude])


def small_css(css: str) -> str:
    """Without comments and idle white space; strings and addresses stay, so does the space in `a :hover`."""
    small = ""
    for token in _tokens(css):
        if token[0] in "\"'" or token.startswith("url("):
            small += token
        else:
            joined = re.sub(r"\s+", " ", token)
            small += joined.lstrip() if small[-1:] in ("", " ", "{", "}", ";", ",", ":") else joined
            if token in "{};,":
                small = small[:-1].rstrip() + token
            if small.endswith(";}"):
                small = small[:-2] + "}"
    return small.strip()


def small_js(script: str) -> str:
    """Without indentation, empty lines and lines that are only a comment: no string looks like one of these."""
    if "`" in script:
        raise ValueError("A template string may span lines: write it with quotes")
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def _tokens(css: str) -> Iterator[str]:
    """Strings, addresses, the marks of the grammar, and the text between them; comments are left out."""
    string = r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'"
    for token in re.findall(
        rf"/\*.*?\*/|{string}|url\(\s*(?:{string}|[^)]*?)\s*\)|[{{}};,:]|\s+|[^\s{{}};,:\"'/u]+|.", css, re.S
    ):
        if not token.startswith("/*"):
            yield token


def _with_hashed_urls(css: str, assets: dict[str, Asset]) -> str:
    def hashed(match: re.Match[str]) -> str:
        name, fragment = match.group(2), match.group(3) or ""
        return f'url("{assets[name].name}{fragment}")'

    return re.sub(r"url\((['\"]?)([^'\")#:]+)(#[^'\")]*)?\1\)", hashed, css)


@cache
def _by_hashed_name() -> dict[str, Asset]:
    return {asset.name: asset for asset in shelf().values()}


def _takes_gzip(accepted: str) -> bool:
    for offer in accepted.lower().split(","):
        coding, _, quality = offer.partition(";")
        if coding.strip() in ("gzip", "*"):
            return not re.fullmatch(r"\s*q=0(\.0*)?\s*", quality)
    return False
