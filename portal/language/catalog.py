"""Keeps es.po in step with the sentences of code and templates: `python -m portal.language.catalog update`, or `check`.

Entries are sorted and carry neither dates nor line numbers, so that a diff shows words only.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

from portal.language import CATALOGS
from portal.settings import ROOT

PATH = CATALOGS / "es.po"
KEYWORDS = {"_": None, "gettext": None, "lazy": None, "ngettext": (1, 2)}
CODE = ("portal", "tasks")
TEMPLATES = (".html", ".txt")
PLACEHOLDER = re.compile(r"%(?:\(\w+\)[a-z]|%)")
TAG = re.compile(r"<[^>]+>")
HEADER = """\
# Spanish for the United States: “usted”, plain and short.
# Kept by `python -m portal.language.catalog update`; `check` says what is missing.
msgid ""
msgstr ""
"Project-Id-Version: portal\\n"
"Language: es\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""

Key = str | tuple[str, str]


def extracted() -> dict[str, Key]:
    """Every sentence by its singular, as it is looked up at run time."""
    found: dict[str, Key] = {}
    for key in (*_of_code(), *_of_templates()):
        one = key if isinstance(key, str) else key[0]
        if not isinstance(found.get(one), tuple):
            found[one] = key
        elif isinstance(key, tuple) and found[one] != key:
            raise ValueError(f"two plurals of {one!r}: {found[one][1]!r} and {key[1]!r}")
    return found


def of_template(source: str) -> Iterator[Key]:
    for _, function, told in _environment().extract_translations(source, tuple(KEYWORDS)):  # type: ignore[attr-defined]
        yield from _key(function, told)


def existing() -> Catalog:
    with PATH.open("rb") as file:
        return read_po(file, locale="es", abort_invalid=True)


def update() -> tuple[list[str], list[Message]]:
    """Rewrites es.po. Returns the sentences that are new, and the entries that were dropped."""
    wanted, old, new = extracted(), existing() if PATH.exists() else Catalog(locale="es"), Catalog(locale="es")
    known = {_one(entry): entry for entry in old if entry.id}
    for one, key in wanted.items():
        entry = known.get(one)
        kept = entry is not None and isinstance(entry.id, str) == isinstance(key, str) and not entry.fuzzy
        new.add(key, entry.string if entry is not None and kept else None)
    PATH.write_text(HEADER + _written(new), encoding="utf-8")
    return sorted(wanted.keys() - known.keys()), [known[one] for one in sorted(known.keys() - wanted.keys())]


def check() -> list[str]:
    """What stands between es.po and a complete translation, one line each."""
    wanted, old = extracted(), existing()
    known = {_one(entry): entry for entry in old if entry.id}
    wrong = [f"missing: {one}" for one in sorted(wanted.keys() - known.keys())]
    wrong += [f"obsolete: {one}" for one in sorted({*known, *map(_one, old.obsolete.values())} - wanted.keys())]
    for one in sorted(wanted.keys() & known.keys()):
        wrong += [f"{fault}: {one}" for fault in _faults(wanted[one], known[one])]
    return wrong


def _faults(key: Key, entry: Message) -> Iterator[str]:
    originals = [key] if isinstance(key, str) else list(key)
    said = [entry.string] if isinstance(entry.string, str) else list(entry.string or ())
    if entry.fuzzy:
        yield "fuzzy"
    if (entry.id if isinstance(entry.id, str) else tuple(entry.id)) != key or len(said) != len(originals):
        yield "its plural has changed"
    elif not all(word and word.strip() for word in said):
        yield "not translated"
    else:
        for original, word in zip(originals, said, strict=True):
            if _parts(original) != _parts(word):
                yield "other placeholders or tags"


def _parts(words: str) -> Counter[str]:
    return Counter([*PLACEHOLDER.findall(words), *TAG.findall(words)])


def _one(entry: Message) -> str:
    return entry.id if isinstance(entry.id, str) else entry.id[0]


def _written(new: Catalog) -> str:
    file = BytesIO()
    write_po(file, new, width=0, no_location=True, omit_header=True, sort_output=True)
    return file.getvalue().decode().rstrip("\n") + "\n"


def _of_code() -> Iterator[Key]:
    for path in _files(CODE, (".py",)):
        with path.open("rb") as file:
            for _, function, told, _ in extract_python(file, KEYWORDS, [], {}):
                yield from _key(str(function), told)


def _of_templates() -> Iterator[Key]:
    for path in _files(("templates",), TEMPLATES):
        yield from of_template(path.read_text())


def _files(folders: tuple[str, ...], endings: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted((ROOT / folder).rglob("*")) if path.suffix in endings)


def _key(function: str, told: object) -> Iterator[Key]:
    """The constant sentences of one call; what is put together at run time cannot be extracted."""
    words = told if isinstance(told, tuple | list) else (told,)
    if function == "ngettext" and isinstance(words[0], str) and isinstance(words[1], str):
        yield words[0], words[1]
    elif function != "ngettext" and isinstance(words[0], str) and words[0]:
        yield words[0]


def _environment() -> Environment:
    """Parses as portal.web.templates does: with other options the sentences of trans blocks would differ."""
    made = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"]
    )
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    return made


def main(arguments: list[str]) -> int:
    if arguments == ["update"]:
        added, dropped = update()
        lines = [f"new: {one}" for one in added] + [f"dropped: {_one(entry)} = {entry.string}" for entry in dropped]
    elif arguments == ["check"]:
        lines = check()
    else:
        lines = ["python -m portal.language.catalog update | check"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0 if arguments == ["update"] else int(bool(lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
