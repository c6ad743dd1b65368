"""The summary of a checkup: its checkpoint, its result in one line, the origin of its numbers, and
its record as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..beta import beta_number
from ..datasets.titles import dataset_title
from ..importers.names import shown
from ..provenance import versions
from .finding import Finding, Verdict, worst

NOT_ASKED: Any = object()


@dataclass(frozen=True)
class Label:
    """The checkpoint. Only the last part of `name` is shown: no paths of this machine, and marks
    for bytes that are not text."""

    name: str
    sha256: str = ""
    day: date = field(default_factory=date.today)
    made_with: dict[str, str] = field(default_factory=versions)

    @property
    def short_name(self) -> str:
        return shown(self.name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1], 120)


@dataclass(frozen=True)
class Fact:
    """One of the numbers that a summary leads with, and what belongs to it, such as an interval."""

    title: str
    value: str
    about: str = ""

    def __str__(self) -> str:
        return f"{self.title} {self.value}" + f" ({self.about})" * bool(self.about)


def facts(findings: Sequence[Finding]) -> list[Fact]:
    """β, the used latents, and the quick scores, of the questions that were asked."""
    known = {finding.key: finding for finding in findings}
    found = []
    if beta := known.get("beta"):
        stated = beta.numbers.get("claimed", NOT_ASKED)
        shown_by = "not shown by the weights"
        if beta.verdict != Verdict.NOT_COMPUTED:
            shown_by = f"{beta.numbers['beta']:.3g} by the weights"
        text = "not computed" if stated is NOT_ASKED else beta_number(stated)
        found.append(Fact("β", text, shown_by))
    if latents := known.get("latents"):
        kl = latents.numbers.get("kl_per_latent")
        used = "not computed" if kl is None else f"{len(latents.numbers['active'])} of {len(kl)}"
        found.append(Fact("latents used", used))
    if scores := known.get("scores"):
        for score, title in (("higgins", "Higgins' metric"), ("mig", "MIG")):
            told = scores.numbers.get(score, {})
            if "score" in told:
                found.append(Fact(title, f"{told['score']:.3f}", f"± {told['half_interval']:.3f}"))
            else:
                found.append(Fact(title, "not computed"))
    return found


def in_short(findings: Sequence[Finding]) -> str:
    """The whole checkup in one line: the verdict, the findings behind it, and the `facts`."""
    overall = worst(findings)
    said = overall.sentence
    if overall != Verdict.FINE:
        said += f" See: {', '.join(f.title for f in findings if f.verdict == overall)}."
    told = "; ".join(map(str, facts(findings)))
    return f"{said} {told}." if told else said


def measured_on(findings: Sequence[Finding], label: Label) -> str:
    """The origin of the numbers: file, dataset and source, N, L, seeds, versions, date."""
    known = {finding.key: finding.numbers for finding in findings}
    parts = [f"SHA-256 {label.sha256[:12]}"] if label.sha256 else []
    if "dataset" in (terms := known.get("terms", {})):
        title = dataset_title(terms["dataset"])
        parts.append(f"{title} ({terms['source']}), {terms['images']:,} images")
    if "higgins" in (scores := known.get("scores", {})):
        told = scores["higgins"]
        parts.append(
            f"Higgins' metric: L = {told['L']}, {told['points']:,} points, {told['seeds']} draws"
        )
    parts.append(", ".join(f"{name} {version}" for name, version in label.made_with.items()))
    parts.append(label.day.isoformat())
    return " · ".join(parts)


def record(findings: Sequence[Finding], label: Label, run: str | None = None) -> dict[str, Any]:
    """For JSON: name, SHA-256, the overall verdict, the summary, the name of the kept run,
    findings."""
    return {
        "name": label.short_name,
        "sha256": label.sha256,
        "verdict": worst(findings),
        "summary": in_short(findings),
        "run": run,
        "findings": [finding.to_json() for finding in findings],
    }
