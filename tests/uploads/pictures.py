"""Photos as people send them, and as people who mean harm do."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageDraw

pillow_heif.register_heif_opener()

CORNERS = {"red": (0, 0), "lime": (1, 0), "blue": (0, 1), "black": (1, 1)}


def a_photo(width: int = 400, height: int = 300, kind: str = "JPEG", mode: str = "RGB", **how: Any) -> bytes:
    """Each corner in a colour of its own, so that one sees how it was turned."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for colour, (right, low) in CORNERS.items():
        left, top = right * width // 2, low * height // 2
        draw.rectangle((left, top, left + width // 2, top + height // 2), fill=colour)
    return saved(image.convert(mode), kind, **how)


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def exif(orientation: int = 1) -> bytes:
    """What a phone writes: how it was held, which phone, when, and where its owner lives."""
    told = Image.Exif()
    told[ExifTags.Base.Orientation] = orientation
    told[ExifTags.Base.Make], told[ExifTags.Base.DateTime] = "CanaryPhone", "2026:07:01 08:00:00"
    told.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (39.0, 17.0, 25.0), 3: "W", 4: (76.0, 36.0, 44.0)})
    return told.tobytes()


def a_vast_png(width: int, height: int) -> bytes:
    """A header that promises as many pixels as it likes, and hardly anything behind it."""
    row = zlib.compress(b"\0" * 100_000)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", row) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
