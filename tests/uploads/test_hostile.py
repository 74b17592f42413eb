"""Files that mean harm: each is refused with its sentence, or what is kept of it can do nothing."""

import asyncio
import base64
import random
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image, PngImagePlugin

from portal.uploads import MOST_BYTES, Cleaned, Unfit, cleaned, sentences
from tests.uploads.files import (
    CANARY,
    EICAR,
    a_docx,
    a_docx_of_shared_bytes,
    a_pdf,
    in_root,
    script,
    with_action,
    with_annotation,
    with_content,
    with_embedded,
    with_field,
    zeros,
)
from tests.uploads.pictures import a_photo, a_vast_png, exif, saved

MIB = 1024 * 1024
HTML = b"<!DOCTYPE html><html><body><script>alert('Canary')</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
GIF_AND_SCRIPT = b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert('Canary')//"
EXE = b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff" + b"\0" * 200 + b"PE\0\0"
ELF = b"\x7fELF\2\1\1" + b"\0" * 200
JPEG_AND_ZIP = a_photo() + a_docx({"evil.js": CANARY.encode()}, how=zipfile.ZIP_STORED)
PDF_AND_ZIP = a_pdf() + a_docx({"evil.js": CANARY.encode()}, how=zipfile.ZIP_STORED)
HTML_AND_PDF = HTML + b"\n" + a_pdf()
FILM = [Image.new("RGB", (80, 60), colour) for colour in ("lime", "red", "blue")]
OF = sentences.OF_THE_WORKSHOP


def keep(filename: str, content: bytes) -> Cleaned:
    return asyncio.run(cleaned(filename, content))


def a_png_of_chunks(count: int) -> bytes:
    told = PngImagePlugin.PngInfo()
    for number in range(count):
        told.add_text(f"Canary{number}", CANARY)
    return saved(Image.new("RGB", (60, 40), "red"), "PNG", pnginfo=told)


def a_png_of_a_bomb_in_text() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Canary", CANARY + "0" * 60 * MIB, zip=True)
    return saved(Image.new("RGB", (60, 40), "red"), "PNG", pnginfo=told)


def an_encrypted_zip() -> bytes:
    content = bytearray(a_docx())
    at = content.index(b"PK\1\2")
    content[at + 8] |= 1
    return bytes(content)


def a_lying_zip() -> bytes:
    """One name in the list, another before the part itself."""
    return a_docx({"word/theme1.xml": b"<x/>"}).replace(b"word/theme1.xml", b"word/evil10.exe", 1)


def a_pdf_whose_list_of_objects_is_a_bomb() -> bytes:
    """What a reader must unpack before it knows the first thing about the file."""
    bomb = zeros(2000 * MIB)
    body = b"%PDF-1.5\n"
    at = len(body)
    head = b"/Type /XRef /Size 9 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /Length %d" % len(bomb)
    return (
        body + b"7 0 obj\n<< " + head + b" >>\nstream\n" + bomb + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % at
    )


def nested(pdf: Pdf) -> None:
    inner = Array([])
    for _ in range(400):
        inner = Array([inner])
    pdf.Root.Lang = inner


def a_circle_of_pages() -> bytes:
    def change(pdf: Pdf) -> None:
        pdf.Root.Pages.Kids = Array([pdf.Root.Pages])

    return a_pdf(change)


def locked(**how: str) -> bytes:
    return a_pdf(encryption=pikepdf.Encryption(**how))


