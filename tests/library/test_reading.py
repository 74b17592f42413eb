"""What the portal reads from a PDF, and what it does not take."""

import time
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from portal.library import fields
from portal.library.fields import Field, Kind
from portal.settings import ROOT
from portal.uploads import MOST_BYTES, Paper, Unfit, cleaned, form
from tests.library.files import a_form, an_intake, at, box, line, signed, widget
from tests.uploads.files import a_pdf, in_root, script, with_embedded
from tests.uploads.pictures import a_photo

FIXTURES = sorted((ROOT.parent / "shared" / "fixtures" / "pdf").glob("*.pdf"))
HOW_MANY = {
    "FormTestFromOo": 9, "checkbox_no_appearance": 2, "choice_widget": 3, "documenso_form_fields": 4,
    "fields_order": 6, "form_two_pages": 4, "irs_fw9_2018": 22, "libreoffice_form": 8, "text_widget": 6,
    "with_signature": 1, "form_to_flatten": 8,
}  # fmt: skip
SECONDS = 3


async def read(content: bytes) -> tuple[Paper, list[Field]]:
    made = await form("form.pdf", content)
    return made, fields.read(made.fields)


async def the_fields(content: bytes) -> list[Field]:
    return (await read(content))[1]


async def sentence(content: bytes) -> str:
    with pytest.raises(Unfit) as unfit:
        await form("form.pdf", content)
    return str(unfit.value.sentence)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
async def test_forms_of_the_world_are_read_in_time_or_refused_in_words(path: Path):
    begun = time.monotonic()
    if path.stem.startswith("xfa"):
        assert "opens in one program only" in await sentence(path.read_bytes())
    else:
        made, found = await read(path.read_bytes())
        assert len(found) == HOW_MANY[path.stem], [one.label for one in found]
        assert len(made.pictures) == made.pages and all(one.startswith(b"\xff\xd8") for one in made.pictures)
        assert fields.read(fields.written(found)) == found
    assert time.monotonic() - begun < SECONDS


async def test_a_field_is_called_what_stands_beside_it():
    found = await the_fields(an_intake())
    assert [(one.name, one.kind, one.label) for one in found] == [
        ("f1", Kind.TEXT, "Full name"), ("f2", Kind.DATE, "Date of birth"), ("f3", Kind.CHECK, "I have insurance")
    ]  # fmt: skip
    (place,) = found[0].places
    assert (place.page, place.box) == (1, (200.0, 700.0, 400.0, 716.0))
    assert found[2].places[0].on == "Yes"


async def test_what_is_written_for_people_who_hear_it_comes_first():
    found = await the_fields(a_form(line("f1", TU=String("Your full name"), Ff=2), text=at(72, 704, "Name:")))
    assert [(one.label, one.required) for one in found] == [("Your full name", True)]


async def test_a_tooltip_that_is_but_the_name_is_none():
    (found,) = await the_fields(a_form(line("client_name", TU=String("client_name"))))
    assert found.label == "Client name"


async def test_above_it_will_do_and_the_neighbours_words_are_not_taken():
    drawn = "\n".join(
        [at(72, 720, "First name"), at(300, 720, "Last name"), at(72, 640, "Street"), at(330, 640, "ZIP")]
    )
    found = await the_fields(
        a_form(line("a", 72, 700, 200), line("b", 300, 700, 200), line("c", 120, 636, 200), line("d", 360, 636, 80),
               text=drawn)
    )  # fmt: skip
    assert [one.label for one in found] == ["First name", "Last name", "Street", "ZIP"]


