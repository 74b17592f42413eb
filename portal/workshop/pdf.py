"""PDFs as they are kept: what one reads and fills in stays, what acts or reaches out goes. The pikepdf door."""

import re
import signal
import zlib
from collections.abc import Iterator
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from portal.workshop import CONTENT, FACTS, PDF, PREVIEW, THUMBNAIL, Refusal
from portal.workshop.preview import first_page

MOST_PAGES = 300
MOST_OBJECTS = 100_000
MOST_UNPACKED = 512 * 1024 * 1024
MOST_OF_A_STREAM = 128 * 1024 * 1024
MOST_PIXELS = 200_000_000
PORTION = 4 * 1024 * 1024
SECONDS_TO_DRAW = 6
BEGIN, END = b"%PDF-", b"%%EOF"
BEGINS_WITHIN = 1024
AN_OBJECT = re.compile(rb"\b\d+\s+\d+\s+obj\b")

OF_THE_ROOT = {
    "/Type", "/Version", "/Extensions", "/Pages", "/PageLabels", "/Names", "/Dests", "/ViewerPreferences",
    "/PageLayout", "/PageMode", "/Outlines", "/AcroForm", "/Metadata", "/StructTreeRoot", "/MarkInfo", "/Lang",
    "/OutputIntents", "/OCProperties",
}  # fmt: skip
OF_THE_TRAILER = {"/Root", "/Info", "/ID", "/Size"}
# Gone wherever they are. What acts, what is enclosed, what is fetched, and what programs keep for themselves.
NEVER = {
    "/OpenAction", "/AA", "/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RF", "/AF", "/XFA", "/NeedsRendering", "/CO",
    "/Collection", "/RichMediaContent", "/RichMediaSettings", "/3DD", "/3DV", "/3DA", "/Movie", "/Sound", "/Rendition",
    "/Renditions", "/AlternatePresentations", "/OPI", "/PieceInfo", "/Requirements", "/Perms", "/Threads", "/PS",
}  # fmt: skip
ACTIONS = {"/A", "/PA", "/Next"}
HARMLESS = {"/GoTo", "/URI", "/Named", "/ResetForm", "/Hide", "/SetOCGState"}
HARMFUL = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Sound", "/Movie",
    "/GoTo3DView", "/RichMediaExecute", "/Thread", "/GoToDp", "/Trans",
}  # fmt: skip
ANNOTATIONS = {"/RichMedia", "/3D", "/Screen", "/Movie", "/Sound", "/FileAttachment", "/TrapNet", "/PrinterMark"}
ANNOTATIONS_BY_NAME = {Name(one) for one in ANNOTATIONS}
ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\0-\x20\x7f]*\Z", re.I)
FLATE = {"/FlateDecode", "/Fl"}
UNPACKING = FLATE | {
    "/LZWDecode",
    "/LZW",
    "/RunLengthDecode",
    "/RL",
    "/ASCIIHexDecode",
    "/AHx",
    "/ASCII85Decode",
    "/A85",
}

pikepdf.new().save(
    BytesIO(), encryption=pikepdf.Encryption(owner="-", user="")
)  # opens what it needs for locks, for good


def cleaned(content: bytes) -> Iterator[tuple[str, bytes | dict[str, object]]]:
    with opened(trimmed(content)) as pdf:
        pages = counted(pdf)
        must_not_unpack_to_too_much(pdf)
        must_be_more_than_a_program(pdf)
        disarm(pdf)
        kept = written(pdf)
    yield FACTS, {"kind": PDF, "pages": pages}
    yield CONTENT, kept
    signal.setitimer(signal.ITIMER_PROF, SECONDS_TO_DRAW)  # what is kept is told: whoever cannot draw it ends here
    preview, thumbnail = first_page(kept)
    yield THUMBNAIL, thumbnail
    yield PREVIEW, preview


def trimmed(content: bytes) -> bytes:
    """From where a PDF begins to where it ends; behind that there must not be the rest of one."""
    start, end = content.find(BEGIN, 0, BEGINS_WITHIN + len(BEGIN)), content.rfind(END)
    if start < 0 or end < 0 or AN_OBJECT.search(content, end):
        raise Refusal("damaged")
    return content[start : end + len(END)] + b"\n"


def opened(content: bytes) -> pikepdf.Pdf:
    try:
        return pikepdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise Refusal("locked") from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise Refusal("damaged") from error


def counted(pdf: pikepdf.Pdf) -> int:
    if len(pdf.objects) > MOST_OBJECTS:
        raise Refusal("too_much")
    pages = len(pdf.pages)
    if not pages:
        raise Refusal("damaged")
    if pages > MOST_PAGES:
        raise Refusal("too_many_pages")
    return pages


# What it unpacks to ---------------------------------------------------------------------------------------------------