REFUSED: dict[str, tuple[str, bytes, object]] = {
    "nothing": ("a.pdf", b"", sentences.EMPTY),
    "10 MB and a byte": ("a.pdf", a_pdf() + b" " * MOST_BYTES, sentences.TOO_LARGE),
    "10 MB and a byte of text": ("a.txt", b"a" * (MOST_BYTES + 1), sentences.TOO_LARGE),
    "a drawing that runs scripts": ("a.svg", SVG, sentences.NO_KIND),
    "a drawing called a photo": ("a.png", SVG, sentences.ANOTHER_KIND),
    "a drawing called a text": ("a.txt", SVG, OF["no_text"]),
    "a page called a text": ("a.txt", HTML, OF["no_text"]),
    "a page behind blanks called a text": ("a.txt", b"\n" * 5000 + HTML, OF["no_text"]),
    "a page in UTF-16 called a text": ("a.txt", HTML.decode().encode("utf-16"), OF["no_text"]),
    "a page in UTF-7 with a script tag": ("a.txt", b"+ADw-script+AD4- <script>", OF["no_text"]),
    "a page called a PDF": ("a.pdf", HTML, sentences.ANOTHER_KIND),
    "a page called a photo": ("a.jpg", HTML, sentences.ANOTHER_KIND),
    "laughs by the billion": ("a.txt", LAUGHS, OF["no_text"]),
    "an entity from outside": ("a.txt", OUTSIDE, OF["no_text"]),
    "laughs in a Word file's name": ("a.docx", LAUGHS, sentences.ANOTHER_KIND),
    "a program": ("a.exe", EXE, sentences.NO_KIND),
    "a program called a photo": ("a.jpg", EXE, sentences.ANOTHER_KIND),
    "a program called a text": ("a.txt", EXE, OF["no_text"]),
    "a program of Linux called a text": ("a.txt", ELF, OF["no_text"]),
    "a shell script called a photo": ("a.jpg", b"#!/bin/sh\nrm -rf ~\n", sentences.ANOTHER_KIND),
    "a shell script called a text": ("a.txt", b"#!/bin/sh\nrm -rf ~\n", OF["no_text"]),
    "a PHP script called a text": ("a.txt", b"<?php system($_GET['c']); ?>", OF["no_text"]),
    "a batch file called a text": ("a.txt", b"@echo off\r\nformat c:\r\n", OF["no_text"]),
    "PostScript called a text": ("a.txt", b"%!PS-Adobe-3.0\n(x) run", OF["no_text"]),
    "RTF called a text": ("a.txt", b"{\\rtf1{\\object\\objupdate}}", OF["no_text"]),
    "a text with a zero": ("a.txt", b"A letter\0with more", OF["no_text"]),
    "a text that moves the cursor": ("a.txt", b"\x1b]0;title\x07\x1b[2J", OF["no_text"]),
    "EICAR as a text": ("eicar.txt", EICAR, OF["no_text"]),
    "EICAR as a PDF": ("eicar.pdf", EICAR, sentences.ANOTHER_KIND),
    "EICAR as a program": ("eicar.com", EICAR, sentences.NO_KIND),
    "EICAR in a Word file": ("a.docx", a_docx({"word/eicar.com": EICAR}), OF["macros"]),
    "GIF and script": ("a.gif", GIF_AND_SCRIPT, sentences.NO_KIND),
    "GIF and script called a photo": ("a.jpg", GIF_AND_SCRIPT, sentences.ANOTHER_KIND),
    "GIF and script called a text": ("a.txt", GIF_AND_SCRIPT, OF["no_text"]),
    "a film as GIF": ("a.gif", saved(FILM[0], "GIF", save_all=True, append_images=FILM[1:]), sentences.NO_KIND),
    "a film as WebP": ("a.png", saved(FILM[0], "WEBP", save_all=True, append_images=FILM[1:]), sentences.ANOTHER_KIND),
    "20,000 pixels square": ("a.png", a_vast_png(20_000, 20_000), OF["too_many_pixels"]),
    "20,000 pixels square that are there": (
        "a.png",
        saved(Image.new("1", (20_000, 20_000)), "PNG"),
        OF["too_many_pixels"],
    ),
    "60,000 pixels square": ("a.png", a_vast_png(60_000, 60_000), OF["too_many_pixels"]),
    "two billion pixels in a row": ("a.png", a_vast_png(2**31 - 1, 1), OF["too_many_pixels"]),
    "many pixels in scans": (
        "a.jpg",
        saved(Image.new("L", (5_100, 5_100)), "JPEG", progressive=True),
        OF["too_many_pixels"],
    ),
    "a bomb in a picture's text": ("a.png", a_png_of_a_bomb_in_text(), OF["damaged_photo"]),
    "half a JPEG": ("a.jpg", a_photo(900, 700)[:4000], OF["damaged_photo"]),
    "half a PNG": ("a.png", a_photo(kind="PNG")[:-300], OF["damaged_photo"]),
    "half a HEIC": ("a.heic", a_photo(kind="HEIF")[:-200], OF["damaged_photo"]),
    "the beginning of a JPEG": ("a.jpg", b"\xff\xd8\xff\xe0", OF["damaged_photo"]),
    "half a PDF": ("a.pdf", a_pdf(pages=9)[:-400], OF["damaged"]),
    "half a PDF behind another": ("a.pdf", a_pdf() + a_pdf()[:400], OF["damaged"]),
    "the beginning of a PDF": ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", OF["damaged"]),
    "a PDF that begins too late": ("a.pdf", b" " * 2000 + a_pdf(), sentences.ANOTHER_KIND),
    "a PDF without pages": ("a.pdf", a_pdf(pages=0), OF["damaged"]),
    "a PDF whose pages go in a circle": ("a.pdf", a_circle_of_pages(), OF["damaged"]),
    "a PDF of 301 pages": ("a.pdf", a_pdf(pages=301), OF["too_many_pages"]),
    "a locked PDF": ("a.pdf", locked(user="secret", owner="secret"), OF["locked"]),
    "a PDF locked the old way": (
        "a.pdf",
        a_pdf(encryption=pikepdf.Encryption(user="s", owner="s", R=3, aes=False, metadata=False)),
        OF["locked"],
    ),
    "a page that unpacks to 200 MB": ("a.pdf", a_pdf(with_content(zeros(200 * MIB), "FlateDecode")), OF["too_much"]),
    "a page packed twice": (
        "a.pdf",
        a_pdf(with_content(zlib.compress(zeros(200 * MIB), 9), "FlateDecode", "FlateDecode")),
        OF["too_much"],
    ),
    "a page packed three times": (
        "a.pdf",
        a_pdf(
            with_content(
                zlib.compress(zlib.compress(zeros(200 * MIB), 9), 9), "FlateDecode", "FlateDecode", "FlateDecode"
            )
        ),
        OF["too_much"],
    ),
    "a page packed and written in letters": (
        "a.pdf",
        a_pdf(
            with_content(
                base64.a85encode(zlib.compress(zeros(200 * MIB), 9)) + b"~>",
                "ASCII85Decode",
                "FlateDecode",
                "FlateDecode",
            )
        ),
        OF["too_much"],
    ),
    "a list of objects that unpacks to 200 MB": (
        "a.pdf",
        a_pdf_whose_list_of_objects_is_a_bomb(),
        (OF["damaged"], OF["too_much"]),
    ),
    "a form that only one program draws": (
        "a.pdf",
        a_pdf(in_root(AcroForm=Dictionary(XFA=String(CANARY), Fields=Array([])))),
        OF["no_form"],
    ),
    "a Word file with macros": ("a.docm", a_docx({"word/vbaProject.bin": b"x"}), sentences.NO_KIND),
    "a Word file with macros, renamed": ("a.docx", a_docx({"word/vbaProject.bin": b"x"}), OF["macros"]),
    "a Word file with an old object": ("a.docx", a_docx({"word/embeddings/oleObject1.bin": b"x"}), OF["macros"]),
    "a Word file with a control": ("a.docx", a_docx({"word/activeX/activeX1.xml": b"x"}), OF["macros"]),
    "a Word file with a page in it": ("a.docx", a_docx({"word/page.html": HTML}), OF["no_word"]),
    "a Word file that writes elsewhere": ("a.docx", a_docx({"../../evil.xml": b"x"}), OF["no_word"]),
    "a Word file that writes at the root": ("a.docx", a_docx({"/etc/evil.xml": b"x"}), OF["no_word"]),
    "a Word file that is a bomb": ("a.docx", a_docx({"word/media/image2.png": b"\0" * 120 * MIB}), OF["too_much"]),
    "a Word file of bombs": (
        "a.docx",
        a_docx({f"word/media/image{n}.png": b"\0" * 9 * MIB for n in range(30)}),
        OF["too_much"],
    ),
    "a Word file of shared bytes": ("a.docx", a_docx_of_shared_bytes(), (OF["too_much"], OF["no_word"])),
    "a Word file of 3,000 parts": ("a.docx", a_docx({f"word/p{n}.xml": b"" for n in range(3000)}), OF["too_much"]),
    "a zip of anything": ("a.docx", a_docx(without="word/document.xml"), OF["no_word"]),
    "a locked Word file": ("a.docx", an_encrypted_zip(), OF["no_word"]),
    "a Word file with two tables of contents": ("a.docx", a_lying_zip(), (OF["no_word"], OF["macros"])),
    "a Word file behind a program": ("a.docx", EXE + a_docx(), sentences.ANOTHER_KIND),
    "a Word file with more behind it": ("a.docx", a_docx() + HTML, OF["no_word"]),
    "a Word file that is a PDF too": ("a.docx", PDF_AND_ZIP, sentences.ANOTHER_KIND),
    "half a Word file": ("a.docx", a_docx()[:-100], OF["no_word"]),
    "an old Word file": ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, sentences.ANOTHER_KIND),
    "a photo of a film called a text": ("a.txt", a_photo(), sentences.ANOTHER_KIND),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_a_sentence(what: str) -> None:
    filename, content, expected = REFUSED[what]
    with pytest.raises(Unfit) as caught:
        keep(filename, content)
    said = expected if isinstance(expected, tuple) else (expected,)
    assert caught.value.sentence in said, caught.value.sentence


