"""A handout as its readers see it: the HTML, taken apart by a parser of its own."""

import base64
import zlib
from html.parser import HTMLParser

import safetensors.torch
import torch


class Parsed(HTMLParser):
    """The elements of a page with their attributes, its texts, and its inner files."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.files: dict[str, str] = {}
        self.texts: list[str] = []
        self.open: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = tag, {name: value or "" for name, value in attributes}
        self.elements.append(found)
        if tag in ("script", "style", "title"):
            self.open.append(found)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open:
            self.texts.append(data)
            return
        tag, attributes = self.open[-1]
        name = attributes.get("data-file") or attributes.get("id") or tag
        self.files[name] = self.files.get(name, "") + data

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for each, attributes in self.elements if each == tag]


def tensors(file: str) -> dict[str, torch.Tensor]:
    """The tensors of an inner file."""
    apart = zlib.decompress(base64.b64decode(file))
    half = (len(apart) + 1) // 2
    whole = bytearray(len(apart))
    whole[::2], whole[1::2] = apart[:half], apart[half:]
    return safetensors.torch.load(bytes(whole))
