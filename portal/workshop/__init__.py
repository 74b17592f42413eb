"""Where files of strangers are taken apart: a process of its own, which has nothing and can reach nothing.

`python -m portal.workshop <job>` reads a file from its input and writes frames. It imports nothing else of the portal,
so that it starts soon; what is in here by name may be known to both sides.
"""

PDF, JPEG, PNG, HEIC, TXT, DOCX = "pdf", "jpeg", "png", "heic", "txt", "docx"
PHOTO, HEIC_PHOTO, FORM = "photo", "heic-photo", "form"
MARK = "mark"  # a signature, drawn on a page
SHEET = "sheet-"  # and which: a page of a PDF that is kept already

READY, REFUSED, FACTS, CONTENT, THUMBNAIL, PREVIEW, PAGE, END = (
    "ready", "refused", "facts", "content", "thumbnail", "preview", "page", "end",
)  # fmt: skip


class Refusal(Exception):
    """`code` names a sentence: languages are spoken on the other side."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