# What is kept, and can do nothing ------------------------------------------------------------------------------------


PICTURES: dict[str, tuple[str, bytes]] = {
    "a JPEG with a page in its comment": ("a.jpg", a_photo(comment=HTML)),
    "a JPEG that says where it was taken": ("a.jpg", a_photo(exif=exif(6))),
    "a JPEG with a zip behind it": ("a.jpg", JPEG_AND_ZIP),
    "a JPEG with a page behind it": ("a.jpg", a_photo() + HTML),
    "a JPEG with a profile": ("a.jpg", a_photo(icc_profile=b"CanaryProfile" * 20)),
    "a photo of two lenses": ("a.jpg", saved(FILM[0], "MPO", save_all=True, append_images=FILM[1:], comment=b"Canary")),
    "a PNG with 3,000 words": ("a.png", a_png_of_chunks(3000)),
    "a PNG with a page behind it": ("a.png", a_photo(kind="PNG") + HTML),
    "a PNG that is a film": ("a.png", saved(FILM[0], "PNG", save_all=True, append_images=FILM[1:]) + b"Canary"),
    "a HEIC that says where it was taken": ("a.heic", a_photo(kind="HEIF", exif=exif(1))),
    "a HEIC with a page behind it": ("a.heic", a_photo(kind="HEIF") + HTML),
}


