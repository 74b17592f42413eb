"""Papers as people send them, and as people who mean harm do."""

import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CANARY = "Canary"
PARTS = {
    "[Content_Types].xml": b"<Types/>",
    "_rels/.rels": b"<Relationships/>",
    "word/document.xml": b"<w:document>Letter to the office</w:document>",
    "word/media/image1.png": b"\x89PNG",
    "docProps/core.xml": b"<cp:coreProperties/>",
}
Change = Callable[[Pdf], None]


def a_pdf(change: Change | None = None, pages: int = 1, **how: object) -> bytes:
    """Pages with a line of text each, and whatever `change` does to it."""
    pdf = Pdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(1, pages + 1):
        page = Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, 612, 792]),
            Resources=Dictionary(Font=Dictionary(F1=font)),
            Contents=pdf.make_stream(b"BT /F1 24 Tf 72 700 Td (Page %d) Tj ET 72 300 300 200 re f" % number),
        )
        pdf.pages.append(pikepdf.Page(page))
    if change:
        change(pdf)
    file = BytesIO()
    pdf.save(file, **how)  # type: ignore[arg-type]
    return file.getvalue()


def with_action(**action: object) -> Change:
    """A link on the first page that does it when it is pressed."""

    def change(pdf: Pdf) -> None:
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 600, 700]), A=Dictionary(**action))
        pdf.pages[0].Annots = Array([pdf.make_indirect(link)])

    return change


def with_annotation(subtype: str, **more: object) -> Change:
    def change(pdf: Pdf) -> None:
        one = Dictionary(Type=Name.Annot, Subtype=Name("/" + subtype), Rect=Array([0, 0, 600, 700]), **more)
        pdf.pages[0].Annots = Array([pdf.make_indirect(one)])

    return change


def in_root(**entries: object) -> Change:
    def change(pdf: Pdf) -> None:
        for name, value in entries.items():
            pdf.Root[f"/{name}"] = value

    return change


def script(code: str = f"app.alert('{CANARY}')") -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(code))


def with_field(**more: object) -> Change:
    """A form that can be filled in."""

    def change(pdf: Pdf) -> None:
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("Maya"),
            Rect=Array([72, 500, 300, 520]), DA=String("/Helv 12 Tf 0 g"), F=4, **more,
        )  # fmt: skip
        made = pdf.make_indirect(field)
        pdf.pages[0].Annots = Array([made])
        pdf.Root.AcroForm = Dictionary(Fields=Array([made]), DA=String("/Helv 12 Tf 0 g"))

    return change


def with_embedded(name: str = "evil.exe", content: bytes = b"MZ" + CANARY.encode()) -> Change:
    def change(pdf: Pdf) -> None:
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, content, filename=name)

    return change


def with_content(raw: bytes, *filters: str) -> Change:
    """A page that unpacks to what it unpacks to."""

    def change(pdf: Pdf) -> None:
        stream = pdf.make_stream(b"")
        stream.write(raw, filter=Array([Name("/" + one) for one in filters]))
        pdf.pages[0].Contents = stream

    return change


@cache
def zeros(size: int) -> bytes:
    """Packed."""
    packer = zlib.compressobj(9)
    portion = b"\0" * 1024 * 1024
    return b"".join(packer.compress(portion) for _ in range(size // len(portion))) + packer.flush()


def a_docx(extra: dict[str, bytes] | None = None, without: str = "", how: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", how) as made:
        for name, content in {**PARTS, **(extra or {})}.items():
            if name != without:
                made.writestr(name, content)
    return file.getvalue()


def a_docx_of_shared_bytes() -> bytes:
    """A hundred names in the list of parts, the same bytes behind them all."""
    plain = a_docx({"word/media/image.png": b"\0" * 1024 * 1024})
    start, end = plain.index(b"PK\1\2"), len(plain) - 22
    entry = plain[plain.rindex(b"PK\1\2") : end]
    more = b"".join(entry.replace(b"image.png", b"ima%02d.png" % number) for number in range(100))
    count = len(PARTS) + 1 + 100
    size = end - start + len(more)
    return plain[:end] + more + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, start, 0)
