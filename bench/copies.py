"""A completed copy of an intake form of two pages, from its rows to the seal: how long one waits, and how large it is."""

import asyncio
from dataclasses import dataclass
from statistics import median
from time import monotonic

from portal.copies import drawing, sheets, workbench
from portal.library import fields
from portal.library.fields import Field
from portal.signets import signets
from portal.uploads import form
from tasks.actors.pdf import rendered
from tasks.actors.press import Press
from tasks.demo import forms

MOST_SECONDS, MOST_GROWTH = 3.0, 2.0
RECORD = "<html lang='en'><title>x</title><body><h1>Record</h1>" + "<p>What happened, when, and who was it</p>" * 40


@dataclass(frozen=True)
class Made:
    """Medians: seconds by the clock, and how many times as large as the blank form."""

    seconds: float
    growth: float


def made(rounds: int) -> Made:
    return asyncio.run(_made(rounds))


async def _made(rounds: int) -> Made:
    blank = await form("intake.pdf", rendered(forms._page("Intake form", forms.INTAKE)))
    asked, press, took, size = fields.read(blank.fields), Press(), [], 0
    await press.printed(RECORD)
    for _ in range(rounds):
        began = monotonic()
        size = len(await _one(blank.content, asked, press))
        took.append(monotonic() - began)
    await press.close()
    return Made(median(took), size / len(blank.content))


async def _one(blank: bytes, asked: list[Field], press: Press) -> bytes:
    given = {one.name: [one.options[0].value if one.options else "Zoë Иван 李小龍 محمد"] for one in asked}
    found = sheets.written(await workbench.plan(blank), asked, given, {})
    written, behind = await asyncio.gather(press.printed(drawing.of_sheets(found)), press.printed(RECORD))
    pages, ticks = [one.number for one in found], sheets.ticks(asked, given)
    flat = await workbench.flattened(blank, ticks, written, pages, behind, title="x", record="{}")
    return (await workbench.sealed(flat.content, signets()[0], "Bench", wants_time=False))[0]