@pytest.mark.parametrize("what", PICTURES)
def test_of_a_picture_only_what_can_be_seen_is_kept(what: str) -> None:
    filename, content = PICTURES[what]
    assert b"Canary" in content
    kept = keep(filename, content)
    assert kept.thumbnail is not None
    for made in (kept.content, kept.thumbnail):
        image = Image.open(BytesIO(made))
        image.load()
        assert b"Canary" not in made and b"script" not in made and not image.getexif()
        assert getattr(image, "n_frames", 1) == 1 and "icc_profile" not in image.info
        end = b"\xff\xd9" if image.format == "JPEG" else b"IEND\xaeB`\x82"
        assert made.endswith(end) and made.count(b"IEND") <= 1


OPEN = {
    "encryption": False,
    "compress_streams": False,
    "stream_decode_level": pikepdf.StreamDecodeLevel.generalized,
    "object_stream_mode": pikepdf.ObjectStreamMode.disable,
}


def everything_in(content: bytes) -> bytes:
    """Every object and every stream as a reader sees it, and the bytes as they lie there."""
    file = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        assert not pdf.is_encrypted
        pdf.save(file, **OPEN)
    return content + file.getvalue()


def several(*changes) -> object:
    def change(pdf: Pdf) -> None:
        for one in changes:
            one(pdf)

    return change


