"""One table: what was measured, what was asked for, and whether it holds."""

import json
import os
import platform
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

MARKS = ("<!-- bench/run -->", "<!-- end -->")


@dataclass(frozen=True)
class Row:
    """`is_ok` is None where there is no budget; `note` holds the figures behind the value."""

    what: str
    value: str
    budget: str = ""
    is_ok: bool | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        return {None: "", True: "ok", False: "OVER"}[self.is_ok]


def at_most(what: str, value: float, budget: float, unit: str = "", note: str = "") -> Row:
    digits = 2 if value < 20 else 0
    return Row(what, f"{value:.{digits}f}{unit}", f"≤ {budget:g}{unit}", value <= budget, note)


def table(sections: dict[str, list[Row]]) -> str:
    """As Markdown, lined up for the terminal as well."""
    lines = []
    for title, rows in sections.items():
        cells = [
            ("what", "value", "budget", "", "measured"),
            *((r.what, r.value, r.budget, r.verdict, r.note) for r in rows),
        ]
        widths = [max(len(one[place]) for one in cells) for place in range(5)]
        lines += ["", f"### {title}", ""]
        for number, one in enumerate(cells):
            lines.append("| " + " | ".join(text.ljust(width) for text, width in zip(one, widths, strict=True)) + " |")
            if number == 0:
                lines.append("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines).strip() + "\n"


def machine() -> str:
    return f"{os.cpu_count()} cores, shared, Python {platform.python_version()}"


def save(path: Path, sections: dict[str, list[Row]], options: dict[str, object]) -> None:
    path.parent.mkdir(exist_ok=True)
    told = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "options": options,
        "sections": {title: [asdict(row) for row in rows] for title, rows in sections.items()},
    }
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False, default=str) + "\n")


def write_into(path: Path, sections: dict[str, list[Row]]) -> None:
    """Between the two marks of the document."""
    begin, end = MARKS
    body = f"{begin}\nMeasured on {datetime.now(UTC):%Y-%m-%d}, {machine()}.\n\n{table(sections)}{end}"
    text = path.read_text()
    if begin not in text or end not in text:
        raise SystemExit(f"{path} has no place for the table: it needs the lines {begin} and {end}")
    path.write_text(re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: body, text, flags=re.S))
