"""How large words may be in a box, and how many of them there is room for.

Nobody is asked how wide a sign really is: each is taken to be as wide as in the widest of the typefaces that may be
used (Noto and DejaVu, upright and of names), so that what fits here fits on paper.
"""

import unicodedata
from dataclasses import dataclass

LINE = 1.2  # of its size
MARGIN = 2.0  # points, left and right
LARGEST, LARGEST_OF_SEVERAL, SMALLEST = 12.0, 10.0, 6.0
MORE = "…"
# Of an em, in hundredths, from the blank to the tilde.
LATIN = (
    32, 41, 46, 84, 64, 96, 90, 28, 40, 40, 56, 84, 32, 37, 32, 38, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 54, 100, 73, 74, 77, 81, 73, 70, 80, 88, 40, 41, 75, 67, 103, 88, 82, 68, 82, 76, 69, 67, 85, 73, 105, 72,
    67, 70, 40, 38, 40, 84, 50, 50, 62, 65, 57, 65, 62, 38, 65, 65, 32, 32, 61, 32, 98, 65, 62, 65, 65, 48, 53, 41, 65,
    60, 86, 60, 60, 53, 64, 56, 64, 84,
)  # fmt: skip
FULL, CAPITAL, OTHER = 1.02, 0.86, 0.68


@dataclass(frozen=True)
class Fitted:
    """`lines` are as they are to stand; where not all of it fits, the last ends with an ellipsis."""

    size: float
    lines: tuple[str, ...]
    is_whole: bool


def fitted(text: str, width: float, height: float, size: float, *, several: bool) -> Fitted:
    """`size` is what the form asks for; 0 leaves it open. Smaller, where it would not fit."""
    room = max(1.0, width - 2 * MARGIN)
    said = text.splitlines() if several else [" ".join(text.split())]
    for one in sizes(height, size, several=several):
        lines = [part for line in said for part in wrapped(line, room / one)] if several else said
        if len(lines) <= most_lines(height, one) and all(wide(line) * one <= room for line in lines):
            return Fitted(one, tuple(lines), True)
    most = most_lines(height, one)
    if len(lines) <= most:  # one line that is too long
        return Fitted(one, (*lines[:-1], shortened(lines[-1], room / one)), False)
    return Fitted(one, (*lines[: most - 1], shortened(lines[most - 1] + MORE, room / one)), False)


def sizes(height: float, size: float, *, several: bool) -> list[float]:
    """From the largest down, by half a point."""
    most = size or (LARGEST_OF_SEVERAL if several else LARGEST)
    most = max(4.0, min(most, height / LINE))
    least = min(most, SMALLEST)
    return [*(most - 0.5 * step for step in range(int((most - least) / 0.5) + 1)), least]


def most_lines(height: float, size: float) -> int:
    return max(1, int(height / (size * LINE) + 0.01))


def wrapped(line: str, most: float) -> list[str]:
    """At blanks; a word that is too long, wherever the line is full. `most` is in ems."""
    lines, now, used = [], "", 0.0
    for word in words_of(line):
        if now and used + wide(word.rstrip()) > most:
            lines.append(now.rstrip())
            now, used = "", 0.0
        while wide(word.rstrip()) > most and len(word) > 1:
            head = cut(word, most)
            lines.append(head)
            word = word[len(head) :]
        now, used = now + word, used + wide(word)
    return [*lines, now.rstrip()]


def words_of(line: str) -> list[str]:
    """Each with the blanks behind it. Signs of writing without blanks are words of their own."""
    words: list[str] = []
    for sign in line:
        goes_on = bool(words) and (sign.isspace() or not (words[-1][-1].isspace() or is_full(sign + words[-1][-1])))
        if goes_on:
            words[-1] += sign
        else:
            words.append(sign)
    return words


def cut(word: str, most: float) -> str:
    """As much of it as fits, and one sign at least."""
    used = 0.0
    for place, sign in enumerate(word):
        used += _wide(sign)
        if used > most and place:
            return word[:place]
    return word


def shortened(line: str, most: float) -> str:
    return cut(line, most - wide(MORE)).removesuffix(MORE).rstrip() + MORE


def wide(text: str) -> float:
    """In ems."""
    return sum(map(_wide, text))


def is_full(signs: str) -> bool:
    return any(unicodedata.east_asian_width(sign) in "WF" for sign in signs)


def _wide(sign: str) -> float:
    if unicodedata.combining(sign):
        return 0.0
    if is_full(sign):
        return FULL
    base = unicodedata.normalize("NFD", sign)[0]
    if " " <= base <= "~":
        return LATIN[ord(base) - ord(" ")] / 100
    return 1.0 if sign == MORE else CAPITAL if sign.isupper() else OTHER
