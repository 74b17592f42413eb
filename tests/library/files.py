"""Forms as practices have them, and as people who mean harm do."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from tests.uploads.files import script

Change = Callable[[Pdf], None]
HELV = "/Helv 10 Tf 0 g"


def a_form(*widgets: Dictionary, pages: int = 1, text: str = "", change: Change | None = None, **how: object) -> bytes:
    """Pages with these on the first; `text` is what its stream draws."""
    pdf = Pdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(pages):
        page = Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, 612, 792]),
            Resources=Dictionary(Font=Dictionary(F1=font)),
            Contents=pdf.make_stream(b"BT /F1 12 Tf %s ET" % text.encode() if not number else b""),
        )
        pdf.pages.append(pikepdf.Page(page))
    made = [pdf.make_indirect(one) for one in widgets]
    if made:
        pdf.pages[0].Annots = Array(made)
        pdf.Root.AcroForm = Dictionary(Fields=Array(made), DA=String(HELV))
    if change:
        change(pdf)
    file = BytesIO()
    pdf.save(file, **how)  # type: ignore[arg-type]
    return file.getvalue()


def at(left: float, low: float, words: str) -> str:
    """To be drawn there."""
    return f"1 0 0 1 {left} {low} Tm ({words}) Tj"


def line(name: str, left: float = 200, low: float = 700, width: float = 200, **more: object) -> Dictionary:
    return widget(name, Name.Tx, left, low, width, 16, **more)


def box(name: str, left: float = 72, low: float = 600, on: str = "Yes", **more: object) -> Dictionary:
    pictures = Dictionary(N=Dictionary({f"/{on}": Dictionary(), "/Off": Dictionary()}))
    return widget(name, Name.Btn, left, low, 12, 12, AP=pictures, **more)


def widget(name: str, kind: Name, left: float, low: float, width: float, height: float, **more: object) -> Dictionary:
    rect = Array([left, low, left + width, low + height])
    said = {"F": 4, "DA": String(HELV), **more}
    return Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=kind, T=String(name), Rect=rect, **said)


def dated() -> Dictionary:
    """What makes a field a date is a script."""
    return Dictionary(F=script("AFDate_FormatEx('mm/dd/yyyy');"))


def signed() -> Dictionary:
    mark = Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Contents=String("x"), ByteRange=Array([0, 1, 2, 3]))
    return widget("Signature", Name.Sig, 72, 100, 200, 40, V=mark)


INTAKE = "\n".join([at(72, 704, "Full name:"), at(72, 674, "Date of birth:"), at(90, 602, "I have insurance")])


def an_intake(*more: Dictionary, text: str = "", **how: object) -> bytes:
    """Three fields that are called what stands beside them."""
    fields = (line("f1"), line("f2", low=670, AA=dated()), box("f3"))
    return a_form(*fields, *more, text=INTAKE + text, **how)  # type: ignore[arg-type]
