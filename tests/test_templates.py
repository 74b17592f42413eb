"""Templates: htmx only speeds up a plain link or form; nothing inline; every sentence can be translated."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from markupsafe import Markup

from portal import language
from portal.web.form import Form
from portal.web.templates import Page, environment

TEMPLATES = Path(__file__).parent.parent / "templates"
ALL = sorted(TEMPLATES.rglob("*.html"))
NAMES = [path.relative_to(TEMPLATES).as_posix() for path in ALL]
STYLED = ("layouts/email.html", "layouts/pdf.html", "pdf/")
STATIC_SENTENCES = ("errors/500.html", "errors/away.html", "layouts/standalone.html", "pdf/")
GETTEXT = ("_", "gettext", "ngettext")
AS_THEY_ARE = ("English", "Español", "novalidate")  # a language names itself
VOID = {
    "br",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "use",
    "path",
    "circle",
    "rect",
    "line",
    "polyline",
    "col",
    "source",
}
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.S)
TRANS = re.compile(r"\{%-?\s*trans\b.*?\{%-?\s*endtrans\s*-?%\}", re.S)
CLASSES = re.compile(r"\{% block (?:body|main)class %\}.*?\{% endblock %\}")
NOT_OURS = re.compile(
    r"\bhx-(?:put|patch|delete|boost|on\b|on:|vars|prompt|ext|vals=.js:|disabled-elt|disable\b|inherit)"
)
TAG = re.compile(r"<[a-z](?:\{\{.*?\}\}|\{%.*?%\}|\"[^\"]*\"|'[^']*'|[^>])*>", re.S)


def checked(wrong: Callable[[str, str], object], *but: str) -> None:
    """Every template but those whose names begin so: `wrong` tells of its name and text what is, if anything."""
    texts = {name: path.read_text() for name, path in zip(NAMES, ALL, strict=True) if not name.startswith(but)}
    assert {name: told for name, text in texts.items() if (told := wrong(name, text))} == {}


def test_what_htmx_asks_for_a_plain_browser_can_ask_for_too():
    def wrong(name: str, text: str) -> list[str]:
        found = []
        for tag in TAG.findall(text):
            for url in re.findall(r'\bhx-(?:get|post)="([^"]*)"', tag):
                beside = re.search(r'\b(?:href|action|formaction)="([^"]*)"', tag)
                within = f'href="{url}"' in text or f"leads_to({url.strip('{} ')}" in text
                has_twin = (beside and beside.group(1) == url) or (("<details" in tag or "every " in tag) and within)
                if not has_twin or "hx-target=" not in tag or "hx-swap=" not in tag:
                    found.append(tag)
        return found + NOT_OURS.findall(text)

    checked(wrong)


def test_verbs_are_written_by_macros():
    def wrong(name: str, text: str) -> list[str]:
        found = [tag for tag in TAG.findall(text) if re.search(r"\bhx-(get|post)=", tag)]
        return [tag for tag in found if "details" not in tag and "every" not in tag]

    checked(wrong, "components/")


def test_nothing_is_inline():
    def wrong(name: str, text: str) -> list[str]:
        style = [] if name.startswith(STYLED) else re.findall("<style", text)
        return re.findall(r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|<script(?![^>]*\ssrc=)", text) + style

    checked(wrong)


def test_nothing_comes_from_elsewhere():
    checked(lambda name, text: re.findall(r"(?:src|href|action)=[\"']?(?:https?:)?//", text))


def test_it_fits_on_a_screen():
    checked(lambda name, text: max(0, len(text.splitlines()) - 80))


def test_a_fragment_has_one_root_with_an_id():
    def wrong(name: str, text: str) -> list[object]:
        if not name.rpartition("/")[2].startswith("_"):
            return []
        first, others = roots(JINJA.sub("", TRANS.sub("", text)))
        return [*([] if "id" in first else [first]), *(one for one in others if "hx-swap-oob" not in one)]

    checked(wrong, "email/")


def test_every_word_can_be_translated():
    checked(lambda name, text: list(untranslated(text)), *STATIC_SENTENCES)


def test_every_icon_is_drawn():
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (TEMPLATES.parent / "static" / "icons.svg").read_text()))
    checked(lambda name, text: set(re.findall(r'\b(?:icon\(|glyph=|drawn\()"([a-z0-9-]+)"', text)) - drawn)


@pytest.mark.parametrize("code", ["403", "404", "405", "409", "413", "419", "422", "429", "503"])
@pytest.mark.parametrize("wanted", ["page", "fragment"])
def test_an_error_page_says_what_to_do_and_where_to_call(code, wanted):
    html = drawn(f"errors/{code}.html", given_back=None, is_fragment=wanted == "fragment")
    assert re.search(r"<h1[^>]*data-focus-here", html) and 'id="main"' in html
    if wanted == "page":
        assert "tel:988" in html and "tel:911" in html and "not watched around the clock" in html
    else:
        assert html.strip().startswith('<main id="main"') and html.strip().endswith("</title>")


def test_what_was_typed_is_given_back_with_a_fresh_token_and_without_passwords():
    typed = [("subject", "Sleep"), ("body", "<b>One</b>\ntwo"), ("password", "secret")]
    html = drawn("errors/419.html", given_back={"action": "/clients/7/messages", "fields": typed})
    assert 'action="/clients/7/messages"' in html and html.count('value="fresh"') >= 2
    assert 'name="body" value="&lt;b&gt;One&lt;/b&gt;\ntwo"' in html and "secret" not in html


def test_what_was_typed_stands_under_names_that_people_know():
    typed = [("birth_date_month", "2"), ("reason_for_visit", "<b>One</b>\ntwo"), ("nobody_<i>", "x")]
    unseen = [("new_password_2", "secret"), ("_csrf_token", "old"), ("next", "/account"), ("email", " ")]
    given_back = {"action": "/x", "fields": typed + unseen}
    for spoken_, named in (("en", "Date of birth: month"), ("es", "Fecha de nacimiento: mes")):
        with language.speaking(spoken_):
            html = drawn("errors/419.html", given_back=given_back)
        assert re.findall(r'<dt>(.*?)</dt><dd class="kept">(.*?)</dd>', html, re.S) == [
            (named, "2"), ("Reason for visit", "&lt;b&gt;One&lt;/b&gt;\ntwo"), ("Nobody &lt;i&gt;", "x"),
        ]  # fmt: skip


@pytest.mark.parametrize("told", [{}, {"reference": "8F3K22"}, {"reference": "8F3K22", "phone": "(443) 555-0142"}])
@pytest.mark.parametrize("name", ["500", "away"])
def test_the_last_page_needs_nothing(told, name):
    bare = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    html = bare.get_template(f"errors/{name}.html").render(told)
    assert "tel:988" in html and "tel:911" in html and 'lang="es"' in html
    assert all(value in html for value in told.values())


@pytest.mark.parametrize("name", ["help", "privacy", "accessibility"])
@pytest.mark.parametrize("who", ["nobody", "client", "staff"])
def test_the_neutral_pages_are_for_everybody(name, who):
    viewer = None if who == "nobody" else SimpleNamespace(name="Maya", is_staff=who == "staff", role_name="front desk")
    html = drawn(f"help/{name}.html", viewer=viewer)
    assert f'id="{name}"' in html and html.count("<h1") == 1 and html.count("<main") == 1
    assert ("data-leaves" in html) == (who != "nobody") == ('id="idle"' in html)


def test_a_page_with_errors_says_so_first_and_beside_the_field():
    page = (
        '{% extends "layouts/client.html" %}{% from "components/form.html" import date_fields, error_summary, field %}'
        '{% block title %}Sign in{% endblock %}{% block main %}{{ error_summary(form) }}'
        '{{ field(form, "email", "E-mail", hint="Yours") }}{{ date_fields(form, "born", "Born") }}{% endblock %}'
    )  # fmt: skip
    form = Form(
        {"email": ["<x>"]}, {"email": "Enter an e-mail address", "born_month": "Enter a date", "": "Look again"}
    )
    html = environment().from_string(page).render({**context(), "form": form})
    assert "<title>Error: Sign in - Harbor Lane</title>" in html
    assert '<a href="#email">Enter an e-mail address</a>' in html and "<li>Look again</li>" in html
    assert 'value="&lt;x&gt;" aria-invalid="true" aria-describedby="email-hint email-error"' in html
    assert '<a href="#born_month">' in html and 'id="born_month"' in html and 'id="born_month-error"' in html
    assert html.count('<span class="vh">Error: </span>') == 2


def test_nothing_is_inherited_or_kept_by_htmx():
    html = drawn("help/help.html")
    for said in (
        '"disableInheritance":true',
        '"allowEval":false',
        '"historyCacheSize":0',
        '"409|413|419|429|503","swap":true',
    ):
        assert said in html


def drawn(name: str, **told: Any) -> str:
    page = {key: told.pop(key) for key in ("viewer", "is_fragment") if key in told}
    return environment().get_template(name).render({**context(**page), **told})


def context(**page: Any) -> dict[str, Any]:
    practice = SimpleNamespace(
        name="Harbor Lane", phone="(443) 555-0142", phone_link="tel:+14435550142", hours="9 to 5", email=""
    )
    return {
        "page": Page(practice=practice, **page),
        "form": Form(),
        "given": {"account": True, "invoices": True, "superbills": True},
        "url_for": lambda name, **params: f"/{name}",
        "csrf_field": lambda: Markup('<input type="hidden" name="_csrf_token" value="fresh">'),
    }


def roots(html: str) -> tuple[dict[str, str | None], list[dict[str, str | None]]]:
    """The attributes of the first root element, and of those after it; a title may follow."""
    found: list[dict[str, str | None]] = []

    class Depth(HTMLParser):
        depth = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if not self.depth and tag != "title":
                found.append(dict(attrs))
            self.depth += tag not in VOID

        def handle_endtag(self, tag: str) -> None:
            self.depth -= tag not in VOID

    Depth().feed(html)
    return found[0], found[1:]


def untranslated(text: str) -> Iterator[str]:
    """Words between tags, in attributes that are read aloud, and in what macros are given."""
    bare = TRANS.sub("", CLASSES.sub("", re.sub(r"<style>.*?</style>", "", text, flags=re.S)))
    without = JINJA.sub(lambda match: "{{}}" if match.group().startswith("{{") else "", bare)
    yield from re.findall(
        r"\b(?:aria-label|alt|placeholder|title|data-[a-z-]*(?:left|sending|label)[a-z0-9-]*)=\"([^\"{]*[A-Za-z]{2}[^\"{]*)\"",
        without,
    )
    tags = r"<!--.*?-->|<!doctype[^>]*>|<(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>|[a-z-]+=\"[^\"]*\"|\{\{\}\}|&[a-z]+;"
    words = (line.strip() for line in re.sub(tags, "\n", without, flags=re.S).splitlines())
    yield from (word for word in words if re.search(r"[^\W\d_]{2}", word) and word not in AS_THEY_ARE)
    yield from spoken(environment().parse(text))


def spoken(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in GETTEXT:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and re.match(r"[A-Z][a-z]+(?: |$)", node.value):
        yield from {node.value}.difference(AS_THEY_ARE)
    for child in node.iter_child_nodes():
        yield from spoken(child)
