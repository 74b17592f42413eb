"""Spanish is complete: every sentence has its translation, and no page in Spanish shows an English one."""

import html
import re
import shutil
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from portal import clock, language
from portal.access import routes
from portal.accounts.tables import Account
from portal.language.catalog import HEADER, KEYWORDS, Key, check, existing, extracted, of_template, update
from portal.notifications.letters import CONTEXTS, PERSONAL
from portal.settings import ROOT, settings
from portal.web.templates import environment, render
from tests.browser import Browser, app
from tests.cast import Cast
from tests.factories import a_client, an_invitation, link_to

TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt"))
PLURAL = 'msgstr[1] "Tiene %(num)s cosas por hacer."'
GAPS = re.compile(r"%\(\w+\)[a-z]|<[^>]+>")
NOT_OURS = re.compile(r"\b(tú|tu|tus|contigo|e-?mail|clave|usuario|login|loguear\w*|oficina|despacho|clínica)\b", re.I)
CRISIS = (
    "Llame o envíe un mensaje de texto al <a href=\"tel:988\">988</a>, de día o de noche.",
    "En una emergencia, llame al <a href=\"tel:911\">911</a>.",
)  # fmt: skip


def test_every_sentence_is_translated_with_its_placeholders_and_tags_and_nothing_is_left_over():
    assert check() == []


def test_the_file_is_as_update_writes_it(copy):
    before = copy.read_text()
    assert update() == ([], [])
    assert copy.read_text() == before
    assert before.startswith(HEADER) and "#:" not in before and not re.search(r"Date|https?:", HEADER)


def test_update_keeps_what_is_translated_and_drops_what_nobody_says(copy):
    text = copy.read_text()
    copy.write_text(text.replace('msgid "Sign in"', 'msgid "Sign in, please"'))
    added, dropped = update()
    assert added == ["Sign in"] and [entry.id for entry in dropped] == ["Sign in, please"]
    assert 'msgid "Sign in"\nmsgstr ""\n' in copy.read_text() and 'msgstr "Salir"' in copy.read_text()


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ('msgid "Sign in"\n', 'msgid "Sign on"\n', "missing: Sign in"),
        ('msgid "Sign in"\n', 'msgid "Sign on"\n', "obsolete: Sign on"),
        ('msgstr "Iniciar sesión"', 'msgstr ""', "not translated: Sign in"),
        ('msgid "Sign in"\n', '#, fuzzy\nmsgid "Sign in"\n', "fuzzy: Sign in"),
        ('msgstr "Para %(name)s"', 'msgstr "Para %(nombre)s"', "other placeholders or tags: For %(name)s"),
        ('msgstr "Para %(name)s"', 'msgstr "Para <b>%(name)s</b>"', "other placeholders or tags: For %(name)s"),
        (PLURAL, 'msgstr[1] ""', "not translated: You have one thing to do."),
    ],
)
def test_check_says_what_is_wrong(copy, was, becomes, fault):
    text = copy.read_text()
    assert was in text
    copy.write_text(text.replace(was, becomes))
    assert fault in check()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_is_extracted_as_it_is_rendered(path):
    source = path.read_text()
    found = environment().extract_translations(source, tuple(KEYWORDS))
    words = {word for _, _, told in found for word in ((told,) if isinstance(told, str) else told) if word}
    assert {one for key in of_template(source) for one in ((key,) if isinstance(key, str) else key)} == words


def test_importing_the_command_leaves_the_catalog_in_place():
    with language.speaking("es"):
        assert language.gettext("Sign in") == "Iniciar sesión"
        said = language.ngettext("You have one thing to do.", "You have %(num)s things to do.", 3)
        assert said == "Tiene 3 cosas por hacer."


def test_a_crisis_line_says_exactly_whom_to_call_or_text():
    said = "\n".join(entry.string for entry in existing() if isinstance(entry.string, str))
    assert all(sentence in said for sentence in CRISIS)
    for entry in existing():
        if isinstance(entry.id, str) and "988" in entry.id:
            assert "llame o envíe un mensaje de texto al" in entry.string.lower() and "911" in entry.string


def test_it_speaks_one_spanish():
    bare = [GAPS.sub(" ", one).replace("nombre@example.com", "") for one in translations()]
    assert [one for one in bare if NOT_OURS.search(one)] == []


