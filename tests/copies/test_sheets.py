"""What was answered stands on the practice's own page, where it belongs, in every alphabet: by what one sees of it."""

import json
from dataclasses import dataclass
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageDraw

from portal.copies import drawing, sheets, workbench
from portal.copies.sheets import Mark
from portal.copies.workbench import Flat
from portal.library import fields
from portal.library.fields import By, Field
from portal.uploads import form
from tasks.actors.pdf import rendered
from tests.copies.steps import ink
from tests.library.files import a_form, box, line, widget

NAMES = {
    "west": "Zoë Núñez-Åström", "east": "Łukasz Dvořák", "cyrillic": "Иван Петров", "chinese": "李小龍 山田",
    "arabic": "محمد علي", "signs": "O'Connor & Søn €5",
}  # fmt: skip
HELV = String("/Helv 0 Tf 0 g")
BEHIND: list[bytes] = []


@dataclass(frozen=True)
class Filled:
    before: bytes
    after: Flat
    asked: list[Field]

    def ink(self, name: str, page: int = 1):
        one = next(field for field in self.asked if field.name == name)
        return ink(self.before, self.after.content, one.places[0].box, page)


async def filled(content: bytes, given: dict[str, list[str]], marks: dict[By, Mark] | None = None, **kinds) -> Filled:
    paper = await form("form.pdf", content)
    asked = fields.read([{**one, "kind": kinds.get(one["name"], one["kind"])} for one in paper.fields])
    before = await flat(paper.content, asked, {}, {})
    return Filled(before.content, await flat(paper.content, asked, given, marks or {}), asked)


async def flat(content: bytes, asked: list[Field], given: dict[str, list[str]], marks: dict[By, Mark]) -> Flat:
    found = sheets.written(await workbench.plan(content), asked, given, marks)
    written = rendered(drawing.of_sheets(found)) if found else b""
    if not BEHIND:
        BEHIND.append(rendered("<html lang='en'><title>x</title><body><p>Behind it"))
    return await workbench.flattened(
        content, sheets.ticks(asked, given), written, [one.number for one in found], BEHIND[0],
        title="x", record=json.dumps({}),
    )  # fmt: skip


@pytest.mark.parametrize("alphabet", NAMES)
async def test_every_alphabet_is_seen_and_stays_within_its_box(alphabet):
    one = await filled(a_form(line("name", width=180)), {"name": [NAMES[alphabet]]})
    seen = one.ink("name")
    assert seen.share > 0.02 and seen.left >= 1 and seen.right <= 179
    assert ink(one.before, one.after.content, (0, 0, 612, 698)).share == 0
    other = await filled(a_form(line("name", width=180)), {"name": ["\U000e0041\U000e0042"]})
    assert other.ink("name").share < 0.02, "signs that no typeface has are not what was seen"


@pytest.mark.parametrize("word", ["ßőřŁż", "ЖЩЫфю", "李龍山田語", "محدعلي"])
async def test_each_sign_of_a_name_is_drawn(word):
    """A typeface that lacks one draws nothing, or the same for each."""
    content = a_form(*(line(f"f{number}", low=700 - 30 * number, width=40) for number in range(3)))
    one = await filled(content, {f"f{number}": [sign] for number, sign in enumerate(word[:3])})
    found = [one.ink(f"f{number}") for number in range(3)]
    assert all(seen.share > 0.01 for seen in found) and len({(seen.share, seen.right) for seen in found}) == 3


async def test_it_stands_at_the_left_in_the_middle_or_at_the_right_as_the_form_says():
    places = [await filled(a_form(line("f", Q=how)), {"f": ["Maya"]}) for how in (0, 1, 2)]
    left, middle, right = (one.ink("f") for one in places)
    assert left.left < 5 and right.right > 195 and abs(middle.left + middle.right - 200) < 6


async def test_a_comb_has_one_sign_in_each_cell():
    content = a_form(line("f", width=180, Ff=1 << 24, MaxLen=9))
    seen = [(await filled(content, {"f": ["123456789"[:many]]})).ink("f") for many in (1, 9)]
    assert seen[0].right < 20 and 165 < seen[1].right < 180


async def test_what_is_too_long_for_a_line_is_smaller_and_then_shortened():
    content = a_form(line("f", width=150, DA=String("/Helv 12 Tf 0 g")))
    short, long, endless = [
        (await filled(content, {"f": [text]})).ink("f")
        for text in ("Maya", "Maya Reyes-Castellanos of Annapolis", "M" * 200)
    ]
    assert long.low - long.top < short.low - short.top
    assert long.right < 150 and endless.right < 150 and endless.share > long.share


async def test_several_lines_are_broken_at_blanks_and_never_run_out_of_their_box():
    content = a_form(widget("f", Name.Tx, 100, 500, 200, 60, Ff=1 << 12, DA=HELV))
    few, many = [(await filled(content, {"f": ["I could not sleep. " * n]})).ink("f") for n in (4, 300)]
    assert 15 < few.low < 60 and many.low <= 60 and many.right <= 200


async def test_lines_that_somebody_began_anew_are_begun_anew():
    content = a_form(widget("f", Name.Tx, 100, 500, 200, 60, Ff=1 << 12, DA=HELV))
    one, three = [(await filled(content, {"f": [text]})).ink("f") for text in ("a b c", "a\nb\nc")]
    assert three.low > one.low + 20


async def test_a_tick_is_the_forms_own_or_ours_where_it_has_none():
    own = box("own")

    def with_a_picture(pdf: pikepdf.Pdf) -> None:
        pictures = pdf.pages[0].Annots[0].AP.N
        for state, content in (("/Yes", b"0 0 12 12 re f"), ("/Off", b" ")):
            pictures[state] = pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 12, 12]))

    content = a_form(own, box("ours", low=500), change=with_a_picture)
    one = await filled(content, {"own": ["Yes"], "ours": ["Yes"]})
    assert one.ink("own").share > 0.8 and 0.03 < one.ink("ours").share < 0.5
    none = await filled(content, {})
    assert none.ink("own").share == none.ink("ours").share == 0


