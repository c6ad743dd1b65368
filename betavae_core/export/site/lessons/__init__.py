"""Lessons as pages of a site, with their live views and all answers computed before."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ....browser.component import BETA_EXPLORER, EMBEDDING_MAP, LIVE_DECODER
from ....lessons import Lesson, OneOf
from ..pages import Links, render
from .markdown import html, inline
from .predictions import asked_of
from .shown import Shared, Shown, Still
from .views import draw

MEASURED = ("disentanglement", "sensitivity", "reconstruction")  # pages of the dashboard


@dataclass(frozen=True)
class _Texts:
    """The texts of a lesson as HTML."""

    lesson: Lesson
    facts: Any
    shared: Shared

    def block(self, text: str) -> Markup:
        return html(self.lesson.said(text, self.facts), self.address)

    def line(self, text: str) -> Markup:
        return inline(self.lesson.said(text, self.facts), self.address)

    def plain(self, text: str) -> Markup:
        """A line without numbers of the lesson."""
        return inline(text, self.address)

    def address(self, link: str) -> str:
        """A link to a page of the dashboard leads to the page of the same here: of a run, to what
        was measured, or to the first page."""
        if link.startswith(("https://", "http://")):
            return link
        page, _, choices = link.partition("?")
        asked = dict(part.partition("=")[::2] for part in choices.split("&"))
        for run in self.shared.everything:
            if run.name == asked.get("run") and self.shared.page(run):
                return self.shared.page(run)
        runs = [run for found in self.facts.runs.values() for run in found]
        if page in MEASURED and runs and (charts := self.shared.measured(runs[0])):
            return charts
        return "../index.html"


def lesson_page(lesson: Lesson, shared: Shared, script: str, links: Links) -> str:
    """The whole page; script: the address of its script."""
    facts = lesson.facts(shared.everything)
    texts = _Texts(lesson, facts, shared)
    views: list[Still] = []
    gaps: list[dict[str, Markup]] = []

    def view(of: Any, *, named: bool = True) -> dict[str, Any] | None:
        """A view for the template; number: of a live one, in the page's data."""
        if of is None:
            return None
        made = draw(Shown(of, lesson, facts, shared), named=named)
        if made.live is not None:
            views.append(made)
        number = len(views) - 1 if made.live is not None else None
        return {"html": made.html, "caption": made.caption, "number": number}

    steps = []
    for step in lesson.steps:
        asked = None
        if step.predict is not None:
            found = asked_of(step.predict, facts, texts.plain)
            pictures = []
            if isinstance(step.predict, OneOf):
                pictures = [view(option.view, named=False) for option in step.predict.options]
            asked = {
                "ask": texts.line(step.predict.ask),
                "number": len(gaps),
                "pictures": pictures,
                "kind": found.kind,
                "fields": found.fields,
                "truth": found.truth,
            }
            gaps.append(found.gaps)
        steps.append(
            {
                "title": step.title,
                "text": texts.block(step.text),
                "view": view(step.view),
                "asked": asked,
                "answer": texts.block(step.answer),
                "shown": view(step.shown),
                "why": step.why,
                "because": texts.block(step.because),
            }
        )
    files = {name: address for each in views for name, address in each.files.items()}
    return render(
        "lesson.html",
        links,
        lesson=lesson,
        about=texts.block(lesson.about),
        steps=steps,
        data={"views": [each.live for each in views], "gaps": gaps},
        files=files,
        script=script,
        components=[
            {"name": each.name, "style": Markup(each.style), "root": Markup(each.root)}
            for each in (LIVE_DECODER, EMBEDDING_MAP, BETA_EXPLORER)
        ],
    )
