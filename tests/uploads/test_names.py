"""A file keeps the name that somebody gave it, as far as it is harmless wherever it is saved."""

import asyncio

import pytest

from portal.uploads import Unfit, cleaned, names
from portal.uploads.sentences import ANOTHER_KIND, NO_ENDING, NO_KIND
from tests.uploads.files import a_pdf
from tests.uploads.pictures import a_photo


def named(filename: str, content: bytes = b"A letter") -> str:
    return asyncio.run(cleaned(filename, content)).name


def refusal(filename: str, content: bytes = b"A letter") -> object:
    with pytest.raises(Unfit) as caught:
        asyncio.run(cleaned(filename, content))
    return caught.value.sentence


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("letter.txt", "letter.txt"),
        ("Carta del 5 de año.TXT", "Carta del 5 de año.txt"),
        ("Dr. Okafor 12.5.2026.txt", "Dr. Okafor 12.5.2026.txt"),
        ("письмо 手紙.txt", "письмо 手紙.txt"),
        ("🧠👨‍👩‍👧 notes.txt", "🧠👨‍👩‍👧 notes.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\win.txt", "win.txt"),
        ("/etc/cron.d/job.txt", "job.txt"),
        ("C:\\Users\\maya\\letter.txt", "letter.txt"),
        ("..／..／letter.txt", "letter.txt"),
        ("a\0b\r\nSet-Cookie: x.txt", "ab Set-Cookie x.txt"),
        ("annual\u202etxt.exe\u202c.txt", "annualtxt.txt"),
        ("\u2066letter\u2069\ufeff.txt", "letter.txt"),
        ("CON.txt", "_CON.txt"),
        ("nul.tar.txt", "_nul.txt"),
        ("com1.letter.txt", "_com1.letter.txt"),
        ("letter.txt...  ", "letter.txt"),
        ("...letter.txt", "letter.txt"),
        ("invoice.exe.txt", "invoice.txt"),
        ("invoice.pdf.html.txt", "invoice.txt"),
        ("<script>alert(1)</script>.txt", "script.txt"),
        ('"; rm -rf ~; echo ".txt', "; rm -rf ~; echo.txt"),
        ("a:b|c*d?.txt", "abcd.txt"),
        ("letter\u2028next\u00a0line.txt", "letter next line.txt"),
        (f"{'x' * 500}.txt", f"{'x' * 96}.txt"),
        ("\u202e\u200b\u00ad.x.txt", "x.txt"),
    ],
)
def test_a_name_is_kept_as_far_as_it_is_harmless(given: str, kept: str) -> None:
    assert named(given) == kept


@pytest.mark.parametrize("stem", ["🧠" * 500, "é" * 500, "👨‍👩‍👧" * 90])
def test_a_long_name_fits_every_disk(stem: str) -> None:
    name = named(f"{stem}.txt")
    assert len(name) <= 100 and len(name.encode()) <= 200 and name.endswith(".txt")


def test_whatever_it_is_called_it_can_be_written_into_any_folder(tmp_path) -> None:
    for given in ["CON.txt", "a/b.txt", "..", "x" * 900, "\0\0.txt", "🧠" * 300, "a\nb", ". .", "aux", "-rf", "~"]:
        name = names.safe(given, "txt")
        (tmp_path / name).write_text("")
        assert (tmp_path / name).resolve().parent == tmp_path.resolve() and not name.startswith((".", " "))


@pytest.mark.parametrize(
    "given", ["letter", "", "  ", ".txt", "...", "letter.", "a.b c", "letter\u2024txt", "a.txt::$DATA"]
)
def test_without_an_ending_somebody_hears_which_there_are(given: str) -> None:
    assert refusal(given) == NO_ENDING


@pytest.mark.parametrize(
    "given",
    ["letter.exe", "photo.jpg.exe", "photo\u202egpj.exe", "photo.jpg\0.exe", "a.svg", "a.html", "a.xml", "a.js",
     "a.docm", "a.doc", "a.xlsx", "a.zip", "a.gif", "a.webp", "a.lnk", "a.scr", "a.txt.7z"],
)  # fmt: skip
def test_an_ending_that_is_not_taken_is_refused(given: str) -> None:
    assert refusal(given) == NO_KIND


@pytest.mark.parametrize(
    ("given", "content"),
    [
        ("a.pdf", b"A letter"),
        ("a.jpg", b"A letter"),
        ("a.docx", a_pdf()),
        ("a.txt", a_pdf()),
        ("a.jpg", a_photo(kind="PNG")),
        ("a.png", a_photo()),
        ("a.heic", a_photo()),
        ("a.pdf", a_photo()),
        ("a.txt", a_photo()),
    ],
)
def test_a_name_that_does_not_tell_the_truth_is_refused(given: str, content: bytes) -> None:
    assert refusal(given, content) == ANOTHER_KIND


def test_a_name_takes_the_ending_of_what_is_kept() -> None:
    assert named("IMG_0001.HEIC", a_photo(kind="HEIF")) == "IMG_0001.jpg"
    assert named("scan.JPEG", a_photo()) == "scan.jpg"
    assert named("form.PDF", a_pdf()) == "form.pdf"
