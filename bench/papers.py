"""A superbill of one page: what the press takes for it, against WeasyPrint tuned in one process, against the smallest
page there can be, and against reportlab where that is installed. And whether worker and press stay as large as they were.
"""

import asyncio
import gc
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from statistics import median
from typing import Any

import psutil

from portal.access import Viewer
from portal.invoices import papers
from portal.invoices.queries.people import Money, Person
from portal.invoices.queries.superbill import Diagnosis, Line, Superbill
from portal.practice.tables import Practice
from portal.web.templates import render
from tasks.actors import pdf
from tasks.actors.press import Press

MOST, FLAT = 1.1, 0.05
AT_A_TIME = 5  # what a process has used is known to a hundredth of a second
RENDERS = 1000
SMALLEST = '<html lang="en"><title>x</title><body><p>x'
BENCH = Viewer.portal("bench")


@dataclass(frozen=True)
class Rendered:
    """Seconds of CPU for one page, medians; None where there is nothing to compare with."""

    press: float
    tuned: float
    smallest: float
    reportlab: float | None
    wall: float


@dataclass(frozen=True)
class Held:
    """MB of this process, which feeds the press as a worker does, and the press, after each tenth of the pages."""

    steps: list[float]
    peak: float

    @property
    def grows(self) -> float:
        """The second half's growth, as a share."""
        return self.steps[-1] / self.steps[len(self.steps) // 2 - 1] - 1


def rendered(rounds: int) -> Rendered:
    """They take turns."""
    return asyncio.run(_rendered(a_superbill(), rounds))


def held(renders: int = RENDERS) -> Held:
    return asyncio.run(_held(a_superbill(), renders))


async def _rendered(html: str, rounds: int) -> Rendered:
    press = Press()
    await press.printed(html)
    pdf.rendered(html)
    took: dict[str, list[float]] = {name: [] for name in ("press", "wall", "tuned", "smallest", "reportlab")}
    drawn = _by_reportlab()
    for _ in range(rounds):
        before, began = _cpu_of_children(press), asyncio.get_running_loop().time()
        for _ in range(AT_A_TIME):
            await press.printed(html)
        took["wall"].append((asyncio.get_running_loop().time() - began) / AT_A_TIME)
        took["press"].append((_cpu_of_children(press) - before) / AT_A_TIME)
        took["tuned"].append(_cpu(lambda: pdf.rendered(html)))
        took["smallest"].append(_cpu(lambda: pdf.rendered(SMALLEST)))
        if drawn is not None:
            took["reportlab"].append(_cpu(drawn))
    await press.close()
    middle = {name: median(one) if one else None for name, one in took.items()}
    return Rendered(**middle)  # type: ignore[arg-type]


async def _held(html: str, renders: int) -> Held:
    press, steps, peak = Press(), [], 0.0
    await press.printed(html)
    for _ in range(10):
        for _ in range(renders // 20):
            await asyncio.gather(press.printed(html), press.printed(html))
        gc.collect()
        steps.append(_size(press))
        peak = max(peak, steps[-1])
    await press.close()
    return Held(steps, peak)


def _size(press: Press) -> float:
    assert press.process is not None
    return sum(psutil.Process(pid).memory_info().rss for pid in (os.getpid(), press.process.pid)) / 1e6


def _cpu_of_children(press: Press) -> float:
    """The press buries its children before it says that a page is done."""
    assert press.process is not None
    times = psutil.Process(press.process.pid).cpu_times()
    return float(times.children_user + times.children_system + times.user + times.system)


def _cpu(work: Callable[[], object]) -> float:
    before = sum(os.times()[:2])
    for _ in range(AT_A_TIME):
        work()
    return (sum(os.times()[:2]) - before) / AT_A_TIME


def a_superbill() -> str:
    """Three services, two diagnoses, two payments: one page."""
    client = Person(1, "Zoë Núñez-Åström", "10001", date(1991, 4, 17), "female", "+14435550123", "8 Spa Creek Way",
                    "Apt 3", "Annapolis", "MD", "21403")  # fmt: skip
    practice = Practice(
        name="Harbor Lane Counseling", legal_name="Harbor Lane Counseling, LLC", phone="+14435550142",
        street="12 Harbor Lane", city="Annapolis", state="MD", postal_code="21401", tax_id="52-1234567",
        npi="1234567893", time_zone="America/New_York",
    )  # fmt: skip
    moment = datetime(2026, 11, 27, 15, tzinfo=UTC)
    facts: dict[str, Any] = {
        "id": 7, "client": 1, "version": 1, "starts_at": moment, "time_zone": "America/New_York",
        "place_of_service": "10", "payer": "Aetna", "plan": "Open Access", "member_id": "W2093 11864",
        "group_number": "88", "subscriber": "", "relationship": "self", "referring_name": "Dr. Ada Lovelace",
        "referring_npi": "1234567893", "is_part2": False, "clinician": "Dr. Ngozi Okafor", "credentials": "PhD",
        "npi": "1003000126", "license_number": "06123", "license_state": "MD", "site": "Annapolis office",
        "site_street": "12 Harbor Lane", "site_city": "Annapolis", "site_state": "MD", "site_postal_code": "21401",
        "changed_at": moment,
    }  # fmt: skip
    lines = [
        Line(n, "H0004", "Counseling, 15 minutes", ["95"], 4, 3750, ["A", "B"], 15000, 9000, 2500, 2000, 1000, 500)
        for n in range(3)
    ]
    diagnoses = [Diagnosis(n, code, "Generalized anxiety disorder") for n, code in enumerate(("F41.1", "F43.23"), 1)]
    payments = [Money(date(2026, 11, 28), "Aetna", "transfer", None, False, 27000),
                Money(date(2026, 11, 29), "", "check", 12, False, 7500)]  # fmt: skip
    one = Superbill(facts, client, practice, lines, diagnoses, payments, True)
    told = {"locale": "en", "title": "Statement 7-1", "practice": practice, "phone": "(443) 555-0142",
            "zone": "America/New_York", "bills": [one], "cover": None, **papers.WORDS}  # fmt: skip
    return render("pdf/superbill.html", told)


def _by_reportlab() -> Callable[[], object] | None:
    """About as many words and rules on one page, in an embedded font; no tags, which it has not."""
    try:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont
        from reportlab.pdfgen import canvas
    except ImportError:
        return None
    found = next(
        (
            path
            for path in ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/Library/Fonts/Arial.ttf")
            if os.path.exists(path)
        ),
        None,
    )
    if found is None:
        return None
    pdfmetrics.registerFont(TTFont("bench", found))

    def drawn() -> bytes:
        out = BytesIO()
        page = canvas.Canvas(out, pagesize=(612, 792))
        page.setFont("bench", 9)
        for row in range(48):
            for place, words in enumerate(("Nov 27, 2026", "H0004 95", "Counseling, 15 minutes", "A, B", "$150.00")):
                page.drawString(48 + 105 * place, 744 - 14 * row, words)
            page.line(48, 741 - 14 * row, 564, 741 - 14 * row)
        page.save()
        return out.getvalue()

    return drawn
