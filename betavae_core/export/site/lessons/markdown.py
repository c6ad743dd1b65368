"""The Markdown of lessons as HTML: paragraphs, lists, bold, italics, code and links. Everything
else is text, and all text is escaped."""

import re
from collections.abc import Callable

from markupsafe import Markup, escape

INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\*\*(?=\S)(?P<bold>.+?)(?<=\S)\*\*"
    r"|(?<![\w*])\*(?=\S)(?P<italic>[^*\n]+)(?<=\S)\*(?!\w)"
    r"|\[(?P<text>[^\]\n]+)\]\((?P<address>[^)\s]+)\)",
    re.DOTALL,
)
BULLET, NUMBER = re.compile(r"[-*] +"), re.compile(r"\d+\. +")

Address = Callable[[str], str]  # of a link in the text → on the site


def html(text: str, address: Address) -> Markup:
    """Blocks, which are separated by blank lines; a block whose lines all begin with a bullet or a
    number is a list."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    return Markup("\n").join(_block(block, address) for block in blocks)


def inline(text: str, address: Address) -> Markup:
    """One line of text."""
    parts, at = [], 0
    for found in INLINE.finditer(text):
        parts.append(escape(text[at : found.start()]))
        parts.append(_styled(found, address))
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def _styled(found: re.Match[str], address: Address) -> Markup:
    if found["code"]:
        return Markup("<code>{}</code>").format(found["code"])
    if found["bold"]:
        return Markup("<b>{}</b>").format(inline(found["bold"], address))
    if found["italic"]:
        return Markup("<i>{}</i>").format(inline(found["italic"], address))
    place = address(found["address"])
    return Markup('<a href="{}">{}</a>').format(place, inline(found["text"], address))


def _block(block: str, address: Address) -> Markup:
    lines = block.splitlines()
    for mark, tag in ((BULLET, "ul"), (NUMBER, "ol")):
        if all(mark.match(line) for line in lines):
            items = Markup("").join(
                Markup("<li>{}</li>").format(inline(mark.sub("", line, 1), address))
                for line in lines
            )
            return Markup("<{0}>{1}</{0}>").format(Markup(tag), items)
    return Markup("<p>{}</p>").format(inline(block, address))
