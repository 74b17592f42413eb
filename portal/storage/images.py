"""Photos as they are kept: upright, small, on white, without a word about where and when. The Pillow door."""

import asyncio
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from PIL import (
    Image,
    ImageFile,
    ImageOps,
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401  named here, or Pillow loads all it has to look for it
)

from portal.language import lazy

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_BYTES = 12 * 1024 * 1024
# A plain JPEG is made smaller while it is read; anything else must be in memory as a whole first, some several times.
MOST_PIXELS = {"JPEG": 50_000_000, "MPO": 50_000_000, "PNG": 25_000_000, "GIF": 25_000_000, "WEBP": 12_500_000}
MOST_PIXELS_IN_SCANS = 25_000_000
MOST_SCANS = 300  # of a photo some ten; a small file with thousands would be drawn for minutes
SCAN = b"\xff\xda"
LONGER_SIDE = 1600
QUALITY = 85
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

NO_PHOTO = lazy("Choose a photo as JPEG or PNG")
IS_HEIC = lazy("Choose a photo as JPEG or PNG. On an iPhone: Settings, Camera, Formats, Most Compatible.")
TOO_LARGE = lazy("Choose a photo of 12 MB or less, or take it again at a smaller size")
TOO_MANY_PIXELS = lazy("Choose a smaller photo, or take it again at a smaller size")
DAMAGED = lazy("This photo is damaged or did not arrive whole: choose it again, or take a new one")

Image.MAX_IMAGE_PIXELS = max(MOST_PIXELS.values())
warnings.filterwarnings("ignore", module=r"PIL\.")
warnings.simplefilter("error", Image.DecompressionBombWarning)


class Unfit(Exception):
    """Nothing that can be kept as a photo. `sentence` says what to do."""

    def __init__(self, sentence: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Picture:
    """`content` is a JPEG made here: nothing of the file that was sent is in it but what can be seen."""

    content: bytes
    width: int
    height: int


async def cleaned(content: bytes) -> Picture:
    """By what it is, whatever it is called. Raises `Unfit`."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), _cleaned, content)


@cache
def _threads() -> ThreadPoolExecutor:
    """Two at once: that much memory can be asked for, and no more."""
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="images")


def _cleaned(content: bytes) -> Picture:
    if len(content) > MOST_BYTES:
        raise Unfit(TOO_LARGE)
    if content[4:8] == b"ftyp" and content[8:12] in HEIC:
        raise Unfit(IS_HEIC)
    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint, imported, lets half a photo pass for a whole one
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            _must_be_drawn_soon(image, content)
            return _written(_upright(_reduced(image)))
    except (Unfit, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unfit(TOO_MANY_PIXELS) from error
    except UnidentifiedImageError as error:
        raise Unfit(NO_PHOTO) from error
    except Exception as error:  # a damaged file is whatever its reader stumbled over
        raise Unfit(DAMAGED) from error


def _must_be_drawn_soon(image: Image.Image, content: bytes) -> None:
    most = MOST_PIXELS_IN_SCANS if "progressive" in image.info else MOST_PIXELS[str(image.format)]
    if image.width * image.height > most:
        raise Unfit(TOO_MANY_PIXELS)
    if image.format in ("JPEG", "MPO") and content.count(SCAN) > MOST_SCANS:
        raise Unfit(DAMAGED)


def _reduced(image: Image.Image) -> Image.Image:
    image = _mixable(image)
    image.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
    return image


def _mixable(image: Image.Image) -> Image.Image:
    """In colours of which a middle can be taken: not those of a palette, nor grey in 65,536 steps."""
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode.startswith("I"):
        return image.point(lambda level: level * (1 / 256)).convert("L")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # what the camera said of the photo is damaged, the photo is not
        return image


def _written(image: Image.Image) -> Picture:
    """Pasted on an empty sheet: what comes along with an image is written with it."""
    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(image, mask=image if image.mode == "RGBA" else None)
    file = BytesIO()
    sheet.save(file, "JPEG", quality=QUALITY, optimize=True)
    return Picture(file.getvalue(), sheet.width, sheet.height)
