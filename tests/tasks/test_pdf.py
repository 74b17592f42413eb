"""HTML of ours becomes a PDF, and fetches nothing."""

import pytest

from tasks.actors.pdf import Forbidden, rendered

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
INNER = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Cimage href='file:///etc/passwd'/%3E%3C/svg%3E"
)


def test_a_page_becomes_a_pdf() -> None:
    assert rendered("<h1>Receipt</h1><p>José paid $40.00.").startswith(b"%PDF-1.")


def test_a_picture_that_stands_in_the_page_is_shown() -> None:
    plain = rendered("<p>x")
    assert len(rendered(f'<p>x<img src="data:image/png;base64,{PIXEL}">')) > len(plain)


@pytest.mark.parametrize(
    "html",
    [
        '<img src="http://127.0.0.1:1/x.png">',
        '<img src="https://example.org/x.png">',
        '<img src="file:///etc/passwd">',
        '<img src="x.png">',
        '<base href="http://127.0.0.1:1/"><img src="x.png">',
        '<link rel="stylesheet" href="//127.0.0.1:1/x.css">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<object data="file:///etc/passwd"></object>',
        "<style>@import url(file:///etc/passwd);</style>",
        "<style>@font-face { font-family: x; src: url(http://127.0.0.1:1/f) } p { font-family: x }</style><p>x",
        "<style>p { background: url(http://127.0.0.1:1/x) }</style><p>x",
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd" width="9" height="9"/></svg>',
        f'<img src="{INNER}">',
    ],
)
def test_a_page_that_asks_for_anything_outside_is_refused(html: str) -> None:
    with pytest.raises(Forbidden):
        rendered(html)