async def test_no_page_in_spanish_shows_an_english_sentence(cast):
    """Letters of other tests lie in the demo's mailbox, each in its reader's language."""
    shutil.rmtree(settings().data_dir / "mail", ignore_errors=True)
    wrong, seen = [], set()
    for part in ("signed out", "client", "guardian", "front_desk", "administrator"):
        async with await in_spanish(cast, part) as browser:
            for path in paths(cast):
                page = await browser.get(path)
                if page.status == 200 and "text/html" in page.headers["content-type"]:
                    seen.add(page.path)
                    wrong += [(part, path, sentence) for sentence in english(page.text)]
    assert wrong == []
    assert seen >= {"/sign-in", "/help", "/account", "/staff/clients", "/staff/review"}
    assert seen >= {f"/clients/{cast.client.id}", f"/staff/clients/{cast.client.id}"}


async def test_errors_and_invitations_are_in_spanish_too(cast):
    link = link_to(await an_invitation(await a_client("Noor", "Haddad"), email="noor@example.com"))
    async with await in_spanish(cast, "signed out") as browser:
        mistaken = await browser.post("/sign-in", email="", password="")
        assert mistaken.status == 422 and mistaken.errors["email"] == "Escriba su correo electrónico"
        invited = await browser.get(link)
        confirming = await browser.press(invited, link)
        wrong = await browser.press(confirming, "/registration", last_name="", birth_date_month="13")
        broken, unknown = await browser.get(link + "x"), await browser.get("/nowhere")
    async with await in_spanish(cast, "client") as browser:
        foreign = await browser.get(f"/clients/{cast.other.id}")
    for page in (mistaken, invited, confirming, wrong, broken, unknown, foreign):
        assert 'lang="es"' in page.text and english(page.text) == []


@pytest.mark.parametrize("kind", [*CONTEXTS, *PERSONAL])
def test_a_letter_in_spanish_has_no_english_in_it(kind):
    told = {
        "sender": "Harbor Lane",
        "locale": "es",
        "time_zone": "America/New_York",
        "url": "http://portal.test/",
        "code_url": "http://portal.test/invitation",
        "help_url": "http://portal.test/forgot-password",
        "code": "K7QM-2XRD",
        "expires_at": clock.now() + timedelta(days=7),
        "count": 3,
        "confirm_url": "http://portal.test/confirm/1-x",
        "cancel_url": "http://portal.test/clients/1/appointments/1/cancellation",
        "starts_at": clock.now(),
        "until": clock.now(),
        "day": clock.today("America/New_York"),
        "zone": "America/New_York",
        "other_zone": "America/Denver",
    }
    with language.speaking("es"):
        letter = [render(f"email/{kind}/{part}", told) for part in ("subject.txt", "body.txt", "body.html")]
    assert all(words.strip() and english(words) == [] for words in letter)
    assert not any("988" in words for words in letter), "the number says what kind of practice writes"


def test_english_would_be_noticed():
    assert english("<p>Use the e-mail address\n that your invitation came to.</p>")
    assert english("<p>Need help right now?</p><p>The portal is not watched around the clock.</p>")
    assert not (english("<p>Use el correo electrónico al que llegó su invitación.</p>"))


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """es.po, to be spoilt."""
    path = tmp_path / "es.po"
    path.write_text((language.CATALOGS / "es.po").read_text())
    monkeypatch.setattr("portal.language.catalog.PATH", path)
    monkeypatch.setattr("portal.language.catalog.extracted", sentences)
    return path


async def in_spanish(cast: Cast, part: str) -> Browser:
    """The account's own language counts, and the cookie where nobody is signed in."""
    await Account.update({Account.language: "es"}, force=True)
    browser = await cast.browser(part)
    browser.http.cookies.set("portal-language", "es", domain="portal.test")
    return browser


def paths(cast: Cast) -> list[str]:
    """Every page that needs no more than a client to be named."""
    found = {path for path, methods, _, _ in routes(app()) if "GET" in methods and not path.startswith("/static")}
    named = {path.replace("{client_id:int}", str(cast.client.id)) for path in found}
    return sorted(path for path in named if "{" not in path)


def english(text: str) -> list[str]:
    """The sentences of the catalog, longer than a word or two, that stand in a page as they are in the source."""
    shown = " ".join(html.unescape(text).split())
    return sorted(part for part in fixed_parts() if part in shown)


@cache
def fixed_parts() -> set[str]:
    """What of each sentence stands in a page whatever its placeholders hold, and is not the same in Spanish."""
    spanish = " ".join(translations())
    keys = [one for key in sentences().values() for one in ((key,) if isinstance(key, str) else key)]
    parts = {part.replace("%%", "%").strip() for key in keys for part in GAPS.split(key)}
    return {part for part in parts if len(part) > 12 and " " in part and part not in spanish}


def translations() -> list[str]:
    said = [entry.string for entry in existing() if entry.id]
    return [one for words in said for one in ([words] if isinstance(words, str) else words)]


@cache
def sentences() -> dict[str, Key]:
    """Extracted once: it takes a second."""
    return extracted()
