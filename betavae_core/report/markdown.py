"""The report as Markdown."""

import os
from collections.abc import Sequence
from pathlib import Path

from ..store.files import STRIP
from .figure_5 import NAME as FIGURE_5
from .table import Table
from .verdict import RULE, Judged
from .whole import Report
from .words import (
    HOW_OURS_DIFFER,
    TITLE,
    comparison_text,
    counted_runs,
    counts_text,
    evidence_text,
    ours_text,
    runs_of,
)


def markdown(report: Report, folder: Path) -> str:
    """The whole report; folder: where it will lie, for the links to pictures."""
    parts = [
        f"# {TITLE}",
        "Written by `betavae report` from the records of stored runs; do not edit it.",
        counts_text(report.judged),
        "## The rule\n\n" + RULE,
        _verdicts(report.judged),
        "## The evidence of each verdict",
        *(_evidence(number, each) for number, each in enumerate(report.judged, 1)),
    ]
    if report.paper:
        parts += ["## The paper's tables and figures beside ours", HOW_OURS_DIFFER]
        for table in report.paper:
            parts.append(_table(table))
            parts += _drawings(report) if table.name == FIGURE_5 else []
        parts += _pictures(report, folder)
    parts += ["## What chance does", *map(_table, report.chance)]
    if report.lengths:
        parts += ["## The length of training", *map(_table, report.lengths)]
    if report.appendix:
        parts += ["## Every score and distance", *map(_table, report.appendix)]
    return "\n\n".join(parts) + "\n"


def _verdicts(judged: Sequence[Judged]) -> str:
    rows = [
        [
            str(number),
            each.claim.says,
            each.claim.place or "–",
            f"**{each.verdict}**",
            each.why.rstrip("."),
            ours_text(each),
            each.evidence.recipe.title if each.evidence else "–",
        ]
        for number, each in enumerate(judged, 1)
    ]
    columns = ["", "claim", "place", "verdict", "why", "ours (95 % interval)", "runs"]
    return "## Verdicts\n\n" + _grid(columns, rows)


def _evidence(number: int, judged: Judged) -> str:
    claim, lines = judged.claim, []
    lines.append(f"### {number}. {claim.says}")
    needs = f" (needs {', '.join(claim.needs)})" if claim.needs else ""
    lines.append(f"`{claim.line}`{needs}" + f", {claim.place}" * bool(claim.place))
    lines.append(f"**{judged.verdict}**: {judged.why}")
    for evidence in filter(None, (judged.evidence, *judged.others)):
        other = "" if evidence is judged.evidence else f", {evidence.verdict}"
        texts = [f"- {comparison_text(claim, each)}" for each in evidence.comparisons]
        names = ", ".join(runs_of(evidence))
        lines.append(f"{evidence_text(evidence)}{other}:")
        lines.append("\n".join(texts))
        lines.append(f"<details><summary>{counted_runs(evidence)}</summary>{names}</details>")
    return "\n\n".join(lines)


def _table(table: Table) -> str:
    body = _grid(table.columns, table.rows) if table.rows else "Not computed: no runs have it."
    return f"### {table.title}\n\n{table.caption}\n\n{body}"


def _grid(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _drawings(report: Report) -> list[str]:
    return [f"![{d.title}]({d.name}.svg)\n\n{d.title}. {d.caption}" for d in report.drawings]


def _pictures(report: Report, folder: Path) -> list[str]:
    """Figures 9 and 10, as links to the pictures that lie with the runs."""
    parts = ["### Figures 9 and 10: reconstructions"]
    if not report.pictures:
        return [*parts, "Not computed: no run has a stored picture. The page Reconstruction draws."]
    parts.append("Originals above, reconstructions below, of the images that each run has stored.")
    for title, run in report.pictures:
        path = os.path.relpath(run.path / STRIP, folder)
        parts.append(f"{title} ({run.name}):\n\n![{title}]({Path(path).as_posix()})")
    return parts
