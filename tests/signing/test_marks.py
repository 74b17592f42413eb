"""A signature that was drawn: its ink is kept, in black, on nothing, and whatever else was sent is not."""

from io import BytesIO

import pytest
from PIL import Image

from portal.uploads import Unfit, mark
from portal.uploads.sentences import BROKEN_MARK, NO_MARK
from tests.signing.acts import drawing


async def ink(content: bytes) -> Image.Image:
    made = await mark(content)
    image = Image.open(BytesIO(made.content))
    assert image.format == "PNG" and image.size == (made.width, made.height)
    return image


@pytest.mark.parametrize(
    ("color", "ground"), [("black", ""), ("#e6f0ee", ""), ("black", "white"), ("#14282a", "#ffffff")]
)
async def test_it_is_black_on_nothing_whatever_it_was_drawn_with_in_the_light_or_in_the_dark(color, ground):
    image = await ink(drawing(color, ground))
    assert image.mode == "LA" and image.getchannel("L").getextrema() == (0, 0)
    low, high = image.getchannel("A").getextrema()
    assert low == 0 and high > 200
    assert 600 <= image.width <= 620 and 140 <= image.height <= 155  # only the strokes, without the empty box around


async def test_a_vast_drawing_is_made_small(cast):
    image = await ink(drawing(size=(3000, 1000)))
    assert image.width <= 900 and image.height <= 300


@pytest.mark.parametrize("content", [drawing("#00000000"), drawing("white", "white")])
async def test_an_empty_box_is_no_signature(content):
    with pytest.raises(Unfit) as unfit:
        await mark(content)
    assert unfit.value.sentence is NO_MARK


def a_dot() -> bytes:
    sheet = Image.new("RGBA", (900, 300), (0, 0, 0, 0))
    sheet.putpixel((300, 100), (0, 0, 0, 255))
    file = BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


async def test_a_dot_is_none_either():
    with pytest.raises(Unfit) as unfit:
        await mark(a_dot())
    assert unfit.value.sentence is NO_MARK


def a_jpeg() -> bytes:
    file = BytesIO()
    Image.new("RGB", (300, 100), "white").save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize("content", [b"", b"text", a_jpeg(), drawing()[:300], b"%PDF-1.7"])
async def test_what_is_no_png_or_not_whole_is_refused_in_words_about_the_box(content):
    with pytest.raises(Unfit) as unfit:
        await mark(content)
    assert unfit.value.sentence is BROKEN_MARK


async def test_what_was_hidden_in_the_file_is_gone():
    secret = b"canary-in-a-chunk"
    content = drawing()
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", secret.decode())
    file = BytesIO()
    Image.open(BytesIO(content)).save(file, "PNG", pnginfo=info)
    assert secret in file.getvalue()
    assert secret not in (await mark(file.getvalue())).content