async def test_every_kind_of_field_is_known():
    choices = Array([Array([String("m"), String("Morning")]), String("Evening")])
    found = await the_fields(
        a_form(
            line("several", Ff=1 << 12, MaxLen=300), line("comb", low=660, Ff=1 << 24, MaxLen=9),
            widget("one", Name.Ch, 72, 620, 90, 16, Ff=(1 << 17) | (1 << 18), Opt=choices),
            widget("many", Name.Ch, 72, 580, 90, 30, Ff=1 << 21, Opt=choices),
            widget("sign", Name.Sig, 72, 500, 90, 30), line("Client signature", low=460),
            line("signature date", low=430), line("printed", low=400, TU=String("Printed name for the signature")),
        )
    )  # fmt: skip
    assert [(one.name, one.kind) for one in found] == [
        ("several", "multiline"), ("comb", "text"), ("one", "choice"), ("many", "list"), ("sign", "signature"),
        ("Client signature", "signature"), ("signature date", "text"), ("printed", "text"),
    ]  # fmt: skip
    several, comb, one, many, *_ = found
    assert (several.most, comb.most, comb.comb, one.open, many.many) == (300, 9, True, True, True)
    assert [(option.value, option.label) for option in one.options] == [("m", "Morning"), ("Evening", "Evening")]


async def test_one_name_in_several_places_is_one_field():
    found = await the_fields(
        a_form(line("name"), line("name", low=300), box("yes", on="A"), box("yes", low=500, on="B"))
    )
    assert [(one.kind, len(one.places)) for one in found] == [("text", 2), ("radio", 2)]
    assert [place.on for place in found[1].places] == ["A", "B"]


async def test_what_a_parent_says_holds_for_its_kids():
    def change(pdf: pikepdf.Pdf) -> None:
        parent = pdf.make_indirect(Dictionary(T=String("how"), FT=Name.Btn, Ff=1 << 15, TU=String("How shall we call")))
        for one in pdf.pages[0].Annots:
            del one["/T"], one["/FT"]
            one.Parent = parent

    content = a_form(
        box("x", low=600, on="phone"), box("y", low=580, on="mail"),
        text="\n".join([at(90, 602, "By phone"), at(90, 582, "By e-mail")]), change=change,
    )  # fmt: skip
    (found,) = await the_fields(content)
    assert (found.name, found.kind, found.label) == ("how", "radio", "How shall we call")
    assert [(one.value, one.label) for one in found.options] == [("phone", "By phone"), ("mail", "By e-mail")]


async def test_line_by_line_unless_the_page_says_otherwise():
    def tabs(order: str) -> object:
        def change(pdf: pikepdf.Pdf) -> None:
            if order:
                pdf.pages[0].obj.Tabs = Name("/" + order)

        return change

    def one(order: str) -> bytes:
        places = {"low right": (400, 600), "high right": (400, 700), "low left": (72, 600), "high left": (72, 701)}
        return a_form(*(line(name, *place, 100) for name, place in places.items()), change=tabs(order))  # type: ignore[arg-type]

    by_line = ["high left", "high right", "low left", "low right"]
    assert (
        [field.name for field in await the_fields(one(""))] == by_line == [f.name for f in await the_fields(one("R"))]
    )
    assert [field.name for field in await the_fields(one("C"))] == ["high left", "low left", "high right", "low right"]
    assert [field.name for field in await the_fields(one("W"))] == ["low right", "high right", "low left", "high left"]


async def test_what_nobody_fills_in_is_left_out():
    found = await the_fields(
        a_form(
            line("read only", Ff=1), line("hidden", low=600, F=2), line("kept", low=500),
            widget("press", Name.Btn, 72, 400, 90, 20, Ff=1 << 16), widget("empty list", Name.Ch, 72, 300, 90, 20),
        )
    )  # fmt: skip
    assert [one.name for one in found] == ["kept"]


async def test_fields_that_stand_in_no_list_of_fields_are_found():
    def change(pdf: pikepdf.Pdf) -> None:
        del pdf.Root["/AcroForm"]

    with pytest.warns(pikepdf.PageCopyWarning):
        content = an_intake(change=change)
    assert len(await the_fields(content)) == 3


async def test_without_fields_it_is_a_sheet():
    made, found = await read(a_pdf(pages=3))
    assert found == [] and made.pages == 3 == len(made.pictures)


