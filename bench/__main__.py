"""`bench/run`: makes a portal, measures it in one run and says what holds."""

import argparse
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from bench import copies, growth, memory, papers, paying, report, signing_in, slots, starting, weight
from bench.pages import against_bare_and_hand
from bench.report import Row, at_most
from bench.site import Server, Site, site
from bench.timing import Rounds
from portal.settings import ROOT

PARTS = ("pages", "growth", "sign-in", "start", "memory", "weight", "slots", "papers", "copies", "paying")
FEW, SLOTS = 1000, 200


def main() -> int:
    options = _options()
    with _folder(options.data) as folder, ExitStack() as stack:
        secret, keys_file = secrets.token_hex(32), folder / "keys.json"
        os.environ.update(
            PORTAL_MODE="production", SECRET_KEY=secret, BASE_URL="http://127.0.0.1:1",
            KEYS_FILE=str(keys_file), DATA_DIR=str(folder),
        )  # fmt: skip
        large = stack.enter_context(site(folder / f"clients-{options.clients}", options.clients, secret, keys_file))
        sections: dict[str, list[Row]] = {}
        if "start" in options.only:
            _say("starts")
            sections["Start of `portal serve`"] = _starts(large, folder)
        if {"pages", "growth", "sign-in", "weight"} & set(options.only):
            portal = stack.enter_context(large.portal("web"))
            _measure_web(options, sections, stack, folder, large, portal)
        if "memory" in options.only:
            _say("memory")
            with large.portal("serve") as serve:
                sections["Memory"] = _memory(large, serve, options.requests)
        if "papers" in options.only:
            _say("papers")
            sections["Papers, a superbill of one page"] = _papers(options.rounds)
        if "copies" in options.only:
            _say("copies")
            sections["A completed copy of an intake form, filled in, flat and sealed"] = _copies(options.rounds)
        if "slots" in options.only:
            _say("slots")
            made = stack.enter_context(site(folder / "slots", SLOTS, secret, keys_file, fill=slots.fill))
            sections["Free times, a million appointments of a thousand clinicians, four weeks"] = _slots(
                made, options.rounds
            )
        if "paying" in options.only:
            _say("paying")
            sections["Paying, with the stand-in for Stripe"] = _paying(folder / "paying", options.rounds)
    print(report.table(sections))
    report.save(ROOT / "bench" / "results" / "latest.json", sections, vars(options) | {"data": ""})
    if options.write:
        report.write_into(options.write, sections)
    over = [row.what for rows in sections.values() for row in rows if row.is_ok is False]
    print(f"Over budget: {'; '.join(over) if over else 'nothing'}.")
    return 1 if over and options.strict else 0


def _measure_web(  # type: ignore[no-untyped-def]
    options, sections: dict[str, list[Row]], stack: ExitStack, folder: Path, large: Site, portal: Server
) -> None:
    if "weight" in options.only:
        _say("weight")
        sections["Weight, gzip"] = [
            at_most(name, size / 1024, budget / 1024, " KB") if budget else Row(name, f"{size / 1024:.2f} KB")
            for name, (size, budget) in weight.weights(large, portal).items()
        ]
    if "pages" in options.only:
        _say("pages")
        sections["Speed, as a share of the same page in hand-written asyncpg"] = _pages(
            large, portal, folder, options.rounds
        )
    if "growth" in options.only:
        _say("growth")
        small = stack.enter_context(site(folder / f"clients-{FEW}", FEW, large.secret, large.keys_file))
        with small.portal("web") as other:
            sections[f"Growth, time at {options.clients:,} clients against {FEW:,}"] = [
                _growth(name, one)
                for name, one in growth.growth((small, other), (large, portal), rounds=options.rounds).items()
            ]
    if "sign-in" in options.only:
        _say("sign-in")
        sections["Signing in"] = _signing_in(large, portal, options.rounds)


def _pages(large: Site, portal: Server, folder: Path, rounds: int) -> list[Row]:
    rows = []
    for name, (page, one) in against_bare_and_hand(large, portal, folder, rounds=rounds).items():
        clock, cpu = one.ratio("hand", "portal"), one.cpu_ratio("hand", "portal")
        figures = [
            f"{kind} {one.seconds(kind) * 1e3:.2f} ms, CPU {one.cpu(kind) * 1e6:.0f} µs"
            for kind in ("portal", "hand", "bare")
        ]
        spread = f"spread {one.spread('hand', 'portal'):.0%}"
        is_ok = min(clock, cpu) >= page.budget
        rows.append(
            Row(name, f"{clock:.2f}, CPU {cpu:.2f}", f"≥ {page.budget:g}", is_ok, "; ".join([*figures, spread]))
        )
    return rows


def _growth(name: str, one: Rounds) -> Row:
    times = f"{one.seconds('small') * 1e3:.2f} → {one.seconds('large') * 1e3:.2f} ms"
    others = f"CPU of web ×{one.cpu_ratio('large', 'small'):.2f}; spread {one.spread('large', 'small'):.0%}"
    return at_most(name, one.ratio("large", "small"), growth.MOST, note=f"{times}; {others}")