def with_scripts_in_names(pdf: Pdf) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("x"), pdf.make_indirect(script())])))


def with_a_script_behind_a_harmless_action(pdf: Pdf) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
    link.A = Dictionary(S=Name.Named, N=Name.NextPage, Next=Array([pdf.make_indirect(script())]))
    pdf.pages[0].Annots = Array([link])


def with_an_action_named_elsewhere(pdf: Pdf) -> None:
    """The word itself is an object of its own."""
    launch = pdf.make_indirect(Name.Launch)
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
    link.A = pdf.make_indirect(Dictionary(S=launch, F=String("Canary.exe")))
    pdf.pages[0].Annots = pdf.make_indirect(Array([pdf.make_indirect(link)]))


def with_a_field_that_runs(pdf: Pdf) -> None:
    with_field(AA=Dictionary(K=script(), F=script(), C=script()), A=Dictionary(S=Name.JavaScript, JS=String(CANARY)))(
        pdf
    )
    pdf.Root.AcroForm.CO = Array([pdf.Root.AcroForm.Fields[0]])


def with_an_outline_that_runs(pdf: Pdf) -> None:
    item = pdf.make_indirect(Dictionary(Title=String("Start"), A=script()))
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))
    item.Parent = pdf.Root.Outlines


def with_a_picture_from_elsewhere(pdf: Pdf) -> None:
    stream = pdf.make_stream(b"", Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9])))
    stream.Ref = Dictionary(F=String("\\\\Canary\\share\\x.pdf"), Page=0)
    stream.F = Dictionary(Type=Name.Filespec, F=String("\\\\Canary\\share"))
    pdf.pages[0].Resources.XObject = Dictionary(X=stream)


def with_postscript(pdf: Pdf) -> None:
    stream = pdf.make_stream(b"Canary (x) deletefile", Dictionary(Type=Name.XObject, Subtype=Name.PS))
    pdf.pages[0].Resources.XObject = Dictionary(X=stream)


def with_a_screen(pdf: Pdf) -> None:
    media = Dictionary(S=Name.MR, C=Dictionary(S=Name.MCD, CT=String("video/Canary"), D=String("Canary")))
    action = Dictionary(S=Name.Rendition, OP=0, R=media, JS=String(CANARY))
    with_annotation("Screen", A=action)(pdf)


def with_an_address(address: str):
    return with_action(S=Name.URI, URI=String(address))


def with_private_words(pdf: Pdf) -> None:
    pdf.Root.PieceInfo = Dictionary(Canary=Dictionary(Private=String(CANARY)))
    pdf.pages[0].PieceInfo = Dictionary(Canary=Dictionary(Private=String(CANARY)))
    pdf.trailer.Canary = String(CANARY)
    pdf.Root.Canary = String(CANARY)


def spelled_otherwise() -> bytes:
    """Of the same length, so that everything stays where the table says."""
    content = a_pdf(in_root(OpenAction=script("  app.alert('Canary')")))
    assert b"/JavaScript" in content
    return content.replace(b"/JavaScript", b"/J#61vaScript").replace(b"(  app.", b"(app.")


