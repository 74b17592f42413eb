"""What is written on the pages of a form: each answer in its box, each signature in its place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from portal.copies.fitting import LINE, MARGIN, fitted
from portal.copies.workbench import Box, Plan
from portal.filling import answers
from portal.filling.answers import Answers
from portal.library.fields import By, Field, Kind

ALIGNED = ("left", "center", "right")
HOW_EDGES_ARE = {"D": "dashed", "U": "solid"}
OF_A_NAME = 0.62  # of the height of its box
ROOM_FOR_A_NOTE = 26.0  # points
NOTE = 6.0
WORDS, COMB, TICK, DOT, NAME, DRAWING, EMPTY = "words", "comb", "tick", "dot", "name", "drawing", "empty"


@dataclass(frozen=True)
class Mark:
    """What somebody has signed with: `image` is the drawing as a `data:` address, where it was drawn; `note` stands
    below it, where there is room.
    """

    name: str
    initials: str = ""
    image: str = ""
    note: str = ""


@dataclass(frozen=True)
class Drawn:
    """`style` is where and how it stands; `inner` how what is in it is turned."""

    kind: str
    style: str
    inner: str = ""
    lines: tuple[str, ...] = ()
    image: str = ""
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    number: int
    width: float
    height: float
    drawn: tuple[Drawn, ...]


def written(plan: Plan, asked: Sequence[Field], given: Answers, marks: Mapping[By, Mark]) -> list[Sheet]:
    """Only of pages on which there is something to write."""
    by_name = {one.name: one for one in asked}
    sheets = []
    for number, boxes in groupby(plan.boxes, key=lambda one: one.page):
        drawn = tuple(one for box in boxes for one in _drawn(box, by_name.get(box.name), given, marks))
        if drawn:
            width, height = plan.pages[number - 1]
            sheets.append(Sheet(number, width, height, drawn))
    return sheets


def ticks(asked: Sequence[Field], given: Answers) -> dict[str, list[str]]:
    """What is ticked: the form's own pictures say so, where it brings them."""
    return {one.name: list(given.get(one.name, ())) for one in asked if one.kind in (Kind.CHECK, Kind.RADIO)}


def _drawn(box: Box, field: Field | None, given: Answers, marks: Mapping[By, Mark]) -> Iterator[Drawn]:
    if box.has_tick:
        return
    made = _filled(box, field, given, marks)
    if made is not None:
        yield made
    elif box.paper or box.edge:
        yield Drawn(EMPTY, _place(box))


def _filled(box: Box, field: Field | None, given: Answers, marks: Mapping[By, Mark]) -> Drawn | None:
    if box.says:
        return _words(box, box.says)
    if field is None:
        return None
    values = given.get(field.name, ())
    if box.on:
        return _ticked(box) if box.on in values else None
    if field.is_signed:
        mark = marks.get(field.by)
        return _signed(box, mark, field) if mark else None
    if not values:
        return None
    said = spoken(field, values, box)
    return _comb(box, said) if box.comb else _words(box, said, several=box.lines or field.kind == Kind.LIST)


def spoken(field: Field, values: Sequence[str], box: Box) -> str:
    """As it stands on paper. Several of a list stand below one another, where there is room."""
    said = answers.spoken(field, values)
    if field.kind == Kind.DATE:
        said = [as_day(one, box.comb or field.most) for one in said]
    is_tall = box.lines or box.height > len(said) * 8 * LINE
    return ("\n" if is_tall else ", ").join(said)


def as_day(value: str, most: int) -> str:
    """As on American paper; where there is room for fewer signs, shorter."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    for shape in ("%m/%d/%Y", "%m%d%Y", "%m%d%y"):
        if not most or len(day.strftime(shape)) <= most:
            return day.strftime(shape)
    return day.strftime("%m/%d/%Y")


# As CSS ---------------------------------------------------------------------------------------------------------------


def _words(box: Box, said: str, *, several: bool = False) -> Drawn:
    width, height = _room(box)
    fit = fitted(said, width, height - (2 if several or box.lines else 0), box.size, several=several or box.lines)
    line = fit.size * LINE if several or box.lines else height
    inner = (
        f"font-size:{fit.size:.2f}pt;line-height:{line:.2f}pt;padding:{1 if several or box.lines else 0}pt {MARGIN}pt;"
    )
    return Drawn(WORDS, _place(box), _turned(box) + inner + _ink(box), fit.lines)


def _comb(box: Box, said: str) -> Drawn:
    """One sign to a cell; what would be too much begins at the left."""
    width, height = _room(box)
    cell = width / box.comb
    size = min(box.size or 12.0, height / LINE, cell / 0.7)
    inner = f"font-size:{size:.2f}pt;line-height:{height:.2f}pt;--cell:{cell:.3f}pt;" + _ink(box)
    return Drawn(COMB, _place(box), _turned(box) + inner, tuple(said[: box.comb]))


def _ticked(box: Box) -> Drawn:
    return Drawn(DOT if box.is_round else TICK, _place(box), _turned(box) + _ink(box))


def _signed(box: Box, mark: Mark, field: Field) -> Drawn:
    width, height = _room(box)
    is_initials = field.kind == Kind.INITIALS
    has_note = bool(mark.note) and height >= ROOM_FOR_A_NOTE and not is_initials
    tall = height - NOTE * LINE if has_note else height
    if mark.image and not is_initials:
        inner = f"{_turned(box)}--tall:{tall:.2f}pt;"
        return Drawn(DRAWING, _place(box), inner, image=mark.image, note=mark.note if has_note else "")
    said = mark.initials if is_initials else mark.name
    fit = fitted(said, width, tall, min(24.0, max(6.0, tall * OF_A_NAME)), several=False)
    inner = f"font-size:{fit.size:.2f}pt;line-height:{tall:.2f}pt;padding:0 {MARGIN}pt;"
    return Drawn(NAME, _place(box), _turned(box) + inner, fit.lines, note=mark.note if has_note else "")


def _place(box: Box) -> str:
    paper = f"background:{box.paper};" if box.paper else ""
    at = f"left:{box.left:.2f}pt;top:{box.top:.2f}pt;width:{box.width:.2f}pt;height:{box.height:.2f}pt;"
    return at + paper + _edge(box)


def _edge(box: Box) -> str:
    if not box.edge or box.edge_width <= 0:
        return ""
    side = "border-bottom" if box.edge_style == "U" else "border"
    return f"{side}:{min(box.edge_width, 4):.2f}pt {HOW_EDGES_ARE.get(box.edge_style, 'solid')} {box.edge};"


def _room(box: Box) -> tuple[float, float]:
    """As whoever reads it sees it."""
    return (box.height, box.width) if box.turn in (90, 270) else (box.width, box.height)


def _turned(box: Box) -> str:
    width, height = _room(box)
    how = {
        0: "",
        90: f"transform:translate({box.width:.2f}pt,0) rotate(90deg);",
        180: f"transform:translate({box.width:.2f}pt,{box.height:.2f}pt) rotate(180deg);",
        270: f"transform:translate(0,{box.height:.2f}pt) rotate(270deg);",
    }.get(box.turn, "")
    return f"width:{width:.2f}pt;height:{height:.2f}pt;{how}"


def _ink(box: Box) -> str:
    at = ALIGNED[box.align] if box.align in (0, 1, 2) else ALIGNED[0]
    return f"color:{box.ink};text-align:{at};"
