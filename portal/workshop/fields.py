"""What can be filled in on a PDF: its widgets, page by page, whatever its list of fields says. Before it is disarmed,
since what makes a field a date is a script.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from portal.workshop import Refusal
from portal.workshop.nearby import Box, Words

MOST_FIELDS, MOST_WIDGETS, MOST_OPTIONS = 400, 3000, 300
DEEPEST = 32
LONGEST_NAME, LONGEST_WORDS = 200, 200
READ_ONLY, REQUIRED, MULTILINE = 1 << 0, 1 << 1, 1 << 12
RADIO, PUSH, COMBO, EDIT, MULTIPLE, COMB = 1 << 15, 1 << 16, 1 << 17, 1 << 18, 1 << 21, 1 << 24
HIDDEN, NO_VIEW = 1 << 1, 1 << 5
TEXT, DATE, CHECK, SIGNATURE, INITIALS = "text", "date", "check", "signature", "initials"
OFF = "/Off"
SAME_LINE = 8.0  # points
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]+")
SIGNED_HERE = re.compile(r"\b(signature|sign here|firma)\b", re.I)
INITIALS_HERE = re.compile(r"\b(initials?|iniciales)\b", re.I)
MIDDLE = re.compile(r"\b(middle|segundo|m\.? ?i\.?)\b", re.I)
NOT_SIGNED = re.compile(r"\b(date|fecha|print\w*|name|nombre)\b", re.I)
INDEX = re.compile(r"\[\d+\]")
Told = dict[str, Any]


def of(pdf: pikepdf.Pdf, words: Words) -> list[Told]:
    """One for each name, in the order in which a person fills them in. Raises `Refusal` where they are too many."""
    found: dict[str, Told] = {}
    for number, page in enumerate(pdf.pages, 1):
        widgets = named(page, number)
        boxes = [box_of(widget) for widget, _ in widgets]
        for (widget, name), box in zip(widgets, boxes, strict=True):
            if is_filled_in(widget):
                told = found.setdefault(name, {})
                note(told, widget, name, number, box, words.beside(number - 1, box, boxes))
        if sum(len(one["places"]) for one in found.values()) > MOST_WIDGETS or len(found) > MOST_FIELDS:
            raise Refusal("too_many_fields")
    return [one for one in map(finished, found.values()) if one]


def must_not_be_signed(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        for widget in widgets_of(page):
            if inherited(widget, "/FT") == Name.Sig and inherited(widget, "/V") is not None:
                raise Refusal("signed")


def must_have_been_a_pdf(pdf: pikepdf.Pdf) -> None:
    """What only one program draws has nothing that others could fill in."""
    form = pdf.Root.get("/AcroForm")
    has_program = isinstance(form, Dictionary) and "/XFA" in form
    if has_program and not any(True for page in pdf.pages for _ in widgets_of(page)):
        raise Refusal("no_form")


# Widgets --------------------------------------------------------------------------------------------------------------


def named(page: pikepdf.Page, number: int) -> list[tuple[Dictionary, str]]:
    """All of a page, in order; one without a name is called by where it stands. Answers are kept by these names."""
    widgets = in_order(page, list(widgets_of(page)))
    return [(one, name_of(one) or f"page {number}, {place}") for place, one in enumerate(widgets, 1)]


def widgets_of(page: pikepdf.Page) -> Iterator[Dictionary]:
    annotations = page.obj.get("/Annots")
    if isinstance(annotations, Array):
        for one in annotations:
            if isinstance(one, Dictionary) and one.get("/Subtype") == Name.Widget and is_somewhere(one):
                yield one


def is_somewhere(widget: Dictionary) -> bool:
    rect = widget.get("/Rect")
    if not isinstance(rect, Array) or len(rect) != 4:
        return False
    try:
        return all(math.isfinite(float(one)) for one in rect)
    except (TypeError, ValueError):
        return False


def is_filled_in(widget: Dictionary) -> bool:
    """By a person: not what is hidden, only read, or pressed."""
    kind, flags = str(inherited(widget, "/FT")), flags_of(widget)
    if whole(widget.get("/F")) & (HIDDEN | NO_VIEW) or flags & READ_ONLY:
        return False
    return kind in ("/Tx", "/Ch", "/Sig") or (kind == "/Btn" and not flags & PUSH)


def in_order(page: pikepdf.Page, widgets: list[Dictionary]) -> list[Dictionary]:
    """As the page says; where it names no order of widgets, line by line."""
    tabs = str(page.obj.get("/Tabs", ""))
    if tabs in ("/A", "/W"):
        return widgets
    boxes = {id(one): box_of(one) for one in widgets}
    if tabs == "/C":
        return sorted(widgets, key=lambda one: (round(boxes[id(one)][0] / SAME_LINE), -boxes[id(one)][3]))
    return sorted(widgets, key=lambda one: (-round(boxes[id(one)][3] / SAME_LINE), boxes[id(one)][0]))


def box_of(widget: Dictionary) -> Box:
    left, low, right, high = (round(float(one), 2) for one in widget["/Rect"])
    return min(left, right), min(low, high), max(left, right), max(low, high)


def inherited(widget: Dictionary, key: str) -> Object | None:
    one: Object | None = widget
    for _ in range(DEEPEST):
        if not isinstance(one, Dictionary):
            break
        if key in one:
            return one[key]
        one = one.get("/Parent")
    return None


def name_of(widget: Dictionary) -> str:
    parts: list[str] = []
    one: Object | None = widget
    for _ in range(DEEPEST):
        if not isinstance(one, Dictionary):
            break
        if "/T" in one:
            parts.append(plain(one["/T"], LONGEST_NAME))
        one = one.get("/Parent")
    return ".".join(reversed(parts))[:LONGEST_NAME]


def flags_of(widget: Dictionary) -> int:
    return whole(inherited(widget, "/Ff"))


def whole(value: object) -> int:
    """Some programs write a number as text."""
    try:
        return int(str(value))
    except ValueError:
        return 0


def plain(value: object, most: int) -> str:
    try:
        return " ".join(UNSEEN.sub(" ", str(value)).split())[:most]
    except (ValueError, UnicodeError):
        return ""


# What it is -----------------------------------------------------------------------------------------------------------


def note(told: Told, widget: Dictionary, name: str, page: int, box: Box, nearby: tuple[str, str]) -> None:
    """The first widget of a name says what the field is; the others where else it stands."""
    before, behind = nearby
    kind, flags = kind_of(widget), flags_of(widget)
    if not told:
        told |= {
            "name": name, "kind": kind, "places": [], "options": listed(widget), "required": bool(flags & REQUIRED),
            "label": tooltip(widget) or (behind or before if kind == CHECK else before), "help": "",
            "most": max(0, whole(inherited(widget, "/MaxLen"))) if kind in (TEXT, "multiline") else 0,
            "comb": kind == TEXT and bool(flags & COMB), "many": kind == "list" and bool(flags & MULTIPLE),
            "open": kind == "choice" and bool(flags & EDIT),
        }  # fmt: skip
    on = on_of(widget) if kind in (CHECK, "radio") else ""
    told["places"].append({"page": page, "box": list(box), "on": on})
    if on and on not in [one["value"] for one in told["options"]]:
        words = exported(widget, on) if kind == "radio" else ""
        told["options"].append({"value": on, "label": behind or words or on})


def finished(told: Told) -> Told | None:
    """Nothing of it where it cannot be filled in; boxes of one name that mean different things are one choice."""
    options: list[dict[str, str]] = told["options"][:MOST_OPTIONS]
    kind, name = str(told["kind"]), str(told["name"])
    if kind == CHECK and len(options) > 1:
        kind = "radio"
    if kind in ("radio", CHECK, "choice", "list") and not options:
        return None
    label = plain(told["label"], LONGEST_WORDS).rstrip(" :*_.") or spoken(name)
    if kind == TEXT and INITIALS_HERE.search(label) and not MIDDLE.search(label):
        kind = INITIALS
    if kind == TEXT and SIGNED_HERE.search(f"{label} {spoken(name)}") and not NOT_SIGNED.search(label):
        kind = SIGNATURE
    return {**told, "kind": kind, "label": label, "options": options, "comb": bool(told["comb"] and told["most"])}


def kind_of(widget: Dictionary) -> str:
    kind, flags = str(inherited(widget, "/FT")), flags_of(widget)
    if kind == "/Sig":
        return SIGNATURE
    if kind == "/Ch":
        return "choice" if flags & COMBO else "list"
    if kind == "/Btn":
        return "radio" if flags & RADIO else CHECK
    if is_date(widget):
        return DATE
    return "multiline" if flags & MULTILINE else TEXT


def is_date(widget: Dictionary) -> bool:
    """Only a script says so, on each key or on the whole."""
    acts = inherited(widget, "/AA")
    for key in ("/F", "/K") if isinstance(acts, Dictionary) else ():
        act = acts.get(key)  # type: ignore[union-attr]
        if isinstance(act, Dictionary) and "AFDate" in script_of(act.get("/JS")):
            return True
    return False


def script_of(code: object) -> str:
    return code.read_bytes()[:10_000].decode("latin-1") if isinstance(code, pikepdf.Stream) else str(code)


def listed(widget: Dictionary) -> list[dict[str, str]]:
    """What a list offers: what is kept, and what is read. Twice the same value is once."""
    if inherited(widget, "/FT") != Name.Ch:
        return []
    options = inherited(widget, "/Opt")
    found: dict[str, str] = {}
    for one in list(options)[:MOST_OPTIONS] if isinstance(options, Array) else ():
        is_pair = isinstance(one, Array) and len(one) == 2
        value, words = (plain(part, LONGEST_WORDS) for part in (list(one) if is_pair else (one, one)))
        if value or words:
            found.setdefault(value or words, words or value)
    return [{"value": value, "label": words} for value, words in found.items()]


def on_of(widget: Dictionary) -> str:
    """The state that a tick turns it to. A stray key of some programs is in one of its two pictures only."""
    pictures = widget.get("/AP")
    up, down = (pictures.get(key) if isinstance(pictures, Dictionary) else None for key in ("/N", "/D"))
    states = [key for key in up.keys() if key != OFF] if isinstance(up, Dictionary) else []  # noqa: SIM118
    pressed = set(down.keys()) if isinstance(down, Dictionary) else set()
    states = [one for one in states if one in pressed] or states
    return plain((states or ["/Yes"])[0].removeprefix("/"), LONGEST_WORDS)


def exported(widget: Dictionary, on: str) -> str:
    """By its number in the list of what the group means."""
    options = inherited(widget, "/Opt")
    if isinstance(options, Array) and on.isdecimal() and int(on) < len(options):
        return plain(options[int(on)], LONGEST_WORDS)
    return ""


def tooltip(widget: Dictionary) -> str:
    """Written for people who hear the form; a name that stands there for want of words is none."""
    words = plain(inherited(widget, "/TU") or "", LONGEST_WORDS)
    return "" if words in (name_of(widget), name_of(widget).rpartition(".")[2]) else words


def spoken(name: str) -> str:
    """The last part of its name, as words."""
    last = INDEX.sub("", name).rpartition(".")[2] or name
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", last.replace("_", " ").replace("-", " ")).strip().lower()
    return words[:1].upper() + words[1:] or name
