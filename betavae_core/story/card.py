"""One card of the story, which needs no model: files and caches keep it."""

from dataclasses import dataclass, field

from ..addresses import Choices


@dataclass(frozen=True)
class Card:
    """A picture as SVG, its sentence in markdown, and a page with the choices of its address."""

    picture: str
    sentence: str
    page: str
    choices: Choices = field(default_factory=dict)
