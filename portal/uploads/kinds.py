"""Which kind a file is: its content and its name must say the same."""

from portal.uploads.names import extension
from portal.uploads.sentences import ANOTHER_KIND, NO_ENDING, NO_KIND, Unfit
from portal.workshop import DOCX, HEIC, JPEG, PDF, PNG, TXT

ENDINGS = {"pdf": PDF, "jpg": JPEG, "jpeg": JPEG, "png": PNG, "heic": HEIC, "heif": HEIC, "txt": TXT, "docx": DOCX}
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# Endings for most, types for phones that grey out everything else.
ACCEPT = ",".join([*(f".{one}" for one in ENDINGS), "application/pdf", "image/jpeg", "image/png", "image/heic"])
PDF_BEGINS_WITHIN = 1024


def kind_of(name: str, content: bytes) -> str:
    """Raises `Unfit`. Whether it is also whole is for the workshop to say."""
    ending = extension(name)
    if not ending:
        raise Unfit(NO_ENDING)
    kind = ENDINGS.get(ending)
    if kind is None:
        raise Unfit(NO_KIND)
    if content_of(content) != kind:
        raise Unfit(ANOTHER_KIND)
    return kind


def is_heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS


def content_of(content: bytes) -> str:
    """Whatever is nothing else may be text."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if is_heic(content):
        return HEIC
    if content.startswith(b"PK\3\4"):
        return DOCX
    if b"%PDF-" in content[: PDF_BEGINS_WITHIN + 5]:
        return PDF
    return TXT
