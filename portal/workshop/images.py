"""Photos as they are kept: upright, small, on white, without a word about where and when. The Pillow door."""

import copy  # noqa: F401  Pillow imports this and that when it needs it first: then no file can be opened any more
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO

from PIL import (
    Image,
    ImageColor,  # noqa: F401
    ImageFilter,  # noqa: F401
    ImageOps,
    ImagePalette,  # noqa: F401
    MpoImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

from portal.workshop import CONTENT, FACTS, HEIC, HEIC_PHOTO, JPEG, MARK, PHOTO, PNG, THUMBNAIL, Refusal

FORMATS = {
    PHOTO: ("JPEG", "PNG", "WEBP", "GIF"), HEIC_PHOTO: ("HEIF",), JPEG: ("JPEG",), PNG: ("PNG",), HEIC: ("HEIF",),
    MARK: ("PNG",),
}  # fmt: skip
# A plain JPEG is made smaller while it is read; anything else must be in memory as a whole first, some several times.
MOST_PIXELS = {
    "JPEG": 50_000_000, "MPO": 50_000_000, "HEIF": 50_000_000, "PNG": 25_000_000, "GIF": 25_000_000, "WEBP": 12_500_000,
}  # fmt: skip
MOST_PIXELS_IN_SCANS = 25_000_000
MOST_SCANS = 300  # of a photo some ten; a small file with thousands would be drawn for minutes
SCAN = b"\xff\xda"
LONGER_SIDE, LONGER_SIDE_OF_A_PHOTO, LONGER_SIDE_OF_A_THUMBNAIL = 2000, 1600, 320
WIDEST_MARK, HIGHEST_MARK, SMALLEST_MARK, MOST_BYTES_OF_A_MARK = 900, 300, 12, 200_000
FAINT = 40  # what is less than that is no ink
FEW_COLOURS = 256  # a drawing or a picture of a screen, which JPEG would smear
QUALITY = 85

Part = tuple[str, bytes | dict[str, object]]

Image.preinit()
Image.MAX_IMAGE_PIXELS = max(MOST_PIXELS.values())
warnings.filterwarnings("ignore", module=r"PIL\.")
warnings.simplefilter("error", Image.DecompressionBombWarning)


def job(kind: str) -> Callable[[bytes], Iterator[Part]]:
    """HEIC's reader is slow to load: only for those who may need it."""
    if kind in (HEIC, HEIC_PHOTO):
        know_heic()
    if kind == MARK:
        return mark
    return partial(photo if kind in (PHOTO, HEIC_PHOTO) else picture, kind)


def know_heic() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False, aux_images=False, depth_images=False, decode_threads=1)


def photo(kind: str, content: bytes) -> Iterator[Part]:
    """By what it is, whatever it is called; always a JPEG."""
    with opened(content, kind) as image:
        sheet = drawn(image, LONGER_SIDE_OF_A_PHOTO)
    yield FACTS, {"kind": JPEG, "width": sheet.width, "height": sheet.height}
    yield CONTENT, written(sheet)


def picture(kind: str, content: bytes) -> Iterator[Part]:
    with opened(content, kind) as image:
        is_drawing = kind == PNG and image.getcolors(FEW_COLOURS) is not None
        sheet = drawn(image, LONGER_SIDE)
    yield FACTS, {"kind": PNG if is_drawing else JPEG, "width": sheet.width, "height": sheet.height}
    yield CONTENT, written(sheet, "PNG" if is_drawing else "JPEG")
    yield THUMBNAIL, thumbnail(sheet)


def thumbnail(sheet: Image.Image) -> bytes:
    """Of the sheet itself, which is used up."""
    sheet.thumbnail((LONGER_SIDE_OF_A_THUMBNAIL, LONGER_SIDE_OF_A_THUMBNAIL), Image.Resampling.LANCZOS)
    return written(sheet)


def mark(content: bytes) -> Iterator[Part]:
    """Its ink in black, on nothing, whatever it was drawn with and on. Raises `Refusal` where there is none."""
    with opened(content, MARK) as image:
        ink = inked(mixable(image))
    box = ink.point(lambda level: 255 * (level > FAINT)).getbbox()
    if box is None or max(box[2] - box[0], box[3] - box[1]) < SMALLEST_MARK:
        raise Refusal("no_mark")
    ink = ink.crop(box)
    ink.thumbnail((WIDEST_MARK, HIGHEST_MARK), Image.Resampling.LANCZOS)
    kept = written(Image.merge("LA", (Image.new("L", ink.size), ink)), "PNG")
    if len(kept) > MOST_BYTES_OF_A_MARK:
        raise Refusal("too_much")
    yield FACTS, {"kind": PNG, "width": ink.width, "height": ink.height}
    yield CONTENT, kept


def inked(image: Image.Image) -> Image.Image:
    """How much of it there is: by what one cannot see through, else by what is dark."""
    if image.mode == "RGBA" and image.getchannel("A").tobytes().strip(b"\xff"):
        return image.getchannel("A")
    return ImageOps.invert(image.convert("L"))


def opened(content: bytes, kind: str) -> Image.Image:
    try:
        image = Image.open(BytesIO(content), formats=FORMATS[kind])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refusal("too_many_pixels") from error
    except UnidentifiedImageError as error:
        raise Refusal("no_photo" if kind == PHOTO else "damaged_photo") from error
    must_be_drawn_soon(image, content)
    return image


def must_be_drawn_soon(image: Image.Image, content: bytes) -> None:
    most = MOST_PIXELS_IN_SCANS if "progressive" in image.info else MOST_PIXELS[str(image.format)]
    if image.width * image.height > most:
        raise Refusal("too_many_pixels")
    if image.format in ("JPEG", "MPO") and content.count(SCAN) > MOST_SCANS:
        raise Refusal("damaged_photo")


def drawn(image: Image.Image, longer_side: int) -> Image.Image:
    """On an empty sheet: what comes along with an image is written with it."""
    try:
        image = upright(reduced(image, longer_side))
        sheet = Image.new("RGB", image.size, "white")
        sheet.paste(image, mask=image if image.mode == "RGBA" else None)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refusal("too_many_pixels") from error
    return sheet


def reduced(image: Image.Image, longer_side: int) -> Image.Image:
    image = mixable(image)
    image.thumbnail((longer_side, longer_side), Image.Resampling.LANCZOS)
    return image


def mixable(image: Image.Image) -> Image.Image:
    """In colours of which a middle can be taken: not those of a palette, nor grey in 65,536 steps."""
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode.startswith("I"):
        return image.point(lambda level: level * (1 / 256)).convert("L")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # what the camera said of the photo is damaged, the photo is not
        return image


def written(sheet: Image.Image, kind: str = "JPEG") -> bytes:
    file, how = BytesIO(), {"quality": QUALITY} if kind == "JPEG" else {}
    sheet.save(file, kind, optimize=True, **how)
    return file.getvalue()
