"""A photo is kept as one sees it: upright, small, on white; what else was in the file is gone, and no trick gets in."""

import asyncio
import random
import struct
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageOps

from portal.uploads import MOST_BYTES_OF_A_PHOTO, Picture, Unfit, photo
from portal.workshop import CONTENT, PHOTO, Refusal, images
from tests.uploads.pictures import a_photo, a_vast_png, exif, saved

COLOURS = {(255, 0, 0): "red", (0, 255, 0): "lime", (0, 0, 255): "blue", (0, 0, 0): "black", (255, 255, 255): "white"}
HALF_A_HEIC = b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + b"\0" * 2000
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
GIF_AND_SCRIPT = b"GIF89a=1;alert(1)//" + b"\0" * 100


def keep(content: bytes) -> Picture:
    return asyncio.run(photo(content))


def opened(picture: Picture) -> Image.Image:
    image = Image.open(BytesIO(picture.content))
    image.load()
    return image


def colour(image: Image.Image, across: float, down: float) -> str:
    """The nearest one that has a name."""
    seen = image.convert("RGB").getpixel((int(across * (image.width - 1)), int(down * (image.height - 1))))
    return COLOURS[min(COLOURS, key=lambda one: sum(abs(a - b) for a, b in zip(one, seen, strict=True)))]


def corners(image: Image.Image) -> list[str]:
    return [colour(image, across, down) for down in (0.2, 0.8) for across in (0.2, 0.8)]


def refusal(content: bytes) -> str:
    with pytest.raises(Unfit) as caught:
        keep(content)
    return str(caught.value.sentence)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "L"), ("PNG", "P"), ("PNG", "1"),
     ("PNG", "LA"), ("PNG", "RGBA"), ("GIF", "P"), ("WEBP", "RGB"), ("WEBP", "RGBA"), ("HEIF", "RGB"),
     ("HEIF", "RGBA")],
)  # fmt: skip
def test_every_kind_of_photo_becomes_a_jpeg_of_the_same_size(kind: str, mode: str) -> None:
    picture = keep(a_photo(kind=kind, mode=mode))
    image = opened(picture)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (400, 300))
    assert (picture.width, picture.height) == (400, 300)
    if mode not in ("L", "LA", "1"):
        assert corners(image) == ["red", "lime", "blue", "black"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("held", range(1, 9))
def test_a_phone_may_be_held_as_one_likes(held: int, kind: str) -> None:
    content = a_photo(kind=kind, exif=exif(held))
    upright = ImageOps.exif_transpose(Image.open(BytesIO(content)))
    picture = keep(content)
    assert corners(opened(picture)) == corners(upright)
    assert (picture.width, picture.height) == ((300, 400) if held > 4 else (400, 300))


def test_a_photo_on_its_side_stands_up() -> None:
    assert corners(opened(keep(a_photo(exif=exif(6))))) == ["blue", "red", "black", "lime"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_where_and_when_and_with_what_it_was_taken_is_gone(kind: str) -> None:
    told: dict[str, Any] = {"exif": exif(6), "icc_profile": b"CanaryProfile" * 20}
    told |= {"comment": b"CanaryComment"} if kind == "JPEG" else {}
    content = a_photo(kind=kind, **told)
    assert b"CanaryPhone" in content and 0x8825 in Image.open(BytesIO(content)).getexif()
    picture = keep(content)
    image = opened(picture)
    assert not image.getexif() and set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Canary" not in picture.content and b"Exif" not in picture.content


def test_what_was_hidden_behind_the_photo_is_gone() -> None:
    content = a_photo() + b"<script>Canary</script>" + a_photo(kind="PNG")
    assert b"Canary" not in keep(content).content


@pytest.mark.filterwarnings("ignore:.*EXIF")
def test_a_photo_whose_description_is_damaged_is_still_a_photo() -> None:
    broken = b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 50
    assert corners(opened(keep(a_photo(exif=broken)))) == ["red", "lime", "blue", "black"]


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((4000, 3000), (1600, 1200)),
        ((3000, 4000), (1200, 1600)),
        ((1600, 900), (1600, 900)),
        ((20_000, 10), (1600, 1)),
        ((1, 1), (1, 1)),
    ],
)
def test_a_large_photo_is_made_smaller_and_a_small_one_not_larger(size: tuple[int, int], kept: tuple[int, int]) -> None:
    picture = keep(a_photo(*size))
    assert (picture.width, picture.height) == opened(picture).size == kept


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_what_one_can_see_through_is_white(kind: str) -> None:
    image = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 100, 100))
    shown = opened(keep(saved(image, kind)))
    assert [colour(shown, across, 0.5) for across in (0.2, 0.8)] == ["red", "white"]


def test_half_of_a_colour_is_mixed_with_white() -> None:
    red, green, blue = opened(keep(saved(Image.new("RGBA", (50, 50), (0, 0, 0, 128)), "PNG"))).getpixel((25, 25))
    assert 120 < red < 135 and red == green == blue


def test_a_scan_in_sixteen_bits_keeps_its_greys() -> None:
    image = Image.new("I;16", (256, 20))
    image.putdata([step * 257 for step in range(256)] * 20)
    shown = opened(keep(saved(image, "PNG")))
    for across in (0, 64, 128, 192, 255):
        assert abs(shown.getpixel((across, 10))[0] - across) < 8


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_film_the_first_picture_is_kept(kind: str) -> None:
    frames = [Image.new("RGB", (80, 60), colour) for colour in ("lime", "red", "blue")]
    content = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    shown = opened(keep(content))
    assert colour(shown, 0.5, 0.5) == "lime" and getattr(shown, "n_frames", 1) == 1


