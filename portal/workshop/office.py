"""Word files are kept byte for byte: their list of parts is read, the parts are not."""

import codecs
import re
import struct
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from portal.workshop import CONTENT, DOCX, FACTS, Refusal

NAMES, NAMES_OF_OLD = codecs.lookup("utf-8"), codecs.lookup("cp437")  # read before no file can be any more
NEEDED = {"[Content_Types].xml", "_rels/.rels", "word/document.xml"}
PARTS = (
    "xml",
    "rels",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "bmp",
    "tif",
    "tiff",
    "emf",
    "wmf",
    "svg",
    "webp",
    "wdp",
    "odttf",
    "xlsx",
)
MACROS = re.compile(
    r"vba|macro|activex|oleobject|customui|\.(?:bin|exe|dll|js|vbs|com|bat|ps1|docm|dotm|xlsm|jar|lnk)$", re.I
)
MOST_PARTS = 2_000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_OF_A_PART = 100 * 1024 * 1024
LOCAL, LOCAL_SIZE = b"PK\3\4", 30
DIRECTORY_END, DIRECTORY_END_SIZE = b"PK\5\6", 22
ENCRYPTED, UTF_8 = 1, 0x800


def checked(content: bytes) -> Iterator[tuple[str, bytes | dict[str, object]]]:
    must_be_nothing_else(content)
    try:
        with ZipFile(BytesIO(content)) as file:
            parts = file.infolist()
            start = file.start_dir
    except (BadZipFile, NotImplementedError, ValueError, struct.error):
        raise Refusal("no_word") from None
    for part in parts:
        must_be_harmless(part)
    names = [part.filename for part in parts]
    if len({name.lower() for name in names}) != len(names) or not set(names) >= NEEDED:
        raise Refusal("no_word")
    must_lie_side_by_side(parts, start, content)
    if sum(part.file_size for part in parts) > MOST_UNPACKED or any(part.file_size > MOST_OF_A_PART for part in parts):
        raise Refusal("too_much")
    yield FACTS, {"kind": DOCX}
    yield CONTENT, content


def must_be_nothing_else(content: bytes) -> None:
    """A file that also begins or ends as another is read by each program as it likes."""
    end = content[-DIRECTORY_END_SIZE:]
    if not content.startswith(LOCAL) or not end.startswith(DIRECTORY_END) or b"%PDF-" in content[:1024]:
        raise Refusal("no_word")
    _, _, _, _, count, size, start, comment = struct.unpack("<4s4H2LH", end)
    if comment or start + size != len(content) - DIRECTORY_END_SIZE:
        raise Refusal("no_word")
    if count > MOST_PARTS:
        raise Refusal("too_much")


def must_be_harmless(part: ZipInfo) -> None:
    name = part.filename
    if MACROS.search(name):
        raise Refusal("macros")
    is_plain = not (name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"))
    kind = name.rpartition(".")[2].lower()
    if not is_plain or not (name.endswith("/") or kind in PARTS) or part.orig_filename != name:
        raise Refusal("no_word")
    if part.flag_bits & ENCRYPTED or part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise Refusal("no_word")


def must_lie_side_by_side(parts: list[ZipInfo], end: int, content: bytes) -> None:
    """Parts that share bytes unpack to far more than there is; a part that calls itself otherwise is two."""
    for part in sorted(parts, key=lambda one: -one.header_offset):
        at = part.header_offset
        header = content[at : at + LOCAL_SIZE]
        if len(header) < LOCAL_SIZE or not header.startswith(LOCAL):
            raise Refusal("no_word")
        name, extra = struct.unpack("<2H", header[26:30])
        named = content[at + LOCAL_SIZE : at + LOCAL_SIZE + name]
        if named != (NAMES if part.flag_bits & UTF_8 else NAMES_OF_OLD).encode(part.filename, "replace")[0]:
            raise Refusal("no_word")
        if at + LOCAL_SIZE + name + extra + part.compress_size > end:
            raise Refusal("too_much")
        end = at