async def test_of_several_boxes_that_mean_one_choice_one_is_ticked():
    content = a_form(box("how", on="A"), box("how", low=500, on="B"))
    one = await filled(content, {"how": ["B"]})
    first, second = (ink(one.before, one.after.content, place.box) for place in one.asked[0].places)
    assert first.share == 0 and second.share > 0.03


async def test_one_field_in_several_places_stands_in_all_of_them():
    one = await filled(a_form(line("f"), line("f", low=300)), {"f": ["Maya"]})
    assert all(ink(one.before, one.after.content, place.box).share > 0.01 for place in one.asked[0].places)


@pytest.mark.parametrize("turn", [90, 180, 270])
async def test_on_a_page_that_lies_on_its_side_it_stands_upright(turn):
    """As one sees it: the form asks for words that are turned as the page is."""

    def change(pdf):
        pdf.pages[0].Rotate = turn

    rect = {90: (100, 200, 116, 400), 180: (200, 100, 400, 116), 270: (500, 200, 516, 400)}[turn]
    left, low, right, high = rect
    field = widget("f", Name.Tx, left, low, right - left, high - low, MK=Dictionary(R=turn), DA=HELV)
    one = await filled(a_form(field, change=change), {"f": ["Maya Reyes"]})
    seen = {90: (low, 612 - right, high, 612 - left), 180: (612 - right, 792 - high, 612 - left, 792 - low),
            270: (792 - high, left, 792 - low, right)}[turn]  # fmt: skip
    found = ink(one.before, one.after.content, seen)
    assert found.share > 0.03 and found.left < 6 and 45 < found.right < 90 and found.low - found.top < 14
    whole = ink(one.before, one.after.content, (0, 0, 792, 792))
    assert abs(whole.share * 792 * 792 - found.share * 200 * 16) < 500, "and nowhere else"


@pytest.mark.parametrize("turn", [90, 180, 270])
async def test_words_that_are_turned_on_an_upright_page_are_turned(turn):
    width, height = (16, 120) if turn != 180 else (120, 16)
    field = widget("f", Name.Tx, 100, 300, width, height, MK=Dictionary(R=turn), DA=HELV)
    found = (await filled(a_form(field), {"f": ["Maya"]})).ink("f")
    if turn == 180:
        assert found.left > 60 and found.right > 110
    else:
        assert found.low - found.top > 15 and (found.top > 60) == (turn == 90)


async def test_what_the_form_draws_around_and_behind_its_fields_stays():
    looks = Dictionary(BG=Array([1, 1, 0]), BC=Array([0, 0, 1]))
    content = a_form(line("f", MK=looks, DA=HELV))
    paper = await form("form.pdf", content)
    asked = fields.read(paper.fields)
    flat_one = await flat(paper.content, asked, {}, {})
    image = pypdfium2.PdfDocument(flat_one.content)[0].render(scale=2).to_pil().convert("RGB")
    inside, edge = image.getpixel((600, ((792 - 708) * 2))), image.getpixel((401, ((792 - 708) * 2)))
    assert inside == (255, 255, 0) and edge[2] > 200 and edge[0] < 80


async def test_what_the_form_itself_says_stays_and_buttons_to_press_go():
    says = line("office", Ff=1, V=String("Harbor Lane"), DA=HELV)
    press = widget("reset", Name.Btn, 72, 400, 80, 20, Ff=1 << 16, MK=Dictionary(CA=String("Reset"), BC=Array([0])))
    content = a_form(says, press, line("name", low=300))
    one = await filled(content, {"name": ["Maya"]})
    blank = await filled(a_form(line("name", low=300)), {})
    assert ink(blank.after.content, one.after.content, (200, 700, 400, 716)).share > 0.01
    assert ink(blank.after.content, one.after.content, (72, 400, 152, 420)).share == 0


async def test_a_signature_stands_in_its_place_typed_or_drawn_and_initials_too():
    content = a_form(
        widget("sign", Name.Sig, 72, 300, 200, 40),
        line("initials", low=250, width=60),
        widget("ours", Name.Sig, 72, 100, 200, 40),
    )
    typed = {By.CLIENT: Mark("Zoë 李小龍", "ZL", note="Signed electronically, Nov 30, 2026")}
    one = await filled(content, {}, typed, initials="initials")
    assert one.ink("sign").share > 0.03 and one.ink("initials").share > 0.02
    image = drawing.as_address(a_drawing(), "image/png")
    other = await filled(content, {}, {By.CLIENT: Mark("Zoë", "Z", image)}, initials="initials")
    found = other.ink("sign")
    assert found.share > 0.03 and found.low <= 40 and found.right <= 200
    assert found.share != one.ink("sign").share


def a_drawing() -> bytes:
    image, file = Image.new("RGBA", (600, 200), (0, 0, 0, 0)), BytesIO()
    ImageDraw.Draw(image).line([(20, 150), (200, 30), (300, 160), (580, 60)], fill=(0, 0, 60, 255), width=12)
    image.save(file, "PNG")
    return file.getvalue()


async def test_nothing_can_be_filled_in_any_more():
    one = await filled(a_form(line("f"), box("b")), {"f": ["Maya"]})
    with pikepdf.open(BytesIO(one.after.content)) as pdf:
        assert "/AcroForm" not in pdf.Root and not any(page.get("/Annots") for page in pdf.pages)
        assert len(pdf.pages) == one.after.pages == 2