def incremental() -> bytes:
    """Two versions: the older one has the script, and whoever knows how goes back to it."""
    older = a_pdf(in_root(OpenAction=script()))
    with pikepdf.open(BytesIO(older)) as pdf:
        root, size = pdf.Root.objgen[0], int(pdf.trailer.Size)
        pages = pdf.Root.Pages.objgen[0]
    at = len(older)
    update = b"%d 0 obj\n<< /Type /Catalog /Pages %d 0 R >>\nendobj\n" % (root, pages)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (root, at)
    previous = older[older.rindex(b"startxref") + 9 :].split()[0]
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %s >>\n" % (size, root, previous)
    return older + update + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (at + len(update))


PAPERS: dict[str, bytes] = {
    "a script when it is opened": a_pdf(in_root(OpenAction=script())),
    "a script when a page is turned": a_pdf(lambda pdf: pdf.pages[0].__setattr__("AA", Dictionary(O=script()))),
    "a script when it is printed": a_pdf(in_root(AA=Dictionary(WP=script(), DC=script()))),
    "a script among the names": a_pdf(with_scripts_in_names),
    "a script behind a link": a_pdf(with_action(S=Name.JavaScript, JS=String(CANARY))),
    "a script behind a harmless action": a_pdf(with_a_script_behind_a_harmless_action),
    "a script in a field": a_pdf(with_a_field_that_runs),
    "a script in the contents": a_pdf(with_an_outline_that_runs),
    "a script spelled otherwise": spelled_otherwise(),
    "a program that is started": a_pdf(with_action(S=Name.Launch, F=String("Canary.exe"))),
    "a program that is started on Windows": a_pdf(
        with_action(S=Name.Launch, Win=Dictionary(F=String("cmd.exe"), P=String("/c Canary")))
    ),
    "an action named elsewhere": a_pdf(with_an_action_named_elsewhere),
    "a form that is sent away": a_pdf(with_action(S=Name.SubmitForm, F=String("https://Canary.example"))),
    "data that are fetched": a_pdf(with_action(S=Name.ImportData, F=String("Canary.fdf"))),
    "another file that is opened": a_pdf(with_action(S=Name.GoToR, F=String("\\\\Canary\\share\\x.pdf"))),
    "an enclosed file that is opened": a_pdf(with_action(S=Name.GoToE, F=String("Canary.pdf"))),
    "an address that runs": a_pdf(with_an_address("javascript:Canary()")),
    "an address that runs, with a blank": a_pdf(with_an_address(" java\nscript:Canary()")),
    "an address of a file": a_pdf(with_an_address("file:///etc/Canary")),
    "an address of a share": a_pdf(with_an_address("\\\\Canary\\share")),
    "an address of data": a_pdf(with_an_address("data:text/html,Canary")),
    "a place that all addresses begin at": a_pdf(in_root(URI=Dictionary(Base=String("file:///Canary")))),
    "a file enclosed": a_pdf(with_embedded()),
    "a virus enclosed": a_pdf(with_embedded("eicar.com", EICAR + b"Canary")),
    "a file pinned to a page": a_pdf(
        several(with_annotation("FileAttachment", FS=Dictionary(Type=Name.Filespec, F=String("Canary.exe"))))
    ),
    "a collection of files": a_pdf(several(with_embedded(), in_root(Collection=Dictionary(D=String(CANARY))))),
    "a form of another kind": a_pdf(
        several(with_field(), lambda pdf: pdf.Root.AcroForm.__setattr__("XFA", String(CANARY)))
    ),
    "a film": a_pdf(with_annotation("Movie", Movie=Dictionary(F=String("Canary.avi")))),
    "a sound": a_pdf(with_annotation("Sound", Sound=Dictionary(R=8000, X=String(CANARY)))),
    "a film of the newer kind": a_pdf(with_a_screen),
    "a thing with three sides": a_pdf(with_annotation("3D", **{"3DD": Dictionary(OnInstantiate=String(CANARY))})),
    "a thing that moves": a_pdf(with_annotation("RichMedia", RichMediaContent=Dictionary(X=String(CANARY)))),
    "a picture from elsewhere": a_pdf(with_a_picture_from_elsewhere),
    "PostScript": a_pdf(with_postscript),
    "what a program keeps for itself": a_pdf(with_private_words),
    "an older version with a script": incremental(),
    "a page before it": HTML_AND_PDF,
    "a script before it": b"alert('Canary');/*" + a_pdf(),
    "a zip behind it": PDF_AND_ZIP,
    "a page behind it": a_pdf() + HTML,
    "a virus behind it": a_pdf() + EICAR + b"Canary",
    "a lock that only forbids": a_pdf(
        in_root(OpenAction=script()), encryption=pikepdf.Encryption(owner="secret", user="")
    ),
}
GONE = [
    b"Canary", b"/JavaScript", b"/JS", b"/OpenAction", b"/AA", b"/Launch", b"/SubmitForm", b"/ImportData", b"/GoToR",
    b"/GoToE", b"/EmbeddedFile", b"/EF", b"/XFA", b"/RichMedia", b"/3DD", b"/Movie", b"/Sound", b"/Rendition",
    b"/Encrypt", b"/FileAttachment", b"/Screen", b"javascript:", b"file:", b"<script", b"<html", b"PK\3\4", b"EICAR",
    b"/PieceInfo",
]  # fmt: skip


