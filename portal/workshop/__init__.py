"""Where files of strangers are taken apart: a process of its own, which has nothing and can reach nothing.

`python -m portal.workshop <job>` reads a file from its input and writes frames. It imports nothing else of the portal,
so that it starts soon; what is in here by name may be known to both sides.
"""

PDF, JPEG, PNG, HEIC, TXT, DOCX = "pdf", "jpeg", "png", "heic", "txt", "docx"
PHOTO, HEIC_PHOTO, FORM = "photo", "heic-photo", "form"
MARK = "mark"  # a signature, drawn on a page
SHEET = "sheet-"  # and which: a page of a PDF that is kept already
PLAN, FLATTEN, SEAL, TIMESTAMP, CHECK = "plan", "flatten", "seal", "timestamp", "check"

READY, REFUSED, FACTS, CONTENT, THUMBNAIL, PREVIEW, PAGE, END = (
    "ready", "refused", "facts", "content", "thumbnail", "preview", "page", "end",
)  # fmt: skip


class Refusal(Exception):
    """`code` names a sentence: languages are spoken on the other side."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def packed(*parts: bytes) -> bytes:
    """Several files as the one that a job reads."""
    sizes = b" ".join(b"%d" % len(part) for part in parts)
    return b"%s\n%s" % (sizes, b"".join(parts))


def unpacked(content: bytes) -> list[bytes]:
    sizes, _, rest = content.partition(b"\n")
    parts, start = [], 0
    for size in map(int, sizes.split()):
        parts.append(rest[start : start + size])
        start += size
    return parts
