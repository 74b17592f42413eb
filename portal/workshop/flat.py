"""A form as it was filled in, flattened: nothing on it can be filled in any more, and nothing is lost."""

import json
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from portal.workshop import CONTENT, FACTS, fields, unpacked
from portal.workshop.pdf import opened
from portal.workshop.plan import Frame, frame_of, has_picture, picture_of_tick

PRINTED = 1 << 2
UNSEEN = fields.HIDDEN | fields.NO_VIEW | 1
# Of what it was: trees of tags know nothing of what was written, and a reader who follows them would not hear it.
GONE = ("/AcroForm", "/StructTreeRoot", "/MarkInfo", "/Metadata", "/Perms", "/Names", "/OpenAction", "/Extensions")
OF_TAGS = ("/StructParents", "/Tabs")
RECORD = "/PortalRecord"


def flattened(content: bytes) -> Iterator[tuple[str, bytes | dict[str, object]]]:
    """Of `{ticks, written, title, record}`, the form, what is written on its pages `written`, and the pages behind it.

    What has no form begins with the pages behind it.
    """
    order, form, written, behind = unpacked(content)
    told = json.loads(order)
    with opened(form) if form else pikepdf.new() as pdf:
        frames = [frame_of(page) for page in pdf.pages]
        tick(pdf, told["ticks"])
        flatten(pdf)
        if written:
            with opened(written) as sheets:
                for sheet, number in zip(sheets.pages, told["written"], strict=True):
                    write_on(pdf, pdf.pages[number - 1], frames[number - 1], sheet)
        with opened(behind) as more:
            for page in more.pages:
                pdf.pages.append(page)
        for page in pdf.pages:
            forget(page.obj, OF_TAGS)
        pages = len(pdf.pages)
        call(pdf, told["title"], told["record"])
        kept = saved(pdf)
    yield FACTS, {"pages": pages}
    yield CONTENT, kept


def tick(pdf: pikepdf.Pdf, ticks: Mapping[str, Sequence[str]]) -> None:
    """Its own pictures of ticks are set; every other widget goes: what is in it is written beside."""
    for number, page in enumerate(pdf.pages, 1):
        gone = []
        for widget, name in fields.named(page, number):
            key = picture_of_tick(widget) if is_box(widget) else None
            if is_box(widget) and fields.is_filled_in(widget):
                if key is None:
                    gone.append(widget)
                else:
                    is_on = fields.on_of(widget) in ticks.get(name, ())
                    widget["/AS"] = Name(key) if is_on else Name.Off
                    widget["/F"] = fields.whole(widget.get("/F")) & ~UNSEEN | PRINTED
            elif fields.is_filled_in(widget) or not is_only_seen(widget):
                gone.append(widget)
        remove(page, gone)


def is_box(widget: Dictionary) -> bool:
    return fields.inherited(widget, "/FT") == Name.Btn and not fields.flags_of(widget) & fields.PUSH


def is_only_seen(widget: Dictionary) -> bool:
    """What the form says by itself, with a picture of it: a button to press is nothing on paper."""
    if fields.whole(widget.get("/F")) & UNSEEN or fields.inherited(widget, "/FT") not in (Name.Tx, Name.Ch, Name.Btn):
        return False
    return is_box(widget) or (has_picture(widget) and not fields.flags_of(widget) & fields.PUSH)


def remove(page: pikepdf.Page, widgets: Sequence[Dictionary]) -> None:
    held = page.obj.get("/Annots")
    if not widgets or not isinstance(held, Array):
        return
    marks = {id_of(one) for one in widgets}
    page.obj["/Annots"] = Array([one for one in held if id_of(one) not in marks])


def id_of(one: object) -> object:
    """An object by its number; one that stands there directly, by what is in it."""
    if isinstance(one, Dictionary):
        return one.objgen if one.is_indirect else one.unparse()
    return None


def flatten(pdf: pikepdf.Pdf) -> None:
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/NeedAppearances" in form:
        del form["/NeedAppearances"]  # or every tick would go
    pdf.flatten_annotations()
    for page in pdf.pages:
        remove(page, list(fields.widgets_of(page)))


def write_on(pdf: pikepdf.Pdf, page: pikepdf.Page, frame: Frame, sheet: pikepdf.Page) -> None:
    """Above what is there, which gives back whatever it had changed."""
    drawn = pdf.copy_foreign(sheet.as_form_xobject())
    name = page.add_resource(drawn, Name.XObject)
    page.contents_add(b"q\n", prepend=True)
    matrix = " ".join(f"{one:.4f}" for one in frame.matrix)
    page.contents_add(f"\nQ q {matrix} cm {name} Do Q".encode(), prepend=False)


def call(pdf: pikepdf.Pdf, title: str, record: str) -> None:
    forget(pdf.Root, GONE)
    pdf.trailer["/Info"] = pdf.make_indirect(Dictionary({"/Title": String(title), RECORD: String(record)}))
    pdf.Root["/ViewerPreferences"] = Dictionary(DisplayDocTitle=True)


def forget(one: Object, keys: Sequence[str]) -> None:
    for key in keys:
        if key in one:
            del one[key]


def saved(pdf: pikepdf.Pdf) -> bytes:
    pdf.remove_unreferenced_resources()
    file = BytesIO()
    pdf.save(
        file, encryption=False, fix_metadata_version=False, min_version="1.7", compress_streams=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )  # fmt: skip
    return file.getvalue()