async def test_what_acts_is_gone_and_what_was_learnt_of_it_stays():
    def change(pdf: pikepdf.Pdf) -> None:
        in_root(OpenAction=script())(pdf)
        with_embedded()(pdf)
        pdf.Root.AcroForm.XFA = pdf.make_stream(b"<xdp>Canary</xdp>")

    made, found = await read(an_intake(change=change))
    assert found[1].kind == Kind.DATE
    with pikepdf.open(BytesIO(made.content)) as pdf:
        assert "/OpenAction" not in pdf.Root and "/XFA" not in pdf.Root.AcroForm and not pdf.attachments
        assert not any("/AA" in one for one in pdf.pages[0].Annots)
        assert all(b"Canary" not in one.read_bytes() for one in pdf.objects if isinstance(one, pikepdf.Stream))


async def test_the_same_file_is_the_same_file():
    content = an_intake()
    assert (await form("a.pdf", content)).content == (await form("b.pdf", content)).content


def xfa_only(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))


LOCKED = pikepdf.Encryption(owner="secret", user="secret")
OWNED = pikepdf.Encryption(owner="secret", user="")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: b"", "is empty"),
        (lambda: b"%PDF-" + b"x" * MOST_BYTES, "10 MB"),
        (lambda: a_photo(), "Choose a PDF"),
        (lambda: b"just words", "Choose a PDF"),
        (lambda: an_intake()[:300], "damaged"),
        (lambda: an_intake(encryption=LOCKED), "password"),
        (lambda: an_intake(signed()), "signed already"),
        (lambda: a_form(change=xfa_only), "opens in one program only"),
        (lambda: an_intake(pages=41), "40 pages"),
        (lambda: a_form(*(line(f"f{place}") for place in range(401))), "400 fields"),
    ],
)
async def test_what_is_not_taken_is_refused_in_words(content, words):
    assert words in await sentence(content())


async def test_a_password_that_only_owners_have_is_no_hindrance():
    made, found = await read(an_intake(encryption=OWNED))
    assert len(found) == 3 and not pikepdf.open(BytesIO(made.content)).is_encrypted


@pytest.mark.parametrize(
    "change",
    [
        lambda pdf: pdf.pages[0].Annots.append(pdf.pages[0].obj),
        lambda pdf: pdf.pages[0].Annots[0].__setattr__("Parent", pdf.pages[0].Annots[0]),
        lambda pdf: pdf.pages[0].Annots[0].__setattr__("Rect", Array([Name.x, 1, 2, 3])),
        lambda pdf: pdf.pages[0].Annots[0].__setattr__("Rect", Array([400, 716, 200, 700])),
        lambda pdf: pdf.pages[0].Annots[0].__setattr__("T", String("\ufeff\u202e\x00")),
        lambda pdf: pdf.pages[0].Annots[0].__setattr__("MaxLen", -5),
        lambda pdf: pdf.pages[0].Annots[0].__setattr__("Ff", String("many")),
        lambda pdf: pdf.pages[0].Annots[0].__setattr__("TU", String("long " * 500)),
        lambda pdf: pdf.pages[0].Annots[0].__setattr__("FT", String("Tx")),
        lambda pdf: pdf.pages[0].Annots[2].__setattr__("AP", Name.Nothing),
        lambda pdf: pdf.pages[0].obj.__setattr__("Annots", Name.Nothing),
    ],
)
async def test_what_is_odd_about_a_form_is_no_fault_of_ours(change):
    """Read as far as it goes, or refused: nothing else."""
    content = an_intake(change=change)
    with suppress(Unfit):
        fields.written(await the_fields(content))


async def test_what_a_file_says_of_itself_does_no_harm():
    """Most programs write it; to read it would take a library that can be loaded no more."""

    def change(pdf: pikepdf.Pdf) -> None:
        with pdf.open_metadata() as said:
            said["dc:title"] = "Intake"

    content = an_intake(change=change)
    assert b"/Metadata" in content
    assert len(await the_fields(content)) == 3 and (await cleaned("intake.pdf", content)).pages == 1