RUNS = (b"/JS", b"/JavaScript", b"/AA")


@pytest.mark.parametrize("what", PAPERS)
def test_of_a_pdf_only_what_one_reads_and_fills_in_is_kept(what: str) -> None:
    kept = keep("a.pdf", PAPERS[what])
    assert kept.content.startswith(b"%PDF-") and kept.content.rstrip().endswith(b"%%EOF")
    assert kept.content.count(b"%%EOF") == 1
    found = everything_in(kept.content)
    assert not [word for word in GONE if word in found]
    assert kept.pages == 1 and kept.preview is not None and kept.thumbnail is not None


def test_what_was_to_be_gone_was_there() -> None:
    for what, content in PAPERS.items():
        if what == "a script spelled otherwise" or "behind it" in what or "before it" in what:
            assert b"Canary" in content
        else:
            assert any(word in everything_in_locked(content) for word in GONE), what


def everything_in_locked(content: bytes) -> bytes:
    file = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        pdf.save(file, **OPEN)
    return content + file.getvalue()


def test_a_form_can_still_be_filled_in_and_links_still_lead_somewhere() -> None:
    kept = keep("form.pdf", a_pdf(with_a_field_that_runs))
    with pikepdf.open(BytesIO(kept.content)) as pdf:
        field = pdf.Root.AcroForm.Fields[0]
        assert (str(field.T), str(field.V), field.FT) == ("name", "Maya", Name.Tx)
        assert pdf.pages[0].Annots[0].objgen == field.objgen
    for address in ("https://practice.example/x", "mailto:maya@example.com", "tel:+14105550100"):
        kept = keep("a.pdf", a_pdf(with_an_address(address)))
        with pikepdf.open(BytesIO(kept.content)) as pdf:
            assert str(pdf.pages[0].Annots[0].A.URI) == address


def test_a_pdf_that_is_only_protected_from_changes_is_kept_unlocked() -> None:
    kept = keep("a.pdf", locked(owner="secret", user=""))
    with pikepdf.open(BytesIO(kept.content)) as pdf:
        assert not pdf.is_encrypted and len(pdf.pages) == 1


def test_300_pages_are_kept() -> None:
    assert keep("a.pdf", a_pdf(pages=300)).pages == 300


def test_a_page_as_large_as_a_field_is_drawn_small() -> None:
    kept = keep("a.pdf", a_pdf(lambda pdf: pdf.pages[0].__setattr__("MediaBox", Array([0, 0, 14_400, 7_200]))))
    assert kept.preview and Image.open(BytesIO(kept.preview)).size == (1600, 800)