def _signing_in(large: Site, portal: Server, rounds: int) -> list[Row]:
    one = signing_in.against_argon2(large, portal, rounds=rounds)
    times = f"{one.seconds('sign-in') * 1e3:.1f} and {one.seconds('argon2') * 1e3:.1f} ms"
    found = signing_in.storms(portal, rounds=max(3, rounds // 2))
    calm, rough, lasted = (median(getattr(storm, what) for storm in found) for what in ("calm", "rough", "lasted"))
    return [
        at_most(
            "sign-in, against one argon2 verify", one.ratio("sign-in", "argon2"), signing_in.MOST,
            note=f"{times}; spread {one.spread('sign-in', 'argon2'):.0%}",
        ),
        at_most(
            "another page's p95 during 20 sign-ins at once", signing_in.p95_ratio(found), signing_in.MOST_WAIT,
            note=f"{calm * 1e3:.1f} → {rough * 1e3:.1f} ms; the twenty took {lasted:.2f} s",
        ),
    ]  # fmt: skip


def _slots(made: Site, rounds: int) -> list[Row]:
    rows = []
    for what, one in slots.slots(made, rounds=rounds).items():
        took = one.seconds("portal") * 1e3
        note = f"{took:.1f} ms, plain queries {one.seconds('plain') * 1e3:.1f} ms; spread {one.spread('portal', 'plain'):.0%}"
        if what == slots.ONE:
            rows.append(at_most(what, took, slots.MOST_OF_ONE, " ms", note))
        else:
            rows.append(
                at_most(f"{what}, against the plain queries", one.ratio("portal", "plain"), slots.MOST, note=note)
            )
    return rows


def _paying(folder: Path, rounds: int) -> list[Row]:
    rows = []
    for what, one in paying.paying(folder, rounds=rounds).items():
        name, other = paying.AGAINST[what]
        times = f"{one.seconds(name) * 1e3:.1f} and {one.seconds(other) * 1e3:.1f} ms"
        rows.append(Row(what, f"{one.ratio(name, other):.1f}", note=f"{times}; spread {one.spread(name, other):.0%}"))
    return rows


def _papers(rounds: int) -> list[Row]:
    one, kept = papers.rendered(rounds), papers.held()
    rows = [
        at_most(
            "in the press, against WeasyPrint tuned in one process", one.press / one.tuned, papers.MOST,
            note=f"CPU {one.press * 1e3:.0f} and {one.tuned * 1e3:.0f} ms; waited for {one.wall * 1e3:.0f} ms",
        ),
        Row("against the smallest page there can be", f"{one.press / one.smallest:.1f}", note=f"CPU {one.smallest * 1e3:.0f} ms"),
    ]  # fmt: skip
    if one.reportlab:
        rows.append(
            Row(
                "against reportlab, untagged",
                f"{one.press / one.reportlab:.1f}",
                note=f"CPU {one.reportlab * 1e3:.0f} ms",
            )
        )
    return [
        *rows,
        Row(
            f"worker and press over {papers.RENDERS:,} of them, growth over the second half", f"{kept.grows:+.1%}",
            f"≤ {papers.FLAT:.0%}", kept.grows <= papers.FLAT, " ".join(f"{step:.0f}" for step in kept.steps) + " MB",
        ),
    ]  # fmt: skip


def _copies(rounds: int) -> list[Row]:
    one = copies.made(rounds)
    return [
        at_most("from its answers to the sealed file", one.seconds, copies.MOST_SECONDS, " s"),
        at_most("as large as the blank form", one.growth, copies.MOST_GROWTH, "×"),
    ]


def _starts(large: Site, folder: Path) -> list[Row]:
    first, second = starting.starts(large, folder / "start")
    shutil.rmtree(folder / "start", ignore_errors=True)
    return [
        Row("first, to the first 200 of /health", f"{first:.2f} s", note="makes and migrates the database"),
        at_most("second", second, starting.MOST, " s"),
    ]


def _memory(large: Site, serve: Server, requests: int) -> list[Row]:
    one = memory.held(large, serve, requests)
    return [
        at_most(f"web and worker, peak over {requests:,} requests", one.peak, memory.MOST, " MB"),
        Row(
            "growth over the second half", f"{one.grows:+.1%}", f"≤ {memory.FLAT:.0%}", one.grows <= memory.FLAT,
            " ".join(f"{step:.0f}" for step in one.steps) + " MB",
        ),
    ]  # fmt: skip


def _options() -> argparse.Namespace:
    told = argparse.ArgumentParser(prog="bench/run", description=f"{__doc__} See bench/README.md.")
    told.add_argument("--clients", type=int, default=50_000, help="invented clients in the large portal (50,000)")
    told.add_argument(
        "--data", type=Path, help="keep the portals in this folder and use them again; else a temporary one"
    )
    told.add_argument("--requests", type=int, default=10_000, help="before memory is judged (10,000)")
    told.add_argument("--rounds", type=int, default=15, help="of each comparison (15)")
    told.add_argument("--only", type=_parts, default=PARTS, metavar="PART,…", help=f"some of {', '.join(PARTS)}")
    told.add_argument("--write", type=Path, help="put the table between the marks in this document too")
    told.add_argument("--strict", action="store_true", help="exit 1 if a budget is exceeded")
    return told.parse_args()


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(","))
    if strange := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(strange)}: choose from {', '.join(PARTS)}")
    return parts


@contextmanager
def _folder(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="portal-bench-") as made:
            yield Path(made)


def _say(what: str) -> None:
    print(f"Measuring {what} …", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
