"""Where on a PDF what is written, and how: each widget as a box on its page, whichever way that is turned."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from portal.workshop import CONTENT, FACTS, fields
from portal.workshop.fields import Told, flags_of, inherited, whole
from portal.workshop.nearby import Box
from portal.workshop.pdf import counted, opened

FONT_SIZE = re.compile(r"([\d.]+)\s+Tf")
INK = re.compile(r"((?:[\d.]+\s+){1,4})(g|rg|k)\b")
NOTHING = re.compile(rb"[\sqQn]*(?:BT\s*ET)?[\sqQ]*\Z")
LARGEST = 14400.0  # points: as large as a page may be


@dataclass(frozen=True)
class Frame:
    """What one sees of a page: an area of its own space, and how far it is turned clockwise."""

    left: float
    low: float
    right: float
    high: float
    turn: int

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.right - self.left, self.high - self.low
        return (height, width) if self.turn in (90, 270) else (width, height)

    def seen(self, box: Box) -> tuple[float, float, float, float]:
        """Left, top, width and height of a box of its space, from the upper left corner of what one sees."""
        left, low, right, high = box
        turned = {
            0: (left - self.left, self.high - high, right - left, high - low),
            90: (low - self.low, left - self.left, high - low, right - left),
            180: (self.right - right, low - self.low, right - left, high - low),
            270: (self.high - high, self.right - right, high - low, right - left),
        }
        return turned[self.turn]

    @property
    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """From what one sees, upwards from its lower left corner, to the space of the page."""
        return {
            0: (1, 0, 0, 1, self.left, self.low),
            90: (0, 1, -1, 0, self.right, self.low),
            180: (-1, 0, 0, -1, self.right, self.high),
            270: (0, -1, 1, 0, self.left, self.high),
        }[self.turn]


def told(content: bytes) -> Iterator[tuple[str, bytes | dict[str, object]]]:
    with opened(content) as pdf:
        counted(pdf)
        frames = [frame_of(page) for page in pdf.pages]
        by_all = default_of(pdf)
        boxes = [
            box
            for number, (page, frame) in enumerate(zip(pdf.pages, frames, strict=True), 1)
            for box in boxes_of(page, number, frame, by_all)
        ]
    yield FACTS, {"pages": [list(one.size) for one in frames], "boxes": boxes}
    yield CONTENT, b"-"


def frame_of(page: pikepdf.Page) -> Frame:
    left, low, right, high = (float(one) for one in page.cropbox)
    turn = whole(inherited(page.obj, "/Rotate")) % 360
    left, right, low, high = min(left, right), max(left, right), min(low, high), max(low, high)
    if not 1 <= right - left <= LARGEST or not 1 <= high - low <= LARGEST:
        left, low, right, high = 0.0, 0.0, 612.0, 792.0
    return Frame(left, low, right, high, turn if turn in (90, 180, 270) else 0)


def default_of(pdf: pikepdf.Pdf) -> str:
    form = pdf.Root.get("/AcroForm")
    return str(form.get("/DA", "")) if isinstance(form, Dictionary) else ""


def boxes_of(page: pikepdf.Page, number: int, frame: Frame, by_all: str) -> Iterator[Told]:
    for widget, name in fields.named(page, number):
        if fields.is_filled_in(widget):
            yield {**box(widget, frame, by_all), "page": number, "name": name, "says": ""}
        elif is_kept_by_us(widget):
            yield {**box(widget, frame, by_all), "page": number, "name": "", "says": said_by(widget)}


def box(widget: Dictionary, frame: Frame, by_all: str) -> Told:
    left, top, width, height = frame.seen(fields.box_of(widget))
    looks = widget.get("/MK")
    looks = looks if isinstance(looks, Dictionary) else Dictionary()
    style = widget.get("/BS")
    style = style if isinstance(style, Dictionary) else Dictionary()
    how = str(inherited(widget, "/DA") or by_all)
    kind, flags = str(inherited(widget, "/FT")), flags_of(widget)
    is_button, is_text = kind == "/Btn", kind == "/Tx"
    return {
        "left": left, "top": top, "width": width, "height": height,
        "turn": (frame.turn - whole(looks.get("/R", 0))) % 360,
        "size": size_of(how), "align": whole(inherited(widget, "/Q")), "ink": ink_of(how),
        "lines": is_text and bool(flags & fields.MULTILINE),
        "comb": whole(inherited(widget, "/MaxLen")) if is_text and flags & fields.COMB else 0,
        "paper": colour(looks.get("/BG")), "edge": colour(looks.get("/BC")),
        "edge_width": number_of(style.get("/W"), 1.0), "edge_style": str(style.get("/S", "/S"))[1:2],
        "on": fields.on_of(widget) if is_button else "",
        "is_round": is_button and bool(flags & fields.RADIO),
        "has_tick": is_button and picture_of_tick(widget) is not None,
    }  # fmt: skip


def is_kept_by_us(widget: Dictionary) -> bool:
    """Written by whoever made the form, only read, and without a picture of its own: it would be lost."""
    says = fields.whole(widget.get("/F")) & (fields.HIDDEN | fields.NO_VIEW) == 0 and said_by(widget) != ""
    return says and inherited(widget, "/FT") == Name.Tx and not has_picture(widget)


def said_by(widget: Dictionary) -> str:
    value = inherited(widget, "/V")
    if isinstance(value, Stream):
        return value.read_bytes()[:10_000].decode("utf-8", "replace")
    return str(value)[:10_000] if value is not None else ""


def has_picture(widget: Dictionary) -> bool:
    pictures = widget.get("/AP")
    return isinstance(pictures, Dictionary) and isinstance(pictures.get("/N"), Stream)


def picture_of_tick(widget: Dictionary) -> str | None:
    """The key of the form's own picture of a tick; none where it has none, or one on which nothing is."""
    pictures, on = widget.get("/AP"), fields.on_of(widget)
    up = pictures.get("/N") if isinstance(pictures, Dictionary) else None
    if not isinstance(up, Dictionary) or isinstance(up, Stream):
        return None
    for key in up.keys():  # noqa: SIM118
        if fields.plain(key.removeprefix("/"), fields.LONGEST_WORDS) == on and isinstance(up[key], Stream):
            return None if NOTHING.match(up[key].read_bytes()[:10_000]) else key
    return None


def size_of(how: str) -> float:
    """0 is as large as fits."""
    found = FONT_SIZE.search(how)
    return min(number_of(found[1], 0.0), 72.0) if found else 0.0


def ink_of(how: str) -> str:
    found = INK.findall(how)
    return colour([number_of(one, 0.0) for one in found[-1][0].split()]) or "#000" if found else "#000"


def colour(told: object) -> str:
    """For CSS; empty is none."""
    parts = [number_of(one, 0.0) for one in told] if isinstance(told, Array | list) else []
    if len(parts) == 4:
        *inks, black = parts
        parts = [(1 - one) * (1 - black) for one in inks]
    if len(parts) == 1:
        parts *= 3
    if len(parts) != 3:
        return ""
    return "#" + "".join(f"{round(255 * min(max(one, 0.0), 1.0)):02x}" for one in parts)


def number_of(value: Object | float | str | None, otherwise: float) -> float:
    try:
        return float(str(value))
    except ValueError:
        return otherwise