def test_of_the_two_photos_of_a_phone_with_two_lenses_the_first_is_kept() -> None:
    frames = [Image.new("RGB", (80, 60), colour) for colour in ("lime", "red")]
    content = saved(frames[0], "MPO", save_all=True, append_images=frames[1:])
    shown = opened(keep(content))
    assert shown.format == "JPEG" and colour(shown, 0.5, 0.5) == "lime"


def test_a_progressive_photo_is_one_too() -> None:
    assert corners(opened(keep(a_photo(1200, 900, progressive=True)))) == ["red", "lime", "blue", "black"]


# What is refused, and what to do instead -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"Maya Reyes, member 123", SVG, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", b"MZ" + b"\0" * 500, GIF_AND_SCRIPT[:5],
     saved(Image.new("RGB", (9, 9)), "BMP"), saved(Image.new("RGB", (9, 9)), "TIFF"),
     saved(Image.new("RGB", (9, 9)), "ICO"), saved(Image.new("RGB", (9, 9)), "AVIF"),
     saved(Image.new("RGB", (9, 9)), "PPM"), saved(Image.new("RGB", (9, 9)), "PDF")],
)  # fmt: skip
def test_what_is_no_photo_is_refused_whatever_it_is_called(content: bytes) -> None:
    assert refusal(content) == "Choose a photo as JPEG, PNG or HEIC"


def test_a_photo_that_pretends_to_be_one_and_is_a_script_is_refused() -> None:
    assert refusal(GIF_AND_SCRIPT)


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"hevc"])
def test_half_a_photo_of_an_iphone_is_refused(brand: bytes) -> None:
    assert "damaged" in refusal(HALF_A_HEIC.replace(b"heic", brand, 1))


def test_it_is_said_in_spanish_too() -> None:
    from portal import language

    language.choose("es")
    try:
        assert refusal(b"no photo").startswith("Elija una foto")
    finally:
        language.choose("en")


def test_13_megabytes_are_too_large_and_nobody_looks_inside() -> None:
    assert "12 MB" in refusal(a_photo() + b"\0" * 13 * 1024 * 1024)
    assert keep((a_photo() + b"\0" * MOST_BYTES_OF_A_PHOTO)[:MOST_BYTES_OF_A_PHOTO]).width == 400


@pytest.mark.parametrize(
    "content",
    [
        a_vast_png(60_000, 60_000),
        a_vast_png(10_000, 9_000),
        a_vast_png(10_000, 5_500),
        a_vast_png(5_100, 5_000),
        a_vast_png(2**31 - 1, 1),
        saved(Image.new("1", (7_100, 7_100)), "PNG"),
        saved(Image.new("L", (7_200, 7_200)), "JPEG"),
        saved(Image.new("L", (5_100, 5_100)), "JPEG", progressive=True),
        saved(Image.new("RGB", (4_000, 3_200)), "WEBP"),
        saved(Image.new("P", (5_100, 5_100)), "GIF"),
    ],
    ids=lambda content: str(len(content)),
)
def test_a_bomb_is_refused_before_it_goes_off(content: bytes) -> None:
    assert len(content) < 1_000_000 and "smaller photo" in refusal(content)


def test_a_webp_that_promises_a_vast_canvas_is_refused_before_it_is_made() -> None:
    small = saved(Image.new("RGBA", (9, 9), (1, 2, 3, 100)), "WEBP", exif=exif())
    at = small.index(b"VP8X") + 12
    content = small[:at] + b"\xff\x3f\x00\xff\x3f\x00" + small[at + 6 :]
    assert "smaller photo" in refusal(content)


def test_a_gif_whose_first_picture_is_larger_than_its_screen_is_no_way_around() -> None:
    content = saved(Image.new("P", (9, 9)), "GIF")
    at = content.index(b"\x2c") + 5
    for size in (b"\xff\xff\xff\xff", b"\x10\x27\x10\x27"):
        assert refusal(content[:at] + size + content[at + 4 :])


def test_a_photo_drawn_a_thousand_times_over_is_refused() -> None:
    content = a_photo(64, 64, progressive=True)
    first = content.index(b"\xff\xda")
    second = content.index(b"\xff\xda", first + 2)
    assert "damaged" in refusal(content[:first] + content[first:second] * 1000 + content[second:])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "HEIF"])
def test_what_did_not_arrive_whole_is_refused(kind: str) -> None:
    noise = Image.frombytes("RGB", (300, 200), random.Random(7).randbytes(300 * 200 * 3))
    content = saved(noise, kind)
    for part in (0.1, 0.5, 0.9, 0.98):
        assert refusal(content[: int(len(content) * part)])


@pytest.mark.filterwarnings("ignore")
def test_what_was_changed_on_the_way_is_a_sentence_or_a_photo_and_never_a_disaster() -> None:
    chance = random.Random(42)
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        whole = a_photo(60, 40, kind=kind, **({} if kind == "GIF" else {"exif": exif(6)}))
        for _ in range(150):
            content = bytearray(whole)
            for _ in range(chance.choice((1, 3, 20))):
                content[chance.randrange(len(content))] = chance.randrange(256)
            with suppress(Refusal, OSError, SyntaxError, ValueError, TypeError, struct.error, EOFError):
                made = dict(images.job(PHOTO)(bytes(content)))
                assert opened(Picture(made[CONTENT], 0, 0)).width <= images.LONGER_SIDE_OF_A_PHOTO
