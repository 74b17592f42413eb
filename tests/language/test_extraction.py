"""Babel's own extraction, beside the house's: whatever stands in code or templates has its Spanish."""

import re
from functools import cache
from io import BytesIO

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from markupsafe import Markup

from portal import language
from portal.settings import ROOT
from portal.web.templates import environment

KEYWORDS = {"_": None, "gettext": None, "lazy": None, "ngettext": (1, 2)}
TEMPLATES = {
    "extensions": "jinja2.ext.i18n,jinja2.ext.do",
    "trimmed": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
}
SPANISH = language.CATALOGS / "es.po"
PLACEHOLDER = re.compile(r"%\((\w+)\)([a-z])|(?<!%)%([a-z])")


@cache
def sentences() -> list[str | tuple[str, ...]]:
    found = set()
    for method, options, paths in (
        ("python", {}, [*(ROOT / "portal").rglob("*.py"), *(ROOT / "tasks").rglob("*.py")]),
        ("jinja2.ext:babel_extract", TEMPLATES, [*(ROOT / "templates").rglob("*.*")]),
    ):
        for path in paths:
            for _, said, _, _ in extract(method, BytesIO(path.read_bytes()), KEYWORDS, options=options):
                found.add(said)
    return sorted(found, key=str)


@cache
def translated() -> dict[str, Message]:
    assert SPANISH.exists(), "there is no Spanish yet: portal/language/es.po"
    with SPANISH.open("rb") as file:
        catalog = read_po(file, locale="es", abort_invalid=True)
    return {(entry.id if isinstance(entry.id, str) else entry.id[0]): entry for entry in catalog if entry.id}


def holes(text: str) -> list[tuple[str, ...]]:
    return sorted(PLACEHOLDER.findall(text))


def wrong_with(said: str | tuple[str, ...]) -> str:
    one = said if isinstance(said, str) else said[0]
    entry = translated().get(one)
    if entry is None or entry.fuzzy:
        return "not in es.po"
    forms = [entry.string] if isinstance(entry.string, str) else list(entry.string)
    if not all(forms) or len(forms) != (1 if isinstance(said, str) and isinstance(entry.id, str) else 2):
        return "a form is missing"
    if not all(holes(one) == holes(form) or set(holes(form)) <= set(holes(one) + holes(forms[-1])) for form in forms):
        return "other holes"
    is_spoken = language.gettext(one) == forms[0] or isinstance(entry.id, tuple)
    return "" if is_spoken else "not spoken"


def test_everything_has_its_translation():
    with language.speaking("es"):
        assert {said: wrong for said in sentences() if (wrong := wrong_with(said))} == {}


def test_there_is_a_good_deal_to_say():
    assert len(sentences()) > 250


def test_dates_times_and_names_of_languages_are_spanish():
    from datetime import UTC, datetime

    moment = datetime(2026, 11, 23, 19, 5, tzinfo=UTC)
    with language.speaking("es"):
        assert language.written_date(moment, "America/New_York") == "23 de noviembre de 2026"
        assert (
            " ".join(language.written_moment(moment, "America/New_York").split())
            == "23 de noviembre de 2026, 2:05 p.m."
        )
        assert language.language_name("en") == "inglés"


def test_languages_without_a_country_are_named_without_one_and_signed_ones_have_a_name():
    shown = {"tl": ("Filipino", "filipino"), "ase": ("American Sign Language", "lengua de señas americana")}
    for code, (english, spanish) in {**shown, "zh-Hant": ("Chinese (Traditional)", "chino (tradicional)")}.items():
        assert language.language_name(code) == english
        with language.speaking("es"):
            assert language.language_name(code).lower() == spanish


def test_a_sentence_that_ends_with_an_abbreviation_has_one_full_stop():
    assert str(language.lazy("At %(when)s.", when="5:47 p.m.")) == "At 5:47 p.m."
    assert language.gettext("At %(when)s. Come.", when="5:47 p.m.") == "At 5:47 p.m. Come."
    assert language.gettext("At %(when)s.", when="5:47 PM") == "At 5:47 PM."
    assert language.gettext("%(what)s…", what="Dr.") == "Dr.…"
    assert language.gettext("%(what)s...", what="Dr.") == "Dr...."
    assert language.ngettext("%(num)d by %(name)s.", "%(num)d by %(name)s.", 2, name="A. B.") == "2 by A. B."
    drawn = environment().from_string(
        "{{ _('At %(when)s.', when=when) }}|{% trans when=when %}At {{ when }}.{% endtrans %}"
        "|{% trans count=2, when=when %}{{ count }} {{ when }}.{% pluralize %}{{ count }} at {{ when }}.{% endtrans %}"
        "|{{ ngettext('%(num)d at %(when)s.', '%(num)d at %(when)s.', 2, when=when) }}|{{ _('<%(when)s.', when='<') }}"
    )
    shown = drawn.render(when="5:47 p.m.")
    assert shown == "At 5:47 p.m.|At 5:47 p.m.|2 at 5:47 p.m.|2 at 5:47 p.m.|<&lt;."
    assert drawn.render(when=Markup("<b>5 p.m.</b>")).startswith("At <b>5 p.m.</b>|")


@pytest.mark.parametrize("spoken", ["xx", "", "EN", "es-MX", "../es", "e\0s"])
def test_a_language_that_is_not_there_is_english(spoken):
    with language.speaking(spoken):
        assert language.current() == "en" and language.gettext("Sign in") == "Sign in"
