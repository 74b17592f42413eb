"""Two files that the demo's people send: a photo and a page, made here without any library."""

import struct
import zlib

WIDTH, HEIGHT = 960, 640
SUN, RADIUS = (660, 250), 70
SKY, HORIZON, SEA, DEEP = (72, 120, 190), (250, 190, 140), (60, 110, 150), (14, 40, 70)


def photo() -> bytes:
    """The harbor in the evening, as a PNG."""
    rows = b"".join(b"\0" + _row(y) for y in range(HEIGHT))
    head = struct.pack(">2I5B", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def page(title: str, *pages: list[str]) -> bytes:
    """A PDF of so many pages; Western letters."""
    places = [4 + 2 * number for number in range(len(pages))]
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{place} 0 R' for place in places)}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for place, lines in zip(places, pages, strict=True):
        text = f"BT /F1 18 Tf 72 720 Td ({title}) Tj /F1 12 Tf 0 -36 Td 18 TL "
        text += " ".join(f"({line}) Tj T*" for line in lines) + " ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {place + 1} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        ]
    body, starts = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        starts.append(len(body))
        body += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    size = len(objects) + 1
    end = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode("cp1252")


def _row(y: int) -> bytes:
    """Sky, sun and water: from light to dark on both sides of the horizon."""
    middle = HEIGHT // 2
    color = _between(SKY, HORIZON, y / middle) if y < middle else _between(SEA, DEEP, (y - middle) / middle)
    row = bytearray(bytes(color) * WIDTH)
    reach = RADIUS**2 - (y - SUN[1]) ** 2
    if reach > 0 and y < middle:
        half = int(reach**0.5)
        row[3 * (SUN[0] - half) : 3 * (SUN[0] + half)] = bytes((255, 226, 160)) * (2 * half)
    elif y >= middle and y % 7 < 3:
        half = (y - middle) // 6 + 20
        row[3 * (SUN[0] - half) : 3 * (SUN[0] + half)] = bytes(_between((255, 214, 150), color, 0.4)) * (2 * half)
    return bytes(row)


def _between(one: tuple[int, int, int], other: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
