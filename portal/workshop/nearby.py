"""What is printed beside a field, which is mostly what it is called. The second pypdfium2 door."""

import encodings.utf_16_le  # noqa: F401  what is printed comes in it, and is read when no file can be any more
from typing import NamedTuple

import pypdfium2

Box = tuple[float, float, float, float]  # left, low, right, high: in points from the lower left corner
MOST_RUNS = 4000  # of a page
SAME_LINE, JOINED = 0.5, 9.0
FARTHEST_BEFORE, NEAR_BEFORE, FARTHEST_ABOVE, FARTHEST_BEHIND = 220.0, 40.0, 18.0, 24.0
SLACK = 3.0
FILLERS = " _.:*\t\u2026\u00a0"


class Run(NamedTuple):
    """A piece of a line."""

    box: Box
    words: str


class Words:
    """Of all pages, each read when it is asked for first."""

    def __init__(self, content: bytes) -> None:
        self.pdf = pypdfium2.PdfDocument(content)
        self.pages: dict[int, list[Run]] = {}

    def beside(self, page: int, box: Box, widgets: list[Box]) -> tuple[str, str]:
        """What stands before or above it, and what stands behind it. Nothing is as good as a guess."""
        runs = self.of_page(page)
        left, low, right, high = box
        middle = (low + high) / 2
        line = [one for one in runs if one.box[1] - SLACK <= middle <= one.box[3] + SLACK]
        others = [one for one in widgets if one[1] <= middle <= one[3] and one != box]
        wall = max((one[2] for one in others if one[2] <= left + SLACK), default=left - FARTHEST_BEFORE)
        end = min((one[0] for one in others if one[0] >= right - SLACK), default=right + 1000.0)
        before = [
            one
            for one in line
            if max(wall, left - FARTHEST_BEFORE) - SLACK <= one.box[0] and one.box[2] <= left + SLACK
        ]
        behind = [one for one in line if right - SLACK <= one.box[0] and one.box[0] < end]
        return self.before_or_above(runs, before, box), spoken_of(near(behind, right))

    def before_or_above(self, runs: list[Run], before: list[Run], box: Box) -> str:
        left, _, right, high = box
        above = [
            one
            for one in runs
            if high - SLACK <= one.box[1] <= high + FARTHEST_ABOVE and one.box[0] < right and one.box[2] > left
            and one.box[0] >= left - NEAR_BEFORE
        ]  # fmt: skip
        last = before[-1:]
        if (last and left - last[0].box[2] <= NEAR_BEFORE) or not above:
            return spoken_of(last)
        lowest = min(one.box[1] for one in above)
        return spoken_of([one for one in above if one.box[1] - lowest <= SLACK])

    def of_page(self, page: int) -> list[Run]:
        if page not in self.pages:
            self.pages[page] = joined(self.read(page))
        return self.pages[page]

    def read(self, page: int) -> list[Run]:
        text = self.pdf[page].get_textpage()
        found = []
        for number in range(min(text.count_rects(), MOST_RUNS)):
            box = text.get_rect(number)
            words = " ".join(text.get_text_bounded(*box).split())
            if words.strip(FILLERS):
                found.append(Run(box, words))
        return found


def joined(runs: list[Run]) -> list[Run]:
    """Pieces of one line that follow each other closely; by line from the top, then from the left."""
    ordered = sorted(runs, key=lambda one: (-round((one.box[1] + one.box[3]) / 2 / SAME_LINE), one.box[0]))
    found: list[Run] = []
    for one in ordered:
        last = found[-1] if found else None
        if (
            last
            and one.box[1] < last.box[3]
            and one.box[3] > last.box[1]
            and 0 <= one.box[0] - last.box[2] + 1 <= JOINED
        ):
            box = (last.box[0], min(last.box[1], one.box[1]), one.box[2], max(last.box[3], one.box[3]))
            found[-1] = Run(box, f"{last.words} {one.words}")
        else:
            found.append(one)
    return sorted(found, key=lambda one: one.box[0])


def near(runs: list[Run], edge: float) -> list[Run]:
    """The first, if it is close."""
    return runs[:1] if runs and runs[0].box[0] - edge <= FARTHEST_BEHIND else []


def spoken_of(runs: list[Run]) -> str:
    return " ".join(one.words.strip(FILLERS) for one in runs)
