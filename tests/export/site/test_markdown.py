"""The Markdown of lessons as HTML: what is styled, and that everything is escaped."""

import pytest

from betavae_core.export.site.lessons.markdown import html, inline


def same(link: str) -> str:
    return link


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("**bold** and *italic*", "<b>bold</b> and <i>italic</i>"),
        ("**bold with *italic* in it**", "<b>bold with <i>italic</i> in it</b>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("a*b*c", "a*b*c"),
        ("`z * z` and `**`", "<code>z * z</code> and <code>**</code>"),
        ("[a **b**](page?run=x)", '<a href="page?run=x">a <b>b</b></a>'),
        ("[a](x) [b](y)", '<a href="x">a</a> <a href="y">b</a>'),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ("<script>", "&lt;script&gt;"),
        ('**<b onclick="x">**', "<b>&lt;b onclick=&#34;x&#34;&gt;</b>"),
        ('[x](a"onclick="y)', '<a href="a&#34;onclick=&#34;y">x</a>'),
    ],
)
def test_a_line(text: str, expected: str) -> None:
    assert inline(text, same) == expected


def test_blocks_are_paragraphs_and_lists() -> None:
    text = "one\ntwo\n\n- a\n- *b*\n\n1. c\n2. d\n\nlast\n"
    assert html(text, same) == (
        "<p>one\ntwo</p>\n<ul><li>a</li><li><i>b</i></li></ul>\n<ol><li>c</li><li>d</li></ol>\n"
        "<p>last</p>"
    )
    assert html("", same) == ""


def test_links_go_where_they_are_sent() -> None:
    assert 'href="there"' in inline("[x](here)", {"here": "there"}.__getitem__)
