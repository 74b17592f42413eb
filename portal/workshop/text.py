"""Plain text, and nothing that a browser or a shell would take for more."""

import codecs
import re
from collections.abc import Iterator

from portal.workshop import CONTENT, FACTS, TXT, Refusal

UTF_8, WINDOWS = codecs.lookup("utf-8-sig"), codecs.lookup("windows-1252")  # read before no file can be any more
CONTROLS = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
MARKUP = re.compile(
    r"<\s*/?\s*(?:!doctype|!entity|\?xml|\?php|%|html|head|body|script|style|svg|iframe|object|embed|link|meta|base|form|img)\b"
    r"|<!\[CDATA\[|<\?=",
    re.I,
)
PROGRAM = re.compile(r"\s*(?:#!|%!PS|%PDF-|\{\\rtf|MZ|@echo off\b|X5O!P%@AP|On Error Resume Next\b|REM\s*$)", re.I)


def cleaned(content: bytes) -> Iterator[tuple[str, bytes | dict[str, object]]]:
    said = decoded(content)
    if CONTROLS.search(said) or MARKUP.search(said) or PROGRAM.match(said):
        raise Refusal("no_text")
    yield FACTS, {"kind": TXT}
    yield CONTENT, said.encode()


def decoded(content: bytes) -> str:
    """As nearly all text is written, or as Windows wrote it for long."""
    try:
        return UTF_8.decode(content)[0]
    except UnicodeDecodeError:
        pass
    try:
        return WINDOWS.decode(content)[0]
    except UnicodeDecodeError:
        raise Refusal("no_text") from None
