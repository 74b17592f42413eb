"""The static files: whole, small, named by their content, and readable by an old phone."""

import gzip
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import tinycss2
from litestar import Litestar

from portal.web import assets

HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
SOURCE = (assets.STATIC / "portal.css").read_text()
BUDGETS = {
    "fonts/figtree-latin-wght-normal.woff2": 20_480,
    "htmx-2.0.11.min.js": 17_408,
    "portal.css": 9_216,
    "portal.js": 3_072,
    "icons.svg": 3_072,
}


def test_htmx_is_the_published_file():
    file = (assets.STATIC / "htmx-2.0.11.min.js").read_bytes()
    assert sha256(file).hexdigest() == HTMX and b'version:"2.0.11"' in file
    assert assets.shelf()["htmx-2.0.11.min.js"].plain == file
    assert HTMX in Path(assets.__file__).read_text()


@pytest.mark.parametrize("name", BUDGETS)
def test_each_file_keeps_its_budget(name):
    assert assets.shelf()[name].weight <= BUDGETS[name]


def test_a_first_visit_weighs_at_most_60_kb():
    """Without what only the pages of paying and of signing load."""
    weights = [
        asset.weight for name, asset in assets.shelf().items() if name not in ("portal-pay.js", "portal-sign.js")
    ]
    assert sum(weights) <= 60 * 1024 - 8 * 1024  # the page itself takes 8


def test_our_script_is_short():
    assert len((assets.STATIC / "portal.js").read_text().splitlines()) <= 60


def test_our_script_needs_no_eval_and_writes_no_html():
    script = (assets.STATIC / "portal.js").read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|=>|`", script)


def test_the_flat_sheet_has_every_rule_of_the_source_in_its_order():
    served = assets.shelf()["portal.css"].plain.decode()
    assert "@layer" not in served and rules(served) == rules(SOURCE)
    assert len(rules(SOURCE)) > 300


@pytest.mark.parametrize(
    ("layered", "expected"),
    [
        ("@layer a, b;\n@layer a { p { color: red; } }", "p{color:red}"),
        (
            "@layer a { @media (min-width: 1rem) { p { top: 0 } q { top: 0 } } i { top: 0 } }",
            "@media (min-width:1rem){p{top:0}q{top:0}}i{top:0}",
        ),
        (
            "@media print { @layer a { p { top: 0 } } b { top: 0 } }",
            "@media print{p{top:0}b{top:0}}",
        ),
        (
            "@layer a { @supports (top: 0) { @media print { p { top: 0 } } } }",
            "@supports (top:0){@media print{p{top:0}}}",
        ),
        (
            '@layer a { p::after { content: "} @layer x { /* no */" } } b { top: 0 }',
            'p::after{content:"} @layer x { /* no */"}b{top:0}',
        ),
        (
            "p { background: url( a;b{c}.svg ) } /* } */ a :hover > b + c, i:hover { top: 0 }",
            "p{background:url( a;b{c}.svg )}a :hover > b + c,i:hover{top:0}",
        ),
        (
            "p { margin: calc(1rem - 2px) auto !important; --x: 1px , 2px }",
            "p{margin:calc(1rem - 2px) auto !important;--x:1px,2px}",
        ),
    ],
)
def test_layers_go_and_nothing_else(layered, expected):
    assert assets.small_css(assets.flat(layered)) == expected


def test_strings_in_a_script_stay_as_they_are():
    script = 'var a = "http://x  //y";\n\n  // gone\n    f( "  // stays" );\n'
    assert assets.small_js(script) == 'var a = "http://x  //y";\nf( "  // stays" );\n'
    with pytest.raises(ValueError, match="template string"):
        assets.small_js("var a = `\n  // b\n`;")


def test_dark_is_said_the_same_way_twice():
    by_system, by_choice = (
        block for selector, block in blocks(SOURCE) if "data-theme" in selector and "--band" in block
    )
    assert by_system == by_choice


def test_the_sheet_asks_nothing_of_an_old_phone():
    bare = re.sub(r"/\*.*?\*/", "", SOURCE, flags=re.S)
    young = (
        r":has\(|:is\(|:where\(|oklch|color-mix|light-dark\(|@container|(?<![\w-])&|"
        r"(?:margin|padding|inset)-(?:inline|block):"
    )
    assert re.findall(young, bare) == []


def test_a_sheet_names_what_is_there():
    names = {asset.name for asset in assets.shelf().values()}
    urls = re.findall(r'url\("([^"]+)"\)', assets.shelf()["portal.css"].plain.decode())
    assert urls and set(urls) <= names


@pytest.mark.parametrize("name", sorted(assets.shelf()))
async def test_each_file_is_served_for_good_and_packed(name):
    asset = assets.shelf()[name]
    async with static_files() as client:
        packed = await client.get(assets.static_url(name), headers={"accept-encoding": "br, gzip"})
        plain = await client.get(assets.static_url(name), headers={"accept-encoding": "gzip;q=0, identity"})
        head = await client.head(assets.static_url(name))
    assert packed.status_code == plain.status_code == head.status_code == 200
    assert packed.content == plain.content == asset.plain and head.content == b""
    assert packed.headers["content-type"] == asset.kind + "; charset=utf-8" * asset.kind.startswith("text/")
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers.get("content-encoding") == (None if name.endswith(".woff2") else "gzip")
    assert "content-encoding" not in plain.headers
    assert asset.packed is None or gzip.decompress(asset.packed) == asset.plain


async def test_the_whole_app_packs_no_file_twice(nobody):
    for name, asset in assets.shelf().items():
        page = await nobody.get(assets.static_url(name))
        assert page.response.content == asset.plain and "set-cookie" not in page.headers


@pytest.mark.parametrize(
    "name", ["portal.css", "portal.0000000000.css", "OFL.txt", "..%2Fpyproject.toml", "fonts%2FOFL.txt"]
)
async def test_any_other_name_is_not_there(name):
    async with static_files() as client:
        assert (await client.get(f"/static/{name}")).status_code == 404


def static_files() -> httpx.AsyncClient:
    app: Any = Litestar([assets.static_file], openapi_config=None)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal.test")


def rules(css: str) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """(around, selector, declarations) of each rule, whatever the white space; layers do not count."""
    return list(_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), ""))


def _rules(nodes: list[Any], around: str) -> Any:
    for node in nodes:
        assert node.type != "error", node.message
        prelude = _even(node.prelude)
        if node.type == "at-rule" and node.at_keyword in ("layer", "media", "supports"):
            inner = tinycss2.parse_blocks_contents(node.content or [], skip_comments=True, skip_whitespace=True)
            yield from _rules(inner, around if node.at_keyword == "layer" else f"{around}@{node.at_keyword} {prelude}")
        else:
            said = tinycss2.parse_declaration_list(node.content, skip_comments=True, skip_whitespace=True)
            name = prelude if node.type == "qualified-rule" else f"@{node.at_keyword} {prelude}"
            yield around, name, tuple((one.name, _even(one.value) + "!" * one.important) for one in said)


def _even(tokens: list[Any]) -> str:
    text = re.sub(r"\s+", " ", tinycss2.serialize(tokens)).strip()
    text = re.sub(r"url\([^)]*\)", "url()", text)
    return re.sub(r"\s*,\s*|(?<=\w):\s+", lambda match: match.group().strip(), text)


def blocks(css: str) -> list[tuple[str, str]]:
    return [(selector.strip(), " ".join(block.split())) for selector, block in re.findall(r"([^{}]+)\{([^{}]*)\}", css)]
