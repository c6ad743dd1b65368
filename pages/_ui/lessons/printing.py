"""A whole lesson on one page, for paper: every step with its pictures, the answers at the end."""

from dataclasses import replace

import streamlit as st

from betavae_core.lessons import InOrder, OneOf, OnScale, Prediction, WhichLatent
from betavae_core.lessons.predictions import lettered
from pages._ui.lessons.pictures import still, still_of_every_beta
from pages._ui.lessons.showing import Shown
from pages._ui.lessons.steps import Stage
from pages._ui.lessons.views import draw_view

CSS = """
<style>
/* as wide as on paper: a chart is drawn for the screen, and a wider one would be cut */
[data-testid="stMainBlockContainer"] { width: 180mm; max-width: 100%; padding-inline: 0; }
@media print {
  @page { margin: 15mm; }
  [data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stDownloadButton"],
  [data-testid="stButton"], [class*="st-key-not-printed"], .st-key-large-text
    { display: none !important; }
  [data-testid="stMainBlockContainer"] { padding: 0; }
  /* paper is white, whatever the theme */
  [data-testid="stApp"], [data-testid="stApp"] *
    { color-scheme: light !important; --st-text-color: #1b1b1b !important;
      --st-background-color: #ffffff !important; }
  [data-testid="stApp"] :not(svg *) { color: #1b1b1b !important; background: none !important; }
  html, body, [data-testid="stApp"] { background: #ffffff !important; }
  .js-plotly-plot .legend .bg { fill: none !important; }
  .js-plotly-plot .gridlayer path { stroke: #dddddd !important; }
  [data-testid="stApp"], [data-testid="stAppViewContainer"], [data-testid="stMain"],
  [data-testid="stMainBlockContainer"]
    { position: static !important; height: auto !important; overflow: visible !important; }
  [class*="st-key-printed-step"] { break-inside: avoid; }
  .st-key-printed-answers { break-before: page; }
}
</style>
"""


def print_lesson(stage: Stage) -> None:
    """Draw all steps; stage: any step of the lesson."""
    st.html(CSS)
    lesson = stage.progress.lesson
    st.markdown(stage.said(lesson.about))
    for number, step in enumerate(lesson.steps, 1):
        here = replace(stage, progress=replace(stage.progress, step=number))
        with st.container(key=f"printed-step-{number}"):
            st.header(f"{number}. {step.title}", anchor=False)
            st.markdown(here.said(step.text))
            if step.view is not None:
                _on_paper(here.shown(step.view, "print"))
            if step.predict is not None:
                _question(here, step.predict)
    with st.container(key="printed-answers"):
        st.header("Answers", anchor=False)
        for number, step in enumerate(lesson.steps, 1):
            here = replace(stage, progress=replace(stage.progress, step=number))
            with st.container(key=f"printed-step-answer-{number}"):
                st.markdown(f"### {number}. {step.title}")
                if step.predict is not None:
                    _true(here, step.predict)
                    st.markdown(here.said(step.answer))
                if step.shown is not None:
                    _on_paper(here.shown(step.shown, "print-answer"))
                if step.why:
                    st.markdown(f"**{step.why}** {here.said(step.because)}")


def _on_paper(shown: Shown) -> None:
    """A view that nobody can move: for sliders their traversal, for the one of β a row for each of
    some β."""
    if shown.view.name == "sliders":
        still(replace(shown, view=replace(shown.view, name="traversal")))
    elif shown.view.name == "beta slider":
        still_of_every_beta(shown)
    else:
        draw_view(shown)


def _question(stage: Stage, asked: Prediction) -> None:
    st.markdown(f"**{stage.said(asked.ask)}**")
    if isinstance(asked, OneOf) and any(option.view for option in asked.options):
        columns = st.columns(len(asked.options))
        for place, (letter, option) in zip(columns, lettered(asked.options).items(), strict=True):
            with place:
                st.markdown(f"**{letter}**")
                if option.view is not None:
                    still(stage.shown(option.view, f"print-{letter}"), named=False)
    elif not isinstance(asked, OnScale):
        st.markdown(" &emsp; ".join(option.label for option in asked.options))
    st.markdown("Your guess: ______________________")


def _true(stage: Stage, asked: Prediction) -> None:
    """The true answer in words."""
    facts, true = stage.facts, asked.answer(stage.facts)
    if true is None:
        st.markdown("The answer is not computed for the models here.")
    elif isinstance(asked, OnScale):
        st.markdown(f"**{facts.numbers[asked.truth].text}**")
    elif isinstance(asked, WhichLatent):
        pairs = zip(asked.options, true.split(","), strict=True)
        st.markdown("**" + ", ".join(f"{o.label}: {latent}" for o, latent in pairs) + "**")
    else:
        named = lettered(asked.options)
        found = [named[letter] for letter in true.split(",")]
        said = [
            option.label + (f" ({facts.numbers[option.number].text})" if option.number else "")
            for option in found
        ]
        first = f"{true}: " if isinstance(asked, OneOf) else ""
        st.markdown(f"**{first}{' → '.join(said) if isinstance(asked, InOrder) else said[0]}**")
