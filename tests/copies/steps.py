"""Completed copies, made as the worker makes them, and looked at as people look at them."""

from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageChops

from portal import storage
from portal.database import fetch
from tests.tasks.post import work_through

DARK = 140


async def completed(submission_id: int, kind: str = "sent") -> bytes:
    await work_through("complete")
    (row,) = await fetch(
        "SELECT key FROM completed_copy WHERE submission = {} AND kind::text = {}", submission_id, kind
    )
    return await storage.get(row["key"])


def drawn(pdf: bytes, page: int = 1, scale: float = 2.0) -> Image.Image:
    """By pdfium, in shades of grey."""
    sheet = pypdfium2.PdfDocument(pdf)[page - 1]
    image: Image.Image = sheet.render(scale=scale).to_pil().convert("L")
    return image


@dataclass(frozen=True)
class Ink:
    """How much of it there is in a box, and where: in points from the left and from the top of the box."""

    share: float
    left: float
    top: float
    right: float
    low: float


def ink(before: bytes, after: bytes, box: tuple[float, float, float, float], page: int = 1) -> Ink:
    """What was added to a page within a box: left, low, right, high in points from its lower left corner as one sees
    it.
    """
    scale = 2.0
    one, other = drawn(before, page, scale), drawn(after, page, scale)
    assert one.size == other.size
    left, low, right, high = box
    height = one.height / scale
    area = tuple(round(scale * side) for side in (left, height - high, right, height - low))
    new = ImageChops.subtract(one.crop(area), other.crop(area)).point(lambda level: 255 if level > DARK - 60 else 0)
    found = new.getbbox() or (0, 0, 0, 0)
    share = new.histogram()[255] / (new.width * new.height)
    return Ink(share, *(side / scale for side in found))