def test_a_page_that_nobody_can_draw_in_time_is_kept_without_a_picture() -> None:
    slow = b"q 0.5 g " + b"0 0 600 700 re 10 10 580 680 re 20 20 m 500 600 l 30 700 20 500 400 300 c B* " * 400_000
    content = a_pdf(with_content(zlib.compress(slow, 9), "FlateDecode"))
    kept = keep("a.pdf", content)
    assert kept.pages == 1 and kept.content.startswith(b"%PDF-")


def test_a_pdf_of_400_arrays_in_each_other_harms_nobody() -> None:
    with suppress(Unfit):
        assert keep("a.pdf", a_pdf(nested)).pages == 1


# What anybody may send -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("Ünïcödé, 手紙 🧠\n".encode(), "Ünïcödé, 手紙 🧠\n"),
        (b"\xef\xbb\xbfwith a mark", "with a mark"),
        ("“Quoted” – café €5\r\n".encode("windows-1252"), "“Quoted” – café €5\r\n"),
        (b"1 < 2 and 3 > 2; a<b; I <3 you", "1 < 2 and 3 > 2; a<b; I <3 you"),
        (b"a" * MOST_BYTES, "a" * MOST_BYTES),
        (b"Please rem\tember\x0c", "Please rem\tember\x0c"),
    ],
)  # fmt: skip
def test_a_text_is_kept_as_text(content: bytes, kept: str) -> None:
    done = keep("letter.txt", content)
    assert (done.content.decode(), done.kind, done.media_type) == (kept, "txt", "text/plain; charset=utf-8")
    assert done.thumbnail is None and done.preview is None


def test_a_word_file_is_kept_byte_for_byte() -> None:
    for content in (
        a_docx(),
        a_docx(how=zipfile.ZIP_STORED),
        a_docx({"word/embeddings/Sheet1.xlsx": b"x", "customXml/a.xml": b""}),
    ):
        done = keep("Plan.docx", content)
        assert done.content == content and done.kind == "docx" and done.name == "Plan.docx"


def test_a_photo_of_12_megapixels_simply_works() -> None:
    noise = Image.frombytes("RGB", (400, 300), random.Random(1).randbytes(360_000)).resize((4000, 3000))
    for filename, content in (
        ("a.jpg", saved(noise, "JPEG", exif=exif(6))),
        ("a.HEIC", saved(noise, "HEIF", exif=exif(6))),
    ):
        done = keep(filename, content)
        assert sorted((done.width, done.height)) == [1500, 2000] and done.name == "a.jpg" and done.kind == "jpeg"
        assert done.thumbnail and Image.open(BytesIO(done.thumbnail)).size == (240, 320)
        assert Image.open(BytesIO(done.content)).size == (1500, 2000) and len(done.content) < 3 * MIB


def test_a_drawing_stays_sharp_and_a_photo_as_png_becomes_small() -> None:
    drawing = keep("plan.png", a_photo(900, 700, kind="PNG"))
    assert drawing.kind == "png" and drawing.name == "plan.png" and drawing.content.startswith(b"\x89PNG")
    noise = Image.frombytes("RGB", (900, 700), random.Random(1).randbytes(900 * 700 * 3))
    photo = keep("photo.png", saved(noise, "PNG"))
    assert photo.kind == "jpeg" and photo.name == "photo.jpg" and photo.media_type == "image/jpeg"


def test_what_was_changed_on_the_way_is_a_sentence_or_a_file_and_never_a_disaster() -> None:
    chance = random.Random(7)
    for filename, whole in (
        ("a.pdf", a_pdf(with_a_field_that_runs, pages=2)),
        ("a.docx", a_docx()),
        ("a.heic", a_photo(kind="HEIF")),
    ):
        for _ in range(12):
            content = bytearray(whole)
            for _ in range(chance.choice((1, 3, 20))):
                content[chance.randrange(20, len(content))] = chance.randrange(256)
            with suppress(Unfit):
                kept = keep(filename, bytes(content)).content
                assert filename != "a.pdf" or not [word for word in RUNS if word in everything_in(kept)]
