"""The report as one HTML file with its charts, which needs no network."""

import base64
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from ..plots import copied
from ..store import Run
from ..store.files import STRIP
from .charts import evidence_chart, power_chart, power_says, shown_contrasts
from .figure_5 import Drawing
from .verdict import RULE, Judged
from .visible import visible_chart, visible_points, visible_says
from .whole import Report
from .words import (
    HOW_OURS_DIFFER,
    TITLE,
    comparison_text,
    counted_runs,
    counts_text,
    evidence_text,
    runs_of,
)


def web_page(report: Report) -> str:
    """The whole report as HTML."""
    from jinja2 import Environment, FileSystemLoader

    folder = FileSystemLoader(Path(__file__).parent)
    template = Environment(loader=folder, autoescape=True).get_template("page.html")
    charts = [
        {
            "title": power_says(of_recipe),
            "figure": _drawn(power_chart(of_recipe), f"power-{number}"),
        }
        for number, of_recipe in enumerate(shown_contrasts(report.numbers).values())
    ]
    parts = [
        {
            "title": "The paper's tables and figures beside ours",
            "text": HOW_OURS_DIFFER,
            "tables": report.paper,
            "charts": _visible(report),
            "pictures": [
                *map(_drawing, report.drawings),
                *(_picture(title, run) for title, run in report.pictures),
            ],
        },
        {"title": "What chance does", "tables": report.chance, "charts": charts},
        {"title": "The length of training", "tables": report.lengths},
        {"title": "Every score and distance", "tables": report.appendix},
    ]
    return template.render(
        title=TITLE,
        counts=counts_text(report.judged),
        rule=RULE.replace("*", ""),
        plotly=get_plotlyjs(),
        claims=[_claim(number, each) for number, each in enumerate(report.judged, 1)],
        parts=[part for part in parts if part["tables"]],
    )


def _visible(report: Report) -> list[dict[str, str]]:
    """The chart of clean factors over the score, if there is anything in it."""
    points = visible_points(report.numbers)
    if not points:
        return []
    return [{"title": visible_says(points), "figure": _drawn(visible_chart(points), "visible")}]


def _claim(number: int, judged: Judged) -> dict[str, Any]:
    claim, figure = judged.claim, evidence_chart(judged)
    found = [each for each in (judged.evidence, *judged.others) if each]
    return {
        "says": claim.says,
        "line": claim.line,
        "place": claim.place,
        "needs": ", ".join(claim.needs),
        "verdict": judged.verdict,
        "why": judged.why,
        "evidence": [
            {
                "about": evidence_text(each)
                + ("" if each is judged.evidence else f", {each.verdict}"),
                "texts": [comparison_text(claim, c) for c in each.comparisons],
                "runs": runs_of(each),
                "counted": counted_runs(each),
            }
            for each in found
        ],
        "chart": _drawn(figure, f"evidence-{number}") if figure is not None else "",
    }


def _drawn(figure: go.Figure, name: str) -> str:
    """The chart as a part of the page; its name makes the page the same every time."""
    plain = copied(figure).update_layout(template="plotly_white")
    html: str = plain.to_html(full_html=False, include_plotlyjs=False, div_id=name)
    return html


def _drawing(drawing: Drawing) -> dict[str, str]:
    return _shown(drawing.title, drawing.caption, drawing.svg.encode(), "svg+xml")


def _picture(title: str, run: Run) -> dict[str, str]:
    caption = f"{run.name}: originals above, reconstructions below"
    return _shown(title, caption, (run.path / STRIP).read_bytes(), "png")


def _shown(title: str, caption: str, data: bytes, kind: str) -> dict[str, str]:
    encoded = base64.b64encode(data).decode()
    return {"title": title, "caption": caption, "data": f"data:image/{kind};base64,{encoded}"}