def must_not_unpack_to_too_much(pdf: pikepdf.Pdf) -> None:
    left = MOST_UNPACKED
    for one in pdf.objects:
        if isinstance(one, Stream):
            must_be_drawn_soon(one)
            left -= unpacked(one, min(left, MOST_OF_A_STREAM))


def must_be_drawn_soon(stream: Stream) -> None:
    if stream.get("/Subtype") == Name.Image:
        width, height = stream.get("/Width"), stream.get("/Height")
        if isinstance(width, int) and isinstance(height, int) and width * height > MOST_PIXELS:
            raise Refusal("too_much")


def unpacked(stream: Stream, most: int) -> int:
    """The size behind its filters; of a picture's own, what is before them."""
    filters = names(stream.get("/Filter"))
    size = 0
    if filters and filters[0] in FLATE:
        size = inflated(stream.read_raw_bytes(), most)
        if len(filters) == 1:
            return size
    if filters and UNPACKING.issuperset(filters):
        size = len(stream.read_bytes())  # all at once: the memory of this process is the limit
    elif sum(one in UNPACKING for one in filters) > 1:
        raise Refusal("too_much")
    if size > most:
        raise Refusal("too_much")
    return size


def names(found: object) -> list[str]:
    if isinstance(found, Array):
        return [str(one) for one in found]
    return [str(found)] if isinstance(found, Name) else []


def inflated(content: bytes, most: int) -> int:
    unpacker, size = zlib.decompressobj(), 0
    while content and not unpacker.eof:
        try:
            size += len(unpacker.decompress(content, PORTION))
        except zlib.error:  # damaged: a reader shows what came before
            break
        content = unpacker.unconsumed_tail
        if size > most:
            raise Refusal("too_much")
    return size


# What it would do -----------------------------------------------------------------------------------------------------


def must_be_more_than_a_program(pdf: pikepdf.Pdf) -> None:
    """A form that only one program draws has but one page for all others, which says so."""
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/XFA" in form and not len(form.get("/Fields", [])):
        raise Refusal("no_form")


def disarm(pdf: pikepdf.Pdf) -> None:
    keep_only(pdf.trailer, OF_THE_TRAILER)
    keep_only(pdf.Root, OF_THE_ROOT)
    if isinstance(pdf.Root.get("/Names"), Dictionary):
        keep_only(pdf.Root.Names, {"/Dests"})
    if pdf.Root.get("/PageMode") == Name.UseAttachments:
        del pdf.Root["/PageMode"]
    for one in pdf.objects:
        disarm_all_in(one)


def keep_only(one: Object, keys: set[str]) -> None:
    for key in set(one.keys()) - keys:
        del one[key]


def disarm_all_in(first: Object) -> None:
    """And in what it holds directly: whatever is by itself comes by itself."""
    waiting = [first]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Array):
            without_annotations(one)
            held = list(one)
        elif isinstance(one, Dictionary | Stream):
            disarm_one(one)
            held = [value for _, value in one.items()]
        else:
            continue
        waiting += [value for value in held if isinstance(value, Array | Dictionary) and not value.is_indirect]


def disarm_one(one: Dictionary | Stream) -> None:
    keys = set(one.keys())
    for key in keys & NEVER:
        del one[key]
    for key in keys & ACTIONS:
        if not is_harmless(one[key]):
            del one[key]
    if str(one.get("/S")) in HARMFUL and one.get("/Type") != Name.StructElem:
        keep_only(one, {"/Type"})
    if one.get("/Subtype") in ANNOTATIONS_BY_NAME or one.get("/Type") == Name.Filespec:
        for key in keys & {"/FS", "/F", "/UF", "/DOS", "/Mac", "/Unix", "/AP"}:
            del one[key]
    if isinstance(one, Stream):
        for key in keys & {"/F", "/FFilter", "/FDecodeParms", "/Ref"}:  # what lies elsewhere
            del one[key]
        if Name.PS in (one.get("/Subtype"), one.get("/Subtype2")):
            one.write(b"")


def is_harmless(action: object) -> bool:
    """Or no action at all: the same key holds what a part of a text looks like."""
    if isinstance(action, Array):
        return all(is_harmless(one) for one in action)
    if not isinstance(action, Dictionary) or "/S" not in action:
        return True
    if str(action.S) == "/URI":
        return ADDRESS.match(str(action.get("/URI", ""))) is not None
    return str(action.S) in HARMLESS


def without_annotations(several: Array) -> None:
    for place in reversed(range(len(several))):
        one = several[place]
        if isinstance(one, Dictionary) and one.get("/Subtype") in ANNOTATIONS_BY_NAME and "/Rect" in one:
            del several[place]


def written(pdf: pikepdf.Pdf, *, is_same_each_time: bool = False) -> bytes:
    file = BytesIO()
    pdf.save(
        file, encryption=False, stream_decode_level=pikepdf.StreamDecodeLevel.none,
        fix_metadata_version=False,  # for which it would import a reader of XML, too late
        deterministic_id=is_same_each_time,
    )  # fmt: skip
    return file.getvalue()
