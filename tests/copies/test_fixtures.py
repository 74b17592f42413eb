"""Forms of the world, filled in with every alphabet: nothing raises, everything is seen, and no file grows."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from portal.copies import drawing, sheets, workbench
from portal.copies.sheets import Mark
from portal.library import fields
from portal.library.fields import By, Field, Kind
from portal.settings import ROOT
from portal.uploads import form
from tasks.actors.pdf import rendered
from tests.copies.steps import ink

FIXTURES = [
    path for path in sorted((ROOT.parent / "shared" / "fixtures" / "pdf").glob("*.pdf")) if "xfa" not in path.stem
]
NAMES = ["Zoë Núñez-Åström", "Łukasz Dvořák", "Иван Петров", "李小龍 山田", "محمد علي", "O'Connor & Søn €5"]
LARGEST_OF_SMALL_FORMS = 40_000  # what letters of five alphabets and the record take, at most


def answered(asked: list[Field]) -> dict[str, list[str]]:
    """Something in each field that is asked."""
    given: dict[str, list[str]] = {}
    for number, one in enumerate(asked):
        name = NAMES[number % len(NAMES)]
        if one.kind in (Kind.RADIO, Kind.CHECK, Kind.CHOICE):
            given[one.name] = [one.options[-1].value]
        elif one.kind == Kind.LIST:
            given[one.name] = [option.value for option in one.options[:2]]
        elif one.kind == Kind.DATE:
            given[one.name] = ["2026-11-30"]
        elif one.kind == Kind.MULTILINE:
            given[one.name] = [f"{name} " * 20]
        elif not one.is_signed:
            given[one.name] = ["123456789"[: one.most] if one.comb else name]
    return given


async def flat(content: bytes, asked: list[Field], given: dict[str, list[str]], marks: dict[By, Mark]) -> bytes:
    found = sheets.written(await workbench.plan(content), asked, given, marks)
    made = await workbench.flattened(
        content, sheets.ticks(asked, given), rendered(drawing.of_sheets(found)) if found else b"",
        [one.number for one in found], rendered("<html lang='en'><title>x</title><body><p>x"), title="x", record="{}",
    )  # fmt: skip
    return made.content


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
async def test_a_form_of_the_world_is_filled_in_and_flat(path: Path):
    paper = await form("form.pdf", path.read_bytes())
    asked = fields.read(paper.fields)
    marks = {By.CLIENT: Mark("Zoë 李小龍", "ZL")}
    before = await flat(paper.content, asked, {}, {})
    after = await flat(paper.content, asked, answered(asked), marks)
    assert len(after) < max(2 * path.stat().st_size, LARGEST_OF_SMALL_FORMS)
    unseen = []
    for one in asked:
        places = [place for place in one.places if not place.on or place.on in answered(asked)[one.name]]
        unseen += [one.name for place in places if ink(before, after, place.box, place.page).share < 0.004]
    assert unseen == []
    with pikepdf.open(BytesIO(after)) as pdf:
        assert "/AcroForm" not in pdf.Root and "/XFA" not in pdf.Root
        assert not [one for page in pdf.pages for one in page.get("/Annots", []) if one.Subtype == "/Widget"]
